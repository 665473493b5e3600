// What is gathered about an address is what the kernel's books and page tables say, and gathering never faults.
#include "kernel/machine/mmu.h"
#include "kernel/monitor/report/fault_facts.h"
#include "tests/host/monitor/report/fault_sample.h"
#include "tests/host/support/booted_torus.h"

#include <catch2/catch.hpp>
#include <random>

namespace quire {
namespace {

using test::BootedTorus;

MemoryBooks books_of(BootedTorus& torus) {
    Memory& memory = torus->memory;
    return {.physical = memory.physical, .directory = memory.directory, .frames = memory.frames, .heap = memory.heap};
}

machine::TrapFrame page_fault_at(std::uint32_t address) {
    machine::TrapFrame trap{};
    trap.vector = machine::vector::page_fault;
    trap.fault_address = address;
    trap.eip = machine::kernel_image().text.start.value();
    return trap;
}

TEST_CASE("nothing is known of an address that is not mapped but what lies around", "[facts]") {
    BootedTorus torus;
    const AddressFacts facts = facts_about(VirtAddr(0x10), books_of(torus));
    CHECK_FALSE(facts.walk.directory.entry.present());
    CHECK_FALSE(facts.translation);
    CHECK_FALSE(facts.frame);
    CHECK_FALSE(facts.here);
    CHECK_FALSE(facts.below);
    REQUIRE(facts.above);
    CHECK(facts.above->first >= PageDirectory::first_kernel_page);
}

TEST_CASE("a mapped address leads to its frame and the frame's owner", "[facts]") {
    BootedTorus torus;
    const machine::KernelImage image = machine::kernel_image();
    const AddressFacts facts = facts_about(image.text.start + 0x123, books_of(torus));
    REQUIRE(facts.translation);
    CHECK_FALSE(facts.translation->protection.writable);
    CHECK(facts.frame == Frame::containing(PhysAddr(image.text.start.value() - machine::kernel_base)));
    CHECK(facts.owner == Owner::kernel);
    REQUIRE(facts.here);
    CHECK(facts.here->first <= Page::containing(image.text.start));
    CHECK(facts.here->end() > Page::containing(image.text.start));
    REQUIRE(facts.below);
    REQUIRE(facts.above);
    CHECK(facts.below->end() <= facts.here->first);
    CHECK(facts.above->first >= facts.here->end());
}

TEST_CASE("the direct map tells which frame would be there", "[facts]") {
    BootedTorus torus({.ram = 64U << 20});
    const AddressFacts beyond = facts_about(VirtAddr(machine::kernel_base + (65U << 20)), books_of(torus));
    CHECK_FALSE(beyond.translation);
    CHECK(beyond.frame == Frame((65U << 20) / page_size));
    CHECK(beyond.owner == Owner::absent);
    const AddressFacts guard = facts_about(machine::kernel_image().stack_guard.start, books_of(torus));
    CHECK_FALSE(guard.translation);
    CHECK(guard.owner == Owner::kernel);
}

TEST_CASE("an address in the heap is found in its block", "[facts]") {
    BootedTorus torus;
    KernelHeap& heap = torus->memory.heap;
    void* const block = heap.allocate(3000).value();
    const VirtAddr heap_start = area(AreaKind::heap).first;
    const VirtAddr address =
        heap_start + static_cast<std::uint32_t>(static_cast<std::byte*>(block) - machine::mapped(heap_start));
    const AddressFacts live = facts_about(address + 100, books_of(torus));
    REQUIRE(live.block);
    CHECK(live.block->address == block);
    CHECK(live.block_start == address);
    CHECK_FALSE(live.was_block);
    CHECK(live.block->state == HeapBlock::State::live);
    CHECK(live.owner == Owner::heap);
    REQUIRE(heap.free(block));
    heap.trim();
    const AddressFacts freed = facts_about(address + 100, books_of(torus));
    CHECK_FALSE(freed.translation);
    CHECK_FALSE(freed.block);
    CHECK(freed.was_block);
    const AddressFacts never = facts_about(area(AreaKind::heap).last - 3, books_of(torus));
    CHECK_FALSE(never.block);
    CHECK_FALSE(never.was_block);
}

TEST_CASE("memory is read through the page tables, and only where there is RAM", "[facts]") {
    BootedTorus torus;
    const MemoryBooks books = books_of(torus);
    const MappedMemory memory(books);
    const VirtAddr stack = machine::kernel_image().boot_stack.start;
    REQUIRE(torus.machine.write(stack + 8, 0x12345678));
    CHECK(memory.word(stack + 8) == 0x12345678U);
    CHECK_FALSE(memory.word(VirtAddr(0)));
    CHECK_FALSE(memory.word(stack - 4));                                // the guard page
    CHECK_FALSE(memory.word(stack + (page_size - 2)));                  // would cross into the next page
    CHECK_FALSE(memory.word(VirtAddr(machine::kernel_base + 0xB8000))); // the screen is no RAM
    CHECK_FALSE(memory.word(VirtAddr(0xFFFFFFFC)));
}

TEST_CASE("facts are gathered with the callers on the stack", "[facts]") {
    BootedTorus torus;
    const machine::KernelImage image = machine::kernel_image();
    const VirtAddr stack = image.boot_stack.end - 64;
    REQUIRE(torus.machine.write(stack, (stack + 16).value()));
    REQUIRE(torus.machine.write(stack + 4, image.text.start.value() + 0x10));
    REQUIRE(torus.machine.write(stack + 16, 0));
    REQUIRE(torus.machine.write(stack + 20, image.text.start.value() + 0x20));
    machine::TrapFrame trap = page_fault_at(0x10);
    trap.ebp = stack.value();
    const MemoryBooks books = books_of(torus);
    const FaultFacts facts = gather_facts(trap, image, {}, machine::page_directory(), &books);
    CHECK(facts.backtrace.count == 2);
    CHECK(facts.backtrace.end == Backtrace::End::outermost);
    CHECK(facts.directory == torus->memory.directory.frame().start());
    REQUIRE(facts.address);
    CHECK(facts.address->address == VirtAddr(0x10));
    CHECK_FALSE(facts.frameless_call);

    SECTION("a call that left no frame is found by its return address") {
        const VirtAddr back = image.text.start + 0x30;
        REQUIRE(torus.machine.write(stack - 8, back.value()));
        trap.esp_at_pushad = (stack - 8).value() - machine::TrapFrame::pushed_above_pushad;
        const test::SymbolWords symbols({{image.text.start.value(), "first"}, {back.value() + 0x20, "second"}});
        const CodeNames names{.symbols = symbols.table(), .text = image.text};
        const auto found = [&](std::uint32_t eip) {
            trap.eip = eip;
            return gather_facts(trap, image, names, machine::page_directory(), &books).frameless_call;
        };
        const std::uint32_t in_second = back.value() + 0x24;
        const PhysAddr code(back.value() - machine::kernel_base);
        CHECK_FALSE(found(0)); // no call stands before it
        torus.machine.ram().set_word(code - 8, 0xE8000000);
        torus.machine.ram().set_word(code - 4, 0x00000020); // CALL second
        CHECK(found(0) == back.value());
        CHECK(found(in_second) == back.value());
        CHECK_FALSE(found(back.value())); // in the first function: left over from earlier
        torus.machine.ram().set_word(code - 8, 0);
        torus.machine.ram().set_word(code - 4, 0xD0FF0000); // CALL EAX
        CHECK(found(0) == back.value());
        CHECK_FALSE(found(in_second));
        torus.machine.ram().set_word(code - 4, 0xE0FF0000); // JMP EAX
        CHECK_FALSE(found(0));
    }
    SECTION("an exception without an address has none") {
        trap.vector = machine::vector::divide_error;
        CHECK_FALSE(gather_facts(trap, image, {}, machine::page_directory(), &books).address);
    }
}

TEST_CASE("facts about any address can be gathered", "[facts]") {
    BootedTorus torus;
    const MemoryBooks books = books_of(torus);
    const unsigned seed = 7;
    CAPTURE(seed);
    std::mt19937 random(seed);
    for (int i = 0; i < 2000; ++i) {
        machine::TrapFrame trap = page_fault_at(static_cast<std::uint32_t>(random()));
        trap.ebp = static_cast<std::uint32_t>(random());
        trap.esp_at_pushad = static_cast<std::uint32_t>(random());
        trap.eip = static_cast<std::uint32_t>(random());
        const FaultFacts facts = gather_facts(trap, machine::kernel_image(), {}, machine::page_directory(), &books);
        const VirtAddr address(trap.fault_address);
        REQUIRE(facts.address->translation.has_value() ==
                torus.machine.read(VirtAddr(address.value() & ~3U)).has_value());
    }
}

} // namespace
} // namespace quire
