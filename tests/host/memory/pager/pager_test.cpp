// Pages put out to a disk and brought back: by whom they are named, what a touch on the way does, what a failing disk
// costs.
#include "tests/host/support/paged_torus.h"

#include <catch2/catch.hpp>
#include <vector>

using namespace quire;
using namespace quire::test;

TEST_CASE("a page goes to the disk and comes back as it was") {
    PagedTorus paged;
    Program program = Program::start(paged.torus);
    const VirtAddr page = program.map(2);
    REQUIRE(program.write(page, 1234));
    const std::uint32_t free = paged.torus->memory.frames.free_count();
    REQUIRE(paged.evict(program, page) == Eviction::begun);
    CHECK(paged.entry(program, page).kind() == UserPteKind::in_transit);
    CHECK(paged.torus->memory.frames.free_count() == free);
    require_balanced(paged.torus);
    paged.store.end_all();
    CHECK(paged.entry(program, page).kind() == UserPteKind::swapped);
    CHECK(paged.torus->memory.frames.free_count() == free + 1);
    CHECK(paged.area->used() == 1);
    require_balanced(paged.torus);
    REQUIRE(program.read(page) == 1234U);
    CHECK(program.last() == FaultOutcome::arrived);
    CHECK(paged.store.reads() == 1);
    require_balanced(paged.torus);
}

TEST_CASE("a page that was not written to since goes again without a transfer, one that was is written") {
    PagedTorus paged;
    Program program = Program::start(paged.torus);
    const VirtAddr page = program.map(1);
    REQUIRE(program.write(page, 1));
    paged.put_out(program, page);
    REQUIRE(program.read(page) == 1U);
    CHECK(paged.area->used() == 1);
    REQUIRE(paged.evict(program, page) == Eviction::freed);
    CHECK(paged.counts().dropped_clean == 1);
    CHECK(paged.store.writes() == 1);
    require_balanced(paged.torus);
    SECTION("written by the program") {
        REQUIRE(program.write(page, 2));
    }
    SECTION("written by the kernel, from outside") {
        REQUIRE(program.write_from_outside(page, 2));
    }
    SECTION("written after it was read") {
        REQUIRE(program.read(page) == 1U);
        REQUIRE(program.write(page, 2));
    }
    REQUIRE(paged.evict(program, page) == Eviction::begun);
    paged.store.end_all();
    CHECK(paged.store.writes() == 2);
    REQUIRE(program.read(page) == 2U);
    program.end();
    CHECK(paged.area->used() == 0);
    require_balanced(paged.torus);
}

TEST_CASE("whoever touches a page that is being written takes it back") {
    PagedTorus paged;
    Program program = Program::start(paged.torus);
    const VirtAddr page = program.map(1);
    REQUIRE(program.write(page, 1));
    REQUIRE(paged.evict(program, page) == Eviction::begun);
    SECTION("to read it: the copy is good once it is written") {
        REQUIRE(program.read(page) == 1U);
        CHECK(paged.store.under_way() == 1);
        require_balanced(paged.torus);
        paged.store.end_all();
        CHECK(paged.entry(program, page).kind() == UserPteKind::present);
        REQUIRE(paged.evict(program, page) == Eviction::freed);
    }
    SECTION("to write it: it must be written again") {
        REQUIRE(program.write(page, 2));
        paged.store.end_all();
        REQUIRE(paged.evict(program, page) == Eviction::begun);
        paged.store.end_all();
        REQUIRE(program.read(page) == 2U);
    }
    SECTION("to write it from outside") {
        REQUIRE(program.write_from_outside(page, 2));
        paged.store.end_all();
        REQUIRE(paged.evict(program, page) == Eviction::begun);
        paged.store.end_all();
        REQUIRE(program.read(page) == 2U);
    }
    CHECK(paged.counts().taken_back == 1);
    require_balanced(paged.torus);
}

