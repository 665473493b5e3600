// The kernel's panic(): says where and why, who called, and switches the machine off with a failing status. Uses
// nothing that could be broken: no heap, no interrupts, text straight to the wire.
#include "kernel/lib/panic.h"

#include "kernel/machine/cpu.h"
#include "kernel/machine/image.h"
#include "kernel/machine/upcalls.h"
#include "kernel/monitor/console/console_sink.h"
#include "kernel/monitor/report/backtrace.h"
#include "kernel/monitor/report/report_guard.h"

namespace quire {

void panic(const char* why, const char* file, unsigned line) {
    machine::disable_interrupts();
    const ReportGuard report;
    ConsoleSink wire;
    print(wire, "\nPANIC: {}\n  at {}:{}\n", why, file, line);
    if (report.outermost()) {
        print(wire, "  called from\n");
        const std::uint32_t innermost = machine::frame_pointer();
        const OwnStacks stacks(machine::kernel_image(), VirtAddr(innermost));
        print_backtrace(wire, walk_stack(stacks, innermost), CodeNames::linked(), "    ");
    } else {
        print(wire, "  inside another report, so nothing more is said\n");
    }
    power_off_after_panic();
}

void machine::on_broken_invariant(const char* why, const char* file, unsigned line) {
    panic(why, file, line);
}

} // namespace quire
