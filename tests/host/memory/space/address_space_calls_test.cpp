// What each memory call refuses and by which error, as Linux's manual says; and the limits and promises behind them.
#include "kernel/memory/memory.h"
#include "tests/host/support/program.h"
#include "tests/host/support/test_file.h"

#include <array>
#include <catch2/catch.hpp>

using namespace quire;
using namespace quire::test;

namespace {

constexpr Page somewhere(0x20000);
constexpr std::uint32_t all_pages = end_of_user_pages - first_user_page;

// A program with six pages at `somewhere`, the fourth of which is missing.
struct Torn {
    Torn() {
        REQUIRE(program->map({.hint = somewhere, .pages = 6, .access = read_write, .fixed = true}) == somewhere);
        REQUIRE(program->unmap(somewhere + 3, 1));
    }
    BootedTorus torus;
    Program program = Program::start(torus);
};

} // namespace

TEST_CASE("mapping refuses what no program can have") {
    BootedTorus torus;
    Program program = Program::start(torus);
    REQUIRE(program->map({.pages = 0, .access = read_only}) == fail(Error::invalid_argument));
    REQUIRE(program->map({.pages = all_pages + 1, .access = read_only}) == fail(Error::out_of_memory));
    REQUIRE(program->map({.hint = Page(16), .pages = 1, .access = read_only, .fixed = true}) ==
            fail(Error::not_permitted));
    REQUIRE(program->map({.hint = end_of_user_pages - 1, .pages = 2, .access = read_only, .fixed = true}) ==
            fail(Error::out_of_memory));
    REQUIRE(program->map({.hint = somewhere, .pages = 2, .access = read_only}) == somewhere);
    REQUIRE(program->map({.hint = somewhere + 1, .pages = 2, .access = read_only, .no_replace = true}) ==
            fail(Error::exists));
    REQUIRE(program->map({.hint = somewhere + 2, .pages = 2, .access = read_only, .no_replace = true}) ==
            somewhere + 2);
    // A wish that cannot be met is not met; places are chosen from the top down.
    const Page first = *program->map({.hint = somewhere + 1, .pages = 2, .access = read_write});
    REQUIRE(first == program->mapping_top - 2);
    REQUIRE(program->map({.pages = 3, .access = read_only}) == first - 3);
    require_balanced(torus);
}

TEST_CASE("a full address space has room where it has room, and none where it has none") {
    BootedTorus torus;
    Program program = Program::start(torus);
    REQUIRE(program->map({.pages = program->mapping_top - first_user_page, .access = no_access}) == first_user_page);
    const Page above = *program->map({.pages = 10, .access = read_only});
    REQUIRE(above == end_of_user_pages - 10);
    REQUIRE(program->map({.pages = 0x8000, .access = read_only}) == fail(Error::out_of_memory));
}

TEST_CASE("unmapping takes any range of pages that a program can have") {
    Torn torn;
    REQUIRE(torn.program->unmap(somewhere, 0) == fail(Error::invalid_argument));
    REQUIRE(torn.program->unmap(end_of_user_pages, 1) == fail(Error::invalid_argument));
    REQUIRE(torn.program->unmap(somewhere + 100, 10));
    REQUIRE(torn.program->unmap(Page(0), end_of_user_pages.number()));
    REQUIRE(torn.program->statistics().regions == 0);
    require_balanced(torn.torus);
}

TEST_CASE("protection is given page by page, up to the first hole") {
    Torn torn;
    Program& program = torn.program;
    REQUIRE(program.write(somewhere.start(), 1));
    REQUIRE(program->protect(somewhere, 6, read_only) == fail(Error::out_of_memory));
    REQUIRE(program.write(somewhere.start(), 2) == std::unexpected(FaultOutcome::protection_error));
    REQUIRE(program->protect(somewhere, 3, read_write));
    REQUIRE(program.write(somewhere.start(), 2));
    REQUIRE(program->protect(somewhere, 0, read_only));
    REQUIRE(program->protect(end_of_user_pages, 1, read_only) == fail(Error::out_of_memory));

    REQUIRE(program->protect(somewhere + 1, 1, no_access));
    REQUIRE(program->statistics().regions == 4);
    REQUIRE(program.read((somewhere + 1).start()) == std::unexpected(FaultOutcome::protection_error));
    REQUIRE(program.read(somewhere.start()) == 2U);
    REQUIRE(program->protect(somewhere, 1, no_access));
    REQUIRE(program.read(somewhere.start()) == std::unexpected(FaultOutcome::protection_error));
    REQUIRE(program->page_state(somewhere).resident);
    REQUIRE(program->protect(somewhere, 3, read_write));
    REQUIRE(program->statistics().regions == 2);
    REQUIRE(program.read(somewhere.start()) == 2U);
    require_balanced(torn.torus);

    TestFile file(torn.torus->memory, 1);
    const Page constant =
        *program->map({.pages = 1, .access = read_only, .max_access = read_execute, .shared = true, .object = &file});
    REQUIRE(program->protect(constant, 1, read_write) == fail(Error::no_access));
    REQUIRE(program->protect(constant, 1, read_execute));
    REQUIRE(program.run(constant.start()));
    REQUIRE(program->protect(constant, 1, read_only));
    REQUIRE(program.run(constant.start()) == std::unexpected(FaultOutcome::protection_error));
    require_balanced(torn.torus);
    program.end();
}