TEST_CASE("a page that is unmapped on its way leaves neither frame nor slot behind") {
    PagedTorus paged;
    paged.torus->memory.heap.trim();
    const std::uint32_t free = paged.torus->memory.frames.free_count();
    {
        Program program = Program::start(paged.torus);
        const VirtAddr page = program.map(1);
        REQUIRE(program.write(page, 1));
        SECTION("out") {
            REQUIRE(paged.evict(program, page) == Eviction::begun);
        }
        SECTION("in") {
            paged.put_out(program, page);
            REQUIRE(program->handle_fault(page, {}) == FaultOutcome::must_wait);
        }
        SECTION("not at all") {
            paged.put_out(program, page);
        }
    }
    require_balanced(paged.torus);
    paged.store.end_all();
    require_balanced(paged.torus);
    CHECK(paged.area->used() == 0);
    paged.torus->memory.heap.trim();
    CHECK(paged.torus->memory.frames.free_count() == free);
}

TEST_CASE("pages that are one word over and over need no disk") {
    PagedTorus paged;
    Program program = Program::start(paged.torus);
    const VirtAddr pages = program.map(3);
    REQUIRE(program.write(pages, 0));
    for (std::uint32_t at = 0; at < page_size; at += 4) {
        REQUIRE(program.write(page_at(pages, 1) + at, 0xDEADBEEF));
    }
    REQUIRE(paged.evict(program, pages) == Eviction::freed);
    REQUIRE(paged.evict(program, page_at(pages, 1)) == Eviction::freed);
    CHECK(paged.area->used() == 0);
    require_balanced(paged.torus);
    Program child = program.fork();
    REQUIRE(child.write(page_at(pages, 2), 1)); // a table of its own, with the words in it
    require_balanced(paged.torus);
    REQUIRE(program.read(page_at(pages, 1) + 400) == 0xDEADBEEF);
    CHECK(program.last() == FaultOutcome::swapped_in);
    REQUIRE(program.read(pages) == 0U);
    REQUIRE(program.write(pages, 5));
    REQUIRE(child.write(page_at(pages, 1), 6));
    REQUIRE(child.read(page_at(pages, 1) + 4) == 0xDEADBEEF);
    REQUIRE(child.read(pages) == 0U);
    require_balanced(paged.torus);
    CHECK(paged.store.reads() + paged.store.writes() == 0);
    CHECK(paged.counts().words == 2);
}

TEST_CASE("a page that forked programs share goes and comes in all of them at once") {
    PagedTorus paged;
    Program parent = Program::start(paged.torus);
    const VirtAddr pages = parent.map(2);
    REQUIRE(parent.write(pages, 7));
    REQUIRE(parent.write(page_at(pages, 1), 8));
    Program child = parent.fork();
    SECTION("under one table") {
        paged.put_out(parent, pages);
        const Frame table = parent->tables().directory_entry(directory_index(Page::containing(pages))).frame();
        CHECK(paged.torus->memory.frames.share_count(table) == 2);
        REQUIRE(child.read_from_outside(pages) == 7U);
        CHECK(paged.entry(parent, pages).kind() != UserPteKind::swapped);
    }
    SECTION("under tables of their own") {
        REQUIRE(child.write(page_at(pages, 1), 9));
        Program grandchild = child.fork();
        REQUIRE(grandchild.write(page_at(pages, 1), 10));
        const std::uint32_t free = paged.torus->memory.frames.free_count();
        paged.put_out(grandchild, pages);
        CHECK(paged.torus->memory.frames.free_count() == free + 1);
        for (Program* program : {&parent, &child, &grandchild}) {
            CHECK(paged.entry(*program, pages).kind() == UserPteKind::swapped);
        }
        REQUIRE(child.read(pages) == 7U);
        REQUIRE(parent.write(pages, 70));
        REQUIRE(grandchild.read(pages) == 7U);
        CHECK(paged.store.reads() == 1);
        child.end();
        require_balanced(paged.torus);
        REQUIRE(paged.evict(grandchild, pages) == Eviction::freed); // the copy on the disk is good yet
    }
    REQUIRE(parent.read(page_at(pages, 1)) == 8U);
    require_balanced(paged.torus);
}

