// What the kernel does with an exception: reports it, as much as was asked for, and goes back to whoever attempted it.
// Where nobody did it goes on after a breakpoint and ends the kernel after anything else.
#include "kernel/trap/trap.h"

#include "kernel/machine/image.h"
#include "kernel/machine/mmu.h"
#include "kernel/machine/upcalls.h"
#include "kernel/monitor/console/wire.h"
#include "kernel/monitor/report/fault_report.h"
#include "kernel/monitor/report/report_guard.h"
#include "kernel/process/userland/programs.h"
#include "kernel/torus/torus.h"
#include "kernel/trap/user_trap.h"

namespace quire {

namespace {

void count(const machine::TrapFrame& trap, Counters& counters) {
    if (trap.vector == machine::vector::page_fault) {
        ++counters.page_faults;
    } else {
        ++counters.other_exceptions;
    }
}

// Everything about the trap, or, inside of another report, one line: then something that reports need is broken, and
// looking at more of it would only trap again.
void report(const machine::TrapFrame& trap, Torus* torus) {
    const ReportGuard guard;
    Wire wire;
    if (!guard.outermost()) {
        print(wire, "\nPANIC: {} at {:#010x} (address {:#010x}) inside another report; nothing more is said\n",
              machine::exception_name(trap.vector), trap.eip, trap.fault_address);
        power_off_after_panic();
    }
    const auto print_with = [&](const MemoryBooks* books) {
        print_report(
            wire, gather_facts(trap, machine::kernel_image(), CodeNames::linked(), machine::page_directory(), books));
    };
    if (torus != nullptr) {
        Memory& memory = torus->memory;
        const MemoryBooks books{
            .physical = memory.physical, .directory = memory.directory, .frames = memory.frames, .heap = memory.heap};
        print_with(&books);
    } else {
        print_with(nullptr);
    }
}

} // namespace

std::optional<machine::TrapFrame> attempt(TrapReport report, void (*body)(void*), void* argument) {
    Torus* const torus = this_torus();
    if (torus == nullptr) {
        return machine::attempt(body, argument);
    }
    const TrapReport outer = torus->trap_report;
    torus->trap_report = report;
    const auto trapped = machine::attempt(body, argument);
    torus->trap_report = outer;
    return trapped;
}

machine::TrapAction machine::on_trap(TrapFrame& trap) {
    Torus* const torus = this_torus();
    if (torus != nullptr) {
        count(trap, torus->counters);
    }
    if (trap.from_user() && torus != nullptr) {
        raise_for_exception(torus->programs->processes.scheduler.current(), trap);
        return TrapAction::resume;
    }
    const bool expected = attempting() && cpu_local->reports == 0;
    if (expected && torus != nullptr && torus->trap_report == TrapReport::none) {
        return TrapAction::unwind;
    }
    report(trap, torus);
    if (expected) {
        return TrapAction::unwind;
    }
    if (trap.vector == vector::breakpoint || trap.vector == vector::debug) {
        return TrapAction::resume;
    }
    Wire wire;
    print(wire, "\nPANIC: {} that nobody was ready for\n", exception_name(trap.vector));
    power_off_after_panic();
}

} // namespace quire
