// Reading and checking an ELF file's headers.
#include "kernel/process/elf.h"

#include "kernel/memory/layout.h"

#include <algorithm>
#include <cstring>
#include <elf.h>

namespace quire {

namespace {

constexpr std::uint32_t most_headers = 128;

bool fits_file(ImageReader& file, std::uint32_t offset, std::uint32_t size) {
    return offset <= file.size() && size <= file.size() - offset;
}

template <class T> Result<T> read_as(ImageReader& file, std::uint32_t offset) {
    T value{};
    if (!fits_file(file, offset, sizeof(T))) {
        return fail(Error::truncated);
    }
    if (const auto read = file.read(offset, std::as_writable_bytes(std::span(&value, 1))); !read) {
        return fail(read.error());
    }
    return value;
}

Result<void> check_header(const Elf32_Ehdr& header) {
    const bool ours = std::memcmp(header.e_ident, ELFMAG, SELFMAG) == 0 && header.e_ident[EI_CLASS] == ELFCLASS32 &&
                      header.e_ident[EI_DATA] == ELFDATA2LSB && header.e_ident[EI_VERSION] == EV_CURRENT &&
                      header.e_machine == EM_386 && (header.e_type == ET_EXEC || header.e_type == ET_DYN);
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

Result<void> add_segment(ProgramImage& image, const Elf32_Phdr& header, ImageReader& file) {
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
    if (!fits_file(file, header.p_offset, header.p_filesz)) {
        return fail(Error::truncated);
    }
    const bool consistent = header.p_filesz <= header.p_memsz &&
                            header.p_offset % page_size == header.p_vaddr % page_size &&
                            in_program_space(segment, image.movable);
    const bool follows = image.segments.empty() || segment.first_page() >= image.end_page();
    if (!consistent || !follows) {
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
    // It must be one text, and end where it says.
    return header.p_filesz >= 2 && std::find(path.begin(), path.end(), '\0') == path.end() - 1
               ? Result<void>()
               : fail(Error::not_executable);
}

Result<void> read_program_header(ProgramImage& image, const Elf32_Phdr& header, ImageReader& file) {
    switch (header.p_type) {
    case PT_LOAD: return add_segment(image, header, file);
    case PT_INTERP: return read_interpreter(image, header, file);
    case PT_GNU_STACK: image.executable_stack = (header.p_flags & PF_X) != 0; return {};
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
    const Result<Elf32_Ehdr> header = read_as<Elf32_Ehdr>(file, 0);
    if (!header) {
        return fail(header.error() == Error::truncated ? Error::not_executable : header.error());
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
        const auto at = header->e_phoff + number * static_cast<std::uint32_t>(sizeof(Elf32_Phdr));
        const Result<Elf32_Phdr> program_header = read_as<Elf32_Phdr>(file, at);
        if (!program_header) {
            return fail(program_header.error());
        }
        if (const auto read = read_program_header(image, *program_header, file); !read) {
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
