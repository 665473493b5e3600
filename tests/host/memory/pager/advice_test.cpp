// What programs say about their pages: what is not wanted goes first, what is free is not written, what will be wanted
// comes before it is touched; and nothing is lost by it.
#include "tests/host/support/paged_torus.h"

#include <vector>

using namespace quire;
using namespace quire::test;

namespace {

constexpr std::uint32_t page_count = 20;

// A program with pages that each hold their number and one.
struct Advised : PagedTorus {
    explicit Advised(bool shared = false) : program(Program::start(torus)), first(program.map(page_count, shared)) {
        for (std::uint32_t page = 0; page < page_count; ++page) {
            REQUIRE(program.write(at(page), page + 1));
        }
    }
    ~Advised() {
        program.end();
        store.end_all();
    }
    [[nodiscard]] VirtAddr at(std::uint32_t page) const { return page_at(first, page); }
    Result<void> advise(std::uint32_t page, std::uint32_t pages, Advice advice) {
        return program->advise(Page::containing(at(page)), pages, advice);
    }
    [[nodiscard]] UserPteKind kind(std::uint32_t page) { return entry(program, at(page)).kind(); }
    [[nodiscard]] bool resident(std::uint32_t page) {
        std::byte there{};
        REQUIRE(program->residency(Page::containing(at(page)), {&there, 1}));
        return there != std::byte{0};
    }

    Program program;
    VirtAddr first;
};

} // namespace

TEST_CASE("what is to be paged out goes at once, and comes back as it was", "[advice]") {
    Advised advised(GENERATE(false, true));
    REQUIRE(advised.advise(2, 5, Advice::page_out));
    CHECK(advised.store.under_way() == 5);
    advised.store.end_all();
    for (std::uint32_t page = 0; page < page_count; ++page) {
        CHECK(advised.resident(page) == (page < 2 || page >= 7));
        require_balanced(advised.torus);
        REQUIRE(advised.program.read(advised.at(page)) == page + 1);
    }
    require_balanced(advised.torus);
}

TEST_CASE("more pages than can be on their way go one after the other", "[advice]") {
    PagedTorus paged;
    Program program = Program::start(paged.torus);
    constexpr std::uint32_t pages = Pager::most_writes + 10;
    const VirtAddr first = program.map(pages);
    for (std::uint32_t page = 0; page < pages; ++page) {
        REQUIRE(program.write(page_at(first, page), page + 1));
    }
    REQUIRE(program->advise(Page::containing(first), pages, Advice::page_out) == fail(Error::must_wait));
    CHECK(paged.store.under_way() == Pager::most_writes);
    CHECK_FALSE(paged.torus->memory.requests.awaited()); // but room
    paged.store.end_all();
    REQUIRE(program->advise(Page::containing(first), pages, Advice::page_out));
    paged.store.end_all();
    CHECK(program->statistics().swapped == pages);
    require_balanced(paged.torus);
}

TEST_CASE("what others have, too, is not let go of", "[advice]") {
    Advised advised;
    Program child = advised.program.fork();
    const Advice advice = GENERATE(Advice::page_out, Advice::cold, Advice::free);
    REQUIRE(advised.advise(0, page_count, advice)); // in a table that both have
    REQUIRE(child.write(advised.at(0), 99));        // two tables, the same frames
    REQUIRE(advised.advise(1, page_count - 1, advice));
    CHECK(advised.store.under_way() == 0);
    require_balanced(advised.torus);
    CHECK(advised.pager().use_so_far(advised.entry(child, advised.at(3)).frame()) == PageUses::Use::used);
    for (std::uint32_t page = 1; page < page_count; ++page) {
        REQUIRE(child.read(advised.at(page)) == page + 1);
    }
}

TEST_CASE("cold pages are the first to go, under each policy that looks at uses or order", "[advice]") {
    for (const ReplacementPolicy policy : Replacement::all_policies) {
        if (policy == ReplacementPolicy::random) {
            continue;
        }
        CAPTURE(name_of(policy));
        Advised advised;
        advised.pager().use_policy(policy);
        REQUIRE(advised.pager().make_room(1).any()); // from now on pages are followed
        advised.store.end_all();
        for (std::uint32_t page = 0; page < page_count; ++page) {
            REQUIRE(advised.program.read(advised.at(page)) == page + 1);
        }
        REQUIRE(advised.advise(10, 3, Advice::cold));
        REQUIRE(advised.pager().make_room(3).any());
        advised.store.end_all();
        std::uint32_t cold_out = 0;
        for (std::uint32_t page = 0; page < page_count; ++page) {
            cold_out += advised.kind(page) == UserPteKind::swapped && page >= 10 && page < 13 ? 1U : 0U;
        }
        CHECK(cold_out >= 2); // 2q begins with the other queue
        require_balanced(advised.torus);
    }
}

TEST_CASE("what is free goes without being written, and is zeros then", "[advice]") {
    Advised advised;
    const std::uint32_t used = advised.area->used();
    REQUIRE(advised.advise(0, 10, Advice::free));
    require_balanced(advised.torus);
    CHECK(advised.program->statistics().resident == page_count);
    REQUIRE(advised.program.read(advised.at(0)) == 1U); // still there
    REQUIRE(advised.program.write(advised.at(1), 77));  // wanted after all
    REQUIRE(advised.program.write_from_outside(advised.at(2), 78));
    REQUIRE(advised.program.read(advised.at(3)) == 4U);
    for (std::uint32_t page = 0; page < 10; ++page) {
        const Eviction eviction = advised.evict(advised.program, advised.at(page));
        CHECK(eviction == (page == 1 || page == 2 ? Eviction::begun : Eviction::freed));
        require_balanced(advised.torus);
    }
    advised.store.end_all();
    CHECK(advised.store.writes() == 2);
    CHECK(advised.area->used() == used + 2);
    for (std::uint32_t page = 0; page < page_count; ++page) {
        const std::uint32_t expected = page == 1 ? 77 : page == 2 ? 78 : page < 10 ? 0 : page + 1;
        REQUIRE(advised.program.read(advised.at(page)) == expected);
    }
    require_balanced(advised.torus);
}

