// The page of code that signal handlers return through which were installed without a restorer, by programs that make
// the system call themselves. Linux gives every program such a page, as a part of its vDSO; here a space gets it with
// the first signal that needs it, and so a program that needs none, forks and ends as if there were none.
#pragma once

#include "kernel/lib/result.h"
#include "kernel/machine/address.h"
#include "kernel/process/signals/signal_frame.h"

namespace quire {

struct Process;

// Where the handler of such a frame of the current process's returns to. Maps the page if it is not there, or not any
// more. Errors: the space's, and interrupted (the process is killed).
[[nodiscard]] Result<VirtAddr> signal_return_address(Process& process, SignalFrameKind kind);

} // namespace quire
