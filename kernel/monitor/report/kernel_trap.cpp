// The report on an exception of the kernel's own, on the console.
#include "kernel/trap/kernel_trap.h"

#include "kernel/machine/image.h"
#include "kernel/machine/mmu.h"
#include "kernel/monitor/console/console_sink.h"
#include "kernel/monitor/report/fault_report.h"
#include "kernel/monitor/report/report_guard.h"

namespace quire {

// Everything about the trap, or, inside of another report, one line: then something that reports need is broken, and
// looking at more of it would only trap again.
void report_kernel_trap(const machine::TrapFrame& trap, Torus* torus) {
    const ReportGuard guard;
    ConsoleSink wire;
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

void end_after_kernel_trap(const machine::TrapFrame& trap) {
    ConsoleSink wire;
    print(wire, "\nPANIC: {} that nobody was ready for\n", machine::exception_name(trap.vector));
    power_off_after_panic();
}

} // namespace quire
