// Address spaces as programs meet them: what is mapped is zeros, what is refused is refused by its name, a fork's two
// sides differ as soon as one writes, and when the last is gone, every frame is free again.
#include "kernel/memory/memory.h"
#include "kernel/memory/space/address_space.h"
#include "tests/host/support/program.h"

#include <catch2/catch.hpp>
#include <vector>

using namespace quire;
using namespace quire::test;

TEST_CASE("an address space begins empty and gives back all that it took") {
    BootedTorus torus;
    const std::uint32_t free = torus->memory.frames.free_count();
    {
        Program program = Program::start(torus);
        REQUIRE(program.read(VirtAddr(0x08048000)) == std::unexpected(FaultOutcome::no_region));
        REQUIRE(program.read(VirtAddr(0)) == std::unexpected(FaultOutcome::no_region));
        const VirtAddr memory = program.map(100);
        for (std::uint32_t page = 0; page < 100; page += 3) {
            REQUIRE(program.write(page_at(memory, page), page));
        }
        require_balanced(torus);
    }
    torus->memory.heap.trim();
    REQUIRE(torus->memory.frames.free_count() == free);
    require_balanced(torus);
}

TEST_CASE("anonymous memory is zeros, first shared by all, then a page of its own") {
    BootedTorus torus;
    Program program = Program::start(torus);
    const VirtAddr memory = program.map(3);

    REQUIRE(program.read(memory) == 0U);
    REQUIRE(program.last() == FaultOutcome::zero_page);
    REQUIRE(program->page_state(Page::containing(memory)).frame == torus->memory.zero_frame());
    REQUIRE(program.write(memory + 4, 7));
    REQUIRE(program.last() == FaultOutcome::demand_zero);
    REQUIRE(program.read(memory) == 0U);
    REQUIRE(program.read(memory + 4) == 7U);
    REQUIRE(program.write(page_at(memory, 1), 8));
    REQUIRE(program.last() == FaultOutcome::demand_zero);
    REQUIRE(program->statistics().resident == 2);
    require_balanced(torus);
}

TEST_CASE("a fork shares tables until one side changes something") {
    BootedTorus torus;
    Program parent = Program::start(torus);
    const VirtAddr memory = parent.map(10);
    for (std::uint32_t page = 0; page < 10; ++page) {
        REQUIRE(parent.write(page_at(memory, page), page + 1));
    }
    const std::uint32_t free = torus->memory.frames.free_count();
    {
        Program child = parent.fork();
        require_balanced(torus);
        REQUIRE(free - torus->memory.frames.free_count() < 6); // a directory, and books
        REQUIRE(child.read(page_at(memory, 4)) == 5U);
        REQUIRE(child.last() == FaultOutcome::spurious);
        REQUIRE(child.write(page_at(memory, 4), 50));
        REQUIRE(child.last() == FaultOutcome::copy_on_write);
        require_balanced(torus);
        REQUIRE(parent.read(page_at(memory, 4)) == 5U);
        REQUIRE(child.read(page_at(memory, 4)) == 50U);
        REQUIRE(parent.write(page_at(memory, 4), 40));
        REQUIRE(parent.last() == FaultOutcome::reused);
        REQUIRE(parent.write(page_at(memory, 5), 60));
        REQUIRE(parent.last() == FaultOutcome::copy_on_write);
        REQUIRE(child.read(page_at(memory, 5)) == 6U);
        require_balanced(torus);
    }
    for (std::uint32_t page = 0; page < 10; ++page) {
        REQUIRE(parent.write(page_at(memory, page), page));
        REQUIRE(parent.last() == (page == 4 || page == 5 ? FaultOutcome::spurious : FaultOutcome::reused));
    }
    require_balanced(torus);
}

TEST_CASE("a table whose sharers are gone is written to at once") {
    BootedTorus torus;
    Program parent = Program::start(torus);
    const VirtAddr memory = parent.map(4);
    REQUIRE(parent.write(memory, 1));
    parent.fork().end();
    REQUIRE(parent.write(memory, 2));
    REQUIRE(parent.last() == FaultOutcome::table_unshared);
    REQUIRE(parent.write(page_at(memory, 1), 3));
    require_balanced(torus);
}

