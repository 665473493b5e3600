// Sending signals, to processes and groups.
#pragma once

#include "kernel/lib/result.h"
#include "kernel/process/process.h"

#include <cstdint>

namespace quire {

// Sends a signal; nothing where the receiver ignores it. Errors: would_block (a realtime signal with no room).
Result<void> send_signal(Process& receiver, const SignalInfo& info);
// To each process of a group. Error: no_process where there is none.
Result<void> signal_group(ProcessTable& table, std::uint32_t group, const SignalInfo& info);
// A fault of the process itself: cannot be blocked or ignored; where it is, the process ends.
void force_signal(Process& process, const SignalInfo& info);
[[nodiscard]] SignalInfo child_signal(const Process& child, std::int32_t code, std::uint32_t status);
// The parent hears that `process` stopped, or goes on (SIGCHLD, wait4).
void tell_parent_of_stop(Process& process, bool stopped);

} // namespace quire
