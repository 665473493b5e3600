// alarm() and setitimer(): signals that come when a time has passed.
#pragma once

#include "kernel/process/process_table.h"

namespace quire {

// Sends the signals that are due, and sets the alarms that repeat again: once each, however often they would have gone
// off since the last time. O(processes); nothing but a comparison while no alarm is set.
void expire_alarms(ProcessTable& table);

// RLIMIT_CPU: SIGXCPU each second from the soft limit on, SIGKILL at the hard one. man 2 setrlimit.
void enforce_processor_limit(Process& process);

// Sets ITIMER_REAL: in `delay` nanoseconds, then every `interval`; 0 is off. Returns what was left of the one before.
IntervalAlarm set_real_alarm(Process& process, std::uint64_t delay, std::uint64_t interval);
// What is left of it, nanoseconds.
[[nodiscard]] IntervalAlarm real_alarm_left(const Process& process);

} // namespace quire