TEST_CASE("what mremap has moved away from its relatives is found") {
    PagedTorus paged;
    Program parent = Program::start(paged.torus);
    const VirtAddr pages = parent.map(4);
    for (std::uint32_t page = 0; page < 4; ++page) {
        REQUIRE(parent.write(page_at(pages, page), 100 + page));
    }
    Program child = parent.fork();
    const Page first = Page::containing(pages);
    const Page target = first - 4096;
    REQUIRE(child->remap(
        {.old_first = first, .old_pages = 4, .new_pages = 4, .new_first = target, .may_move = true, .fixed = true}));
    require_balanced(paged.torus);
    const VirtAddr moved = target.start();
    SECTION("out and in") {
        for (std::uint32_t page = 0; page < 4; ++page) {
            paged.put_out(parent, page_at(pages, page));
            CHECK(paged.entry(child, page_at(moved, page)).kind() == UserPteKind::swapped);
        }
        REQUIRE(child.write(page_at(moved, 1), 1));
        REQUIRE(parent.read(page_at(pages, 1)) == 101U);
        REQUIRE(parent.read(page_at(pages, 2)) == 102U);
        REQUIRE(child.read(page_at(moved, 2)) == 102U);
        REQUIRE(child.read(page_at(moved, 3)) == 103U);
    }
    SECTION("moved while it is out, and on") {
        paged.put_out(child, moved);
        REQUIRE(child->remap({.old_first = target,
                              .old_pages = 4,
                              .new_pages = 4,
                              .new_first = target - 4096,
                              .may_move = true,
                              .fixed = true}));
        require_balanced(paged.torus);
        Program grandchild = child.fork();
        const VirtAddr last = (target - 4096).start();
        REQUIRE(grandchild.write(page_at(last, 3), 9));
        require_balanced(paged.torus);
        REQUIRE(grandchild.read(last) == 100U);
        REQUIRE(parent.read(pages) == 100U);
        REQUIRE(child.read(last) == 100U);
        paged.put_out(child, page_at(last, 1));
        CHECK(paged.entry(parent, page_at(pages, 1)).kind() == UserPteKind::swapped);
        CHECK(paged.entry(grandchild, page_at(last, 1)).kind() == UserPteKind::swapped);
    }
    SECTION("and back to where it was") {
        REQUIRE(child->remap({.old_first = target,
                              .old_pages = 4,
                              .new_pages = 4,
                              .new_first = first,
                              .may_move = true,
                              .fixed = true}));
        require_balanced(paged.torus);
        paged.put_out(parent, pages);
        REQUIRE(child.read(pages) == 100U);
    }
    SECTION("the parent goes first") {
        parent.end();
        require_balanced(paged.torus);
        paged.put_out(child, moved);
        REQUIRE(child.read(moved) == 100U);
        REQUIRE(child.last() == FaultOutcome::arrived);
    }
    require_balanced(paged.torus);
}

TEST_CASE("a page that nobody may touch goes and comes, too") {
    PagedTorus paged;
    Program program = Program::start(paged.torus);
    const VirtAddr page = program.map(1);
    REQUIRE(program.write(page, 3));
    REQUIRE(program->protect(Page::containing(page), 1, no_access));
    REQUIRE(paged.evict(program, page) == Eviction::begun);
    paged.store.end_all();
    require_balanced(paged.torus);
    CHECK(program.read(page) == std::unexpected(FaultOutcome::protection_error));
    REQUIRE(program->protect(Page::containing(page), 1, read_only));
    REQUIRE(program.read(page) == 3U);
    CHECK(program.write(page, 1) == std::unexpected(FaultOutcome::protection_error));
    REQUIRE(program->protect(Page::containing(page), 1, read_write));
    REQUIRE(program.write(page, 4));
    require_balanced(paged.torus);
}

TEST_CASE("code that is put out is shown no longer, and again once it is back") {
    PagedTorus paged;
    Program program = Program::start(paged.torus);
    const VirtAddr page = program.map(1);
    REQUIRE(program.write(page, 0xC3));
    REQUIRE(program->protect(Page::containing(page), 1, read_execute));
    REQUIRE(program.run(page));
    paged.put_out(program, page);
    REQUIRE(program.run(page));
    require_balanced(paged.torus);
}

