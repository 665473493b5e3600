// select and pselect6. See poll_calls.h. Checks and their order: Linux 6.1 fs/select.c.
#include "kernel/abi/files/poll_calls.h"
#include "kernel/abi/files/watch_list.h"
#include "kernel/abi/time/clock.h"
#include "kernel/abi/uapi.h"
#include "kernel/abi/user_memory.h"

#include <algorithm>
#include <array>

namespace quire::abi {

namespace {

constexpr std::uint32_t word_bits = 32;

// A set of descriptors: the program's words, and those of the answer. As many as there can be descriptors.
struct DescriptorSet {
    VirtAddr place;           // null: an empty set, of which nothing is told
    std::uint32_t events = 0; // what is waited for
    std::uint32_t told = 0;   // what makes its descriptors part of the answer
    std::array<std::uint32_t, FileTable::most_descriptors / word_bits> words{};

    [[nodiscard]] bool contains(std::uint32_t descriptor) const {
        return (words[descriptor / word_bits] >> descriptor % word_bits & 1) != 0;
    }
    void remove(std::uint32_t descriptor) { words[descriptor / word_bits] &= ~(1U << descriptor % word_bits); }
};

// The three sets of a call. On the heap: they are too large for a kernel stack.
struct Selection {
    std::array<DescriptorSet, 3> sets;
    std::uint32_t count = 0; // descriptors that are looked at

