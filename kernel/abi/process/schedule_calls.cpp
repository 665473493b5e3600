// Priorities, policies, affinity. See system_calls.h. Everything runs round robin on one processor: what is asked for
// is checked as Linux does, kept where it can be asked back, and changes nothing. Linux 6.1 kernel/sys.c,
// kernel/sched/core.c.
#include "kernel/abi/system_calls.h"
#include "kernel/abi/time/clock.h"
#include "kernel/abi/uapi.h"
#include "kernel/abi/user_memory.h"
#include "kernel/machine/devices.h"
#include "kernel/process/process_table.h"

#include <algorithm>

namespace quire::abi {

namespace {

// 0 is the caller. Errors: invalid_argument (negative), no_process.
Result<Process*> find(Process& process, std::int32_t id) {
    if (id < 0) {
        return fail(Error::invalid_argument);
    }
    Process* const found = id == 0 ? &process : process.table->find(static_cast<std::uint32_t>(id));
    return found != nullptr ? Result<Process*>(found) : fail(Error::no_process);
}

} // namespace

std::int32_t yield_processor(Process& process) {
    process.table->scheduler.yield();
    return 0;
}

// ---- Nice values, from -20 to 19

namespace {

constexpr std::int32_t nicest = 19, least_nice = -20;

// Calls visit(Process&) for each process that getpriority's arguments mean. Errors: invalid_argument, no_process.
template <class Visitor>
Result<void> visit_meant(Process& process, std::uint32_t kind, std::int32_t whose, Visitor&& visit) {
    if (kind > PRIO_USER) {
        return fail(Error::invalid_argument);
    }
    const auto id = static_cast<std::uint32_t>(whose);
    bool any = false;
    process.table->for_each([&](Process& each) {
        const bool meant = kind == PRIO_PROCESS ? each.id == (id != 0 ? id : process.id)
                           : kind == PRIO_PGRP  ? each.group == (id != 0 ? id : process.group)
                                                : id == 0;
        if (meant) {
            any = true;
            visit(each);
        }
    });
    return any ? Result<void>() : fail(Error::no_process);
}

} // namespace

// From 1 (nicest) to 40, so that it is never negative. man 2 getpriority, "C library/kernel differences".
Result<std::uint32_t> get_priority(Process& process, std::uint32_t kind, std::int32_t whose) {
    std::int32_t best = nicest;
    const auto visited =
        visit_meant(process, kind, whose, [&](const Process& each) { best = std::min(best, each.nice); });
    return visited ? Result<std::uint32_t>(static_cast<std::uint32_t>(nicest + 1 - best)) : fail(visited.error());
}

Result<void> set_priority(Process& process, std::uint32_t kind, std::int32_t whose, std::int32_t nice) {
    return visit_meant(process, kind, whose, [&](Process& each) { each.nice = std::clamp(nice, least_nice, nicest); });
}

Result<void> add_nice(Process& process, std::int32_t increment) {
    const std::int32_t bounded = std::clamp(increment, -2 * nicest, 2 * nicest);
    process.nice = std::clamp(process.nice + bounded, least_nice, nicest);
    return {};
}

// ---- Policies

namespace {

constexpr std::int32_t highest_realtime = 99;

[[nodiscard]] bool is_realtime(std::int32_t policy) {
    return policy == SCHED_FIFO || policy == SCHED_RR;
}
[[nodiscard]] bool is_other(std::int32_t policy) {
    return policy == SCHED_NORMAL || policy == SCHED_BATCH || policy == SCHED_IDLE;
}

} // namespace

Result<std::uint32_t> get_scheduler(Process& process, std::int32_t id) {
    const auto found = find(process, id);
    return found ? Result<std::uint32_t>(SCHED_NORMAL) : fail(found.error());
}

Result<void> set_scheduler(Process& process, std::int32_t id, std::int32_t policy, UserPointer<std::int32_t> place) {
    if (policy < 0 || place.is_null() || id < 0) {
        return fail(Error::invalid_argument);
    }
    const auto priority = read_value(place);
    if (!priority) {
        return fail(priority.error());
    }
    const auto found = find(process, id);
    if (!found) {
        return fail(found.error());
    }
    if (is_realtime(policy) && *priority >= 1 && *priority <= highest_realtime) {
        return fail(Error::not_permitted); // nothing could keep its promise
    }
    return is_other(policy) && *priority == 0 ? Result<void>() : fail(Error::invalid_argument);
}

Result<void> get_parameters(Process& process, std::int32_t id, UserPointer<std::int32_t> place) {
    if (place.is_null()) {
        return fail(Error::invalid_argument);
    }
    const auto found = find(process, id);
    return found ? write_value(place, 0) : fail(found.error());
}

Result<void> set_parameters(Process& process, std::int32_t id, UserPointer<std::int32_t> place) {
    return set_scheduler(process, id, SCHED_NORMAL, place);
}

Result<std::uint32_t> highest_priority(Process& /*process*/, std::int32_t policy) {
    if (is_realtime(policy)) {
        return static_cast<std::uint32_t>(highest_realtime);
    }
    return is_other(policy) || policy == SCHED_DEADLINE ? Result<std::uint32_t>(0U) : fail(Error::invalid_argument);
}

Result<std::uint32_t> lowest_priority(Process& /*process*/, std::int32_t policy) {
    if (is_realtime(policy)) {
        return 1U;
    }
    return is_other(policy) || policy == SCHED_DEADLINE ? Result<std::uint32_t>(0U) : fail(Error::invalid_argument);
}

namespace {

template <class Time> Result<void> tell_slice(Process& process, std::int32_t id, UserPointer<Time> into) {
    const auto found = find(process, id);
    return found ? write_value(into, time_of<Time>(nanoseconds_in_second / machine::ticks_per_second))
                 : fail(found.error());
}

} // namespace

Result<void> time_slice(Process& process, std::int32_t id, UserPointer<Timespec> into) {
    return tell_slice(process, id, into);
}
Result<void> time_slice_64(Process& process, std::int32_t id, UserPointer<Timespec64> into) {
    return tell_slice(process, id, into);
}

// ---- One processor, number 0

Result<std::uint32_t> get_affinity(Process& process, std::int32_t id, std::uint32_t bytes, VirtAddr into) {
    constexpr std::uint32_t mask = 1;
    if (bytes < sizeof(mask) || bytes % sizeof(mask) != 0) {
        return fail(Error::invalid_argument);
    }
    const auto found = find(process, id);
    if (!found) {
        return fail(id < 0 ? Error::no_process : found.error());
    }
    const auto told = write_value(into, mask);
    return told ? Result<std::uint32_t>(static_cast<std::uint32_t>(sizeof(mask))) : fail(told.error());
}

Result<void> set_affinity(Process& process, std::int32_t id, std::uint32_t bytes, VirtAddr from) {
    std::uint32_t mask = 0;
    const auto given = std::as_writable_bytes(std::span(&mask, 1)).first(std::min<std::size_t>(bytes, sizeof(mask)));
    if (const auto read = read_memory(from, given); !read) {
        return read;
    }
    if (const auto found = find(process, id); !found) {
        return fail(Error::no_process);
    }
    return (mask & 1) != 0 ? Result<void>() : fail(Error::invalid_argument);
}

Result<void> get_processor(Process& /*process*/, UserPointer<std::uint32_t> processor,
                           UserPointer<std::uint32_t> node) {
    for (const UserPointer<std::uint32_t> each : {processor, node}) {
        if (!each.is_null()) {
            if (const auto told = write_value(each, 0U); !told) {
                return told;
            }
        }
    }
    return {};
}

} // namespace quire::abi
