// Clocks, sleeping, alarms. See time_calls.h. Checks and their order: Linux 6.1 kernel/time/time.c, posix-timers.c,
// hrtimer.c, itimer.c.
#include "kernel/abi/time/time_calls.h"

#include "kernel/abi/time/clock.h"
#include "kernel/abi/uapi.h"
#include "kernel/abi/user_memory.h"
#include "kernel/machine/devices.h"
#include "kernel/process/lifecycle/alarms.h"
#include "kernel/process/userland/userland.h"
#include "kernel/torus/torus.h"

#include <utility>

namespace quire::abi {

namespace {

constexpr std::uint64_t nanoseconds_in_tick = nanoseconds_in_second / machine::ticks_per_second;

[[nodiscard]] Userland& userland_of(const Process& process) {
    return process.table->userland();
}

// Nanoseconds since 1970.
[[nodiscard]] std::uint64_t calendar(const Process& process) {
    const Timestamp stamp = userland_of(process).now();
    return static_cast<std::uint64_t>(stamp.seconds) * nanoseconds_in_second + stamp.nanoseconds;
}

// How a clock counts: the time that there is, or that a process has used, all of it or in ring 3.
enum class ClockKind : std::uint8_t { calendar, since_boot, used, used_by_user };

struct Clock {
    ClockKind kind;
    std::uint32_t process = 0; // whose time it counts

    [[nodiscard]] bool counts_usage() const { return kind >= ClockKind::used; }
};

// A clock that clock_getcpuclockid gives: from bit 3 on the complement of a process's id, or of 0 for the caller; bit 2
// for a thread's; below it what is counted, user and system time, user time, or all as exactly as can be. Linux,
// include/linux/posix-timers.h.
[[nodiscard]] std::optional<Clock> clock_of_process(const Process& process, std::int32_t clock) {
    constexpr std::int32_t id_shift = 3, kind_mask = 3, of_thread = 4, user_time = 1, kinds = 3;
    const auto id = static_cast<std::uint32_t>(~(clock >> id_shift));
    const std::uint32_t whose = id != 0 ? id : process.id;
    const bool there = (clock & of_thread) != 0 ? whose == process.id : process.table->find(whose) != nullptr;
    if (clock >= 0 || (clock & kind_mask) >= kinds || !there) {
        return std::nullopt;
    }
    return Clock{(clock & kind_mask) == user_time ? ClockKind::used_by_user : ClockKind::used, whose};
}

[[nodiscard]] std::optional<Clock> clock_named(const Process& process, std::int32_t clock) {
    switch (clock) {
    case CLOCK_REALTIME:
    case CLOCK_REALTIME_COARSE:
    case CLOCK_REALTIME_ALARM:
    case CLOCK_TAI: return Clock{ClockKind::calendar};
    case CLOCK_MONOTONIC:
    case CLOCK_MONOTONIC_RAW:
    case CLOCK_MONOTONIC_COARSE:
    case CLOCK_BOOTTIME:
    case CLOCK_BOOTTIME_ALARM: return Clock{ClockKind::since_boot};
    case CLOCK_PROCESS_CPUTIME_ID:
    case CLOCK_THREAD_CPUTIME_ID: return Clock{ClockKind::used, process.id};
    default: return clock_of_process(process, clock);
    }
}

[[nodiscard]] std::uint64_t reading_of(const Process& process, const Clock& clock) {
    const Process* const of = clock.counts_usage() ? process.table->find(clock.process) : nullptr;
    switch (clock.kind) {
    case ClockKind::calendar: return calendar(process);
    case ClockKind::since_boot: return now();
    case ClockKind::used:
        return of != nullptr ? (of->usage().user_ticks + of->usage().system_ticks) * nanoseconds_in_tick : 0;
    case ClockKind::used_by_user: return of != nullptr ? of->usage().user_ticks * nanoseconds_in_tick : 0;
    }
    return 0;
}

} // namespace

// ---- The calendar

Result<std::uint32_t> seconds(Process& process, UserPointer<std::int32_t> into) {
    const auto seconds = static_cast<std::int32_t>(userland_of(process).now().seconds);
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
    userland_of(process).set_time(*time);
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
        userland_of(process).set_time(*since_1970);
    }
    return {};
}

// ---- Clocks

