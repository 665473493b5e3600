// The system calls that tell the time, set it, sleep, and have a signal come later.
#pragma once

#include "kernel/abi/arguments.h"
#include "kernel/abi/structures.h"
#include "kernel/lib/result.h"
#include "kernel/process/process.h"

#include <cstdint>

namespace quire::abi {

[[nodiscard]] Result<std::uint32_t> seconds(Process& process, UserPointer<std::int32_t> into);
[[nodiscard]] Result<void> set_seconds(Process& process, UserPointer<std::int32_t> from);
[[nodiscard]] Result<void> get_time_of_day(Process& process, UserPointer<Timeval> into, UserPointer<TimeZone> zone);
[[nodiscard]] Result<void> set_time_of_day(Process& process, UserPointer<Timeval> from, UserPointer<TimeZone> zone);

// Clocks are Linux's CLOCK_…
[[nodiscard]] Result<void> get_clock(Process& process, std::int32_t clock, UserPointer<Timespec> into);
[[nodiscard]] Result<void> get_clock_64(Process& process, std::int32_t clock, UserPointer<Timespec64> into);
[[nodiscard]] Result<void> set_clock(Process& process, std::int32_t clock, UserPointer<Timespec> from);
[[nodiscard]] Result<void> set_clock_64(Process& process, std::int32_t clock, UserPointer<Timespec64> from);
[[nodiscard]] Result<void> clock_resolution(Process& process, std::int32_t clock, UserPointer<Timespec> into);
[[nodiscard]] Result<void> clock_resolution_64(Process& process, std::int32_t clock, UserPointer<Timespec64> into);

// A signal ends the sleep; what was left of it is told.
[[nodiscard]] Result<void> sleep(Process& process, UserPointer<Timespec> span, UserPointer<Timespec> left);
[[nodiscard]] Result<void> sleep_by_clock(Process& process, std::int32_t clock, Bits flags, UserPointer<Timespec> span,
                                          UserPointer<Timespec> left);
[[nodiscard]] Result<void> sleep_by_clock_64(Process& process, std::int32_t clock, Bits flags,
                                             UserPointer<Timespec64> span, UserPointer<Timespec64> left);

// The seconds that were left of the alarm before.
[[nodiscard]] std::uint32_t set_alarm(Process& process, std::uint32_t seconds);
[[nodiscard]] Result<void> get_interval_timer(Process& process, std::uint32_t which, UserPointer<IntervalTimer> into);
[[nodiscard]] Result<void> set_interval_timer(Process& process, std::uint32_t which, UserPointer<IntervalTimer> from,
                                              UserPointer<IntervalTimer> before);

} // namespace quire::abi
