// Where every exception, interrupt and system call arrives from isr.asm: interrupts are served here, everything else is
// the kernel's.
#include "arch/x86/attempt.h"
#include "arch/x86/hardware.h"
#include "arch/x86/include/upcalls.h"
#include "arch/x86/registers.h"

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
    for (std::uint32_t* const segment : {&frame.gs, &frame.fs, &frame.es, &frame.ds, &frame.cs}) {
        *segment &= 0xFFFF;
    }
    if (on_trap(frame) == TrapAction::unwind) {
        unwind_attempt(unwind_target(frame));
    }
}