TEST_CASE("what is free and out, or on its way, is dropped", "[advice]") {
    Advised advised;
    REQUIRE(advised.advise(0, 3, Advice::page_out));
    advised.store.end_all();
    REQUIRE(advised.evict(advised.program, advised.at(3)) == Eviction::begun);
    REQUIRE(advised.program->handle_fault(advised.at(1), {}) == FaultOutcome::must_wait);
    REQUIRE(advised.advise(0, 4, Advice::free));
    require_balanced(advised.torus);
    advised.store.end_all();
    CHECK(advised.area->used() == 0);
    for (std::uint32_t page = 0; page < 4; ++page) {
        REQUIRE(advised.program.read(advised.at(page)) == 0U);
    }
    require_balanced(advised.torus);
}

TEST_CASE("what is free is zeros or as it was for children, too, and one that writes keeps the rest", "[advice]") {
    Advised advised;
    REQUIRE(advised.advise(0, 4, Advice::free));
    Program child = advised.program.fork();
    REQUIRE(child.write(advised.at(0) + 8, 5));
    REQUIRE(child.read(advised.at(0)) == 1U);
    REQUIRE(advised.evict(advised.program, advised.at(1)) == Eviction::freed); // of both
    require_balanced(advised.torus);
    REQUIRE(child.read(advised.at(1)) == 0U);
    REQUIRE(advised.program.read(advised.at(1)) == 0U);
    REQUIRE(advised.evict(child, advised.at(0)) == Eviction::begun);
    advised.store.end_all();
    REQUIRE(child.read(advised.at(0) + 8) == 5U);
    require_balanced(advised.torus);
}

TEST_CASE("with the last area what is free goes; without one it goes at once", "[advice]") {
    Advised advised;
    const std::uint32_t free = advised.torus->memory.frames.free_count();
    REQUIRE(advised.advise(0, 4, Advice::free));
    REQUIRE(advised.program.write(advised.at(3), 9));
    CHECK(advised.torus->memory.frames.free_count() == free);
    const std::uint32_t pages = advised.store.pages();
    advised.pager().remove_area(*advised.area);
    CHECK(advised.torus->memory.frames.free_count() == free + 3);
    require_balanced(advised.torus);
    REQUIRE(advised.program.read(advised.at(0)) == 0U);
    REQUIRE(advised.program.read(advised.at(3)) == 9U);
    REQUIRE(advised.advise(4, 2, Advice::free));
    CHECK(advised.torus->memory.frames.free_count() == free + 5);
    REQUIRE(advised.advise(6, 2, Advice::page_out)); // there is nowhere to go to
    REQUIRE(advised.program.read(advised.at(6)) == 7U);
    require_balanced(advised.torus);
    CHECK(pages == 256);
    advised.area = *advised.pager().add_area(advised.store, advised.store.header(), std::nullopt);
}

TEST_CASE("what will be wanted comes before it is touched, as far as there is room", "[advice]") {
    Advised advised(GENERATE(false, true));
    REQUIRE(advised.advise(0, page_count, Advice::page_out));
    advised.store.end_all();
    REQUIRE_FALSE(advised.resident(4));
    REQUIRE(advised.advise(4, 3, Advice::will_need));
    CHECK(advised.store.under_way() == 3);
    advised.store.end_all();
    require_balanced(advised.torus);
    const std::uint64_t reads = advised.store.reads();
    for (std::uint32_t page = 4; page < 7; ++page) {
        CHECK(advised.resident(page));
        REQUIRE(advised.program.read(advised.at(page)) == page + 1);
    }
    CHECK(advised.store.reads() == reads);
    FrameAllocator& frames = advised.torus->memory.frames;
    const std::uint32_t few = advised.pager().low_water() / 2 + Pager::room_for_a_fault;
    Result<FrameReservation> hog = frames.reserve(frames.available() - few);
    REQUIRE(hog);
    REQUIRE(advised.advise(8, 3, Advice::will_need));
    CHECK(advised.store.under_way() == 0);
    require_balanced(advised.torus);
}

TEST_CASE("advice about locked pages is refused, and where some are not mapped the others take it", "[advice]") {
    Advised advised;
    REQUIRE(advised.program->lock(Page::containing(advised.at(0)), 2, false));
    for (const Advice advice : {Advice::cold, Advice::page_out, Advice::free}) {
        CHECK(advised.advise(0, 2, advice) == fail(Error::invalid_argument));
    }
    CHECK(advised.advise(0, 2, Advice::will_need));
    REQUIRE(advised.program->unmap(Page::containing(advised.at(4)), 1));
    CHECK(advised.advise(3, 3, Advice::page_out) == fail(Error::out_of_memory));
    advised.store.end_all();
    CHECK(advised.kind(3) == UserPteKind::swapped);
    CHECK(advised.kind(5) == UserPteKind::swapped);
    CHECK(advised.advise(3, 3, Advice::will_need) == fail(Error::out_of_memory));
    CHECK(advised.advise(3, 3, Advice::cold) == fail(Error::out_of_memory));
    require_balanced(advised.torus);
}
