// A picture of physical memory: one character for a bucket of frames, by who owns most of it. Reads the allocator's
// books; changes nothing.
#pragma once

#include "kernel/memory/frames/frame_allocator.h"
#include "kernel/memory/frames/frame_run.h"
#include "kernel/monitor/console/display.h"

#include <array>
#include <cstdint>

namespace quire {

// How many frames of each owner a bucket holds.
struct Bucket {
    std::array<std::uint32_t, owner_count> frames{};

    void add(Owner owner) { ++frames[static_cast<std::size_t>(owner)]; }
    void add(const Bucket& other);
    [[nodiscard]] std::uint32_t total() const;
    // Who owns most of what is neither free nor absent; where there is nothing of that, free or absent.
    [[nodiscard]] Owner shown() const;
    // A capital letter where the shown owner has the whole bucket, a small one where it shares it.
    [[nodiscard]] char character() const;
};

// The frames in a bucket (a power of two), so that `count` frames fit a map of `characters`.
[[nodiscard]] std::uint32_t bucket_size(std::uint32_t count, std::uint32_t characters);

// The map of `run`, at most 16 rows of 64 characters, with addresses at the left and a legend below. O(frames).
void print_frame_map(Display& out, const FrameAllocator& frames, FrameRun run);

} // namespace quire
