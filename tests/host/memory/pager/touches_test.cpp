// Touches that are seen: few entries are shown at a time, exact LRU decides by them, and nothing else about memory is
// different. Traces of a paged torus are read back.
#include "tests/host/support/kernel_trace.h"
#include "tests/host/support/paged_torus.h"
#include "tests/host/support/random.h"
#include "tests/host/support/string_sink.h"

#include <sstream>
#include <string_view>

using namespace quire;
using namespace quire::test;

namespace {

struct Watched : PagedTorus {
    explicit Watched(std::uint32_t pages) : program(Program::start(torus)) {
        pager().use_policy(ReplacementPolicy::lru);
        first = program.map(pages);
    }
    ~Watched() {
        program.end();
        store.end_all();
    }

    // Whether it brought the page.
    bool touch(std::uint32_t page) {
        const VirtAddr address = page_at(first, page);
        const bool there = entry(program, address).has_content();
        REQUIRE(program.write(address, page + 1));
        return !there;
    }
    [[nodiscard]] UserPteKind kind(std::uint32_t page) { return entry(program, page_at(first, page)).kind(); }
    void put_one_out() {
        REQUIRE(pager().make_room(1).later == 1);
        store.end_all();
    }
    [[nodiscard]] std::uint32_t in_memory(std::uint32_t pages) {
        std::uint32_t count = 0;
        for (std::uint32_t page = 0; page < pages; ++page) {
            count += entry(program, page_at(first, page)).has_content() ? 1U : 0U;
        }
        return count;
    }

    Program program;
    VirtAddr first;
};

// The faults of pages 1 … 9 in so many frames. Others are there, which are locked and not counted, so that some may go.
std::uint32_t faults_of(std::string_view touches, std::uint32_t frames) {
    Watched watched(10);
    const VirtAddr locked = watched.program.map(Pager::least_resident + 1);
    REQUIRE(watched.program->lock(Page::containing(locked), Pager::least_resident + 1, false));
    std::uint32_t faults = 0;
    for (const char c : touches) {
        if (c == ' ') {
            continue;
        }
        const auto page = static_cast<std::uint32_t>(c - '0');
        const bool is_there = watched.entry(watched.program, page_at(watched.first, page)).has_content();
        while (!is_there && watched.in_memory(10) == frames) {
            static_cast<void>(watched.pager().make_room(1));
            watched.store.end_all();
        }
        faults += watched.touch(page) ? 1U : 0U;
    }
    require_balanced(watched.torus);
    return faults;
}

} // namespace

TEST_CASE("under LRU the page goes whose last touch is longest ago", "[touches]") {
    constexpr std::uint32_t pages = 40;
    Watched watched(pages);
    for (std::uint32_t page = 0; page < pages; ++page) {
        CHECK(watched.touch(page));
    }
    require_balanced(watched.torus); // and few are present
    CHECK(watched.kind(0) == UserPteKind::hidden);
    CHECK(watched.kind(pages - 1) == UserPteKind::present);
    for (const std::uint32_t page : {3U, 0U, 5U}) {
        CHECK_FALSE(watched.touch(page));
        CHECK(watched.program.last() == FaultOutcome::touch_seen);
    }
    for (const std::uint32_t page : {1U, 2U, 4U, 6U, 7U}) {
        watched.put_one_out();
        CHECK(watched.kind(page) == UserPteKind::swapped);
        require_balanced(watched.torus);
    }
    for (std::uint32_t page = 0; page < pages; ++page) {
        CHECK(watched.program.read(page_at(watched.first, page)) == page + 1);
    }
    require_balanced(watched.torus);
}

TEST_CASE("the textbooks' anomaly: LRU has 10 faults with three frames, and 8 with four", "[touches]") {
    CHECK(faults_of("1 2 3 4 1 2 5 1 2 3 4 5", 3) == 10);
    CHECK(faults_of("1 2 3 4 1 2 5 1 2 3 4 5", 4) == 8);
}