    [[nodiscard]] std::span<std::byte> bytes_of(DescriptorSet& set) const {
        const std::uint32_t words = (count + word_bits - 1) / word_bits;
        return std::as_writable_bytes(std::span(set.words)).first(words * sizeof(std::uint32_t));
    }
    Result<void> read() {
        for (DescriptorSet& set : sets) {
            if (set.place != VirtAddr()) {
                if (const auto copied = read_memory(set.place, bytes_of(set)); !copied) {
                    return copied;
                }
            }
        }
        return {};
    }
    Result<void> write() {
        for (DescriptorSet& set : sets) {
            if (set.place != VirtAddr()) {
                if (const auto copied = write_memory(set.place, bytes_of(set)); !copied) {
                    return copied;
                }
            }
        }
        return {};
    }
    // What one descriptor is waited for.
    [[nodiscard]] std::uint32_t events_of(std::uint32_t descriptor) const {
        std::uint32_t events = 0;
        for (const DescriptorSet& set : sets) {
            events |= set.contains(descriptor) ? set.events | set.told : 0;
        }
        return events;
    }
    // Leaves `descriptor` in those sets for which it is ready. Returns how many those are.
    std::uint32_t settle(std::uint32_t descriptor, std::uint32_t ready) {
        std::uint32_t members = 0;
        for (DescriptorSet& set : sets) {
            if (!set.contains(descriptor)) {
                continue;
            }
            if ((ready & set.told) != 0) {
                ++members;
            } else {
                set.remove(descriptor);
            }
        }
        return members;
    }
};

// Adds each descriptor of the sets. Errors: bad_descriptor, out_of_memory.
Result<void> watch(Process& process, const Selection& selection, WatchList& list) {
    std::uint32_t members = 0;
    for (std::uint32_t each = 0; each < selection.count; ++each) {
        members += selection.events_of(each) != 0 ? 1U : 0U;
    }
    if (const auto reserved = list.reserve(members); !reserved) {
        return reserved;
    }
    for (std::uint32_t each = 0; each < selection.count; ++each) {
        const std::uint32_t events = selection.events_of(each);
        if (events == 0) {
            continue;
        }
        File* const file = process.files->find(each);
        if (file == nullptr || file->is_path()) {
            return fail(Error::bad_descriptor);
        }
        list.add(*file, events);
    }
    return {};
}

Result<std::uint32_t> select_in(Process& process, Selection& selection, std::optional<std::uint64_t> span) {
    WatchList list(process);
    if (const auto watched = watch(process, selection, list); !watched) {
        return fail(watched.error());
    }
    if (const auto found = list.wait(false, span); !found) {
        return found;
    }
    std::uint32_t members = 0;
    auto watched = list.all().begin();
    for (std::uint32_t each = 0; each < selection.count; ++each) {
        if (selection.events_of(each) != 0) {
            members += selection.settle(each, watched->ready);
            ++watched;
        }
    }
    const auto told = selection.write();
    return told ? Result<std::uint32_t>(members) : fail(told.error());
}

struct Places {
    VirtAddr readable, writable, exceptional;
};

Result<std::uint32_t> select_for(Process& process, std::int32_t count, const Places& places,
                                 std::optional<std::uint64_t> span) {
    if (count < 0) {
        return fail(Error::invalid_argument);
    }
    constexpr std::uint32_t in = POLLIN | POLLRDNORM | POLLRDBAND, out = POLLOUT | POLLWRNORM | POLLWRBAND;
    const HeapBlock<Selection> block(1);
    if (!block) {
        return fail(Error::out_of_memory);
    }
    Selection& selection = block.all().front();
    selection = {.sets = {DescriptorSet{.place = places.readable, .events = in, .told = in | POLLHUP | POLLERR},
                          DescriptorSet{.place = places.writable, .events = out, .told = out | POLLERR},
                          DescriptorSet{.place = places.exceptional, .events = POLLPRI, .told = POLLPRI}},
                 .count = std::min(static_cast<std::uint32_t>(count), FileTable::most_descriptors)};
    if (const auto read = selection.read(); !read) {
        return fail(read.error());
    }
    return select_in(process, selection, span);
}

// Runs `wait` and writes what is left of the time back to where it came from.
template <class Time, class Wait>
Result<std::uint32_t> with_timeout(const Process& process, UserPointer<Time> timeout, std::optional<std::uint64_t> span,
                                   Wait&& wait) {
    const std::uint64_t before = now();
    const Result<std::uint32_t> found = wait();
    if (span && !keeps_timeouts(process)) {
        const std::uint64_t passed = now() - before;
        // Where it cannot be told, nobody hears of it. man 2 pselect.
        may_fail(write_value(timeout, time_of<Time>(*span > passed ? *span - passed : 0)));
    }
    return found;
}

template <class Time>
Result<std::uint32_t> select_masked(Process& process, std::int32_t count, const Places& places,
                                    UserPointer<Time> timeout, UserPointer<SelectMask> mask_place) {
    SelectMask mask;
    if (!mask_place.is_null()) {
        const auto given = read_value(mask_place);
        if (!given) {
            return fail(given.error());
        }
        mask = *given;
    }
    const auto span = read_span(timeout);
    if (!span) {
        return fail(span.error());
    }
    TemporaryMask temporary(process);
    if (const auto installed = temporary.install(UserPointer<WideSet>{VirtAddr(mask.set)}, mask.set_size); !installed) {
        return fail(installed.error());
    }
    const auto found = with_timeout(process, timeout, *span, [&] { return select_for(process, count, places, *span); });
    temporary.finish(!found && found.error() == Error::restart_unless_handled);
    return found;
}

// select's microseconds may be any number: what is more than a second counts as seconds. Linux, fs/select.c.
Result<std::optional<std::uint64_t>> read_select_span(UserPointer<Timeval> timeout) {
    if (timeout.is_null()) {
        return std::optional<std::uint64_t>();
    }
    const auto given = read_value(timeout);
    if (!given) {
        return fail(given.error());
    }
    const std::int64_t nanoseconds = given->seconds * static_cast<std::int64_t>(nanoseconds_in_second) +
                                     given->microseconds * static_cast<std::int64_t>(nanoseconds_in_microsecond);
    if (nanoseconds < 0 || given->microseconds < 0) {
        return fail(Error::invalid_argument);
    }
    return std::optional(static_cast<std::uint64_t>(nanoseconds));
}

} // namespace

Result<std::uint32_t> select(Process& process, std::int32_t count, VirtAddr readable, VirtAddr writable,
                             VirtAddr exceptional, UserPointer<Timeval> timeout) {
    const auto span = read_select_span(timeout);
    if (!span) {
        return fail(span.error());
    }
    const Places places{.readable = readable, .writable = writable, .exceptional = exceptional};
    return with_timeout(process, timeout, *span, [&] { return select_for(process, count, places, *span); });
}

Result<std::uint32_t> select_old(Process& process, UserPointer<OldSelectArguments> arguments) {
    const auto given = read_value(arguments);
    if (!given) {
        return fail(given.error());
    }
    return select(process, static_cast<std::int32_t>(given->count), VirtAddr(given->readable),
                  VirtAddr(given->writable), VirtAddr(given->exceptional),
                  UserPointer<Timeval>{VirtAddr(given->timeout)});
}

Result<std::uint32_t> select_with_mask(Process& process, std::int32_t count, VirtAddr readable, VirtAddr writable,
                                       VirtAddr exceptional, UserPointer<Timespec> timeout,
                                       UserPointer<SelectMask> mask) {
    return select_masked(process, count, {readable, writable, exceptional}, timeout, mask);
}

Result<std::uint32_t> select_with_mask_64(Process& process, std::int32_t count, VirtAddr readable, VirtAddr writable,
                                          VirtAddr exceptional, UserPointer<Timespec64> timeout,
                                          UserPointer<SelectMask> mask) {
    return select_masked(process, count, {readable, writable, exceptional}, timeout, mask);
}

} // namespace quire::abi
