// Signals on their way to ring 3.
#pragma once

#include "kernel/process/process.h"

namespace quire {

// Before returning to ring 3: delivers what is deliverable; may end or stop the process. Restarts a system call that a
// signal interrupted.
void deliver_signals(Process& process, machine::TrapFrame& registers);

} // namespace quire
