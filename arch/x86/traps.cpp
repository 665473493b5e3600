// Where exceptions and interrupts arrive from isr.asm that do not go straight to the kernel: interrupts are served
// here, faults of the kernel's own that it is prepared for are repaired, everything else is the kernel's.
#include "arch/x86/attempt.h"
#include "arch/x86/hardware.h"
#include "arch/x86/include/upcalls.h"
#include "arch/x86/recovery.h"
#include "arch/x86/registers.h"

#include <cstddef>

namespace quire::machine {

// isr.asm knows these.
static_assert(offsetof(TrapFrame, gs) == 4 && offsetof(TrapFrame, fs) == 8 && offsetof(TrapFrame, es) == 12 &&
              offsetof(TrapFrame, ds) == 16 && offsetof(TrapFrame, edi) == 20 &&
              offsetof(TrapFrame, error_code) == 56 && offsetof(TrapFrame, cs) == 64 &&
              offsetof(TrapFrame, eflags) == 68 && sizeof(TrapFrame) == 80);
static_assert(offsetof(CpuLocal, attention) == 6);

namespace {

// An exception in ring 0 at an instruction that may have one: a page fault is tried to be resolved, as ring 3's would
// be, with interrupts as they were; whatever else it is, the kernel goes on where the instruction's user wants.
bool recover(TrapFrame& frame) {
    const std::uint32_t target = recovery_from(frame.eip);
    if (target == 0) {
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
    frame.eip = target;
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
        return; // isr.asm makes an exception of ring 3 of it
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