TEST_CASE("a mapping is made longer, shorter and moved, with what is in it") {
    Torn torn;
    Program& program = torn.program;
    REQUIRE(program.write(somewhere.start(), 5));
    const auto remap = [&](RemapRequest request) { return program->remap(request); };
    REQUIRE(remap({.old_first = somewhere, .old_pages = 3, .new_pages = 0}) == fail(Error::invalid_argument));
    REQUIRE(remap({.old_first = somewhere + 3, .old_pages = 1, .new_pages = 2}) == fail(Error::bad_address));
    REQUIRE(remap({.old_first = somewhere, .old_pages = 5, .new_pages = 9}) == fail(Error::bad_address));
    REQUIRE(remap({.old_first = somewhere, .old_pages = 0, .new_pages = 2, .may_move = true}) ==
            fail(Error::invalid_argument));
    REQUIRE(remap({.old_first = somewhere,
                   .old_pages = 3,
                   .new_pages = 3,
                   .new_first = somewhere + 2,
                   .may_move = true,
                   .fixed = true}) == fail(Error::invalid_argument));
    REQUIRE(
        remap({.old_first = somewhere, .old_pages = 3, .new_pages = 3, .new_first = somewhere + 2, .fixed = true}) ==
        fail(Error::invalid_argument));
    REQUIRE(remap({.old_first = somewhere,
                   .old_pages = 3,
                   .new_pages = 3,
                   .new_first = Page(1),
                   .may_move = true,
                   .fixed = true}) == fail(Error::not_permitted));

    REQUIRE(remap({.old_first = somewhere, .old_pages = 3, .new_pages = 4}) == somewhere); // into the hole
    REQUIRE(remap({.old_first = somewhere, .old_pages = 6, .new_pages = 7}) == somewhere);
    REQUIRE(remap({.old_first = somewhere, .old_pages = 7, .new_pages = 2}) == somewhere);
    REQUIRE(program->find(somewhere + 2) == nullptr);
    REQUIRE(program->map({.hint = somewhere + 2, .pages = 1, .access = read_only, .fixed = true}));
    REQUIRE(remap({.old_first = somewhere, .old_pages = 2, .new_pages = 3}) == fail(Error::out_of_memory));
    const Result<Page> moved = remap({.old_first = somewhere, .old_pages = 2, .new_pages = 3, .may_move = true});
    REQUIRE(moved);
    REQUIRE(program.read(moved->start()) == 5U);
    REQUIRE(program.read(somewhere.start()) == std::unexpected(FaultOutcome::no_region));
    const Result<Page> left =
        remap({.old_first = *moved, .old_pages = 3, .new_pages = 3, .may_move = true, .keep_old = true});
    REQUIRE(left);
    REQUIRE(program.read(left->start()) == 5U);
    REQUIRE(program.read(moved->start()) == 0U);
    require_balanced(torn.torus);

    // No old pages: a second view of shared memory.
    const VirtAddr shared = program.map(2, true);
    REQUIRE(program.write(shared, 8));
    const Result<Page> view =
        remap({.old_first = Page::containing(shared), .old_pages = 0, .new_pages = 2, .may_move = true});
    REQUIRE(view);
    REQUIRE(program.read(view->start()) == 8U);
    require_balanced(torn.torus);
}

