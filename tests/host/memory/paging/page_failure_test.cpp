// Every place that asks for a table's frame is made to find none: the operation says out_of_memory, and not a word of
// memory, not a frame and not a count is different.
#include "kernel/memory/paging/page_directory.h"
#include "tests/host/machine/simulated_machine.h"
#include "tests/host/machine/test_tables.h"
#include "tests/host/support/string_sink.h"

#include <catch2/catch.hpp>
#include <functional>
#include <map>
#include <vector>

namespace quire {
namespace {

using test::SimulatedMachine;

struct Fixture {
    // Tables beyond the direct map: the way back goes through temporary mappings, too.
    SimulatedMachine machine{{.ram = 128U << 20}};
    PhysicalMemory memory{0x400};
    test::TestTables tables{machine.ram(), {Frame(0x2000), 0x40}};
    PageDirectory directory = *PageDirectory::create(memory, tables, {true, true});

    // Every word of every frame that is out.
    std::map<Frame, std::vector<std::uint32_t>> contents() {
        std::map<Frame, std::vector<std::uint32_t>> words;
        for (const Frame frame : tables.frames_out()) {
            for (std::uint32_t index = 0; index < entries_per_table; ++index) {
                words[frame].push_back(machine.ram().word(frame.start() + index * 4));
            }
        }
        return words;
    }
    bool books_balance() {
        test::StringSink sink;
        AuditReport report(sink);
        directory.audit(report);
        INFO(sink.text());
        return report.failures() == 0 && memory.temporary_mappings() == 0;
    }
};

// Runs `operation` with a source that gives 0, 1, 2 … frames, until it succeeds; returns how many it needed.
std::uint32_t fail_at_every_site(Fixture& f, const std::function<Result<void>()>& operation) {
    const auto before = f.contents();
    for (std::uint32_t given = 0; given < 100; ++given) {
        f.tables.fail_after(given);
        const Result<void> result = operation();
        f.tables.fail_after({});
        CHECK(f.books_balance());
        if (result) {
            return given;
        }
        CHECK(result.error() == Error::out_of_memory);
        CHECK(f.contents() == before);
    }
    FAIL("it never succeeds");
    return 0;
}

TEST_CASE("mapping a page without memory for its table changes nothing", "[paging][failure]") {
    Fixture f;
    CHECK(fail_at_every_site(f, [&] { return f.directory.map(Page(0x123), Frame(1), {}); }) == 1);
    CHECK(fail_at_every_site(f, [&] { return f.directory.map(Page(0x124), Frame(1), {}); }) == 0);
}

TEST_CASE("mapping a range without memory for its tables changes nothing", "[paging][failure]") {
    Fixture f;
    // Ten tables of small pages: frames are not aligned as pages are.
    CHECK(fail_at_every_site(f, [&] {
              return f.directory.map_range(Page(0x3FF), Frame(0x3FE), 9 * 0x400, protection::user_data);
          }) == 10);
    // Two tables at the ends, 4 MiB pages between.
    CHECK(fail_at_every_site(f, [&] { return f.directory.map_range(Page(0x43FF), Frame(0x3FF), 2 + 2 * 0x400, {}); }) ==
          2);
    // A table that is there already is not asked for again.
    CHECK(fail_at_every_site(f, [&] { return f.directory.map_range(Page(0x43F0), Frame(0x800), 15, {}); }) == 0);
}

TEST_CASE("4 MiB pages need no table", "[paging][failure]") {
    Fixture f;
    CHECK(fail_at_every_site(f, [&] { return f.directory.map_large(Page(0x400), Frame(0x400), {}); }) == 0);
}

TEST_CASE("the temporary mappings' table needs one frame", "[paging][failure]") {
    Fixture f;
    CHECK(fail_at_every_site(f, [&] { return f.directory.add_temporary_table(); }) == 1);
}

TEST_CASE("unmapping and protecting need no memory", "[paging][failure]") {
    Fixture f;
    TlbStatistics statistics;
    REQUIRE(f.directory.map_range(Page(0x3F0), Frame(0x100), 0x20, {}));
    f.tables.fail_after(0);
    TlbFlush flush(statistics);
    CHECK(f.directory.protect_range(Page(0x3F0), 0x20, protection::user_data, flush));
    CHECK(f.directory.unmap_range(Page(0x3F0), 0x20, flush));
    flush.commit();
    CHECK(f.books_balance());
    CHECK(f.tables.out() == 1);
}

} // namespace
} // namespace quire