namespace {

template <class Time> Result<void> tell_clock(const Process& process, std::int32_t clock, UserPointer<Time> into) {
    const auto named = clock_named(process, clock);
    return named ? write_value(into, time_of<Time>(reading_of(process, *named))) : fail(Error::invalid_argument);
}

template <class Time> Result<void> change_clock(Process& process, std::int32_t clock, UserPointer<Time> from) {
    if (clock != CLOCK_REALTIME) {
        const auto named = clock_named(process, clock);
        return fail(named && clock < 0 ? Error::not_permitted : Error::invalid_argument);
    }
    const auto time = read_time(from);
    if (!time) {
        return fail(time.error());
    }
    userland_of(process).set_time(*time);
    return {};
}

template <class Time> Result<void> tell_resolution(const Process& process, std::int32_t clock, UserPointer<Time> into) {
    if (!clock_named(process, clock)) {
        return fail(Error::invalid_argument);
    }
    constexpr std::int32_t exact = 2; // of the clocks of processes, as Linux has it
    const bool coarse =
        clock == CLOCK_REALTIME_COARSE || clock == CLOCK_MONOTONIC_COARSE || (clock < 0 && (clock & 3) != exact);
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
Result<void> clock_resolution(Process& process, std::int32_t clock, UserPointer<Timespec> into) {
    return tell_resolution(process, clock, into);
}
Result<void> clock_resolution_64(Process& process, std::int32_t clock, UserPointer<Timespec64> into) {
    return tell_resolution(process, clock, into);
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

// As sleep_until() with the continuation's deadline. A signal makes it say what is left, at `first` where that is not
// null; where no handler ran, as when it was stopped and goes on, it sleeps on. Error: restart_where_it_was.
template <class Time> Result<std::uint32_t> sleep_on(Process& process) {
    const Continuation& sleep = process.continuation;
    if (sleep_until(process, sleep.deadline)) {
        process.continuation = {};
        return 0U;
    }
    if (const UserPointer<Time> left{VirtAddr(sleep.first)}; !left.is_null()) {
        const std::uint64_t time = now();
        const std::uint64_t rest = sleep.deadline == 0     ? longest_time
                                   : sleep.deadline > time ? sleep.deadline - time
                                                           : 0;
        if (const auto told = write_value(left, time_of<Time>(rest)); !told) {
            return fail(told.error());
        }
    }
    return fail(Error::restart_where_it_was);
}

template <class Time> Result<void> sleep_for(Process& process, std::uint64_t span, UserPointer<Time> left) {
    process.continuation = {.go_on = &sleep_on<Time>, .deadline = deadline_after(span), .first = left.address.value()};
    const auto slept = sleep_on<Time>(process);
    return slept ? Result<void>() : fail(slept.error());
}

// Until the clock of a process's usage, which is never quicker than time, shows `reading`; or until the process has
// ended.
Result<void> sleep_until_used(Process& process, const Clock& clock, std::uint64_t reading) {
    while (process.table->find(clock.process) != nullptr) {
        const std::uint64_t used = reading_of(process, clock);
        if (used >= reading) {
            break;
        }
        if (const auto slept = sleep_until(process, deadline_after(reading - used)); !slept) {
            return slept;
        }
    }
    return {};
}

template <class Time>
Result<void> sleep_by(Process& process, std::int32_t clock, Bits flags, UserPointer<Time> from,
                      UserPointer<Time> left) {
    const auto named = clock_named(process, clock);
    constexpr std::int32_t of_thread = 4;
    if (!named || clock == CLOCK_THREAD_CPUTIME_ID || (clock < 0 && (clock & of_thread) != 0)) {
        return fail(Error::invalid_argument);
    }
    if (clock == CLOCK_MONOTONIC_RAW || clock == CLOCK_REALTIME_COARSE || clock == CLOCK_MONOTONIC_COARSE) {
        return fail(Error::not_supported);
    }
    const auto time = read_time(from);
    if (!time) {
        return fail(time.error());
    }
    const bool absolute = (std::to_underlying(flags) & TIMER_ABSTIME) != 0;
    const std::uint64_t reading = reading_of(process, *named);
    if (named->counts_usage()) {
        return sleep_until_used(process, *named, absolute ? *time : reading + *time);
    }
    if (!absolute) {
        return sleep_for(process, *time, left);
    }
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
    const ProcessTimes times = process.usage();
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