TEST_CASE("advice is taken for what is mapped, and what cannot be advised is refused") {
    Torn torn;
    Program& program = torn.program;
    REQUIRE(program.write(somewhere.start(), 1));
    REQUIRE(program.write((somewhere + 5).start(), 2));
    REQUIRE(program->advise(somewhere, 0, Advice::dont_need));
    REQUIRE(program->advise(somewhere, 6, Advice::dont_need) == fail(Error::out_of_memory));
    REQUIRE(program.read(somewhere.start()) == 0U);
    REQUIRE(program.read((somewhere + 5).start()) == 0U);
    REQUIRE(program->advise(end_of_user_pages, 1, Advice::normal) == fail(Error::out_of_memory));
    for (const Advice advice : {Advice::normal, Advice::will_need, Advice::free, Advice::keep_on_fork}) {
        REQUIRE(program->advise(somewhere, 3, advice));
    }
    REQUIRE(program->advise(somewhere, 3, Advice::populate_write));
    REQUIRE(program->page_state(somewhere + 2).writable);
    REQUIRE(program->advise(somewhere, 6, Advice::populate_read) == fail(Error::out_of_memory));
    REQUIRE(program->protect(somewhere, 1, read_only));
    REQUIRE(program->advise(somewhere, 3, Advice::populate_write) == fail(Error::invalid_argument));
    TestFile file(torn.torus->memory, 1);
    const Page mapped = *program->map({.pages = 2, .access = read_write, .object = &file});
    REQUIRE(program->advise(mapped, 2, Advice::populate_read) == fail(Error::bad_address));
    REQUIRE(program->advise(mapped, 2, Advice::free) == fail(Error::invalid_argument));
    REQUIRE(program->advise(mapped, 2, Advice::wipe_on_fork) == fail(Error::invalid_argument));
    REQUIRE(program->lock(somewhere, 1, true));
    REQUIRE(program->advise(somewhere, 1, Advice::dont_need) == fail(Error::invalid_argument));
    REQUIRE(program->advise(somewhere, 1, Advice::free) == fail(Error::invalid_argument));
    require_balanced(torn.torus);
    program.end();
}

TEST_CASE("a clone is without what it should not have") {
    Torn torn;
    Program& program = torn.program;
    REQUIRE(program.write(somewhere.start(), 1));
    REQUIRE(program.write((somewhere + 1).start(), 2));
    REQUIRE(program->advise(somewhere, 1, Advice::dont_fork));
    REQUIRE(program->advise(somewhere + 1, 1, Advice::wipe_on_fork));
    Program child = program.fork();
    REQUIRE(child.read(somewhere.start()) == std::unexpected(FaultOutcome::no_region));
    REQUIRE(child.read((somewhere + 1).start()) == 0U);
    REQUIRE(program.read((somewhere + 1).start()) == 2U);
    require_balanced(torn.torus);
}

TEST_CASE("what is resident is what a touch would not wait for") {
    Torn torn;
    Program& program = torn.program;
    REQUIRE(program.write(somewhere.start(), 1));
    REQUIRE(program.read((somewhere + 2).start()) == 0U);
    std::array<std::byte, 3> answer{};
    REQUIRE(program->residency(somewhere, answer));
    REQUIRE(answer == std::array{std::byte{1}, std::byte{0}, std::byte{1}});
    std::array<std::byte, 4> torn_answer{};
    REQUIRE(program->residency(somewhere, torn_answer) == fail(Error::out_of_memory));
    REQUIRE(program->residency(end_of_user_pages, answer) == fail(Error::out_of_memory));
    TestFile file(torn.torus->memory, 3);
    file.set_word(1, 1);
    const Page mapped = *program->map({.pages = 3, .access = read_only, .object = &file});
    REQUIRE(program->residency(mapped, answer));
    REQUIRE(answer == std::array{std::byte{0}, std::byte{1}, std::byte{0}});
    program.end();
}

