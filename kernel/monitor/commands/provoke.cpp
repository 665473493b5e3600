// The faults, each a function of its own so that the backtrace names it. See provoke.h.
#include "kernel/monitor/commands/provoke.h"

#include "kernel/machine/image.h"
#include "kernel/machine/mmu.h"
#include "kernel/machine/provoke.h"
#include "kernel/machine/user_memory.h"
#include "kernel/memory/paging/layout.h"
#include "kernel/trap/attempt.h"

#include <array>
#include <cstddef>

namespace quire {

namespace {

// The same number, from a place the compiler cannot look through: what follows is no undefined behaviour to it.
[[gnu::noinline]] std::uint32_t opaque(std::uint32_t number) {
    const volatile std::uint32_t place = number;
    return place;
}

volatile std::uint32_t* word_at(std::uint32_t address) {
    return reinterpret_cast<volatile std::uint32_t*>(static_cast<std::uintptr_t>(opaque(address)));
}
void read(std::uint32_t address) {
    static_cast<void>(*word_at(address)); // only to be read
}
void write(std::uint32_t address) {
    *word_at(address) = 0x51515151;
}
void call(std::uint32_t address) {
    // NOLINTNEXTLINE(clang-analyzer-core.CallAndMessage): that it may be null is the point
    reinterpret_cast<void (*)()>(static_cast<std::uintptr_t>(opaque(address)))();
}

void null_read(Torus&) {
    read(0);
}
void null_write(Torus&) {
    write(0);
}
void null_call(Torus&) {
    call(0);
}
void null_member(Torus&) {
    struct Wide {
        std::array<std::byte, 0x40> before;
        std::uint32_t member;
    };
    read(offsetof(Wide, member));
}
void wild_read(Torus&) {
    read(0x8BADF00D);
}
void wild_call(Torus&) {
    call(0x8BADF00D);
}
void negative_pointer(Torus&) {
    read(static_cast<std::uint32_t>(-4));
}
void user_address(Torus&) {
    write(0x08048000); // where i386 programs are usually linked
}

void text_write(Torus&) {
    write(machine::kernel_image().text.start.value());
}
void rodata_write(Torus&) {
    write(machine::kernel_image().rodata.start.value());
}
void guard_read(Torus&) {
    read(machine::kernel_image().stack_guard.start.value());
}

[[gnu::noinline]] std::uint32_t recurse(std::uint32_t levels) {
    const volatile std::uint32_t own = levels; // each call has its own: it cannot become a loop
    return levels == 0 ? 0 : recurse(levels - 1) + own;
}
void stack_overflow(Torus&) {
    static_cast<void>(recurse(opaque(~0U))); // never comes back
}

void freed_read(Torus& torus) {
    constexpr std::size_t bytes = std::size_t{16} * page_size;
    KernelHeap& heap = torus.memory.heap;
    const Result<void*> block = heap.allocate(bytes);
    if (!block) {
        return;
    }
    const auto address = static_cast<std::uint32_t>(reinterpret_cast<std::uintptr_t>(*block));
    must_succeed(heap.free(*block));
    heap.trim(); // the heap would keep the pages for the next block
    read(address + bytes / 2);
}

// The highest page of the direct map that is not mapped, for no RAM lies there. Where RAM goes on beyond the direct map
// it is the last page of the heap's area, which lies behind it.
void unmapped_read(Torus& torus) {
    const Area& direct = area(AreaKind::direct_map);
    VirtAddr address = direct.last;
    while (address > machine::kernel_image().whole.end && torus.memory.directory.translate(address)) {
        address = address - page_size;
    }
    if (address <= machine::kernel_image().whole.end) {
        address = area(AreaKind::heap).last;
    }
    read(address.value() & ~(page_size - 1));
}
void ended_mapping_read(Torus&) {
    constexpr unsigned slot_past_the_last = PhysicalMemory::most_temporary_mappings + 1;
    read(static_cast<std::uint32_t>(reinterpret_cast<std::uintptr_t>(machine::temporary_page(slot_past_the_last))));
}

// Copies to and from a program whose kernel side is wrong: no program is to blame, and none is told so.
void copy_from_guard(Torus&) {
    const VirtAddr guard = machine::kernel_image().stack_guard.start;
    // It never comes back.
    static_cast<void>(machine::copy_to_user(VirtAddr(0x08048000), machine::mapped(guard), page_size));
}
void copy_to_null(Torus&) {
    // It never comes back.
    static_cast<void>(machine::copy_from_user(machine::mapped(VirtAddr(opaque(0))), VirtAddr(0x08048000), page_size));
}

void divide(Torus&) {
    machine::provoke_divide_error();
}
void debug(Torus&) {
    machine::provoke_debug();
}
void breakpoint(Torus&) {
    machine::provoke_breakpoint();
}
void overflow(Torus&) {
    machine::provoke_overflow();
}
void bound(Torus&) {
    machine::provoke_bound();
}
void invalid_opcode(Torus&) {
    machine::provoke_invalid_opcode();
}
void bad_selector(Torus&) {
    machine::provoke_general_protection();
}
void missing_gate(Torus&) {
    machine::provoke_empty_gate();
}
void double_fault(Torus&) {
    machine::provoke_double_fault(page_size); // the page at 0 is below it
}

namespace vector = machine::vector;

constexpr auto kinds = std::to_array<FaultKind>({
    FaultKind{"null", "reads through a null pointer", vector::page_fault, "null pointer", null_read},
    FaultKind{"null-write", "writes through a null pointer", vector::page_fault, "null pointer", null_write},
    FaultKind{"null-call", "calls a null function pointer", vector::page_fault, "null function pointer", null_call},
    FaultKind{"member", "reads a member of a null object", vector::page_fault, "member of a null pointer", null_member},
    FaultKind{"wild", "reads through a wild pointer", vector::page_fault, "user address", wild_read},
    FaultKind{"wild-call", "calls a wild function pointer", vector::page_fault, "wild jump", wild_call},
    FaultKind{"negative", "uses the number -4 as a pointer", vector::page_fault, "negative pointer", negative_pointer},
    FaultKind{"user", "writes to a program's address without a program", vector::page_fault, "user address",
              user_address},
    FaultKind{"text-write", "writes to the kernel's code", vector::page_fault, "write to code", text_write},
    FaultKind{"rodata-write", "writes to a constant", vector::page_fault, "write to a constant", rodata_write},
    FaultKind{"stack-guard", "reads the guard page below the stack", vector::page_fault, "stack guard touched",
              guard_read},
    FaultKind{"stack-overflow", "recurses until the stack is full", vector::double_fault, "stack overflow",
              stack_overflow},
    FaultKind{"freed", "reads a heap block after it was freed", vector::page_fault, "freed heap memory", freed_read},
    FaultKind{"direct-map", "reads a physical address without RAM", vector::page_fault, "beyond RAM", unmapped_read},
    FaultKind{"window", "reads a temporary mapping that is not there", vector::page_fault, "ended temporary mapping",
              ended_mapping_read},
    FaultKind{"double", "pushes on a stack that is not mapped", vector::double_fault, "lost stack", double_fault},
    FaultKind{"copy", "copies to a program from a wrong kernel address", vector::page_fault, "stack guard touched",
              copy_from_guard},
    FaultKind{"copy-null", "copies from a program through a null pointer", vector::page_fault, "user address",
              copy_to_null},
    FaultKind{"divide", "divides by zero", vector::divide_error, "", divide},
    FaultKind{"overflow", "overflows and asks INTO", vector::overflow, "", overflow},
    FaultKind{"bound", "asks BOUND about an index outside", vector::bound, "", bound},
    FaultKind{"opcode", "executes UD2", vector::invalid_opcode, "", invalid_opcode},
    FaultKind{"breakpoint", "executes INT3", vector::breakpoint, "", breakpoint},
    FaultKind{"debug", "executes one instruction with the trap flag set", vector::debug, "", debug},
    FaultKind{"selector", "loads a selector beyond the GDT", vector::general_protection, "bad selector", bad_selector},
    FaultKind{"interrupt", "raises a vector that has no gate", vector::general_protection, "missing gate",
              missing_gate},
});

} // namespace

std::span<const FaultKind> fault_kinds() {
    return kinds;
}

const FaultKind* find_fault_kind(std::string_view name) {
    for (const FaultKind& kind : kinds) {
        if (kind.name == name) {
            return &kind;
        }
    }
    return nullptr;
}

bool provoke(const FaultKind& kind, Torus& torus) {
    const auto trap = attempt(TrapReport::full, [&] { kind.provoke(torus); });
    return trap.has_value() && trap->vector == kind.vector;
}

} // namespace quire
