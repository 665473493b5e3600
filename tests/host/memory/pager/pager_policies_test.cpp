// The pager under each policy: room is made, nothing is lost, the policy is told who comes back.
#include "kernel/memory/memory.h"
#include "kernel/memory/pager/pager.h"
#include "tests/host/support/paged_torus.h"

#include <catch2/catch.hpp>

using namespace quire;
using namespace quire::test;

namespace {

constexpr std::uint32_t page_count = 60;

// A program whose pages each hold their number, on a torus with a swap area.
struct Paged : PagedTorus {
    explicit Paged(ReplacementPolicy policy) : program(Program::start(torus)), pages(program.map(page_count)) {
        pager().replacement.use(policy);
        for (std::uint32_t page = 0; page < page_count; ++page) {
            REQUIRE(program.write(page_at(pages, page), page + 1));
        }
    }

    [[nodiscard]] bool is_out(std::uint32_t page) {
        return entry(program, page_at(pages, page)).kind() == UserPteKind::swapped;
    }
    [[nodiscard]] std::uint32_t out() {
        std::uint32_t count = 0;
        for (std::uint32_t page = 0; page < page_count; ++page) {
            count += is_out(page) ? 1U : 0U;
        }
        return count;
    }
    void make_room(std::uint32_t wanted) {
        const Pager::Room room = pager().make_room(wanted);
        REQUIRE(room.free_now + room.later >= wanted);
        store.end_all();
    }
    void read_all() {
        for (std::uint32_t page = 0; page < page_count; ++page) {
            REQUIRE(program.read(page_at(pages, page)) == page + 1);
        }
    }

    Program program;
    VirtAddr pages;
};

} // namespace

TEST_CASE("each policy makes room, and every page comes back as it was") {
    for (const ReplacementPolicy policy : Replacement::all_policies) {
        CAPTURE(name_of(policy));
        Paged paged(policy);
        for (std::uint32_t round = 0; round < 4; ++round) {
            paged.make_room(20);
            CHECK(paged.out() >= 20);
            require_balanced(paged.torus);
            paged.read_all();
        }
        require_balanced(paged.torus);
    }
}

TEST_CASE("a policy that is changed in between loses no page") {
    Paged paged(ReplacementPolicy::fifo);
    for (const ReplacementPolicy policy : Replacement::all_policies) {
        CAPTURE(name_of(policy));
        paged.make_room(10);
        paged.pager().replacement.use(policy);
        require_balanced(paged.torus);
        paged.read_all();
    }
    require_balanced(paged.torus);
}

TEST_CASE("the policy is told of pages that come back") {
    Paged paged(ReplacementPolicy::adaptive_sieve);
    paged.make_room(20);
    const std::uint32_t out = paged.out();
    const std::uint64_t before = paged.pager().replacement.current().counts().refaults;
    for (std::uint32_t page = 0; page < page_count; ++page) {
        REQUIRE(paged.program.read(page_at(paged.pages, page)) == page + 1);
    }
    paged.make_room(1); // takes note of what has come
    CHECK(paged.pager().replacement.current().counts().refaults - before == out);
}

TEST_CASE("to ask for a page's use so far changes nothing") {
    Paged paged(ReplacementPolicy::clock);
    const Frame frame = paged.program->tables().pte(Page::containing(paged.pages)).frame();
    CHECK(paged.pager().use_so_far(frame) == PageUses::Use::used);
    CHECK(paged.pager().use_so_far(frame) == PageUses::Use::used);
    CHECK(paged.pager().use_since_last(frame) == PageUses::Use::used);
    CHECK(paged.pager().use_so_far(frame) == PageUses::Use::unused);
    CHECK(paged.pager().use_since_last(frame) == PageUses::Use::unused);
    REQUIRE(paged.program.read(paged.pages));
    CHECK(paged.pager().use_so_far(frame) == PageUses::Use::used);
    SECTION("code is used through its mirror") {
        REQUIRE(paged.program->protect(Page::containing(paged.pages), 1, read_execute));
        REQUIRE(paged.program.run(paged.pages));
        CHECK(paged.pager().use_since_last(frame) == PageUses::Use::used);
        REQUIRE(paged.program.run(paged.pages));
        CHECK(paged.pager().use_so_far(frame) == PageUses::Use::used);
    }
    SECTION("what is pinned stays, and nobody's page is gone") {
        PagePins pins;
        paged.torus->memory.pinned.pin(pins, frame);
        CHECK(paged.pager().use_so_far(frame) == PageUses::Use::stays);
        CHECK(paged.pager().use_so_far(paged.program->tables().directory()) == PageUses::Use::gone);
    }
}
