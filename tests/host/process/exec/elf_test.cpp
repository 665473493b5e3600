// ELF programs: what well-formed ones say comes out as it is, and whatever else a file may hold is refused or harmless:
// no header is believed that would lead outside of the file or of the space of programs.
#include "kernel/memory/paging/layout.h"
#include "kernel/process/exec/elf.h"
#include "tests/host/support/random.h"

#include <catch2/catch.hpp>
#include <cstring>
#include <elf.h>
#include <iterator>
#include <optional>
#include <string>
#include <vector>

namespace quire {
namespace {

// A file in memory; reading past its end is the reader's mistake, not the file's.
class Bytes final : public ImageReader {
public:
    std::uint32_t size() override { return static_cast<std::uint32_t>(content.size()); }
    Result<void> read(std::uint32_t offset, std::span<std::byte> into) override {
        REQUIRE(std::uint64_t{offset} + into.size() <= content.size());
        if (fails) {
            return fail(Error::input_output);
        }
        std::memcpy(into.data(), content.data() + offset, into.size());
        return {};
    }

    std::vector<char> content;
    bool fails = false;
};

// A program file put together header by header.
class Program {
public:
    explicit Program(std::uint16_t type = ET_EXEC) {
        std::memcpy(header.e_ident, ELFMAG, SELFMAG);
        header.e_ident[EI_CLASS] = ELFCLASS32;
        header.e_ident[EI_DATA] = ELFDATA2LSB;
        header.e_ident[EI_VERSION] = EV_CURRENT;
        header.e_type = type;
        header.e_machine = EM_386;
        header.e_version = EV_CURRENT;
        header.e_entry = 0x08048100;
        header.e_phoff = sizeof(Elf32_Ehdr);
        header.e_ehsize = sizeof(Elf32_Ehdr);
        header.e_phentsize = sizeof(Elf32_Phdr);
    }
    // Text with the headers in it, and data with zeros behind.
    static Program usual() {
        Program program;
        program.load(0, 0x08048000, 0x1200, 0x1200, PF_R | PF_X);
        program.load(0x1F00, 0x0804AF00, 0x100, 0x3000, PF_R | PF_W);
        program.add(PT_GNU_STACK, PF_R | PF_W);
        return program;
    }

    // A header of something that is not loaded.
    void add(std::uint32_t type, std::uint32_t flags, std::uint32_t offset = 0, std::uint32_t file_size = 0) {
        load(offset, 0, file_size, 0, flags);
        headers.back().p_type = type;
    }
    void load(std::uint32_t offset, std::uint32_t address, std::uint32_t file_size, std::uint32_t memory_size,
              std::uint32_t flags) {
        Elf32_Phdr each{};
        each.p_type = PT_LOAD;
        each.p_offset = offset;
        each.p_vaddr = each.p_paddr = address;
        each.p_filesz = file_size;
        each.p_memsz = memory_size;
        each.p_flags = flags;
        each.p_align = page_size;
        headers.push_back(each);
    }

    [[nodiscard]] Bytes file() const {
        Bytes bytes;
        bytes.content.resize(size);
        Elf32_Ehdr written = header;
        written.e_phnum = header_count.value_or(static_cast<std::uint16_t>(headers.size()));
        std::memcpy(bytes.content.data(), &written, sizeof written);
        if (!headers.empty()) {
            std::memcpy(bytes.content.data() + sizeof written, headers.data(), headers.size() * sizeof(Elf32_Phdr));
        }
        std::memcpy(bytes.content.data() + interpreter_offset, interpreter.data(), interpreter.size());
        return bytes;
    }
    [[nodiscard]] Result<ProgramImage> read() const {
        Bytes bytes = file();
        return read_program_image(bytes);
    }

