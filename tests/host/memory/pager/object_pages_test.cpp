// Pages of shared memory and of files put out and brought back: no entry is left, the object knows where they are, and
// what is made again needs no disk.
#include "tests/host/support/paged_torus.h"
#include "tests/host/support/test_file.h"

#include <catch2/catch.hpp>

using namespace quire;
using namespace quire::test;

namespace {

MapRequest mapping_of(MemoryObject& object, std::uint32_t pages, bool shared) {
    return {.pages = pages, .access = read_write, .shared = shared, .object = &object};
}

// Shared memory of four pages, and a parent and a child that have touched them.
struct Sharers : PagedTorus {
    Sharers() : parent(Program::start(torus)), memory(parent.map(4, true)), child(prepare()) {}
    ~Sharers() {
        parent.end();
        child.end();
        require_balanced(torus);
        CHECK(area->used() == 0);
    }

    Program parent;
    VirtAddr memory;
    Program child;

    [[nodiscard]] Frame frame(Program& program, std::uint32_t page) {
        return entry(program, page_at(memory, page)).frame();
    }

private:
    Program prepare() {
        for (std::uint32_t page = 0; page < 4; ++page) {
            REQUIRE(parent.write(page_at(memory, page), 100 + page));
        }
        Program made = parent.fork();
        REQUIRE(made.read(memory) == 100U);
        return made;
    }
};

} // namespace

TEST_CASE_METHOD(Sharers, "a shared page leaves no entry behind and comes back for all") {
    REQUIRE(child.write(memory, 7));
    const std::uint32_t free = torus->memory.frames.free_count();
    REQUIRE(evict(parent, memory) == Eviction::begun);
    CHECK(entry(parent, memory).is_empty());
    CHECK(entry(child, memory).is_empty());
    require_balanced(torus);
    store.end_all();
    CHECK(torus->memory.frames.free_count() == free + 1);
    CHECK(area->used() == 1);
    require_balanced(torus);
    REQUIRE(parent.read(memory) == 7U);
    CHECK(parent.last() == FaultOutcome::arrived);
    REQUIRE(child.read(memory) == 7U);
    CHECK(store.reads() == 1);
    CHECK(frame(parent, 0) == frame(child, 0));
}

TEST_CASE_METHOD(Sharers, "a shared page that nobody wrote to since goes again without a transfer") {
    REQUIRE(evict(parent, memory) == Eviction::begun);
    store.end_all();
    REQUIRE(parent.read(memory) == 100U);
    SECTION("read only") {
        REQUIRE(evict(parent, memory) == Eviction::freed);
        CHECK(store.writes() == 1);
        REQUIRE(child.read(memory) == 100U);
    }
    SECTION("written by another") {
        REQUIRE(child.write(memory, 8));
        REQUIRE(evict(parent, memory) == Eviction::begun);
        store.end_all();
        CHECK(store.writes() == 2);
        REQUIRE(parent.read(memory) == 8U);
    }
    SECTION("written by one who has unmapped it since") {
        REQUIRE(child.write(memory, 9));
        REQUIRE(child->unmap(Page::containing(memory), 4));
        REQUIRE(evict(parent, memory) == Eviction::begun);
        store.end_all();
        REQUIRE(parent.read(memory) == 9U);
    }
    SECTION("written by the kernel, from outside") {
        REQUIRE(child.write_from_outside(memory, 10));
        REQUIRE(evict(parent, memory) == Eviction::begun);
        store.end_all();
        REQUIRE(parent.read(memory) == 10U);
    }
}

TEST_CASE_METHOD(Sharers, "whoever touches a shared page that is being written takes it back") {
    REQUIRE(evict(parent, memory) == Eviction::begun);
    SECTION("to read it") {
        REQUIRE(child.read(memory) == 100U);
        store.end_all();
        CHECK(frame(child, 0) != Frame(0));
        REQUIRE(evict(child, memory) == Eviction::freed); // what was written is right
    }
    SECTION("to write to it") {
        REQUIRE(child.write(memory, 11));
        store.end_all();
        REQUIRE(evict(child, memory) == Eviction::begun);
        store.end_all();
    }
    CHECK(store.reads() == 0);
    REQUIRE(parent.read(memory).has_value());
}

TEST_CASE_METHOD(Sharers, "shared memory that ends leaves nothing behind, wherever its pages are") {
    REQUIRE(evict(parent, memory) == Eviction::begun);
    store.end_all();
    REQUIRE(evict(parent, page_at(memory, 1)) == Eviction::begun);
    REQUIRE(evict(parent, page_at(memory, 2)) == Eviction::begun);
    store.end_of(store.transfer(1).frame);
    SECTION("and one is coming back") {
        CHECK(parent->handle_fault(page_at(memory, 2), {}) == FaultOutcome::must_wait);
    }
    SECTION("and all are out") {}
    parent.end();
    child.end();
    require_balanced(torus);
    store.end_all();
    CHECK(area->used() == 0);
}

