// What is collected is flushed, in the way that fits, exactly once; what is dropped complains.
#include "kernel/memory/paging/tlb_flush.h"
#include "tests/host/machine/simulated_machine.h"
#include "tests/host/machine/test_tables.h"
#include "tests/host/support/panic.h"

#include <catch2/catch.hpp>
#include <memory>

namespace quire {
namespace {

using test::SimulatedMachine;

struct Fixture {
    SimulatedMachine machine;
    TlbStatistics statistics;

    Fixture() { machine::enable_paging_features(); }
    // Puts a translation into the TLB that no table knows: only a flush gets it out.
    void cache(Page page, bool global = false, bool large = false) {
        machine.mmu().tlb().insert({.page = page, .frame = Frame(0x200), .large = large, .global = global});
    }
    bool cached(Page page) { return machine.mmu().tlb().find(page) != nullptr; }
};

TEST_CASE("nothing collected is nothing to do", "[tlb]") {
    Fixture f;
    f.cache(Page(1));
    {
        TlbFlush flush(f.statistics);
        CHECK_FALSE(flush.pending());
        flush.commit();
    }
    CHECK(f.cached(Page(1)));
    CHECK(f.statistics.commits == 0);
}

TEST_CASE("few pages go one by one, global or not, and others stay", "[tlb]") {
    Fixture f;
    TlbFlush flush(f.statistics);
    for (std::uint32_t index = 0; index < TlbFlush::full_flush_threshold; ++index) {
        f.cache(Page(index), index % 2 == 0);
        flush.add(Page(index), index % 2 == 0);
    }
    f.cache(Page(5000));
    flush.commit();
    CHECK_FALSE(flush.pending());
    for (std::uint32_t index = 0; index < TlbFlush::full_flush_threshold; ++index) {
        CHECK_FALSE(f.cached(Page(index)));
    }
    CHECK(f.cached(Page(5000)));
    CHECK(f.statistics.pages_invalidated == TlbFlush::full_flush_threshold);
    CHECK(f.statistics.full_flushes == 0);
    CHECK(f.statistics.commits == 1);
}

TEST_CASE("one page more is a full flush, which spares global pages if it may", "[tlb]") {
    for (const bool global : {false, true}) {
        Fixture f;
        TlbFlush flush(f.statistics);
        f.cache(Page(9000));
        f.cache(Page(9001), true);
        for (std::uint32_t index = 0; index <= TlbFlush::full_flush_threshold; ++index) {
            f.cache(Page(index), global && index == 3);
            flush.add(Page(index), global && index == 3);
        }
        flush.commit();
        for (std::uint32_t index = 0; index <= TlbFlush::full_flush_threshold; ++index) {
            CHECK_FALSE(f.cached(Page(index)));
        }
        CHECK_FALSE(f.cached(Page(9000)));
        CHECK(f.cached(Page(9001)) == !global);
        CHECK(f.statistics.pages_invalidated == 0);
        CHECK(f.statistics.full_flushes == 1);
        CHECK(f.statistics.global_flushes == (global ? 1 : 0));
    }
}

TEST_CASE("a 4 MiB page makes the flush a full one", "[tlb]") {
    Fixture f;
    f.cache(Page(0x400), true, true);
    TlbFlush flush(f.statistics);
    flush.add_all(true);
    CHECK(flush.pending());
    flush.commit();
    CHECK_FALSE(f.cached(Page(0x4FF)));
    CHECK(f.statistics.global_flushes == 1);
}

TEST_CASE("a committed flush can collect again", "[tlb]") {
    Fixture f;
    TlbFlush flush(f.statistics);
    flush.add_all(true);
    flush.commit();
    f.cache(Page(7), true);
    f.cache(Page(8), true);
    flush.add(Page(7), false);
    flush.commit();
    CHECK_FALSE(f.cached(Page(7)));
    CHECK(f.cached(Page(8)));
    CHECK(f.statistics.commits == 2);
    CHECK(f.statistics.full_flushes == 1);
    CHECK(f.statistics.pages_invalidated == 1);
}

TEST_CASE("a flush that is dropped complains", "[tlb]") {
    Fixture f;
    const auto drop = [&](auto collect) {
        TlbFlush flush(f.statistics);
        collect(flush);
    };
    CHECK_THROWS_AS(drop([](TlbFlush& flush) { flush.add(Page(1), false); }), test::Panic);
    CHECK_THROWS_AS(drop([](TlbFlush& flush) { flush.add_all(false); }), test::Panic);
    CHECK_NOTHROW(drop([](TlbFlush&) {}));
    CHECK_NOTHROW(drop([](TlbFlush& flush) {
        flush.add(Page(1), false);
        flush.commit();
    }));
}

TEST_CASE("what was moved out of a flush is the other's to commit", "[tlb]") {
    Fixture f;
    f.cache(Page(1));
    TlbFlush first(f.statistics);
    first.add(Page(1), false);
    TlbFlush second(std::move(first));
    CHECK_FALSE(first.pending()); // NOLINT(bugprone-use-after-move,clang-analyzer-cplusplus.Move): that is the point
    CHECK(second.pending());
    second.commit();
    CHECK_FALSE(f.cached(Page(1)));
}

TEST_CASE("a table is freed only when the processor has forgotten it", "[tlb]") {
    Fixture f;
    PhysicalMemory memory(0x400);
    test::TestTables tables(f.machine.ram(), {Frame(0x1000), 4});
    const Frame table = tables.allocate_table().value();
    const Frame other = tables.allocate_table().value();
    TlbFlush flush(f.statistics);
    flush.free_table(table, memory, tables);
    flush.free_table(other, memory, tables);
    CHECK(flush.pending());
    CHECK(tables.out() == 2);
    TlbFlush moved(std::move(flush));
    moved.commit();
    CHECK(tables.out() == 0);
    CHECK_FALSE(moved.pending());
}

} // namespace
} // namespace quire
