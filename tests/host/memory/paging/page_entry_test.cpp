// The encoded words are the ones the manual draws, bit by bit, and the layout table says the same everywhere.
#include "kernel/memory/paging/entry.h"
#include "tests/host/support/string_sink.h"

#include <catch2/catch.hpp>
#include <fstream>
#include <sstream>
#include <string>

namespace quire {
namespace {

template <class T> std::string text_of(const T& value) {
    test::StringSink sink;
    print_to(sink, value);
    return sink.text();
}

// Numbers as the manual draws them, typed in by hand: nothing here reads the layout table.
TEST_CASE("a table entry's bits are where the manual draws them", "[entry]") {
    const Frame frame(0xABCDE);
    CHECK(Pte::for_page(frame, {}).raw() == 0xABCDE001);
    CHECK(Pte::for_page(frame, {.writable = true}).raw() == 0xABCDE003);
    CHECK(Pte::for_page(frame, {.user = true}).raw() == 0xABCDE005);
    CHECK(Pte::for_page(frame, {.write_through = true}).raw() == 0xABCDE009);
    CHECK(Pte::for_page(frame, {.cache_disabled = true}).raw() == 0xABCDE011);
    CHECK(Pte::for_page(frame, {.global = true}).raw() == 0xABCDE101);
    CHECK(Pte::for_page(frame, {}).with(EntryField::accessed, 1).raw() == 0xABCDE021);
    CHECK(Pte::for_page(frame, {}).with(EntryField::dirty, 1).raw() == 0xABCDE041);
    CHECK(Pte::for_page(frame, {}).with(EntryField::page_attribute, 1).raw() == 0xABCDE081);
    CHECK(Pte::for_page(frame, {}).with(EntryField::available, 7).raw() == 0xABCDEE01);
    CHECK(Pte::for_page(Frame(0xFFFFF), protection::kernel_data).raw() == 0xFFFFF103);
    CHECK((Pte().raw() == 0 && Pde().raw() == 0));
}

TEST_CASE("a directory entry's bits are where the manual draws them", "[entry]") {
    CHECK(Pde::for_table(Frame(0x00123), false).raw() == 0x00123003);
    CHECK(Pde::for_table(Frame(0x00123), true).raw() == 0x00123007);
    CHECK(Pde::for_large_page(Frame(0x00400), {}).raw() == 0x00400081);
    CHECK(Pde::for_large_page(Frame(0xFFC00), protection::kernel_data).raw() == 0xFFC00183);
    CHECK(Pde::for_large_page(Frame(0), {}).with(EntryField::large_page_attribute, 1).raw() == 0x00001081);
    CHECK(Pde::for_large_page(Frame(0), {}).with(EntryField::high_address, 0xFF).raw() == 0x001FE081);
    CHECK(Pde::for_large_page(Frame(0), {}).with(EntryField::reserved, 1).raw() == 0x00200081);
}

TEST_CASE("every field can be read back and leaves its neighbours alone", "[entry]") {
    for (const EntryFieldLayout& layout : entry_layout) {
        INFO(layout.name);
        const std::uint32_t all = (1U << layout.width) - 1;
        const Pte ones(0xFFFFFFFF);
        CHECK(Pte().with(layout.field, all).get(layout.field) == all);
        CHECK(Pte().with(layout.field, 0xFFFFFFFF).raw() == all << layout.bit);
        CHECK(ones.with(layout.field, 0).raw() == ~(all << layout.bit));
    }
}

TEST_CASE("an entry gives back the protection and frame it was made from", "[entry]") {
    for (unsigned bits = 0; bits < 32; ++bits) {
        const Protection protection{.writable = (bits & 1) != 0,
                                    .user = (bits & 2) != 0,
                                    .global = (bits & 4) != 0,
                                    .write_through = (bits & 8) != 0,
                                    .cache_disabled = (bits & 16) != 0};
        const Pte small = Pte::for_page(Frame(0x54321), protection);
        CHECK(small.protection() == protection);
        CHECK(small.frame() == Frame(0x54321));
        const Pde large = Pde::for_large_page(Frame(0x54400), protection);
        CHECK(large.protection() == protection);
        CHECK(large.large_frame() == Frame(0x54400));
        CHECK(large.kind() == EntryKind::large_page);
        // Another protection keeps what the processor has written.
        const Pte used = small.with(EntryField::accessed, 1).with(EntryField::dirty, 1).with(Protection{});
        CHECK(used.raw() == 0x54321061);
    }
}

TEST_CASE("only a 4 MiB page has bits that must not be set", "[entry]") {
    CHECK(Entry(0xFFFFFFFF).wrong_bits(EntryKind::table) == 0);
    CHECK(Entry(0xFFFFFFFF).wrong_bits(EntryKind::page) == 0);
    CHECK(Entry(0xFFFFFFFF).wrong_bits(EntryKind::large_page) == 0x003FE000);
    CHECK(Pde::for_large_page(Frame(0xFFC00), protection::device).wrong_bits(EntryKind::large_page) == 0);
}

TEST_CASE("an entry's text names every bit that is set", "[entry]") {
    CHECK(text_of(EntryText{Entry(0), EntryKind::page}) == "not present");
    CHECK(text_of(EntryText{Entry(0x1230), EntryKind::page}) == "not present (kernel's own 0x00001230)");
    CHECK(text_of(EntryText{Entry(0xABCDE163), EntryKind::page}) ==
          "present writable kernel accessed dirty global to frame 0xabcde");
    CHECK(text_of(EntryText{Entry(0x00123227), EntryKind::table}) ==
          "present writable user accessed available=0x1 table in frame 0x123");
    CHECK(text_of(EntryText{Entry(0x00400085), EntryKind::large_page}) ==
          "present read-only user 4-MiB-page to frame 0x400");
    CHECK(text_of(EntryText{Entry(0x00202085), EntryKind::large_page}) ==
          "present read-only user 4-MiB-page high-address=0x1 reserved to frame 0x0");
    CHECK(text_of(protection::device) == "rw kernel global uncached");
    CHECK(text_of(Protection{.user = true, .write_through = true}) == "r- user write-through");
}

TEST_CASE("kinds of entries have names", "[entry]") {
    CHECK(name_of(EntryKind::table) == "PDE to a table");
    CHECK(name_of(EntryKind::large_page) == "PDE of a 4 MiB page");
    CHECK(name_of(EntryKind::page) == "PTE");
}

// One row of the table in docs/paging.md.
std::string documentation_row(const EntryFieldLayout& layout) {
    std::ostringstream row;
    const int last = layout.bit + layout.width - 1;
    row << "| ";
    if (layout.width > 1) {
        row << last << ":";
    }
    row << int{layout.bit} << " | " << layout.name << " | " << layout.manual << " | " << (layout.in_table ? "yes" : "")
        << " | " << (layout.in_large_page ? "yes" : "") << " | " << (layout.in_page ? "yes" : "") << " | "
        << layout.meaning << " |";
    return row.str();
}

TEST_CASE("docs/paging.md shows the layout table as it is", "[entry][docs]") {
    std::ifstream file(QUIRE_SOURCE_DIR "/docs/paging.md");
    std::stringstream content;
    content << file.rdbuf();
    REQUIRE_FALSE(content.str().empty());
    std::string rows;
    for (const EntryFieldLayout& layout : entry_layout) {
        rows += documentation_row(layout) + "\n";
    }
    INFO("the table should be\n" << rows);
    CHECK(content.str().find(rows) != std::string::npos);
}

} // namespace
} // namespace quire