TEST_CASE_METHOD(Sharers, "MADV_REMOVE of shared pages that are out makes them zeros") {
    REQUIRE(evict(parent, memory) == Eviction::begun);
    store.end_all();
    REQUIRE(evict(parent, page_at(memory, 1)) == Eviction::begun);
    REQUIRE(parent->advise(Page::containing(memory), 4, Advice::remove));
    store.end_all();
    CHECK(area->used() == 0);
    REQUIRE(child.read(memory) == 0U);
    REQUIRE(child.read(page_at(memory, 1)) == 0U);
}

TEST_CASE_METHOD(Sharers, "shared pages that are one word over and over need no disk") {
    const VirtAddr fresh = parent.map(1, true);
    REQUIRE(parent.read(fresh) == 0U);
    REQUIRE(evict(parent, fresh) == Eviction::freed);
    require_balanced(torus);
    REQUIRE(parent.read(fresh) == 0U);
    CHECK(counts().words == 1);
    CHECK(store.writes() + store.reads() == 0);
}

TEST_CASE_METHOD(Sharers, "shared pages that are the same word over and over come back each in its place") {
    const VirtAddr fresh = parent.map(3, true);
    for (std::uint32_t page = 0; page < 3; ++page) {
        REQUIRE(parent.read(page_at(fresh, page)) == 0U);
        REQUIRE(evict(parent, page_at(fresh, page)) == Eviction::freed);
    }
    REQUIRE(parent.write(page_at(fresh, 2), 2));
    REQUIRE(parent.write(page_at(fresh, 1), 1));
    for (std::uint32_t page = 0; page < 3; ++page) {
        REQUIRE(parent.read(page_at(fresh, page)) == page);
    }
    require_balanced(torus);
}

TEST_CASE_METHOD(Sharers, "a locked shared page stays in memory, whoever has it locked") {
    REQUIRE(child->lock(Page::containing(memory), 1, false));
    REQUIRE(evict(parent, memory) == Eviction::stays);
    REQUIRE(parent.read(memory) == 100U);
    REQUIRE(evict(parent, page_at(memory, 1)) == Eviction::begun);
    store.end_all();
}

TEST_CASE_METHOD(Sharers, "a shared page that is filled right now stays in memory") {
    const Frame held = frame(parent, 0);
    {
        const HeldPage page(torus->memory.pinned, held);
        REQUIRE(evict(parent, memory) == Eviction::stays);
    }
    REQUIRE(evict(parent, memory) == Eviction::begun);
    store.end_all();
}

TEST_CASE_METHOD(Sharers, "a shared page that cannot be read back is an error to each who touches it") {
    REQUIRE(evict(parent, memory) == Eviction::begun);
    const std::uint32_t slot = store.transfer(0).page;
    store.end_all();
    SECTION("the disk says so") {
        store.fail_reads.insert(slot);
    }
    SECTION("the disk returns other bytes than it was given") {
        store.change_bit(slot, 777);
    }
    CHECK(parent.read(memory) == std::unexpected(FaultOutcome::device_error));
    require_balanced(torus);
    CHECK(child.read(memory) == std::unexpected(FaultOutcome::device_error));
    REQUIRE(child.read(page_at(memory, 1)) == 101U);
}

TEST_CASE_METHOD(Sharers, "a shared page that cannot be written goes to another slot") {
    REQUIRE(evict(parent, memory) == Eviction::begun);
    store.fail_writes.insert(store.transfer(0).page);
    store.end_all();
    CHECK(area->used() == 1);
    REQUIRE(child.read(memory) == 100U);
}

TEST_CASE("private copies of a file's pages and the file's own go each for itself") {
    PagedTorus paged;
    TestFile file(paged.torus->memory, 2);
    file.set_word(0, 1000);
    Program program = Program::start(paged.torus);
    const VirtAddr own = program->map(mapping_of(file, 2, false))->start();
    const VirtAddr shared = program->map(mapping_of(file, 2, true))->start();
    REQUIRE(program.read(own) == 1000U);
    REQUIRE(program.write(own, 1));
    REQUIRE(program.read(shared) == 1000U);
    REQUIRE(paged.evict(program, shared) == Eviction::begun);
    paged.store.end_all();
    REQUIRE(program.read(own) == 1U);
    REQUIRE(paged.evict(program, own) == Eviction::begun);
    paged.store.end_all();
    require_balanced(paged.torus);
    REQUIRE(program.read(shared) == 1000U);
    REQUIRE(program.read(own) == 1U);
    REQUIRE(program.read(page_at(own, 1)) == 0U);
    REQUIRE(paged.evict(program, page_at(own, 1)) == Eviction::freed); // the file's page, of zeros
    REQUIRE(program.write(page_at(own, 1), 5));
    program.end();
    file.truncate(0);
    require_balanced(paged.torus);
    CHECK(paged.area->used() == 0);
}

