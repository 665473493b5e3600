// poll and ppoll. See poll_calls.h. Checks and their order: Linux 6.1 fs/select.c.
#include "kernel/abi/files/poll_calls.h"

#include "kernel/abi/files/watch_list.h"
#include "kernel/abi/heap_block.h"
#include "kernel/abi/time/clock.h"
#include "kernel/abi/uapi.h"
#include "kernel/abi/user_memory.h"

#include <cstdint>
#include <optional>

namespace quire::abi {

namespace {

// What is told about a file whether it was asked for or not.
constexpr std::uint32_t always_told = POLLERR | POLLHUP;

// Waits, with the program's array copied to `descriptors`, whose answers are filled in.
Result<std::uint32_t> wait_for(Process& process, std::span<PollDescriptor> descriptors,
                               std::optional<std::uint64_t> span) {
    WatchList list(process);
    if (const auto reserved = list.reserve(static_cast<std::uint32_t>(descriptors.size())); !reserved) {
        return fail(reserved.error());
    }
    std::uint32_t not_open = 0;
    for (PollDescriptor& each : descriptors) {
        each.returned = 0;
        File* const file = process.files->find(static_cast<std::uint32_t>(each.descriptor));
        if (file != nullptr && !file->is_path()) {
            list.add(*file, static_cast<std::uint16_t>(each.events) | always_told);
        } else if (each.descriptor >= 0) {
            each.returned = POLLNVAL;
            ++not_open;
        }
    }
    const auto found = list.wait(not_open != 0, span);
    if (!found) {
        return found;
    }
    auto watched = list.all().begin();
    for (PollDescriptor& each : descriptors) {
        if (each.descriptor >= 0 && each.returned == 0) {
            each.returned = static_cast<std::int16_t>(watched->ready);
            ++watched;
        }
    }
    return *found + not_open;
}

Result<std::uint32_t> poll_for(Process& process, VirtAddr from, std::uint32_t count,
                               std::optional<std::uint64_t> span) {
    if (count > process.files->limit()) {
        return fail(Error::invalid_argument);
    }
    const HeapBlock<PollDescriptor> block(count);
    if (count != 0 && !block) {
        return fail(Error::out_of_memory);
    }
    if (const auto read = read_memory(from, std::as_writable_bytes(block.all())); !read) {
        return fail(read.error());
    }
    const auto found = wait_for(process, block.all(), span);
    if (!found) {
        return found;
    }
    for (std::uint32_t at = 0; at < count; ++at) {
        const VirtAddr place = from + (at * static_cast<std::uint32_t>(sizeof(PollDescriptor)) +
                                       static_cast<std::uint32_t>(offsetof(PollDescriptor, returned)));
        if (const auto told = write_value(place, block.all()[at].returned); !told) {
            return fail(told.error());
        }
    }
    return found;
}

template <class Time>
Result<std::uint32_t> poll_with(Process& process, VirtAddr from, std::uint32_t count, UserPointer<Time> timeout,
                                UserPointer<WideSet> mask, std::uint32_t mask_size) {
    const auto read = read_span(timeout);
    if (!read) {
        return fail(read.error());
    }
    const std::optional<std::uint64_t>& span = *read;
    TemporaryMask temporary(process);
    if (const auto installed = temporary.install(mask, mask_size); !installed) {
        return fail(installed.error());
    }
    const std::uint64_t before = now();
    const auto found = poll_for(process, from, count, span);
    temporary.finish(!found && found.error() == Error::restart_unless_handled);
    if (span && !keeps_timeouts(process)) {
        const std::uint64_t passed = now() - before;
        // What is left; where it cannot be told, nobody hears of it. man 2 ppoll.
        may_fail(write_value(timeout, time_of<Time>(*span > passed ? *span - passed : 0)));
    }
    return found;
}

} // namespace

bool keeps_timeouts(const Process& process) {
    return (process.umbrella & uapi::STICKY_TIMEOUTS) != 0;
}

namespace {

// With the array, its length and the deadline of the process's continuation. Where a signal without a handler comes, as
// when it is stopped and goes on, it waits for what is left.
Result<std::uint32_t> poll_on(Process& process) {
    const Continuation call = process.continuation;
    const std::uint64_t time = now();
    const auto span =
        call.deadline == 0 ? std::nullopt : std::optional(call.deadline > time ? call.deadline - time : 0);
    const auto found = poll_for(process, VirtAddr(call.first), call.second, span);
    if (!found && found.error() == Error::restart_unless_handled) {
        return fail(Error::restart_where_it_was);
    }
    process.continuation = {};
    return found;
}

} // namespace

Result<std::uint32_t> poll(Process& process, VirtAddr descriptors, std::uint32_t count, std::int32_t milliseconds) {
    const auto span = milliseconds < 0
                          ? std::nullopt
                          : std::optional(static_cast<std::uint64_t>(milliseconds) * nanoseconds_in_millisecond);
    process.continuation = {
        .go_on = &poll_on, .deadline = deadline_after(span), .first = descriptors.value(), .second = count};
    return poll_on(process);
}

Result<std::uint32_t> poll_with_mask(Process& process, VirtAddr descriptors, std::uint32_t count,
                                     UserPointer<Timespec> timeout, UserPointer<WideSet> mask,
                                     std::uint32_t mask_size) {
    return poll_with(process, descriptors, count, timeout, mask, mask_size);
}

Result<std::uint32_t> poll_with_mask_64(Process& process, VirtAddr descriptors, std::uint32_t count,
                                        UserPointer<Timespec64> timeout, UserPointer<WideSet> mask,
                                        std::uint32_t mask_size) {
    return poll_with(process, descriptors, count, timeout, mask, mask_size);
}

} // namespace quire::abi