TEST_CASE("what is pinned, in transit or nobody's stays in memory") {
    PagedTorus paged;
    Program program = Program::start(paged.torus);
    const VirtAddr page = program.map(2);
    REQUIRE(program.read(page));
    CHECK(paged.evict(program, page) == Eviction::stays); // the page of zeros
    REQUIRE(program.write(page, 1));
    {
        PagePins pins;
        paged.torus->memory.pinned.pin(pins, paged.entry(program, page).frame());
        CHECK(paged.evict(program, page) == Eviction::stays);
    }
    CHECK(paged.pager().evict(program->tables().directory()) == Eviction::stays);
    REQUIRE(paged.evict(program, page) == Eviction::begun);
    CHECK(paged.evict(program, page) == Eviction::stays);
    paged.store.end_all();
    REQUIRE(program->handle_fault(page, {}) == FaultOutcome::must_wait);
    CHECK(paged.evict(program, page) == Eviction::stays);
    paged.store.end_all();
}

TEST_CASE("a page that cannot be read back is lost to those who have it, and to nobody else") {
    PagedTorus paged;
    Program program = Program::start(paged.torus);
    const VirtAddr pages = program.map(2);
    REQUIRE(program.write(pages, 1));
    REQUIRE(program.write(page_at(pages, 1), 2));
    Program child = program.fork();
    paged.put_out(program, pages);
    paged.put_out(program, page_at(pages, 1));
    const SwapSlot slot = paged.entry(program, pages).slot();
    const std::uint32_t size = paged.area->size();
    SECTION("the disk says so") {
        paged.store.fail_reads.insert(slot.number());
    }
    SECTION("the disk returns other bytes than it was given") {
        paged.store.change_bit(slot.number(), 12345);
    }
    CHECK(program.read(pages) == std::unexpected(FaultOutcome::device_error));
    CHECK(child.read(pages) == std::unexpected(FaultOutcome::device_error));
    require_balanced(paged.torus);
    REQUIRE(program.read(page_at(pages, 1)) == 2U);
    CHECK(paged.counts().read_errors == 1);
    CHECK(paged.area->size() == size - 1);
    program.end();
    child.end();
    require_balanced(paged.torus);
    CHECK(paged.area->used() == 0);
    CHECK(paged.area->free_count() == size - 1); // it is never handed out again
}

TEST_CASE("a page that cannot be written goes to another slot, and the bad one is retired") {
    PagedTorus paged(4); // three slots
    Program program = Program::start(paged.torus);
    const VirtAddr page = program.map(1);
    REQUIRE(program.write(page, 1));
    paged.store.fail_writes = {1, 2};
    SECTION("one is left") {
        REQUIRE(paged.evict(program, page) == Eviction::begun);
        paged.store.end_all();
        CHECK(paged.entry(program, page).kind() == UserPteKind::swapped);
        CHECK(paged.entry(program, page).slot().number() == 3);
        CHECK(paged.area->size() == 1);
    }
    SECTION("none is left: it stays in memory") {
        paged.store.fail_writes.insert(3);
        REQUIRE(paged.evict(program, page) == Eviction::begun);
        paged.store.end_all();
        CHECK(paged.area->size() == 0);
        CHECK(paged.evict(program, page) == Eviction::no_slot);
        REQUIRE(program.read(page) == 1U);
        CHECK(paged.evict(program, page) == Eviction::no_slot);
    }
    SECTION("it was taken back meanwhile") {
        REQUIRE(paged.evict(program, page) == Eviction::begun);
        REQUIRE(program.write(page, 2));
        paged.store.end_all();
        CHECK(paged.entry(program, page).kind() == UserPteKind::present);
    }
    require_balanced(paged.torus);
    CHECK(program.read(page));
    program.end();
    CHECK(paged.area->used() == 0);
    require_balanced(paged.torus);
}

TEST_CASE("pages that are put out one after the other lie one after the other") {
    PagedTorus paged;
    Program program = Program::start(paged.torus);
    const VirtAddr pages = program.map(40);
    for (std::uint32_t page = 0; page < 40; ++page) {
        REQUIRE(program.write(page_at(pages, page), page + 1));
    }
    for (std::uint32_t page = 0; page < 40; ++page) {
        paged.put_out(program, page_at(pages, page));
    }
    for (std::uint32_t page = 0; page < 40; ++page) {
        CHECK(paged.entry(program, page_at(pages, page)).slot().number() == page + 1);
    }
    for (std::uint32_t page = 0; page < 40; ++page) {
        REQUIRE(program.read(page_at(pages, page)) == page + 1);
    }
}

