// What is said about an exception of the kernel's own. Who says it stands above and is linked in: monitor/report.
#pragma once

#include "kernel/machine/trap.h"
#include "kernel/torus/torus.h"

namespace quire {

// All there is to know about the trap; `torus`: null while there is none yet.
void report_kernel_trap(const machine::TrapFrame& trap, Torus* torus);
// Nobody was ready for the trap, which has been reported: the kernel ends.
[[noreturn]] void end_after_kernel_trap(const machine::TrapFrame& trap);

} // namespace quire
