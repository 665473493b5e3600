// Clocks, sleeping, alarms. See time_calls.h. Checks and their order: Linux 6.1 kernel/time/time.c, posix-timers.c,
// hrtimer.c, itimer.c.
#include "kernel/abi/time_calls.h"

#include "arch/x86/include/devices.h"
#include "kernel/abi/clock.h"
#include "kernel/abi/uapi.h"
#include "kernel/abi/user_memory.h"
#include "kernel/process/alarms.h"
#include "kernel/process/programs.h"
#include "kernel/process/torus.h"

#include <utility>

namespace quire::abi {

namespace {

constexpr std::uint64_t nanoseconds_in_tick = nanoseconds_in_second / machine::ticks_per_second;

[[nodiscard]] Programs& programs_of(const Process& process) {
    return *process.table->torus().programs;
}

// Nanoseconds since 1970.
[[nodiscard]] std::uint64_t calendar(const Process& process) {
    const Timestamp stamp = programs_of(process).now();
    return static_cast<std::uint64_t>(stamp.seconds) * nanoseconds_in_second + stamp.nanoseconds;
}

// How a clock counts.
enum class ClockKind : std::uint8_t { calendar, since_boot, used };

[[nodiscard]] std::optional<ClockKind> kind_of(std::int32_t clock) {
    switch (clock) {
    case CLOCK_REALTIME:
    case CLOCK_REALTIME_COARSE:
    case CLOCK_REALTIME_ALARM:
    case CLOCK_TAI: return ClockKind::calendar;
    case CLOCK_MONOTONIC:
    case CLOCK_MONOTONIC_RAW:
    case CLOCK_MONOTONIC_COARSE:
    case CLOCK_BOOTTIME:
    case CLOCK_BOOTTIME_ALARM: return ClockKind::since_boot;
    case CLOCK_PROCESS_CPUTIME_ID:
    case CLOCK_THREAD_CPUTIME_ID: return ClockKind::used;
    default: return std::nullopt;
    }
}

[[nodiscard]] std::uint64_t reading_of(const Process& process, ClockKind kind) {
    switch (kind) {
    case ClockKind::calendar: return calendar(process);
    case ClockKind::since_boot: return now();
    case ClockKind::used: return (process.times.user_ticks + process.times.system_ticks) * nanoseconds_in_tick;
    }
    return 0;
}

} // namespace

// ---- The calendar

Result<std::uint32_t> seconds(Process& process, UserPointer<std::int32_t> into) {
    const auto seconds = static_cast<std::int32_t>(programs_of(process).now().seconds);
    if (!into.is_null()) {
        if (const auto told = write_value(into, seconds); !told) {
            return fail(told.error());
        }
    }
    return static_cast<std::uint32_t>(seconds);
}

Result<void> set_seconds(Process& process, UserPointer<std::int32_t> from) {
    const auto given = read_value(from);
    if (!given) {
        return fail(given.error());
    }
    const auto time = nanoseconds_of(Timespec{.seconds = *given});
    if (!time) {
        return fail(time.error());
    }
    programs_of(process).set_time(*time);
    return {};
}

Result<void> get_time_of_day(Process& process, UserPointer<Timeval> into, UserPointer<TimeZone> zone) {
    if (!into.is_null()) {
        if (const auto told = write_value(into, time_of<Timeval>(calendar(process))); !told) {
            return told;
        }
    }
    return zone.is_null() ? Result<void>() : write_value(zone, {});
}

Result<void> set_time_of_day(Process& process, UserPointer<Timeval> from, UserPointer<TimeZone> zone) {
    const auto time = read_span(from);
    if (!time) {
        return fail(time.error());
    }
    if (!zone.is_null()) {
        if (const auto given = read_value(zone); !given) { // a zone is taken, and means nothing
            return fail(given.error());
        }
    }
    if (const std::optional<std::uint64_t> since_1970 = *time) {
        programs_of(process).set_time(*since_1970);
    }
    return {};
}

// ---- Clocks

namespace {

template <class Time> Result<void> tell_clock(const Process& process, std::int32_t clock, UserPointer<Time> into) {
    const auto kind = kind_of(clock);
    return kind ? write_value(into, time_of<Time>(reading_of(process, *kind))) : fail(Error::invalid_argument);
}

template <class Time> Result<void> change_clock(Process& process, std::int32_t clock, UserPointer<Time> from) {
    if (!kind_of(clock) || clock != CLOCK_REALTIME) {
        return fail(Error::invalid_argument);
    }
    const auto time = read_time(from);
    if (!time) {
        return fail(time.error());
    }
    programs_of(process).set_time(*time);
    return {};
}

template <class Time> Result<void> tell_resolution(std::int32_t clock, UserPointer<Time> into) {
    if (!kind_of(clock)) {
        return fail(Error::invalid_argument);
    }
    const bool coarse = clock == CLOCK_REALTIME_COARSE || clock == CLOCK_MONOTONIC_COARSE;
    return into.is_null() ? Result<void>() : write_value(into, time_of<Time>(coarse ? nanoseconds_in_tick : 1));
}

} // namespace

Result<void> get_clock(Process& process, std::int32_t clock, UserPointer<Timespec> into) {
    return tell_clock(process, clock, into);
}
Result<void> get_clock_64(Process& process, std::int32_t clock, UserPointer<Timespec64> into) {
    return tell_clock(process, clock, into);
}
Result<void> set_clock(Process& process, std::int32_t clock, UserPointer<Timespec> from) {
    return change_clock(process, clock, from);
}
Result<void> set_clock_64(Process& process, std::int32_t clock, UserPointer<Timespec64> from) {
    return change_clock(process, clock, from);
}
Result<void> clock_resolution(Process& /*process*/, std::int32_t clock, UserPointer<Timespec> into) {
    return tell_resolution(clock, into);
}
Result<void> clock_resolution_64(Process& /*process*/, std::int32_t clock, UserPointer<Timespec64> into) {
    return tell_resolution(clock, into);
}

// ---- Sleeping

namespace {

// Until `deadline` (nanoseconds since boot, 0: for ever). Error: restart_unless_handled.
Result<void> sleep_until(Process& process, std::uint64_t deadline) {
    while (true) {
        const auto waited = process.table->scheduler.wait_woken(deadline);
        if (!waited) {
            return waited.error() == Error::timed_out ? Result<void>() : fail(Error::restart_unless_handled);
        }
    }
}

// For a span of time. A signal ends it with interrupted: what is left has been told, and repeating would begin anew.
template <class Time> Result<void> sleep_for(Process& process, std::uint64_t span, UserPointer<Time> left) {
    const std::uint64_t deadline = deadline_after(span);
    if (sleep_until(process, deadline)) {
        return {};
    }
    if (!left.is_null()) {
        const std::uint64_t time = now();
        const std::uint64_t rest = deadline == 0 ? span : deadline > time ? deadline - time : 0;
        if (const auto told = write_value(left, time_of<Time>(rest)); !told) {
            return told;
        }
    }
    return fail(Error::interrupted);
}

template <class Time>
Result<void> sleep_by(Process& process, std::int32_t clock, Bits flags, UserPointer<Time> from,
                      UserPointer<Time> left) {
    const auto kind = kind_of(clock);
    if (!kind || clock == CLOCK_THREAD_CPUTIME_ID) {
        return fail(Error::invalid_argument);
    }
    const bool no_sleeping_by = *kind == ClockKind::used || clock == CLOCK_MONOTONIC_RAW ||
                                clock == CLOCK_REALTIME_COARSE || clock == CLOCK_MONOTONIC_COARSE;
    if (no_sleeping_by) {
        return fail(Error::not_supported);
    }
    const auto time = read_time(from);
    if (!time) {
        return fail(time.error());
    }
    if ((std::to_underlying(flags) & TIMER_ABSTIME) == 0) {
        return sleep_for(process, *time, left);
    }
    const std::uint64_t reading = reading_of(process, *kind);
    return *time > reading ? sleep_until(process, deadline_after(*time - reading)) : Result<void>();
}

} // namespace

Result<void> sleep(Process& process, UserPointer<Timespec> from, UserPointer<Timespec> left) {
    const auto span = read_time(from);
    return span ? sleep_for(process, *span, left) : fail(span.error());
}

Result<void> sleep_by_clock(Process& process, std::int32_t clock, Bits flags, UserPointer<Timespec> span,
                            UserPointer<Timespec> left) {
    return sleep_by(process, clock, flags, span, left);
}

Result<void> sleep_by_clock_64(Process& process, std::int32_t clock, Bits flags, UserPointer<Timespec64> span,
                               UserPointer<Timespec64> left) {
    return sleep_by(process, clock, flags, span, left);
}

// ---- Alarms

namespace {

[[nodiscard]] IntervalTimer in_microseconds(std::uint64_t left, std::uint64_t interval) {
    // What is left is never told as 0 while there is some.
    const std::uint64_t shown = left != 0 && left < nanoseconds_in_microsecond ? nanoseconds_in_microsecond : left;
    return {.interval = time_of<Timeval>(interval), .left = time_of<Timeval>(shown)};
}

[[nodiscard]] std::uint64_t ticks_in(std::uint64_t nanoseconds) {
    return (nanoseconds + nanoseconds_in_tick - 1) / nanoseconds_in_tick;
}

// The alarm that counts time used, and the time used so far as it sees it.
struct Usage {
    UsageAlarm& alarm;
    std::uint64_t ticks;

