// Makes order out of a memory map: union of what is available, minus all that is not, in whole frames.
#include "kernel/memory/frames/memory_map.h"

#include "kernel/lib/panic.h"
#include "kernel/memory/frames/address_text.h"

#include <algorithm>

namespace quire {
namespace {

constexpr std::uint64_t four_gib = 1ULL << 32;

// The whole frames inside [base, base + length), below 4 GiB.
FrameRun frames_inside(std::uint64_t base, std::uint64_t length) {
    const std::uint64_t end = std::min(base + length, four_gib) >> page_shift;
    const std::uint64_t first = (std::min(base, four_gib) + page_size - 1) >> page_shift;
    return {Frame(static_cast<std::uint32_t>(first)), end > first ? static_cast<std::uint32_t>(end - first) : 0};
}

// The frames that [base, base + length) touches, below 4 GiB.
FrameRun frames_touched_below_4_gib(std::uint64_t base, std::uint64_t length) {
    if (base >= four_gib || length == 0) {
        return {};
    }
    return frames_touched(PhysAddr(static_cast<std::uint32_t>(base)), std::min(length, four_gib - base));
}

std::uint64_t bytes_below_4_gib(const MemoryMapEntry& entry) {
    return std::min(entry.base + entry.length, four_gib) - std::min(entry.base, four_gib);
}

} // namespace

void MemoryMap::set_ram(std::span<const MemoryMapEntry> entries, Sink& notes) {
    std::uint64_t available_below_4_gib = 0;
    for (const MemoryMapEntry& entry : entries) {
        if (entry.type == MemoryMapEntry::available) {
            const std::uint64_t below = bytes_below_4_gib(entry);
            available_below_4_gib += below;
            bytes_above_4_gib_ += entry.length - below;
            add_ram(frames_inside(entry.base, entry.length), notes);
        }
    }
    for (const MemoryMapEntry& entry : entries) {
        if (entry.type != MemoryMapEntry::available) {
            remove_ram(frames_touched_below_4_gib(entry.base, entry.length), notes);
        }
    }
    const std::uint64_t used = std::uint64_t{ram_frames()} * page_size;
    bytes_cut_ = available_below_4_gib > used ? available_below_4_gib - used : 0;
}

// Merges `run` with all RAM that it overlaps or touches.
void MemoryMap::add_ram(FrameRun run, Sink& notes) {
    if (run.count == 0) {
        return;
    }
    std::size_t at = 0;
    while (at < ram_.size() && ram_[at].end() < run.first) {
        ++at;
    }
    while (at < ram_.size() && ram_[at].first <= run.end()) {
        const Frame first = std::min(ram_[at].first, run.first);
        const Frame end = std::max(ram_[at].end(), run.end());
        run = {first, end - first};
        ram_.erase(at);
    }
    if (!ram_.insert(at, run)) {
        print(notes, "memory map: more than {} separate runs; {} from {} are left out\n", Runs::capacity(),
              ByteCount{run.bytes()}, run.first.start());
    }
}

void MemoryMap::remove_ram(FrameRun run, Sink& notes) {
    for (std::size_t at = 0; at < ram_.size();) {
        const FrameRun old = ram_[at];
        const FrameRun cut = old.intersection(run);
        if (cut.count == 0) {
            ++at;
            continue;
        }
        const FrameRun below{old.first, cut.first - old.first};
        const FrameRun above{cut.end(), old.end() - cut.end()};
        ram_.erase(at);
        if (below.count != 0) {
            const bool fits = ram_.insert(at, below); // an element has just left
            ensure(fits, "there is room for what is left of a run");
            ++at;
        }
        if (above.count != 0) {
            if (ram_.insert(at, above)) {
                ++at;
            } else {
                print(notes, "memory map: more than {} separate runs; {} from {} are left out\n", Runs::capacity(),
                      ByteCount{above.bytes()}, above.first.start());
            }
        }
    }
}

Result<void> MemoryMap::reserve(PhysAddr start, std::uint64_t size, Owner owner, std::string_view name) {
    if (start.value() + size > four_gib) {
        return fail(Error::out_of_range);
    }
    const FrameRun wanted = frames_touched(start, size);
    const Reservations before = reservations_;
    for (const FrameRun& run : ram_) {
        // What of this RAM is wanted and not reserved yet: the gaps between the older reservations.
        FrameRun rest = run.intersection(wanted);
        for (std::size_t at = 0; at < before.size() && rest.count != 0; ++at) {
            const FrameRun taken = rest.intersection(before[at].frames);
            if (taken.count == 0) {
                continue;
            }
            if (!insert_reservation({{rest.first, taken.first - rest.first}, owner, name})) {
                reservations_ = before;
                return fail(Error::out_of_memory);
            }
            rest = {taken.end(), rest.end() - taken.end()};
        }
        if (!insert_reservation({rest, owner, name})) {
            reservations_ = before;
            return fail(Error::out_of_memory);
        }
    }
    return {};
}

// The highest frames in a row that are RAM and not set aside; none where there are none.
FrameRun MemoryMap::highest_free() const {
    for (std::size_t at = ram_.size(); at-- > 0;) {
        const FrameRun& run = ram_[at];
        Frame end = run.end();
        for (std::size_t each = reservations_.size(); each-- > 0;) {
            const FrameRun taken = reservations_[each].frames.intersection({run.first, end - run.first});
            if (taken.count == 0) {
                continue;
            }
            if (taken.end() != end) {
                return {taken.end(), end - taken.end()};
            }
            end = taken.first;
        }
        if (end != run.first) {
            return {run.first, end - run.first};
        }
    }
    return {};
}

void MemoryMap::limit(std::uint32_t bytes, std::uint32_t least_free, Sink& notes) {
    const std::uint32_t most = std::max(bytes >> page_shift, reserved_frames() + least_free);
    for (std::uint32_t frames = ram_frames(); frames > most; frames = ram_frames()) {
        const FrameRun free = highest_free();
        const std::uint32_t count = std::min(free.count, frames - most);
        remove_ram({free.end() - count, count}, notes);
    }
}

// Keeps the list sorted. An empty reservation is no reservation.
bool MemoryMap::insert_reservation(const Reservation& reservation) {
    if (reservation.frames.count == 0) {
        return true;
    }
    std::size_t at = 0;
    while (at < reservations_.size() && reservations_[at].frames.first < reservation.frames.first) {
        ++at;
    }
    return reservations_.insert(at, reservation);
}

std::uint32_t MemoryMap::ram_frames() const {
    std::uint32_t frames = 0;
    for (const FrameRun& run : ram_) {
        frames += run.count;
    }
    return frames;
}

std::uint32_t MemoryMap::reserved_frames() const {
    std::uint32_t frames = 0;
    for (const Reservation& reservation : reservations_) {
        frames += reservation.frames.count;
    }
    return frames;
}

Result<FrameRun> MemoryMap::find_free(std::uint32_t count, Frame limit) const {
    for (const FrameRun& run : ram_) {
        Frame first = run.first;
        for (const Reservation& reservation : reservations_) {
            if (reservation.frames.end() <= first) {
                continue;
            }
            if (reservation.frames.first >= first + count) {
                break; // sorted: nothing reserved lies in [first, first + count)
            }
            first = reservation.frames.end();
        }
        if (first + count <= std::min(run.end(), limit)) {
            return FrameRun{first, count};
        }
    }
    return fail(Error::out_of_memory);
}

} // namespace quire
