// The Multiboot reader takes what a loader left, and survives anything that only looks like it.
#include "kernel/boot/multiboot.h"
#include "tests/host/support/random.h"
#include "tests/host/support/string_sink.h"

#include <catch2/catch.hpp>
#include <cstring>
#include <elf.h>
#include <vector>

namespace quire::multiboot {
namespace {

// Physical memory as a reader sees it: bytes up to a limit, nothing beyond.
class Image final : public Reader {
public:
    explicit Image(std::size_t size = 64 * 1024) : bytes_(size) {}

    bool read(PhysAddr from, std::span<std::byte> to) override {
        if (from.value() > bytes_.size() || bytes_.size() - from.value() < to.size()) {
            return false;
        }
        std::memcpy(to.data(), bytes_.data() + from.value(), to.size());
        return true;
    }
    void word(std::uint32_t at, std::uint32_t value) { std::memcpy(&bytes_.at(at + 3) - 3, &value, 4); }
    void text(std::uint32_t at, std::string_view text) {
        std::memcpy(&bytes_.at(at + text.size()) - text.size(), text.data(), text.size());
    }
    std::vector<std::byte>& bytes() { return bytes_; }

private:
    std::vector<std::byte> bytes_;
};

constexpr std::uint32_t info = 0x1000;

void add_map_entry(Image& image, std::uint32_t at, std::uint64_t base, std::uint64_t length, std::uint32_t type,
                   std::uint32_t size = 20) {
    image.word(at, size);
    image.word(at + 4, static_cast<std::uint32_t>(base));
    image.word(at + 8, static_cast<std::uint32_t>(base >> 32));
    image.word(at + 12, static_cast<std::uint32_t>(length));
    image.word(at + 16, static_cast<std::uint32_t>(length >> 32));
    image.word(at + 20, type);
}

// What GRUB leaves for a kernel with one module, in small.
Image typical() {
    Image image;
    image.word(info, 1U << 0 | 1U << 2 | 1U << 3 | 1U << 5 | 1U << 6 | 1U << 9 | 1U << 12);
    image.word(info + 4, 639);
    image.word(info + 8, 129920);
    image.word(info + 16, 0x2000); // command line
    image.text(0x2000, "demo heap=8M");
    image.word(info + 20, 1); // modules
    image.word(info + 24, 0x2100);
    image.word(0x2100, 0x8000);
    image.word(0x2104, 0x8123);
    image.word(0x2108, 0x2200);
    image.text(0x2200, "archive");
    image.word(info + 28, 3); // section headers
    image.word(info + 32, sizeof(Elf32_Shdr));
    image.word(info + 36, 0x3000);
    Elf32_Shdr text{};
    text.sh_flags = SHF_ALLOC;
    text.sh_addr = 0x100000;
    text.sh_size = 0x1000;
    Elf32_Shdr symbols{};
    symbols.sh_type = SHT_SYMTAB;
    symbols.sh_addr = 0x9000;
    symbols.sh_size = 0x456;
    std::memcpy(&image.bytes()[0x3000 + sizeof text], &text, sizeof text);
    std::memcpy(&image.bytes()[0x3000 + 2 * sizeof text], &symbols, sizeof symbols);
    image.word(info + 44, 2 * 24); // memory map
    image.word(info + 48, 0x4000);
    add_map_entry(image, 0x4000, 0, 0x9FC00, MapEntry::available);
    add_map_entry(image, 0x4018, 0x100000, 0x7EE0000, MapEntry::available);
    image.word(info + 64, 0x2300);
    image.text(0x2300, "GRUB 2.06");
    image.bytes()[info + 109] = std::byte{2};
    return image;
}

Result<Information> parse(Image& image, test::StringSink& notes) {
    return read_information(loader_magic, PhysAddr(info), image, notes);
}

TEST_CASE("a typical loader's information is read in full", "[multiboot]") {
    Image image = typical();
    test::StringSink notes;
    const auto result = parse(image, notes);
    REQUIRE(result);
    CHECK(notes.text().empty());
    CHECK(result->left_out == 0);
    CHECK(result->lower_kib == 639);
    CHECK(result->upper_kib == 129920);
    CHECK(result->command_line.view() == "demo heap=8M");
    CHECK(result->command_line_at.size == 13);
    CHECK(result->loader.view() == "GRUB 2.06");
    CHECK(result->framebuffer_type == 2);
    REQUIRE(result->map.size() == 2);
    CHECK(result->map[1].base == 0x100000);
    CHECK(result->map[1].length == 0x7EE0000);
    REQUIRE(result->modules.size() == 1);
    CHECK(result->modules[0].contents.start == PhysAddr(0x8000));
    CHECK(result->modules[0].contents.size == 0x123);
    CHECK(result->modules[0].name.view() == "archive");
    REQUIRE(result->sections.size() == 1);
    CHECK(result->sections[0].start == PhysAddr(0x9000));
    CHECK(result->sections[0].size == 0x456);
    CHECK(result->section_headers_at.size == 3 * sizeof(Elf32_Shdr));
}

TEST_CASE("only what the flags announce is read", "[multiboot]") {
    Image image = typical();
    image.word(info, 0);
    test::StringSink notes;
    const auto result = parse(image, notes);
    REQUIRE(result);
    CHECK(result->map.empty());
    CHECK(result->modules.empty());
    CHECK(result->sections.empty());
    CHECK(result->command_line.view().empty());
    CHECK(result->lower_kib == 0);
    CHECK_FALSE(result->framebuffer_type);
}

TEST_CASE("a wrong magic and an unreadable structure are refused", "[multiboot]") {
    Image image = typical();
    test::StringSink notes;
    CHECK(read_information(0x36D76289, PhysAddr(info), image, notes).error() == Error::invalid_argument);
    CHECK(read_information(loader_magic, PhysAddr(0xFFFFFFF0), image, notes).error() == Error::truncated);
}

TEST_CASE("malformed parts are left out and named, the rest is kept", "[multiboot]") {
    Image image = typical();
    test::StringSink notes;

    SECTION("a memory map that ends inside an entry") {
        image.word(info + 44, 30);
        const auto result = parse(image, notes);
        REQUIRE(result);
        CHECK(result->map.size() == 1);
        CHECK(notes.text() == "multiboot: the memory map ends in the middle of an entry, after 24 bytes of 30\n");
    }
    SECTION("a memory map entry that is too small") {
        image.word(0x4018, 3);
        CHECK(parse(image, notes)->map.size() == 1);
        CHECK(notes.text().find("in the middle of an entry") != std::string::npos);
    }
    SECTION("a memory map entry whose size wraps around") {
        image.word(0x4000, 0xFFFFFFFF);
        CHECK(parse(image, notes)->map.size() == 1);
    }
    SECTION("larger entries are stepped over by their own size") {
        image.word(info + 44, 24 + 4 + 24);
        add_map_entry(image, 0x4000, 0, 0x9FC00, MapEntry::available, 24);
        add_map_entry(image, 0x401C, 0x100000, 0x1000, MapEntry::bad);
        const auto result = parse(image, notes);
        REQUIRE(result->map.size() == 2);
        CHECK(result->map[1].type == MapEntry::bad);
    }
    SECTION("an entry that wraps around 64 bits") {
        add_map_entry(image, 0x4000, ~0ULL - 4095, 8192, MapEntry::available);
        CHECK(parse(image, notes)->map.size() == 1);
        CHECK(notes.text().find("wraps around") != std::string::npos);
    }
    SECTION("a module that ends before it starts") {
        image.word(0x2104, 0x7000);
        CHECK(parse(image, notes)->modules.empty());
        CHECK(notes.text().find("before its start") != std::string::npos);
    }
    SECTION("more modules than there can be") {
        image.word(info + 20, 0xFFFFFFFF);
        CHECK(parse(image, notes)->modules.empty());
    }
    SECTION("a command line without an end") {
        std::fill(image.bytes().begin() + 0x2000, image.bytes().end(), std::byte{'x'});
        const auto result = parse(image, notes);
        REQUIRE(result);
        CHECK(result->command_line.cut);
        CHECK(result->command_line.size == 512);
        CHECK(notes.text().find("cannot be read to its end") != std::string::npos);
    }
    SECTION("section headers of the wrong size") {
        image.word(info + 32, 4);
        CHECK(parse(image, notes)->sections.empty());
        CHECK(notes.text().find("make no sense") != std::string::npos);
    }
}

TEST_CASE("no damage to the information breaks the reader", "[multiboot]") {
    test::Random random(20260101);
    for (int round = 0; round < 3000; ++round) {
        Image image = typical();
        for (int change = 0; change < 8; ++change) {
            const std::uint32_t where = random.once_in(2) ? info + random.below(128) : 0x2000 + random.below(0x2100);
            image.bytes()[where] = static_cast<std::byte>(random());
        }
        // Too many modules or sections to walk in a test are legal, only slow.
        for (const std::uint32_t count : {info + 20, info + 28}) {
            image.bytes()[count + 1] = image.bytes()[count + 2] = image.bytes()[count + 3] = std::byte{0};
        }
        test::StringSink notes;
        const auto result = parse(image, notes);
        REQUIRE(result);
        for (const MapEntry& entry : result->map) {
            CHECK(entry.base + entry.length >= entry.base);
        }
        for (const Module& module : result->modules) {
            CHECK(std::uint64_t{module.contents.start.value()} + module.contents.size <= 1ULL << 32);
        }
        CHECK((result->left_out == 0) == notes.text().empty());
    }
}

TEST_CASE("without a map the two old fields are believed", "[multiboot]") {
    multiboot::Information information;
    information.lower_kib = 639;
    information.upper_kib = 3072;
    MemoryMap map;
    test::StringSink notes;
    multiboot::set_ram(map, information, notes);
    REQUIRE(map.ram().size() == 2);
    CHECK(map.ram()[0] == FrameRun{Frame(0), 159});
    CHECK(map.ram()[1] == FrameRun{Frame(256), 768});
    REQUIRE(information.map.push_back({0, 0x4000, MemoryMapEntry::available}));
    multiboot::set_ram(map = MemoryMap(), information, notes);
    REQUIRE(map.ram().size() == 1);
    CHECK(map.ram()[0] == FrameRun{Frame(0), 4});
    CHECK(notes.text().empty());
}

} // namespace
} // namespace quire::multiboot
