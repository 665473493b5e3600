// Where a program's pages are is told in words: in memory, on a disk by area and slot, on their way by direction, and
// as one word over and over.
#include "kernel/memory/frames/address_text.h"
#include "kernel/monitor/report/user_entries.h"
#include "tests/host/support/paged_torus.h"
#include "tests/host/support/string_sink.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

using namespace quire;
using namespace quire::test;

namespace {

template <class T> std::string printed(const T& value) {
    StringSink sink;
    print(sink, "{}", value);
    return sink.text();
}

std::string entry(PagedTorus& paged, Program& program, VirtAddr address) {
    return printed(UserEntryText{paged.torus->memory, paged.entry(program, address)});
}
std::string absence(PagedTorus& paged, Program& program, VirtAddr address) {
    return printed(AbsenceText{paged.torus->memory, paged.entry(program, address)});
}
bool is_there(PagedTorus& paged, Program& program, VirtAddr address) {
    return content_is_there(paged.torus->memory, paged.entry(program, address));
}

std::vector<std::string> runs(PagedTorus& paged, Program& program) {
    std::vector<std::string> lines;
    CHECK(for_each_run(program->tables(), Page(0), end_of_mirror, [&](const EntryRun& run) {
        lines.push_back(printed(EntryRunText{paged.torus->memory, run}));
        return true;
    }));
    return lines;
}

} // namespace

TEST_CASE("an entry is told as what it stands for, on every step of a page's way", "[entries]") {
    PagedTorus paged;
    Program program = Program::start(paged.torus);
    const VirtAddr page = program.map(1);
    CHECK(entry(paged, program, page) == "empty");
    CHECK(absence(paged, program, page) == "has no frame yet: it was never touched");
    CHECK_FALSE(is_there(paged, program, page));
    REQUIRE(program.write(page, 77));
    CHECK(entry(paged, program, page) == printed(paged.entry(program, page).frame()));
    CHECK(is_there(paged, program, page));

    REQUIRE(paged.evict(program, page) == Eviction::begun);
    CHECK(entry(paged, program, page) ==
          printed(paged.entry(program, page).frame()) + ", in transit, out to area 1 (/dev/fake), slot 0x1");
    CHECK(is_there(paged, program, page)); // it can be read as long as it is being written
    paged.store.end_all();
    CHECK(entry(paged, program, page) == "swapped out to area 1 (/dev/fake), slot 0x1");
    CHECK(absence(paged, program, page) == "is not in memory: swapped out to area 1 (/dev/fake), slot 0x1");
    CHECK_FALSE(is_there(paged, program, page));

    REQUIRE(program->handle_fault(page, {}) == FaultOutcome::must_wait);
    CHECK(absence(paged, program, page) == "is not in memory yet: " + printed(paged.entry(program, page).frame()) +
                                               ", in transit, in from area 1 (/dev/fake), slot 0x1");
    CHECK_FALSE(is_there(paged, program, page));
    paged.store.end_all();
    CHECK(entry(paged, program, page) == printed(paged.entry(program, page).frame()) + ", in transit, has come");
    CHECK(is_there(paged, program, page));
    REQUIRE(program.read(page) == 77U);
}

TEST_CASE("a page that is one word over and over is told by the word, one that is lost as lost", "[entries]") {
    PagedTorus paged;
    Program program = Program::start(paged.torus);
    const VirtAddr first = program.map(2);
    for (std::uint32_t at = 0; at < page_size; at += sizeof(std::uint32_t)) {
        REQUIRE(program.write(first + at, 0xABCD0123));
    }
    REQUIRE(paged.evict(program, first) == Eviction::freed);
    CHECK(entry(paged, program, first) == "swapped out, on no disk: the word 0xabcd0123 over and over");

    const VirtAddr second = page_at(first, 1);
    REQUIRE(program.write(second, 5));
    paged.put_out(program, second);
    paged.store.fail_reads.insert(paged.entry(program, second).slot().number());
    CHECK_FALSE(program.read(second));
    CHECK(entry(paged, program, second) == "swapped out to area 1 (/dev/fake), slot 0x1, and lost");
}

TEST_CASE("pages in slots in a row are one run, those of one word another, and those in memory others", "[entries]") {
    PagedTorus paged;
    Program program = Program::start(paged.torus);
    constexpr std::uint32_t pages = 6;
    const VirtAddr first = program.map(pages);
    for (std::uint32_t at = 0; at < 4; ++at) {
        REQUIRE(program.write(page_at(first, at), at + 1));
    }
    REQUIRE(program.write(page_at(first, 4), 0)); // zeros
    REQUIRE(program.write(page_at(first, 5), 0));
    const std::vector<std::string> before = runs(paged, program);
    REQUIRE_FALSE(before.empty());
    CHECK(before.front().find("  4 KiB  rw user") != std::string::npos);

    for (std::uint32_t at = 0; at < 3; ++at) {
        paged.put_out(program, page_at(first, at));
    }
    REQUIRE(paged.evict(program, page_at(first, 4)) == Eviction::freed);
    REQUIRE(paged.evict(program, page_at(first, 5)) == Eviction::freed);
    const std::vector<std::string> after = runs(paged, program);
    REQUIRE(after.size() == 3);
    CHECK(after[0].ends_with("    12 KiB  swapped: area 1, slots 0x1 to 0x3"));
    CHECK(after[1].find("  4 KiB  rw user") != std::string::npos);
    CHECK(after[2].ends_with("     8 KiB  swapped: 0x00000000 over and over"));

    // A page whose slot does not follow its neighbour's begins a run of its own; so does one on its way.
    REQUIRE(program.write(page_at(first, 1), 9));
    REQUIRE(paged.evict(program, page_at(first, 1)) == Eviction::begun);
    const std::vector<std::string> on_its_way = runs(paged, program);
    REQUIRE(on_its_way.size() == 5);
    CHECK(on_its_way[0].ends_with("     4 KiB  swapped: area 1, slot 0x1"));
    CHECK(on_its_way[1].ends_with("     4 KiB  in transit, out to area 1 (/dev/fake), slot 0x4"));
    CHECK(on_its_way[2].ends_with("     4 KiB  swapped: area 1, slot 0x3"));
    paged.store.end_all();
}
