// Reading and checking an ELF file's headers.
#include "kernel/process/exec/elf.h"

#include "kernel/memory/paging/layout.h"

#include <algorithm>
#include <cstring>
#include <elf.h>

namespace quire {

namespace {

constexpr std::uint32_t most_headers = 65536 / sizeof(Elf32_Phdr);
constexpr std::uint16_t machine_486 = 6; // Linux's EM_486, UAPI <linux/elf-em.h>

bool fits_file(ImageReader& file, std::uint32_t offset, std::uint32_t size) {
    return offset <= file.size() && size <= file.size() - offset;
}

// The file's header. What a shorter file does not have of it is 0: that is enough for the smallest programs.
Result<Elf32_Ehdr> read_header(ImageReader& file) {
    Elf32_Ehdr header{};
    const auto there =
        std::as_writable_bytes(std::span(&header, 1)).first(std::min(file.size(), std::uint32_t{sizeof header}));
    if (const auto read = file.read(0, there); !read) {
        return fail(read.error());
    }
    return header;
}

// Linux looks at no more of it than this, and small programs have their code in what it does not look at
// (fs/binfmt_elf.c, load_elf_binary).
Result<void> check_header(const Elf32_Ehdr& header) {
    const bool ours = std::memcmp(header.e_ident, ELFMAG, SELFMAG) == 0 &&
                      (header.e_machine == EM_386 || header.e_machine == machine_486) &&
                      (header.e_type == ET_EXEC || header.e_type == ET_DYN);
    const bool sane = header.e_phentsize == sizeof(Elf32_Phdr) && header.e_phnum >= 1 && header.e_phnum <= most_headers;
    return ours && sane ? Result<void>() : fail(Error::not_executable);
}

// The pages a program may have where it is, or, movable, relative to where it is put.
bool in_program_space(const ProgramSegment& segment, bool movable) {
    const Area& user = area(AreaKind::user);
    const std::uint32_t lowest = movable ? 0 : user.first.value();
    const std::uint64_t end = std::uint64_t{segment.start.value()} + segment.memory_size;
    return segment.start.value() >= lowest &&
           end <= std::uint64_t{user.last.value()} + 1 - (movable ? user.first.value() : 0);
}

Result<void> add_segment(ProgramImage& image, const Elf32_Phdr& header) {
    if (header.p_memsz == 0) {
        return {};
    }
    const ProgramSegment segment{
        .start = VirtAddr(header.p_vaddr),
        .memory_size = header.p_memsz,
        .file_offset = header.p_offset,
        .file_size = header.p_filesz,
        .access = {.read = (header.p_flags & PF_R) != 0,
                   .write = (header.p_flags & PF_W) != 0,
                   .execute = (header.p_flags & PF_X) != 0},
    };
    const bool consistent = header.p_filesz <= header.p_memsz &&
                            header.p_offset % page_size == header.p_vaddr % page_size &&
                            in_program_space(segment, image.movable);
    if (!consistent) {
        return fail(Error::not_executable);
    }
    return image.segments.push_back(segment) ? Result<void>() : fail(Error::too_large);
}

Result<void> read_interpreter(ProgramImage& image, const Elf32_Phdr& header, ImageReader& file) {
    if (header.p_filesz > image.interpreter.size()) {
        return fail(Error::too_large);
    }
    if (!fits_file(file, header.p_offset, header.p_filesz)) {
        return fail(Error::truncated);
    }
    const auto path = std::span(image.interpreter).first(header.p_filesz);
    if (const auto read = file.read(header.p_offset, std::as_writable_bytes(path)); !read) {
        return read;
    }
    return header.p_filesz >= 2 && path.back() == '\0' ? Result<void>() : fail(Error::not_executable);
}

Result<void> read_program_header(ProgramImage& image, const Elf32_Phdr& header, ImageReader& file) {
    switch (header.p_type) {
    case PT_LOAD: return add_segment(image, header);
    case PT_INTERP: return image.interpreter_path().empty() ? read_interpreter(image, header, file) : Result<void>();
    case PT_GNU_STACK:
        image.stack = (header.p_flags & PF_X) != 0 ? ProgramImage::Stack::executable : ProgramImage::Stack::plain;
        return {};
    default: return {};
    }
}

// Where file bytes [offset, offset + size) are in memory: 0 where no segment has them all.
VirtAddr address_of(const ProgramImage& image, std::uint32_t offset, std::uint32_t size) {
    for (const ProgramSegment& segment : image.segments) {
        if (offset >= segment.file_offset && offset - segment.file_offset <= segment.file_size &&
            size <= segment.file_size - (offset - segment.file_offset)) {
            return segment.start + (offset - segment.file_offset);
        }
    }
    return {};
}

} // namespace

Result<ProgramImage> read_program_image(ImageReader& file) {
    const Result<Elf32_Ehdr> header = read_header(file);
    if (!header) {
        return fail(header.error());
    }
    if (const auto checked = check_header(*header); !checked) {
        return fail(checked.error());
    }
    ProgramImage image;
    image.movable = header->e_type == ET_DYN;
    image.entry = VirtAddr(header->e_entry);
    image.header_count = header->e_phnum;
    const std::uint32_t headers_size = header->e_phnum * static_cast<std::uint32_t>(sizeof(Elf32_Phdr));
    if (!fits_file(file, header->e_phoff, headers_size)) {
        return fail(Error::truncated);
    }
    for (std::uint32_t number = 0; number < header->e_phnum; ++number) {
        Elf32_Phdr program_header{};
        const auto at = header->e_phoff + number * static_cast<std::uint32_t>(sizeof(Elf32_Phdr));
        if (const auto read = file.read(at, std::as_writable_bytes(std::span(&program_header, 1))); !read) {
            return fail(read.error());
        }
        if (const auto read = read_program_header(image, program_header, file); !read) {
            return fail(read.error());
        }
    }
    if (image.segments.empty()) {
        return fail(Error::not_executable);
    }
    image.headers = address_of(image, header->e_phoff, headers_size);
    return image;
}

} // namespace quire
