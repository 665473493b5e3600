// Fork at its limits: many sharers, generations of them, every allocation failing once, and what it costs in frames.
#include "kernel/memory/memory.h"
#include "tests/host/support/program.h"
#include "tests/host/support/random.h"

#include <catch2/catch.hpp>
#include <optional>
#include <vector>

using namespace quire;
using namespace quire::test;

TEST_CASE("300 programs share one page, and each that writes gets its own") {
    BootedTorus torus;
    const std::uint32_t free = torus->memory.frames.free_count();
    {
        std::vector<Program> programs;
        programs.push_back(Program::start(torus));
        const VirtAddr memory = programs[0].map(2);
        REQUIRE(programs[0].write(memory, 1));
        for (int child = 1; child < 300; ++child) {
            programs.push_back(programs.back().fork());
        }
        const Frame table = programs[0]->tables().directory_entry(directory_index(Page::containing(memory))).frame();
        REQUIRE(torus->memory.frames.share_count(table) == 300);
        // Each makes the table its own by touching the other page; the first page then has a share for each.
        for (Program& program : programs) {
            REQUIRE(program.read(page_at(memory, 1)) == 0U);
        }
        REQUIRE(programs[7]->page_state(Page::containing(memory)).sharers == 300);
        require_balanced(torus);
        for (std::uint32_t number = 0; number < 300; ++number) {
            REQUIRE(programs[number].write(memory, number));
            REQUIRE(programs[number].last() == (number == 299 ? FaultOutcome::reused : FaultOutcome::copy_on_write));
        }
        for (std::uint32_t number = 0; number < 300; ++number) {
            REQUIRE(programs[number].read(memory) == number);
        }
        require_balanced(torus);
    }
    torus->memory.heap.trim();
    REQUIRE(torus->memory.frames.free_count() == free);
}

TEST_CASE("three generations of forks keep apart what each has written") {
    BootedTorus torus;
    Program grandparent = Program::start(torus);
    const VirtAddr memory = grandparent.map(3);
    for (std::uint32_t page = 0; page < 3; ++page) {
        REQUIRE(grandparent.write(page_at(memory, page), 100 + page));
    }
    Program parent = grandparent.fork();
    REQUIRE(parent.write(memory, 200));
    Program child = parent.fork();
    REQUIRE(child.write(page_at(memory, 1), 300));
    REQUIRE(grandparent.write(page_at(memory, 2), 400));
    require_balanced(torus);
    const auto words = [&](Program& program) {
        return std::vector{*program.read(memory), *program.read(page_at(memory, 1)), *program.read(page_at(memory, 2))};
    };
    REQUIRE(words(grandparent) == std::vector<std::uint32_t>{100, 101, 400});
    REQUIRE(words(parent) == std::vector<std::uint32_t>{200, 101, 102});
    REQUIRE(words(child) == std::vector<std::uint32_t>{200, 300, 102});
    parent.end();
    require_balanced(torus);
    REQUIRE(words(child) == std::vector<std::uint32_t>{200, 300, 102});
}

TEST_CASE("a fork of much memory takes no more frames than one of little") {
    BootedTorus torus(MachineOptions{.ram = 256U << 20});
    Program program = Program::start(torus);
    const VirtAddr memory = program.map(16384);
    for (std::uint32_t page = 0; page < 16384; ++page) {
        REQUIRE(served(program->handle_fault(page_at(memory, page), {.write = true})));
    }
    program.fork().end(); // the pool and the heap have what they need
    const std::uint32_t free = torus->memory.frames.free_count();
    const Program child = program.fork();
    REQUIRE(free - torus->memory.frames.free_count() == 1);
    require_balanced(torus);
}

namespace {

// A program that has a little of everything, its child, and what both do next. False as soon as memory has run out.
bool live(BootedTorus& torus, Program& parent, VirtAddr memory) {
    const Result<AddressSpace*> space = parent->clone();
    if (!space) {
        return false;
    }
    Program child(torus, **space);
    const Page first = Page::containing(memory);
    return child.write(memory, 1) && child.run(memory) && child->protect(first + 2, 1, read_only) &&
           child->unmap(first + 5, 2) && child->map({.pages = 3, .access = read_write, .shared = true}) &&
           child->remap({.old_first = first, .old_pages = 2, .new_pages = 1500, .may_move = true}) &&
           child->advise(first + 3, 1, Advice::dont_need) && parent.write(page_at(memory, 1), 2) &&
           parent->protect(first + 3, 1, read_only) && parent->protect(first + 3, 1, quire::Access::all());
}

} // namespace

TEST_CASE("every allocation of a fork and its life fails once, and nothing is lost by it") {
    bool all_done = false;
    for (std::uint32_t left = 0; !all_done; ++left) {
        INFO(left << " frames are left");
        REQUIRE(left < 64);
        BootedTorus torus;
        Program parent = Program::start(torus);
        const Result<Page> first = parent->map({.pages = 8, .access = quire::Access::all()});
        REQUIRE(first);
        const VirtAddr memory = first->start();
        for (std::uint32_t page = 0; page < 8; ++page) {
            REQUIRE(parent.write(page_at(memory, page), page));
            REQUIRE(parent.run(page_at(memory, page)));
        }
        torus->memory.heap.trim();
        const std::uint32_t regions = parent->statistics().regions;
        {
            const Result<FrameReservation> hog = torus->memory.frames.reserve(torus->memory.frames.available() - left);
            REQUIRE(hog);
            all_done = live(torus, parent, memory);
            require_balanced(torus);
        }
        REQUIRE(parent.read(page_at(memory, 4)) == 4U);
        REQUIRE(parent->statistics().regions == regions);
        require_balanced(torus);
    }
}