    [[nodiscard]] IntervalTimer left() const {
        const std::uint64_t ticks_left = alarm.expires > ticks ? alarm.expires - ticks : 0;
        return in_microseconds(ticks_left * nanoseconds_in_tick, alarm.interval * nanoseconds_in_tick);
    }
};

[[nodiscard]] Usage usage_of(Process& process, std::uint32_t which) {
    const ProcessTimes& times = process.times;
    return which == ITIMER_VIRTUAL ? Usage{process.virtual_alarm, times.user_ticks}
                                   : Usage{process.profile_alarm, times.user_ticks + times.system_ticks};
}

[[nodiscard]] IntervalTimer timer_left(Process& process, std::uint32_t which) {
    if (which == ITIMER_REAL) {
        const IntervalAlarm alarm = real_alarm_left(process);
        return in_microseconds(alarm.expires, alarm.interval);
    }
    return usage_of(process, which).left();
}

void set_timer(Process& process, std::uint32_t which, std::uint64_t delay, std::uint64_t interval) {
    if (which == ITIMER_REAL) {
        static_cast<void>(set_real_alarm(process, delay, interval)); // what was left of the one before is told already
        return;
    }
    const Usage usage = usage_of(process, which);
    usage.alarm = {.expires = delay != 0 ? usage.ticks + ticks_in(delay) : 0, .interval = ticks_in(interval)};
    process.table->alarms_set += delay != 0 ? 1 : 0;
}

} // namespace

std::uint32_t set_alarm(Process& process, std::uint32_t seconds) {
    const IntervalAlarm before = set_real_alarm(process, seconds * nanoseconds_in_second, 0);
    if (before.expires == 0) {
        return 0;
    }
    // Rounded, but never to 0 while one was set.
    const std::uint64_t rounded = (before.expires + nanoseconds_in_second / 2) / nanoseconds_in_second;
    return rounded != 0 ? static_cast<std::uint32_t>(rounded) : 1;
}

Result<void> get_interval_timer(Process& process, std::uint32_t which, UserPointer<IntervalTimer> into) {
    if (which > ITIMER_PROF) {
        return fail(Error::invalid_argument);
    }
    return write_value(into, timer_left(process, which));
}

Result<void> set_interval_timer(Process& process, std::uint32_t which, UserPointer<IntervalTimer> from,
                                UserPointer<IntervalTimer> before) {
    IntervalTimer wanted; // none given: the timer is stopped, as Linux has it
    if (!from.is_null()) {
        const auto given = read_value(from);
        if (!given) {
            return fail(given.error());
        }
        wanted = *given;
    }
    const auto delay = nanoseconds_of(wanted.left);
    const auto interval = nanoseconds_of(wanted.interval);
    if (!delay || !interval || which > ITIMER_PROF) {
        return fail(Error::invalid_argument);
    }
    const IntervalTimer old = timer_left(process, which);
    set_timer(process, which, *delay, *interval);
    return before.is_null() ? Result<void>() : write_value(before, old);
}

} // namespace quire::abi
