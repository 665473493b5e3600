// The page of code that signal handlers return through which were installed without a restorer, by programs that make
// the system call themselves. Linux gives every program such a page, as a part of its vDSO; here a space gets it with
// the first signal that needs it, and so a program that needs none, forks and ends as if there were none.
#pragma once

#include "kernel/lib/result.h"
#include "kernel/memory/space/address_space.h"
#include "kernel/process/signals/signal_frame.h"

namespace quire {

// Where the handler of such a frame returns to. Maps the page if it is not there, or not any more. Errors: the space's.
[[nodiscard]] Result<VirtAddr> signal_return_address(AddressSpace& space, SignalFrameKind kind);

} // namespace quire
