// Pages that are on their way: who waits for one is told once, its frame is nobody else's meanwhile, and an address
// space that has entered it goes on from there whatever happened in between.
#include "kernel/memory/frames/page_request.h"
#include "kernel/memory/space/address_space.h"
#include "tests/host/support/program.h"
#include "tests/host/support/slow_device.h"
#include "tests/host/support/test_file.h"

#include <array>
#include <catch2/catch.hpp>

namespace quire::test {
namespace {

class CountingWaiter final : public PageWaiter {
public:
    void page_came() override { ++times; }
    int times = 0;
};

// The outcome of an access by a program that does not wait.
FaultOutcome touch(Program& program, VirtAddr address, bool write) {
    return program->handle_fault(address, {.write = write});
}

TEST_CASE("who waits for a page is told once, all at a time", "[page_request]") {
    BootedTorus torus;
    PageRequests& requests = torus->memory.requests;
    const Frame frame = *torus->memory.frames.allocate(Owner::anonymous);
    CHECK_FALSE(requests.must_wait(frame));
    PageRequest request;
    requests.begin(request, frame);
    CHECK(requests.must_wait(frame));
    CHECK_FALSE(requests.must_wait(frame + 64)); // of the same bucket
    CHECK(requests.find(frame) == &request);
    CHECK(requests.pending() == 1);
    CountingWaiter first, second, gone;
    request.add(first);
    request.add(gone);
    request.add(second);
    request.remove(gone);
    requests.complete(request);
    CHECK((first.times == 1 && second.times == 1 && gone.times == 0));
    CHECK_FALSE(requests.must_wait(frame));
    CHECK(requests.find(frame) == nullptr);
    must_succeed(torus->memory.frames.free(frame));
}

TEST_CASE("a frame stays as it is until its content has come, even if nobody maps it any more", "[page_request]") {
    BootedTorus torus;
    SlowDevice device(torus);
    FrameAllocator& frames = torus->memory.frames;
    {
        Program program = Program::start(torus);
        const VirtAddr page = program.map(1);
        REQUIRE(touch(program, page, true) == FaultOutcome::must_wait);
        const Frame frame = *torus->memory.requests.awaited();
        CHECK(frames.share_count(frame) == 2); // the entry's and the request's
        REQUIRE(program->unmap(Page::containing(page), 1));
        CHECK(frames.share_count(frame) == 1);
        require_balanced(torus);
        device.bring(frame);
        CHECK(frames.owner(frame) == Owner::free);
    }
    require_balanced(torus);
}

TEST_CASE("a second touch waits for the same request, and the first after it has come finds the page",
          "[page_request]") {
    BootedTorus torus;
    SlowDevice device(torus);
    Program program = Program::start(torus);
    const VirtAddr page = program.map(1);
    for (const bool write : {true, false, true}) {
        CHECK(touch(program, page, write) == FaultOutcome::must_wait);
    }
    CHECK(device.delayed() == 1);
    std::array<std::byte, 1> residency{};
    REQUIRE(program->residency(Page::containing(page), residency));
    CHECK(residency[0] == std::byte{0});
    CHECK(program->statistics().resident == 0);
    device.bring_all();
    CHECK(touch(program, page, true) == FaultOutcome::arrived);
    CHECK(touch(program, page, true) == FaultOutcome::spurious); // it may be written at once: nobody else has it
    REQUIRE(program->residency(Page::containing(page), residency));
    CHECK(residency[0] == std::byte{1});
    require_balanced(torus);
}

TEST_CASE("what happens to a page on its way happens to it when it has come", "[page_request]") {
    BootedTorus torus;
    TestFile file(torus->memory, 4);
    file.set_word(1, 77);
    SlowDevice device(torus);
    Program program = Program::start(torus);
    const VirtAddr area = program.map(4);
    const auto mapped = program->map({.pages = 1, .access = read_write, .object = &file, .object_page = 1});
    REQUIRE(mapped);
    REQUIRE(touch(program, area, true) == FaultOutcome::must_wait);
    REQUIRE(touch(program, mapped->start(), false) == FaultOutcome::must_wait);

    SECTION("a fork: both have it, and a write copies") {
        Program child = program.fork();
        REQUIRE(touch(child, area, true) == FaultOutcome::must_wait);
        CHECK(device.delayed() == 2);
        device.bring_all();
        REQUIRE(child.write(area, 5));
        CHECK(program.read(area) == 0U);
        CHECK(child.read(area) == 5U);
        CHECK(child.read(mapped->start()) == 77U);
        require_balanced(torus);
    }
    SECTION("no access: kept, and there once it may be touched again") {
        REQUIRE(program->protect(Page::containing(area), 1, no_access));
        device.bring_all();
        CHECK(touch(program, area, false) == FaultOutcome::protection_error);
        require_balanced(torus);
        REQUIRE(program->protect(Page::containing(area), 1, read_only));
        CHECK(touch(program, area, false) == FaultOutcome::arrived);
        CHECK(touch(program, area, true) == FaultOutcome::protection_error);
    }
    SECTION("a move: the page comes where it now is") {
        REQUIRE(program->remap({.old_first = *mapped,
                                .old_pages = 1,
                                .new_pages = 1,
                                .new_first = Page::containing(area) + 2,
                                .may_move = true,
                                .fixed = true}));
        device.bring_all();
        CHECK(program.read(area + 2 * page_size) == 77U);
    }
    SECTION("a file that becomes shorter: the page is behind its end") {
        file.truncate(1);
        device.bring_all();
        CHECK(touch(program, mapped->start(), false) == FaultOutcome::past_end);
    }
    SECTION("a write to a private page of a file: a copy, once there is something to copy") {
        REQUIRE(touch(program, mapped->start(), true) == FaultOutcome::must_wait);
        device.bring_all();
        REQUIRE(program.write(mapped->start(), 6));
        Program other = Program::start(torus);
        const auto again = other->map({.pages = 1, .access = read_write, .object = &file, .object_page = 1});
        REQUIRE(again);
        CHECK(other.read(again->start()) == 77U);
    }
    program.end();
    device.bring_all();
    require_balanced(torus);
}

TEST_CASE("pages that are to be there at once are asked for one behind the other", "[page_request]") {
    BootedTorus torus;
    SlowDevice device(torus);
    Program program = Program::start(torus);
    const VirtAddr area = program.map(6);
    const Page first = Page::containing(area);
    const auto until_it_works = [&](auto&& call) {
        int tries = 0;
        while (call() == fail(Error::must_wait)) {
            device.bring_all();
            ++tries;
        }
        return tries;
    };
    CHECK(until_it_works([&] { return program->advise(first, 2, Advice::populate_write); }) == 1);
    CHECK(until_it_works([&] { return program->lock(first, 4, false); }) == 1);
    CHECK(until_it_works([&] { return program->lock_all(true, false, false); }) == 1);
    CHECK(program->statistics().resident == 6);
    const auto more = program->map({.pages = 3, .access = read_write, .populate = true});
    REQUIRE(more);
    CHECK(program->is_touching());
    CHECK(until_it_works([&] { return program->finish_touching(); }) == 1);
    CHECK_FALSE(program->is_touching());
    CHECK(program->statistics().resident == 9);
    std::array<std::byte, 8> bytes{};
    const VirtAddr apart = program.map(2) + (page_size - 4);
    CHECK(until_it_works([&] { return program->write(apart, bytes); }) == 2); // it lies in two pages
    CHECK(until_it_works([&] { return program->read(apart, bytes); }) == 0);
    require_balanced(torus);
}

TEST_CASE("pins are few, and end together", "[page_request]") {
    PinnedPages pinned;
    PagePins mine;
    {
        PagePins others;
        pinned.pin(others, Frame(7));
        pinned.pin(mine, Frame(7));
        pinned.pin(mine, Frame(7));
        pinned.pin(others, Frame(5));
        CHECK(pinned.is_pinned(Frame(5)));
    }
    CHECK_FALSE(pinned.is_pinned(Frame(5))); // who had it has gone
    CHECK(pinned.is_pinned(Frame(7)));
    for (std::uint32_t number = 8; number < 8 + PagePins::most; ++number) {
        pinned.pin(mine, Frame(number));
    }
    CHECK_FALSE(pinned.is_pinned(Frame(7))); // the oldest has given way
    CHECK(pinned.is_pinned(Frame(8)));
    mine.release();
    CHECK_FALSE((mine.any() || pinned.is_pinned(Frame(8))));
}

} // namespace
} // namespace quire::test