TEST_CASE("what is hidden is counted, written to, forked and protected as if it were there", "[touches]") {
    constexpr std::uint32_t pages = 20;
    Watched watched(pages);
    for (std::uint32_t page = 0; page < pages; ++page) {
        watched.touch(page);
    }
    REQUIRE(watched.kind(2) == UserPteKind::hidden);
    CHECK(watched.program->statistics().resident == pages);
    CHECK(watched.program->page_state(Page::containing(page_at(watched.first, 2))).resident);
    SECTION("from outside") {
        CHECK(watched.program.write_from_outside(page_at(watched.first, 2), 77));
        CHECK(watched.program.read(page_at(watched.first, 2)) == 77U);
    }
    SECTION("after a fork") {
        Program child = watched.program.fork();
        REQUIRE(child.write(page_at(watched.first, 2), 99));
        CHECK(child.last() == FaultOutcome::copy_on_write);
        CHECK(child.read(page_at(watched.first, 3)) == 4U);
        CHECK(watched.program.read(page_at(watched.first, 2)) == 3U);
        require_balanced(watched.torus);
        CHECK(watched.program.write(page_at(watched.first, 3), 5));
        CHECK(child.read(page_at(watched.first, 3)) == 4U);
    }
    SECTION("not to be touched, and again") {
        REQUIRE(watched.program->protect(Page::containing(watched.first), pages, no_access));
        CHECK(watched.kind(2) == UserPteKind::no_access);
        CHECK(watched.program.read(page_at(watched.first, 2)) == std::unexpected(FaultOutcome::protection_error));
        REQUIRE(watched.program->protect(Page::containing(watched.first), pages, read_execute));
        require_balanced(watched.torus);
        CHECK(watched.program.read(page_at(watched.first, 2)) == 3U);
        CHECK(watched.program.run(page_at(watched.first, 2)));
        CHECK_FALSE(watched.program.write(page_at(watched.first, 2), 1));
        for (std::uint32_t page = 0; page < pages; ++page) {
            CHECK(watched.program.run(page_at(watched.first, page)));
        }
    }
    SECTION("moved") {
        const VirtAddr to = watched.first + 64 * page_size;
        REQUIRE(watched.program->remap({.old_first = Page::containing(watched.first),
                                        .old_pages = pages,
                                        .new_pages = pages,
                                        .new_first = Page::containing(to),
                                        .may_move = true,
                                        .fixed = true}));
        require_balanced(watched.torus);
        CHECK(watched.program.read(page_at(to, 19)) == 20U);
    }
    SECTION("and nobody hides any when another policy is used") {
        watched.pager().use_policy(ReplacementPolicy::clock);
        CHECK_FALSE(watched.pager().watches_touches());
        for (std::uint32_t page = 0; page < pages; ++page) {
            CHECK_FALSE(watched.touch(page));
        }
        for (std::uint32_t page = 0; page < pages; ++page) {
            CHECK(watched.kind(page) == UserPteKind::present);
        }
    }
    require_balanced(watched.torus);
}

TEST_CASE("a hidden page's use is known, and forgotten when it is asked for", "[touches]") {
    Watched watched(20);
    for (std::uint32_t page = 0; page < 20; ++page) {
        watched.touch(page);
    }
    const Frame frame = watched.entry(watched.program, watched.first).frame();
    CHECK(watched.pager().use_since_last(frame) == PageUses::Use::used);
    CHECK(watched.pager().use_so_far(frame) == PageUses::Use::unused);
    CHECK_FALSE(watched.touch(0));
    CHECK(watched.pager().use_so_far(frame) == PageUses::Use::used);
}