TEST_CASE("locks count against their limit and hold msync off") {
    Torn torn;
    Program& program = torn.program;
    program->limits.locked = 4;
    REQUIRE(program->lock(somewhere, 6, false) == fail(Error::out_of_memory));
    REQUIRE(program->lock(somewhere, 3, false));
    REQUIRE(program->page_state(somewhere + 2).resident);
    REQUIRE(program->lock(somewhere, 3, false)); // again is no more
    REQUIRE(program->lock(somewhere + 4, 2, true) == fail(Error::out_of_memory));
    REQUIRE(program->map({.pages = 2, .access = read_write, .locked = true}) == fail(Error::would_block));
    REQUIRE(program->sync(somewhere, 1, true) == fail(Error::busy));
    REQUIRE(program->sync(somewhere, 1, false));
    REQUIRE(program->sync(somewhere, 0, false));
    REQUIRE(program->sync(somewhere, 6, false) == fail(Error::out_of_memory));
    REQUIRE(program->remap({.old_first = somewhere, .old_pages = 3, .new_pages = 8, .may_move = true}) ==
            fail(Error::would_block));
    REQUIRE(program->unlock(somewhere, 3));
    REQUIRE(program->unlock(somewhere, 6) == fail(Error::out_of_memory));
    REQUIRE(program->statistics().locked == 0);
    REQUIRE(program->lock_all(true, false, false) == fail(Error::out_of_memory));
    program->limits.locked = 100;
    REQUIRE(program->lock_all(true, true, false));
    REQUIRE(program->statistics().locked == 5);
    const Page later = *program->map({.pages = 2, .access = read_write});
    REQUIRE(program->page_state(later).resident);
    program->unlock_all();
    REQUIRE(program->statistics().locked == 0);
    program->limits.locked = 0;
    REQUIRE(program->lock(somewhere, 1, false) == fail(Error::not_permitted));
    REQUIRE(program->lock_all(true, false, false) == fail(Error::not_permitted));
    require_balanced(torn.torus);
}

TEST_CASE("limits on memory are kept by every call that takes some") {
    Torn torn;
    Program& program = torn.program;
    program->limits.address_space = 8;
    REQUIRE(program->map({.pages = 4, .access = read_only}) == fail(Error::out_of_memory));
    REQUIRE(program->map({.hint = somewhere, .pages = 8, .access = read_only, .fixed = true}));
    REQUIRE(program->remap({.old_first = somewhere, .old_pages = 8, .new_pages = 9}) == fail(Error::out_of_memory));
    program->limits.address_space = SpaceLimits::unlimited;
    program->limits.data = 6;
    REQUIRE(program->protect(somewhere, 8, read_write) == fail(Error::out_of_memory));
    REQUIRE(program->protect(somewhere, 4, read_write));
    REQUIRE(program->map({.pages = 3, .access = read_write}) == fail(Error::out_of_memory));
    REQUIRE(program->map({.pages = 3, .access = read_write, .shared = true}));
    const VirtAddr start = VirtAddr(0x10000000);
    program->set_program_break_start(start);
    REQUIRE(program->set_break(start + 3 * page_size) == start);
    REQUIRE(program->set_break(start + 2 * page_size) == start + 2 * page_size);
    require_balanced(torn.torus);
}

TEST_CASE("promises of memory are made as the policy says") {
    BootedTorus torus;
    CommitAccount& commit = torus->memory.commit;
    Program program = Program::start(torus);
    const std::uint32_t most = commit.limit();
    REQUIRE(program->map({.pages = most + 1, .access = read_write}) == fail(Error::out_of_memory));
    REQUIRE(program->map({.pages = most + 1, .access = read_write, .no_reserve = true}));
    REQUIRE(program->map({.pages = most + 1, .access = read_only}));
    REQUIRE(commit.charged() == 0);
    const Page first = *program->map({.pages = most, .access = read_write});
    REQUIRE(commit.charged() == most);
    program->unmap(first, most).value();

    commit.set_policy(CommitPolicy::never);
    const Page half = *program->map({.pages = most / 2 + 1, .access = read_only});
    REQUIRE(program->protect(half, most / 2 + 1, read_write));
    REQUIRE(commit.charged() == most / 2 + 1);
    REQUIRE(program->map({.pages = most / 2 + 1, .access = read_write, .no_reserve = true}) ==
            fail(Error::out_of_memory));
    REQUIRE(program->clone() == fail(Error::out_of_memory));
    commit.set_policy(CommitPolicy::always);
    Program child = program.fork();
    require_balanced(torus);
    child.end();
    program.end();
    REQUIRE(commit.charged() == 0);
}

