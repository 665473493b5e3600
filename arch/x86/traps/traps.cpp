// Where exceptions and interrupts arrive from isr.asm that do not go straight to the kernel: interrupts are served
// here, faults of the kernel's own that it is prepared for are repaired, everything else is the kernel's.
#include "arch/x86/cpu/hardware.h"
#include "arch/x86/cpu/registers.h"
#include "arch/x86/traps/attempt.h"
#include "arch/x86/traps/recovery.h"
#include "kernel/machine/upcalls.h"
#include "kernel/machine/user.h"

#include <cstddef>

namespace quire::machine {

// isr.asm knows these.
static_assert(offsetof(TrapFrame, gs) == 4 && offsetof(TrapFrame, fs) == 8 && offsetof(TrapFrame, es) == 12 &&
              offsetof(TrapFrame, ds) == 16 && offsetof(TrapFrame, edi) == 20 &&
              offsetof(TrapFrame, error_code) == 56 && offsetof(TrapFrame, cs) == 64 &&
              offsetof(TrapFrame, eflags) == 68 && sizeof(TrapFrame) == 80);
static_assert(offsetof(CpuLocal, pending_work) == 6);

namespace {

// Whether an exception is the one that its instruction is prepared for. Of those that touch user memory this is a page
// fault at an address of the program's. A move has an address of the kernel's, too: if that lies in user space, it is
// wrong, and nobody can tell which of the two faulted.
bool prepared_for(const Recovery& recovery, const TrapFrame& frame) {
    const auto in_user_space = [](std::uint32_t address) { return VirtAddr(address) < user_end; };
    const bool at_users_address = frame.vector == vector::page_fault && in_user_space(frame.fault_address);
    switch (recovery.from) {
    case Recovery::refused: return frame.vector != vector::page_fault;
    case Recovery::access: return at_users_address;
    case Recovery::move: return at_users_address && in_user_space(frame.esi) != in_user_space(frame.edi);
    }
    return false;
}

// An exception in ring 0 that its instruction is prepared for: a page fault is tried to be resolved, as ring 3's would
// be, with interrupts as they were; whatever else it is, the kernel goes on where the instruction's user wants.
bool recover(TrapFrame& frame) {
    const Recovery* const recovery = recovery_at(frame.eip);
    if (recovery == nullptr || !prepared_for(*recovery, frame)) {
        return false;
    }
    if (frame.vector == vector::page_fault) {
        if ((frame.eflags & eflags::interrupt) != 0) {
            enable_interrupts();
        }
        const bool resolved = on_page_fault(VirtAddr(frame.fault_address), frame.error_code, frame);
        disable_interrupts();
        if (resolved) {
            return true;
        }
    }
    frame.eip = recovery->target;
    return true;
}

// Exceptions that ring 3 can make the kernel have, and that mean nothing there: a single step whose trap flag was set
// outside (at the kernel's first instruction at most), and an NMI, which nothing here asks for.
bool harmless(TrapFrame& frame) {
    if (frame.vector == vector::debug && !frame.from_user() && !attempting()) {
        frame.eflags &= ~eflags::trap;
        return true;
    }
    return frame.vector == vector::nmi;
}

} // namespace

} // namespace quire::machine

// Called by isr.asm with the frame it built. The upper halves of the pushed segment registers hold whatever was there:
// processors differ in whether they write them (Intel SDM vol. 2B, "PUSH").
extern "C" void dispatch_trap(quire::machine::TrapFrame& frame) {
    using namespace quire::machine;
    Hardware& hardware = *cpu_local->hardware;
    if (hardware.features.smap && (frame.eflags & eflags::alignment_check) != 0) {
        asm volatile("clac" : : : "memory"); // or the kernel could read user memory by mistake
    }
    if (frame.vector - vector::first_irq < vector::irq_count) {
        hardware.serve_interrupt(frame.vector - vector::first_irq);
        return;
    }
    if ((frame.eflags & eflags::virtual_8086) != 0) {
        return; // it is true (below), and isr.asm makes an exception of ring 3 of it
    }
    for (std::uint32_t* const segment : {&frame.gs, &frame.fs, &frame.es, &frame.ds, &frame.cs}) {
        *segment &= 0xFFFF;
    }
    if (harmless(frame) || (!frame.from_user() && recover(frame))) {
        return;
    }
    if (on_trap(frame) == TrapAction::unwind) {
        unwind_attempt(unwind_target(frame));
    }
}

// Called by isr.asm with a frame whose EFLAGS say virtual 8086 mode. Leaving that mode, the processor first pushes the
// four data segments where the kernel's stack begins (Intel SDM vol. 3A §20.3.3), and so the frame lies four words
// deeper than any other of ring 3. False: it does not, and the flag, which nothing else vouches for, is taken out of
// the frame.
extern "C" bool left_virtual_8086(quire::machine::TrapFrame& frame) {
    using namespace quire::machine;
    constexpr std::uint32_t data_segments = 4 * sizeof(std::uint32_t);
    const std::uint32_t end = reinterpret_cast<std::uint32_t>(&frame + 1);
    const bool left = end + data_segments == cpu_local->hardware->descriptors.interrupted_task().esp0;
    if (!left) {
        frame.eflags &= ~eflags::virtual_8086;
    }
    return left;
}