    static constexpr std::uint32_t interpreter_offset = 0x1000;
    Elf32_Ehdr header{};
    std::vector<Elf32_Phdr> headers;
    std::optional<std::uint16_t> header_count;
    std::string interpreter;
    std::size_t size = 0x2000;
};

void require_refused(const Program& program) {
    const auto image = program.read();
    REQUIRE_FALSE(image.has_value());
    REQUIRE((image.error() == Error::not_executable || image.error() == Error::truncated ||
             image.error() == Error::too_large));
}

// What exec relies on, whatever the file said.
void require_harmless(const ProgramImage& image) {
    const Area& user = area(AreaKind::user);
    const Page lowest = image.movable ? Page(0) : Page::containing(user.first);
    REQUIRE_FALSE(image.segments.empty());
    for (const ProgramSegment& segment : image.segments) {
        REQUIRE(segment.memory_size != 0);
        REQUIRE(segment.file_size <= segment.memory_size);
        REQUIRE(segment.start.offset_in_page() == segment.file_offset % page_size);
        REQUIRE(std::uint64_t{segment.start.value()} + segment.memory_size <= std::uint64_t{user.last.value()} + 1);
        REQUIRE(segment.first_page() >= lowest);
        REQUIRE(segment.first_page() >= image.first_page());
        REQUIRE(segment.file_pages() <= segment.pages());
        REQUIRE(segment.first_page() + segment.pages() <= image.end_page());
    }
    REQUIRE(std::memchr(image.interpreter.data(), 0, image.interpreter.size()) != nullptr);
}

} // namespace

TEST_CASE("a static program's segments, entry and headers are as its file says") {
    const auto image = Program::usual().read();
    REQUIRE(image);
    CHECK_FALSE(image->movable);
    CHECK(image->entry == VirtAddr(0x08048100));
    CHECK(image->headers == VirtAddr(0x08048000 + sizeof(Elf32_Ehdr)));
    CHECK(image->header_count == 3);
    CHECK(image->stack == ProgramImage::Stack::plain);
    CHECK(image->interpreter_path().empty());
    REQUIRE(image->segments.size() == 2);
    const ProgramSegment& text = image->segments[0];
    CHECK(text.access == Access{.read = true, .execute = true});
    CHECK(text.file_pages() == 2);
    CHECK(text.pages() == 2);
    const ProgramSegment& data = image->segments[1];
    CHECK(data.access == Access{.read = true, .write = true});
    CHECK(data.first_page() == Page(0x0804A));
    CHECK(data.file_pages() == 1);
    CHECK(data.pages() == 4);
    CHECK(data.file_end() == VirtAddr(0x0804B000));
    CHECK(data.end() == VirtAddr(0x0804DF00));
    CHECK(image->first_page() == Page(0x08048));
    CHECK(image->end_page() == Page(0x0804E));
}

TEST_CASE("a program that is linked when it starts names its interpreter, and may lie anywhere") {
    Program program(ET_DYN);
    program.header.e_entry = 0x100;
    program.interpreter = std::string("/lib/ld-linux.so.2") + '\0';
    program.add(PT_INTERP, PF_R, Program::interpreter_offset, static_cast<std::uint32_t>(program.interpreter.size()));
    program.load(0, 0, 0x1800, 0x1800, PF_R | PF_X);
    program.add(PT_GNU_STACK, PF_R | PF_W | PF_X);
    const auto image = program.read();
    REQUIRE(image);
    CHECK(image->movable);
    CHECK(image->interpreter_path() == "/lib/ld-linux.so.2");
    CHECK(image->stack == ProgramImage::Stack::executable);
    CHECK(image->headers == VirtAddr(sizeof(Elf32_Ehdr)));
}

TEST_CASE("only zeros make a segment, too, and an empty one makes none") {
    Program program = Program::usual();
    program.load(0, 0x09000000, 0, 0, PF_R);
    program.load(0, 0x0A000000, 0, 0x5001, PF_R | PF_W);
    const auto image = program.read();
    REQUIRE(image);
    REQUIRE(image->segments.size() == 3);
    CHECK(image->segments[2].file_pages() == 0);
    CHECK(image->segments[2].pages() == 6);
}

TEST_CASE("headers that no segment holds are at no address") {
    Program program = Program::usual();
    program.headers[0].p_offset = 0x1000;
    program.headers[0].p_filesz = 0x800;
    const auto image = program.read();
    REQUIRE(image);
    CHECK(image->headers == VirtAddr());
}

TEST_CASE("what is no i386 program is refused") {
    const auto refused = [](auto spoil) {
        Program program = Program::usual();
        spoil(program.header);
        require_refused(program);
    };
    refused([](Elf32_Ehdr& header) { header.e_ident[0] = '#'; });
    refused([](Elf32_Ehdr& header) { header.e_machine = EM_X86_64; });
    refused([](Elf32_Ehdr& header) { header.e_type = ET_REL; });
    refused([](Elf32_Ehdr& header) { header.e_type = ET_CORE; });
    refused([](Elf32_Ehdr& header) { header.e_phentsize = sizeof(Elf32_Phdr) - 1; });
    refused([](Elf32_Ehdr& header) { header.e_phoff = 0xFFFFFFF0; });
    refused([](Elf32_Ehdr& header) { header.e_phoff = 0x1FFF; });
}

TEST_CASE("what Linux does not look at may be anything, and segments may overlap and go on behind the file's end") {
    Program program = Program::usual();
    program.header.e_ident[EI_CLASS] = 0x31;
    program.header.e_ident[EI_DATA] = 0x32;
    program.header.e_ident[EI_VERSION] = 0x33;
    program.header.e_version = 0x12345678;
    program.header.e_machine = 6; // EM_486
    program.headers[1].p_vaddr = 0x08047F00;
    program.headers[1].p_filesz = 0x2000;
    const auto image = program.read();
    REQUIRE(image);
    require_harmless(*image);
    CHECK(image->first_page() == Page(0x08047));
    CHECK(image->end_page() == Page(0x0804B));
}

TEST_CASE("where nothing says what the stack may be, that is said") {
    Program program;
    program.load(0, 0x08048000, 0x1200, 0x1200, PF_R | PF_X);
    const auto image = program.read();
    REQUIRE(image);
    CHECK(image->stack == ProgramImage::Stack::unspecified);
}

TEST_CASE("a header in a file that is shorter than one counts as far as it goes") {
    // The program header begins inside of the header and shares its words; the last byte is e_phnum's first.
    const unsigned char tiny[45] = {0x7F, 'E', 'L',  'F', 1,    0,    0,    0,    0,    0,    0,    0,    0,    0, 0x40,
                                    0,    2,   0,    3,   0,    0x20, 0,    0x40, 0,    0x20, 0,    0x40, 0,    4, 0,
                                    0,    0,   0xB3, 42,  0x31, 0xC0, 0x40, 0xCD, 0x80, 0,    0x34, 0,    0x20, 0, 1};
    Bytes bytes;
    bytes.content.assign(std::begin(tiny), std::end(tiny));
    const auto image = read_program_image(bytes);
    REQUIRE(image);
    require_harmless(*image);
    CHECK(image->entry == VirtAddr(0x400020));
    bytes.content.pop_back();
    CHECK_FALSE(read_program_image(bytes));
}

TEST_CASE("a program without segments, or with more headers than there can be, is refused") {
    Program program;
    require_refused(program);
    program.add(PT_NOTE, 0);
    require_refused(program);
    Program many = Program::usual();
    many.header_count = 0xFFFF;
    require_refused(many);
    Program crowded;
    for (std::uint32_t number = 0; number <= ProgramImage::most_segments; ++number) {
        crowded.load(0, 0x08048000 + number * page_size, 1, 1, PF_R);
    }
    require_refused(crowded);
}

TEST_CASE("segments that cannot be are refused") {
    const auto refused = [](auto spoil) {
        Program program = Program::usual();
        spoil(program.headers[1]);
        require_refused(program);
    };
    refused([](Elf32_Phdr& data) { data.p_vaddr = 0x5FFFFF00; }); // out of the space of programs
    refused([](Elf32_Phdr& data) { data.p_vaddr = 0xC0000F00; }); // in the kernel's
    refused([](Elf32_Phdr& data) { data.p_memsz = 0xFFFFFFFF; }); // around the end of all addresses
    refused([](Elf32_Phdr& data) { data.p_memsz = 0xFF; });       // less than the file gives
    refused([](Elf32_Phdr& data) { data.p_offset = 0x1E00; });    // not at the same place in a page
    Program null_guard = Program::usual();
    null_guard.headers[0].p_vaddr = 0;
    require_refused(null_guard);
}

TEST_CASE("an interpreter's name that is none is refused") {
    const auto with_name = [](const std::string& name, std::uint32_t size) {
        Program program = Program::usual();
        program.interpreter = name;
        program.add(PT_INTERP, PF_R, Program::interpreter_offset, size);
        return program;
    };
    require_refused(with_name("/lib/ld.so", 10)); // no NUL
    require_refused(with_name("", 0));
    require_refused(with_name("", 1));
    require_refused(with_name("/a", 5000));
    require_refused(with_name("/lib", 0xFFFFF001));
}

TEST_CASE("a file that cannot be read is no malformed program") {
    Bytes bytes = Program::usual().file();
    bytes.fails = true;
    CHECK(read_program_image(bytes).error() == Error::input_output);
}

TEST_CASE("a program cut off anywhere in its headers is refused") {
    const Program program = Program::usual();
    Bytes whole = program.file();
    REQUIRE(read_program_image(whole));
    for (std::size_t size = 0; size < sizeof(Elf32_Ehdr) + 3 * sizeof(Elf32_Phdr); ++size) {
        Bytes cut = program.file();
        cut.content.resize(size);
        REQUIRE_FALSE(read_program_image(cut).has_value());
    }
}

TEST_CASE("headers with random damage are refused or harmless") {
    test::Random random(386);
    Program program = Program::usual();
    program.interpreter = std::string("/lib/ld-linux.so.2") + '\0';
    program.add(PT_INTERP, PF_R, Program::interpreter_offset, 19);
    const Bytes intact = program.file();
    const auto header_bytes = static_cast<std::uint32_t>(sizeof(Elf32_Ehdr) + 4 * sizeof(Elf32_Phdr));
    constexpr std::uint32_t telling[] = {0, 1, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, 0xFFFFF000, 0x60000000, 0x400000};
    std::uint32_t accepted = 0;
    for (int round = 0; round < 200'000; ++round) {
        Bytes damaged = intact;
        damaged.content[EI_DATA] = ELFDATA2LSB;
        for (std::uint32_t hits = 1 + random.below(4); hits != 0; --hits) {
            const std::uint32_t word = random.once_in(2) ? telling[random.below(std::size(telling))] : random();
            const std::uint32_t bytes = random.once_in(2) ? 1 : 4;
            const std::uint32_t at = SELFMAG + random.below(header_bytes - SELFMAG - 4);
            std::memcpy(damaged.content.data() + (bytes == 4 ? at & ~3U : at), &word, bytes);
        }
        if (const auto image = read_program_image(damaged)) {
            ++accepted;
            require_harmless(*image);
        }
    }
    CHECK(accepted > 1000);
}

} // namespace quire