TEST_CASE("the kernel looks into a space that is not loaded, as the program would") {
    Torn torn;
    Program& program = torn.program;
    Program other = Program::start(torn.torus);
    other->load();
    const std::array<std::byte, 6> text{std::byte{'q'}, std::byte{'u'}, std::byte{'i'}, std::byte{'r'}, std::byte{'e'}};
    const VirtAddr across = (somewhere + 1).start() - 3;
    REQUIRE(program->write(across, text));
    std::array<std::byte, 6> back{};
    REQUIRE(program->read(across, back));
    REQUIRE(back == text);
    REQUIRE(program->read((somewhere + 3).start() - 2, back) == fail(Error::bad_address));
    REQUIRE(program->protect(somewhere, 3, read_only));
    REQUIRE(program->write(across, text) == fail(Error::bad_address));
    REQUIRE(program->write(VirtAddr(0xC0000000), text) == fail(Error::bad_address));
    Program child = program.fork();
    REQUIRE(program->protect(somewhere, 3, read_write));
    REQUIRE(program->write(across, std::array<std::byte, 1>{}));
    REQUIRE(child->read(across, back));
    REQUIRE(back == text);
    require_balanced(torn.torus);
}

TEST_CASE("a new kernel table is in every directory at once") {
    BootedTorus torus;
    Program program = Program::start(torus);
    // More than one table of the heap's area covers.
    const Result<void*> block = torus->memory.heap.allocate(6U << 20);
    REQUIRE(block);
    require_balanced(torus);
    REQUIRE(torus->memory.heap.free(*block));
    torus->memory.heap.trim();
    require_balanced(torus);
}

TEST_CASE("no more regions than the limit allows come about, and nothing is cut beyond it") {
    BootedTorus torus;
    Program program = Program::start(torus);
    torus->memory.max_map_count = 4;
    const auto cut_into = [&](std::uint32_t regions) { // a read-only middle page each: two regions more
        const Page first = *program->map({.pages = 16, .access = read_write});
        for (std::uint32_t at = 1; program->statistics().regions < regions; at += 2) {
            REQUIRE(program->protect(first + at, 1, read_only));
        }
        return first;
    };
    const Page first = cut_into(3); // w r w…
    SECTION("protect") {
        CHECK(program->protect(first + 5, 1, read_only) == fail(Error::out_of_memory));
        CHECK(program->protect(first + 15, 1, read_only)); // an end: one more
        CHECK(program->protect(first + 14, 1, read_only)); // joins its neighbour
        CHECK(program->protect(first + 2, 1, read_only));
        CHECK(program->protect(first, 1, no_access));
        CHECK(program->statistics().regions == 4);
    }
    SECTION("unmap") {
        CHECK(program->unmap(first + 5, 1));
        CHECK(program->unmap(first + 9, 1) == fail(Error::out_of_memory));
        CHECK(program->map({.hint = first + 9, .pages = 1, .access = read_only, .fixed = true}) ==
              fail(Error::out_of_memory));
        CHECK(program->unmap(first + 15, 1));
        CHECK(program->unmap(first, 15));
    }
    SECTION("advise and lock") {
        CHECK(program->advise(first + 5, 1, Advice::dont_fork) == fail(Error::would_block));
        CHECK(program->advise(first + 5, 1, Advice::dont_need));
        CHECK(program->lock(first + 5, 1, true) == fail(Error::out_of_memory));
        CHECK(program->remap({.old_first = first + 1, .old_pages = 1, .new_pages = 2, .may_move = true}) ==
              fail(Error::out_of_memory));
    }
    SECTION("map and the program break") {
        CHECK(program->map({.pages = 1, .access = read_only}));
        CHECK(program->map({.pages = 1, .access = read_execute})); // as Linux, one more than the limit
        CHECK(program->map({.pages = 1, .access = no_access}) == fail(Error::out_of_memory));
        program->set_program_break_start(VirtAddr(0x08100000));
        CHECK(program->set_break(VirtAddr(0x08101000)) == VirtAddr(0x08100000));
    }
    require_balanced(torus);
}

TEST_CASE("a mapping of a source does not grow beyond the source's last possible page") {
    BootedTorus torus;
    TestFile file(torus->memory, 4);
    Program program = Program::start(torus);
    const Page first =
        *program->map({.pages = 1, .access = read_only, .shared = true, .object = &file, .object_page = 0xFFFFFFFE});
    const RemapRequest longer{.old_first = first, .old_pages = 1, .new_pages = 4, .may_move = true};
    CHECK(program->remap(longer) == fail(Error::invalid_argument));
    CHECK(program->remap_object_pages(first, 2, 0xFFFFFFFF, false) == fail(Error::invalid_argument));
    require_balanced(torus);
}
