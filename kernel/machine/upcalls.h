// The places where the machine calls the kernel. The machine declares them, kernel/ defines them.
#pragma once

#include "kernel/machine/address.h"
#include "kernel/machine/cpu.h"
#include "kernel/machine/trap.h"

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

// Every exception but what is handled below; interrupts are off. Whether ring 3 raised it, the frame says.
[[nodiscard]] TrapAction on_trap(TrapFrame& frame);

extern "C" { // isr.asm calls these

// A page fault of ring 3, or of a function of user_memory.h acting for it (then the frame is the kernel's own).
// `address` is what CR2 says: of an instruction fetch by ring 3 it lies in the mirror, user_code_base higher than the
// program thinks. `error_code`: bits as in Intel SDM vol. 3A §4.7; its user bit is clear where the kernel acts.
// Interrupts are on where they were on. True: resolved, the access is made again. False: user_memory.h gives up, and
// for ring 3 on_trap() follows.
[[nodiscard]] bool on_page_fault(VirtAddr address, std::uint32_t error_code, TrapFrame& frame);

// INT 0x80 in ring 3; interrupts are on. What the call returns goes into frame.eax.
void on_system_call(TrapFrame& frame);

// About to go (back) to ring 3, and cpu_local->pending_work was asked for; interrupts are on. It is asked again until
// nothing is, so everything dealt with must be taken out of it.
void on_return_to_user(TrapFrame& frame);

} // extern "C"

// Every timer interrupt, after it was counted.
void on_tick();

// A channel of disks.h has something for advance(), at the next safe point. From an interrupt.
void on_disk_interrupt();

// An invariant of the machine's own is broken: `why` says which. The kernel panics. `file` and `line` are the caller's
// by themselves.
[[noreturn]] void on_broken_invariant(const char* why, const char* file = __builtin_FILE(),
                                      unsigned line = __builtin_LINE());

} // namespace quire::machine
