// A run of frames that lie one after the other: the unit in which memory maps, reservations and allocators speak.
#pragma once

#include "kernel/machine/address.h"

#include <algorithm>
#include <cstdint>

namespace quire {

struct FrameRun {
    Frame first;
    std::uint32_t count = 0;

    // One past the last frame.
    [[nodiscard]] constexpr Frame end() const { return first + count; }
    [[nodiscard]] constexpr bool contains(Frame frame) const { return frame >= first && frame < end(); }
    [[nodiscard]] constexpr std::uint64_t bytes() const { return std::uint64_t{count} << page_shift; }

    // What both runs have; an empty run where they do not overlap.
    [[nodiscard]] constexpr FrameRun intersection(FrameRun other) const {
        const Frame from = std::max(first, other.first);
        const Frame to = std::min(end(), other.end());
        return from < to ? FrameRun{from, to - from} : FrameRun{from, 0};
    }

    friend constexpr bool operator==(FrameRun, FrameRun) = default;
};

// The frames that bytes [start, start + size) touch, even in part; none for size 0. The end must not pass 4 GiB.
[[nodiscard]] constexpr FrameRun frames_touched(PhysAddr start, std::uint64_t size) {
    const Frame first = Frame::containing(start);
    return {first, size == 0 ? 0 : pages_for(start.offset_in_page() + size)};
}

} // namespace quire