TEST_CASE("shared memory is the same on both sides of a fork") {
    BootedTorus torus;
    Program parent = Program::start(torus);
    const VirtAddr memory = parent.map(4, true);
    REQUIRE(parent.write(memory, 1));
    Program child = parent.fork();
    REQUIRE(child.write(memory, 2));
    REQUIRE(parent.read(memory) == 2U);
    REQUIRE(parent.write(page_at(memory, 3), 9));
    REQUIRE(child.read(page_at(memory, 3)) == 9U);
    require_balanced(torus);
}

TEST_CASE("code is executed only where it may be") {
    BootedTorus torus;
    Program program = Program::start(torus);
    const VirtAddr data = program.map(2);
    const Result<Page> code = program->map({.pages = 2, .access = read_execute});
    REQUIRE(code);
    REQUIRE(program.run(data) == std::unexpected(FaultOutcome::protection_error));
    REQUIRE(program.run(VirtAddr(0x10000000)) == std::unexpected(FaultOutcome::no_region));
    REQUIRE(program.run(code->start()));
    REQUIRE(program.last() == FaultOutcome::code_mirrored);
    REQUIRE(program.write(code->start(), 1) == std::unexpected(FaultOutcome::protection_error));
    require_balanced(torus);
    REQUIRE(program->unmap(*code, 1));
    REQUIRE(program.run(code->start()) == std::unexpected(FaultOutcome::no_region));
    require_balanced(torus);
}

TEST_CASE("unmapping cuts regions and forgets what was there") {
    BootedTorus torus;
    Program program = Program::start(torus);
    const VirtAddr memory = program.map(9);
    for (std::uint32_t page = 0; page < 9; ++page) {
        REQUIRE(program.write(page_at(memory, page), page + 1));
    }
    const Page first = Page::containing(memory);
    REQUIRE(program->unmap(first + 3, 3));
    REQUIRE(program->statistics().regions == 2);
    REQUIRE(program.read(page_at(memory, 4)) == std::unexpected(FaultOutcome::no_region));
    REQUIRE(program.read(page_at(memory, 2)) == 3U);
    REQUIRE(program.read(page_at(memory, 6)) == 7U);
    require_balanced(torus);
    REQUIRE(program->map({.hint = first + 3, .pages = 3, .access = read_write}) == first + 3);
    REQUIRE(program->statistics().regions == 1);
    REQUIRE(program.read(page_at(memory, 4)) == 0U);
    REQUIRE(program->unmap(first, 9));
    REQUIRE(program->statistics().regions == 0);
    require_balanced(torus);
}

TEST_CASE("the program break moves up and down, and what it left is gone") {
    BootedTorus torus;
    Program program = Program::start(torus);
    const VirtAddr start(0x08100010);
    program->set_program_break_start(start);
    REQUIRE(program->set_break(VirtAddr(0)) == start);
    REQUIRE(program->set_break(start + 3 * page_size) == start + 3 * page_size);
    REQUIRE(program.write(VirtAddr(0x08102000), 5));
    REQUIRE(program->set_break(start) == start);
    REQUIRE(program.read(VirtAddr(0x08102000)) == std::unexpected(FaultOutcome::no_region));
    REQUIRE(program->set_break(start + 3 * page_size) == start + 3 * page_size);
    REQUIRE(program.read(VirtAddr(0x08102000)) == 0U);
    require_balanced(torus);
}

TEST_CASE("a stack grows by faults up to its limit and keeps its distance") {
    BootedTorus torus;
    Program program = Program::start(torus);
    const Page top = end_of_user_pages - 4;
    REQUIRE(program->map(
        {.hint = top, .pages = 4, .access = read_write, .kind = RegionKind::stack, .fixed = true, .grows_down = true}));
    program->limits.stack = 1000;
    REQUIRE(program.write((top - 10).start(), 1));
    REQUIRE(program.last() == FaultOutcome::stack_grown);
    REQUIRE(program->find(top - 9) != nullptr);
    REQUIRE(program.write((top - 997).start(), 1) == std::unexpected(FaultOutcome::no_region));
    REQUIRE(program->map({.hint = top - 500, .pages = 1, .access = read_only, .fixed = true}));
    REQUIRE(program.write((top - 300).start(), 1) == std::unexpected(FaultOutcome::no_region));
    REQUIRE(program.write((top - 200).start(), 1));
    require_balanced(torus);
}
