// Pages that are read before they are touched: when, how many, and what becomes of those that are not touched.
#include "kernel/memory/pager/read_ahead.h"
#include "tests/host/support/paged_torus.h"

#include <catch2/catch.hpp>

using namespace quire;
using namespace quire::test;

namespace {

// So many pages that a program wrote, each with its number, and that lie on the disk in this order.
struct Swapped {
    explicit Swapped(std::uint32_t count) : program(Program::start(paged.torus)), first(program.map(count)) {
        for (std::uint32_t page = 0; page < count; ++page) {
            REQUIRE(program.write(page_at(first, page), page + 1));
        }
        for (std::uint32_t page = 0; page < count; ++page) {
            paged.put_out(program, page_at(first, page));
        }
    }
    [[nodiscard]] UserPteKind kind(std::uint32_t page) { return paged.entry(program, page_at(first, page)).kind(); }
    [[nodiscard]] bool reads(std::uint32_t page) { return program.read(page_at(first, page)) == page + 1; }

    PagedTorus paged;
    Program program;
    VirtAddr first;
};

} // namespace

TEST_CASE("a run begins with its second page, and twice as many are read each time", "[read-ahead]") {
    ReadAhead ahead;
    std::uint32_t slot = 100;
    for (const std::uint32_t expected : {0U, 4U, 8U, 16U, 32U, 32U}) {
        ReadAhead::Run& run = ahead.touched(SwapSlot(1, slot));
        CHECK(run.pages == expected);
        slot += expected + 1;
        run.next = SwapSlot(1, slot).raw();
    }
    // What lies in memory is passed over, what lies in front is another run.
    CHECK(ahead.touched(SwapSlot(1, slot + 3)).pages == 32);
    CHECK(ahead.touched(SwapSlot(1, slot - 1)).pages == 0);
    CHECK(ahead.touched(SwapSlot(2, slot)).pages == 0);
}

TEST_CASE("as many runs as there is room for do not disturb each other", "[read-ahead]") {
    ReadAhead ahead;
    for (std::uint32_t step = 0; step < 3; ++step) {
        for (std::uint32_t which = 0; which < ReadAhead::runs; ++which) {
            const SwapSlot slot(1, 1000 * (which + 1) + step);
            ReadAhead::Run& run = ahead.touched(slot);
            CHECK((run.pages != 0) == (step != 0));
            run.next = slot.raw() + 1;
        }
    }
}

TEST_CASE("pages that are touched in order are read before they are touched", "[read-ahead]") {
    constexpr std::uint32_t count = 100;
    Swapped swapped(count);
    const RefaultMeter& meter = swapped.paged.pager().refaults();
    const std::uint64_t before = meter.refaults();
    REQUIRE(swapped.reads(0));
    CHECK(swapped.kind(1) == UserPteKind::swapped);
    REQUIRE(swapped.reads(1));
    CHECK(swapped.kind(5) == UserPteKind::in_transit);
    CHECK(swapped.kind(6) == UserPteKind::swapped);
    CHECK(meter.refaults() - before == 2); // those that nobody has touched yet are not counted
    require_balanced(swapped.paged.torus);
    for (std::uint32_t page = 2; page < count; ++page) {
        REQUIRE(swapped.reads(page));
    }
    CHECK(meter.refaults() - before == count);
    CHECK(swapped.paged.store.reads() == count);
    CHECK(swapped.paged.counts().read_ahead > count * 3 / 4);
    require_balanced(swapped.paged.torus);
}

TEST_CASE("pages that are touched in another order are not read ahead", "[read-ahead]") {
    constexpr std::uint32_t count = 101, step = 37; // which have no divisor in common
    Swapped swapped(count);
    for (std::uint32_t at = 0; at < count; ++at) {
        REQUIRE(swapped.reads(at * step % count));
    }
    CHECK(swapped.paged.counts().read_ahead == 0);
}

TEST_CASE("a page that was read ahead and not touched goes again, and leaves nothing behind", "[read-ahead]") {
    Swapped swapped(8);
    REQUIRE(swapped.reads(0));
    REQUIRE(swapped.reads(1));
    REQUIRE(swapped.kind(2) == UserPteKind::in_transit);
    SECTION("before it has come") {
        CHECK(swapped.paged.evict(swapped.program, page_at(swapped.first, 2)) == Eviction::stays);
    }
    SECTION("without a transfer") {
        swapped.paged.store.end_all();
        const std::uint64_t refaults = swapped.paged.pager().refaults().refaults();
        REQUIRE(swapped.paged.evict(swapped.program, page_at(swapped.first, 2)) == Eviction::freed);
        CHECK(swapped.kind(2) == UserPteKind::swapped);
        CHECK(swapped.paged.pager().refaults().refaults() == refaults);
        REQUIRE(swapped.reads(2));
    }
    SECTION("with its program") {}
    swapped.program.end();
    swapped.paged.store.end_all();
    CHECK(swapped.paged.area->used() == 0);
    require_balanced(swapped.paged.torus);
}

TEST_CASE("what is read ahead takes no frame that somebody lacks", "[read-ahead]") {
    Swapped swapped(40);
    Memory& memory = swapped.paged.torus->memory;
    const std::uint32_t kept = swapped.paged.pager().low_water() / 2 + Pager::room_for_a_fault;
    std::vector<Frame> taken;
    while (memory.frames.available() > kept + 2) {
        taken.push_back(*memory.frames.allocate(Owner::test));
    }
    REQUIRE(swapped.reads(0));
    REQUIRE(swapped.reads(1));
    CHECK(swapped.kind(2) != UserPteKind::present);
    CHECK(memory.frames.available() >= kept - 1);
    for (const Frame frame : taken) {
        must_succeed(memory.frames.free(frame));
    }
    require_balanced(swapped.paged.torus);
}