TEST_CASE("the cost of finding a page's entries grows with their number alone") {
    PagedTorus paged;
    for (const std::uint32_t sharers : {1U, 4U, 16U, 64U}) {
        std::vector<Program> programs;
        programs.push_back(Program::start(paged.torus));
        const VirtAddr pages = programs[0].map(3);
        REQUIRE(programs[0].write(pages, 1));
        REQUIRE(programs[0].write(page_at(pages, 2), 1));
        while (programs.size() < sharers) {
            programs.push_back(programs[0].fork());
        }
        for (Program& program : programs) {
            REQUIRE(program.write(page_at(pages, 1), 1)); // a table of its own, and a page that it has alone
        }
        const auto tables_for = [&](VirtAddr page) {
            const std::uint64_t before = paged.pager().reverse.effort().tables;
            paged.put_out(programs[0], page);
            return paged.pager().reverse.effort().tables - before;
        };
        CHECK(tables_for(pages) == 3 * sharers);   // looked at, put in transit, put into the slot
        CHECK(tables_for(page_at(pages, 1)) == 3); // however large the family is
        paged.store.end_all();
    }
    require_balanced(paged.torus);
}

TEST_CASE("a re-fault's distance is how many pages went while the page was away") {
    PagedTorus paged;
    Program program = Program::start(paged.torus);
    const VirtAddr pages = program.map(8);
    for (std::uint32_t page = 0; page < 8; ++page) {
        REQUIRE(program.write(page_at(pages, page), page + 1));
    }
    const RefaultMeter& meter = paged.pager().refaults();
    paged.put_out(program, pages);
    REQUIRE(program.read(pages) == 1U); // at once: nothing went meanwhile
    CHECK(meter.refaults() == 1);
    CHECK(meter.distances() == 0);
    CHECK(meter.just_gone() == 1);

    REQUIRE(paged.evict(program, pages) == Eviction::freed); // without a transfer, but it has gone
    for (std::uint32_t page = 1; page <= 3; ++page) {
        paged.put_out(program, page_at(pages, page));
    }
    REQUIRE(program.read(pages) == 1U);
    CHECK(meter.distances() == 3);
    CHECK(meter.just_gone() == 2); // five pages are in memory

    for (std::uint32_t page = 4; page <= 6; ++page) {
        paged.put_out(program, page_at(pages, page));
    }
    // Of eight pages two are in memory, and five went after the second.
    REQUIRE(program.read(page_at(pages, 1)) == 2U);
    CHECK(meter.distances() == 3 + 5);
    CHECK(meter.just_gone() == 2);
    CHECK(meter.refaults() == 3);
    CHECK(meter.evictions() == 8);
    CHECK(paged.counts().freed == 8);
}

TEST_CASE("a page that is written elsewhere keeps its moment, one that was taken back had not gone") {
    PagedTorus paged;
    Program program = Program::start(paged.torus);
    const VirtAddr pages = program.map(3);
    for (std::uint32_t page = 0; page < 3; ++page) {
        REQUIRE(program.write(page_at(pages, page), page + 1));
    }
    const RefaultMeter& meter = paged.pager().refaults();
    paged.store.fail_writes.insert(1); // the first slot
    REQUIRE(paged.evict(program, pages) == Eviction::begun);
    REQUIRE(paged.evict(program, page_at(pages, 1)) == Eviction::begun);
    paged.store.end_all();
    REQUIRE(program.read(pages) == 1U);
    CHECK(meter.distances() == 1);

    REQUIRE(paged.evict(program, page_at(pages, 2)) == Eviction::begun);
    REQUIRE(program.read(page_at(pages, 2)) == 3U);
    paged.store.end_all();
    CHECK(paged.counts().taken_back == 1);
    CHECK(meter.refaults() == 1);
    CHECK(meter.evictions() == 3);
    CHECK(paged.counts().freed == 2);
}

TEST_CASE("what swapoff brings back is no re-fault") {
    PagedTorus paged;
    Program program = Program::start(paged.torus);
    const VirtAddr page = program.map(1);
    REQUIRE(program.write(page, 1));
    paged.put_out(program, page);
    REQUIRE(paged.pager().bring_back(paged.entry(program, page).slot()) == Error::must_wait);
    paged.store.end_all();
    CHECK(paged.pager().refaults().refaults() == 0);
    REQUIRE(program.read(page) == 1U);
}
