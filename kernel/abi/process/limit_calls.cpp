// Limits and usage: getrlimit, prlimit64, getrusage, times. See system_calls.h. Checks and their order: Linux 6.1
// kernel/sys.c.
#include "kernel/abi/process/process_calls.h"
#include "kernel/abi/system_calls.h"
#include "kernel/abi/time/clock.h"
#include "kernel/abi/uapi.h"
#include "kernel/abi/user_memory.h"
#include "kernel/fs/vfs/file_table.h"
#include "kernel/machine/devices.h"
#include "kernel/memory/space/address_space.h"
#include "kernel/process/process_table.h"

#include <algorithm>
#include <utility>

namespace quire::abi {

namespace {

constexpr std::uint64_t nanoseconds_in_tick = nanoseconds_in_second / machine::ticks_per_second;

// A limit in 32 bits: what does not fit is no limit.
[[nodiscard]] constexpr std::uint32_t narrowed(std::uint64_t limit) {
    constexpr std::uint32_t none = ~std::uint32_t{0};
    return limit >= none ? none : static_cast<std::uint32_t>(limit);
}
[[nodiscard]] constexpr std::uint64_t widened(std::uint32_t limit) {
    return limit == ~std::uint32_t{0} ? ResourceLimit::unlimited : limit;
}

// Errors: invalid_argument (the soft limit is above the hard one), not_permitted (more files, or more queued signals,
// than there can be).
Result<void> put_limit(Process& process, std::uint32_t which, const ResourceLimit& wanted) {
    if (wanted.soft > wanted.hard) {
        return fail(Error::invalid_argument);
    }
    if ((which == limit::files && wanted.hard > FileTable::most_descriptors) ||
        (which == limit::pending_signals && wanted.hard > Signals::most_queued)) {
        return fail(Error::not_permitted);
    }
    process.limits[which] = wanted;
    if (which == limit::files && process.files) {
        process.files->set_limit(static_cast<std::uint32_t>(wanted.soft));
    }
    if (process.space) {
        apply_limits(process, *process.space);
    }
    return {};
}

} // namespace

Result<void> get_limit(Process& process, std::uint32_t which, UserPointer<Limit32> into) {
    if (which >= limit::count) {
        return fail(Error::invalid_argument);
    }
    const ResourceLimit& is = process.limits[which];
    return write_value(into, {.soft = narrowed(is.soft), .hard = narrowed(is.hard)});
}

Result<void> get_limit_old(Process& process, std::uint32_t which, UserPointer<Limit32> into) {
    if (which >= limit::count) {
        return fail(Error::invalid_argument);
    }
    constexpr std::uint32_t none = 0x7FFFFFFF;
    const ResourceLimit& is = process.limits[which];
    return write_value(into, {.soft = std::min(narrowed(is.soft), none), .hard = std::min(narrowed(is.hard), none)});
}

Result<void> set_limit(Process& process, std::uint32_t which, UserPointer<Limit32> from) {
    const auto given = read_value(from);
    if (!given) {
        return fail(given.error());
    }
    if (which >= limit::count) {
        return fail(Error::invalid_argument);
    }
    return put_limit(process, which, {.soft = widened(given->soft), .hard = widened(given->hard)});
}

Result<void> change_limit(Process& process, std::int32_t id, std::uint32_t which, UserPointer<Limit64> from,
                          UserPointer<Limit64> before) {
    Limit64 wanted;
    if (!from.is_null()) {
        const auto given = read_value(from);
        if (!given) {
            return fail(given.error());
        }
        wanted = *given;
    }
    Process* const target = id == 0 ? &process : process.table->find(static_cast<std::uint32_t>(id));
    if (target == nullptr) {
        return fail(Error::no_process);
    }
    if (which >= limit::count) {
        return fail(Error::invalid_argument);
    }
    const ResourceLimit old = target->limits[which];
    if (!from.is_null()) {
        if (const auto put = put_limit(*target, which, {.soft = wanted.soft, .hard = wanted.hard}); !put) {
            return put;
        }
    }
    return before.is_null() ? Result<void>() : write_value(before, {.soft = old.soft, .hard = old.hard});
}

// ---- Usage

Usage usage_of(const Process& /*process*/, const ProcessTimes& times) {
    const auto count = [](std::uint32_t value) { return static_cast<std::int32_t>(value); };
    return {.user = time_of<Timeval>((times.user_ticks + times.children_user_ticks) * nanoseconds_in_tick),
            .system = time_of<Timeval>((times.system_ticks + times.children_system_ticks) * nanoseconds_in_tick),
            .minor_faults = count(times.minor_faults + times.children_minor_faults),
            .major_faults = count(times.major_faults + times.children_major_faults),
            .voluntary_switches = count(times.voluntary_switches),
            .involuntary_switches = count(times.involuntary_switches)};
}

namespace {

// The process's own part, as if it had never had a child; and the other way round.
[[nodiscard]] ProcessTimes own_times(const Process& process) {
    ProcessTimes times = process.usage();
    times.children_user_ticks = times.children_system_ticks = 0;
    times.children_minor_faults = times.children_major_faults = 0;
    return times;
}
[[nodiscard]] ProcessTimes childrens_times(const Process& process) {
    return {.children_user_ticks = process.times.children_user_ticks,
            .children_system_ticks = process.times.children_system_ticks,
            .children_minor_faults = process.times.children_minor_faults,
            .children_major_faults = process.times.children_major_faults};
}

[[nodiscard]] std::int32_t kibibytes(std::uint32_t pages) {
    return static_cast<std::int32_t>(pages * (page_size / 1024));
}

} // namespace

Result<void> get_usage(Process& process, std::int32_t whose, UserPointer<Usage> into) {
    switch (whose) {
    case RUSAGE_SELF:
    case RUSAGE_THREAD: {
        Usage usage = usage_of(process, own_times(process));
        usage.peak_resident = kibibytes(process.space->statistics().resident);
        return write_value(into, usage);
    }
    case RUSAGE_CHILDREN: {
        Usage usage = usage_of(process, childrens_times(process));
        usage.peak_resident = kibibytes(process.times.children_peak_resident);
        return write_value(into, usage);
    }
    default: return fail(Error::invalid_argument);
    }
}

// Clock ticks are hundredths of a second, as the timer's are.
Result<std::uint32_t> get_clocks(Process& process, UserPointer<ProcessClocks> into) {
    static_assert(machine::ticks_per_second == 100);
    if (!into.is_null()) {
        const auto ticks = [](std::uint64_t count) { return static_cast<std::int32_t>(count); };
        const ProcessTimes times = process.usage();
        const auto told = write_value(into, {.user = ticks(times.user_ticks),
                                             .system = ticks(times.system_ticks),
                                             .children_user = ticks(times.children_user_ticks),
                                             .children_system = ticks(times.children_system_ticks)});
        if (!told) {
            return fail(told.error());
        }
    }
    return static_cast<std::uint32_t>(machine::ticks());
}

} // namespace quire::abi
