// The four places where the machine calls the kernel. The machine declares them, kernel/ defines them.
#pragma once

#include "arch/x86/include/address.h"
#include "arch/x86/include/cpu.h"
#include "arch/x86/include/trap.h"

namespace quire::machine {

// What the boot stub was given and saw.
struct BootHandoff {
    std::uint32_t magic = 0;           // EAX at entry; 0x2BADB002 from a Multiboot loader
    PhysAddr info;                     // EBX at entry: the Multiboot information
    std::uint64_t entry_timestamp = 0; // timestamp() in the boot stub
    PhysAddr early_limit;              // the direct map reaches up to here until the kernel builds its own directory
};

// What to do after a trap.
enum class TrapAction : std::uint8_t {
    resume, // go on where it trapped
    unwind, // come out of the innermost attempt(); there must be one
};

// Runs the kernel, on the boot stack, interrupts off, devices ready. Never returns.
[[noreturn]] void kernel_main(const BootHandoff& handoff, Hardware& hardware);

// Every exception and system call; interrupts are off.
[[nodiscard]] TrapAction on_trap(TrapFrame& frame);

// Every timer interrupt, after it was counted.
void on_tick();

// An invariant of the machine's own is broken: `why` says which. The kernel panics. `file` and `line` are the caller's
// by themselves.
[[noreturn]] void on_broken_invariant(const char* why, const char* file = __builtin_FILE(),
                                      unsigned line = __builtin_LINE());

} // namespace quire::machine