TEST_CASE("what can be made again is given up without a disk, also while it is mapped") {
    PagedTorus paged;
    TestFile file(paged.torus->memory, 4, false, Owner::file);
    file.set_word(0, 1000);
    Program program = Program::start(paged.torus);
    const VirtAddr pages = program->map(mapping_of(file, 4, false))->start();
    REQUIRE(program.read(pages) == 1000U);
    const std::uint32_t free = paged.torus->memory.frames.free_count();
    REQUIRE(paged.evict(program, pages) == Eviction::freed);
    CHECK(paged.torus->memory.frames.free_count() == free + 1);
    CHECK(paged.counts().made_again == 1);
    CHECK(paged.entry(program, pages).is_empty());
    CHECK_FALSE(file.resident(0));
    require_balanced(paged.torus);
    REQUIRE(program.read(pages) == 0U); // as this file makes its pages
    CHECK(paged.store.writes() + paged.store.reads() == 0);
    program.end();
    file.truncate(0);
}

TEST_CASE("memory that is short takes pages of objects, too, and those that are used stay") {
    PagedTorus paged;
    Program program = Program::start(paged.torus);
    const VirtAddr memory = program.map(40, true);
    for (std::uint32_t page = 0; page < 40; ++page) {
        REQUIRE(program.write(page_at(memory, page), page + 1));
    }
    static_cast<void>(paged.pager().make_room(1)); // follows from here on; all were used
    paged.store.end_all();
    for (std::uint32_t page = 20; page < 40; ++page) {
        REQUIRE(program.read(page_at(memory, page)) == page + 1);
    }
    CHECK(paged.pager().make_room(10).later == 10);
    paged.store.end_all();
    std::uint32_t there = 0;
    for (std::uint32_t page = 20; page < 40; ++page) {
        there += paged.entry(program, page_at(memory, page)).is_present() ? 1U : 0U;
    }
    CHECK(there >= 19);
    for (std::uint32_t page = 0; page < 40; ++page) {
        REQUIRE(program.read(page_at(memory, page)) == page + 1);
    }
    program.end();
    require_balanced(paged.torus);
    CHECK(paged.area->used() == 0);
}

namespace {

// How many of 20 of a program's own pages and of 20 copies of a file's went, when 15 had to.
struct Went {
    std::uint32_t own = 0, of_file = 0;
};
Went went_with(std::uint32_t swappiness, ReplacementPolicy policy) {
    constexpr std::uint32_t pages = 20;
    PagedTorus paged;
    TestFile file(paged.torus->memory, pages, false, Owner::file);
    Program program = Program::start(paged.torus);
    const VirtAddr of_file = program->map(mapping_of(file, pages, false))->start();
    const VirtAddr own = program.map(pages);
    for (std::uint32_t page = 0; page < pages; ++page) { // by turns, so that no policy has a reason to tell them apart
        REQUIRE(program.read(page_at(of_file, page)) == 0U);
        REQUIRE(program.write(page_at(own, page), page + 1));
    }
    paged.pager().use_policy(policy);
    paged.pager().swappiness = swappiness;
    REQUIRE(paged.pager().make_room(15).any());
    paged.store.end_all();
    Went went;
    for (std::uint32_t page = 0; page < pages; ++page) {
        went.of_file += file.resident(page) ? 0U : 1U;
        went.own += paged.entry(program, page_at(own, page)).has_content() ? 0U : 1U;
    }
    require_balanced(paged.torus);
    program.end();
    file.truncate(0);
    return went;
}

} // namespace

TEST_CASE("swappiness says whether copies of files or a program's own pages go more readily") {
    for (const ReplacementPolicy policy : Replacement::all_policies) {
        CAPTURE(name_of(policy));
        const Went usual = went_with(Pager::default_swappiness, policy);
        CHECK(usual.own >= 4);
        CHECK(usual.of_file >= 4);
        CHECK(went_with(0, policy).own <= 1); // by chance, no copy may be found
        CHECK(went_with(0, policy).of_file >= 14);
        CHECK(went_with(200, policy).of_file <= 1);
        CHECK(went_with(200, policy).own >= 14);
        if (policy == ReplacementPolicy::fifo || policy == ReplacementPolicy::clock) { // where the order is known
            CHECK(went_with(20, policy).own < usual.own);
            CHECK(went_with(150, policy).of_file < usual.of_file);
        }
    }
}