TEST_CASE("every choice that a torus made is made again from its trace", "[trace]") {
    for (const ReplacementPolicy policy : Replacement::all_policies) {
        CAPTURE(name_of(policy));
        constexpr std::uint32_t pages = 60;
        Watched watched(pages);
        watched.pager().use_policy(policy);
        Random random(static_cast<std::uint32_t>(policy) + 1);
        StringSink trace;
        std::uint64_t chosen = 0;
        for (std::uint32_t step = 0; step < 3000; ++step) {
            if (step == 500) { // in the middle of everything
                chosen = watched.pager().replacement.current().counts().chosen;
                watched.pager().begin_trace(Pager::TraceKind::decisions, trace);
            }
            watched.touch(std::min(random.below(pages), random.below(pages)));
            if (random.once_in(4)) {
                static_cast<void>(watched.pager().make_room(1 + random.below(4)));
            }
            if (random.once_in(3)) {
                watched.store.end_all();
            }
            if (random.once_in(200)) { // frames that were pages become tables
                const Program other = watched.program.fork();
                watched.touch(random.below(pages));
            }
            if (random.once_in(50)) {
                const Advice advice = std::array{Advice::cold, Advice::page_out, Advice::free}[random.below(3)];
                const std::uint32_t cold = random.below(pages);
                may_fail(watched.program->advise(Page::containing(page_at(watched.first, cold)), 1, advice));
            }
            if (random.once_in(100)) {
                const std::uint32_t gone = random.below(pages);
                REQUIRE(watched.program->advise(Page::containing(page_at(watched.first, gone)), 1, Advice::dont_need));
            }
        }
        chosen = watched.pager().replacement.current().counts().chosen - chosen;
        watched.pager().end_trace();
        std::istringstream lines(trace.text());
        const Replayed replayed = replay_decisions(lines);
        CHECK(replayed.victims.size() == chosen);
        CHECK(chosen > 100);
        CHECK((replayed.touched != 0) == (policy == ReplacementPolicy::lru));
        require_balanced(watched.torus);
    }
}

TEST_CASE("a policy that is changed while a trace is on is in the trace", "[trace]") {
    Watched watched(40);
    StringSink trace;
    watched.pager().begin_trace(Pager::TraceKind::decisions, trace);
    std::uint32_t gone = 0;
    for (const ReplacementPolicy policy : Replacement::all_policies) {
        watched.pager().use_policy(policy);
        for (std::uint32_t page = 0; page < 40; ++page) {
            watched.touch(page);
        }
        const Pager::Room room = watched.pager().make_room(10);
        gone += room.free_now + room.later;
        watched.store.end_all();
    }
    watched.pager().end_trace();
    std::istringstream lines(trace.text());
    CHECK(replay_decisions(lines).victims.size() == gone);
}

TEST_CASE("a trace of accesses has the pages that were touched, in order", "[trace]") {
    PagedTorus paged;
    Program one = Program::start(paged.torus);
    const VirtAddr first = one.map(30);
    for (std::uint32_t page = 0; page < 30; ++page) {
        REQUIRE(one.write(page_at(first, page), page));
    }
    StringSink trace;
    paged.pager().begin_trace(Pager::TraceKind::accesses, trace);
    require_balanced(paged.torus); // nothing is present
    std::vector<ModelPage> expected;
    for (std::uint32_t round = 0; round < 3; ++round) {
        for (std::uint32_t page = 0; page < 30; ++page) {
            REQUIRE(one.read(page_at(first, page)));
            expected.push_back(page);
        }
    }
    REQUIRE(one.read(page_at(first, 29))); // it is present: not seen
    one->clear();
    const VirtAddr anew = one.map(1);
    REQUIRE(one.write(anew, 1));
    expected.push_back(30);
    paged.pager().end_trace();
    CHECK_FALSE(paged.pager().watches_touches());
    std::istringstream lines(trace.text());
    const Accesses accesses = read_accesses(lines);
    CHECK(accesses.touches == expected);
    CHECK(accesses.pages == 31);
    one.end();
    require_balanced(paged.torus);
}
