// A test of the machine's memory, and of the allocator that hands it out: takes every free frame, writes words into
// each that no other frame has at that place, reads all of them back, and gives all back. Two frames that are one, an
// address line that is stuck, a frame handed out twice or not at all: each shows.
#pragma once

#include "kernel/memory/frames/frame_allocator.h"
#include "kernel/memory/paging/physical_memory.h"

#include <cstdint>
#include <optional>

namespace quire {

// Is told how far the test is.
class MemoryTestProgress {
public:
    enum class Phase : std::uint8_t { writing, reading };
    // `done` of `total` frames are through this phase. False stops the test; what it took is given back.
    virtual bool reached(Phase phase, std::uint32_t done, std::uint32_t total) = 0;

protected:
    constexpr ~MemoryTestProgress() = default;
};

// A word that did not hold what was written.
struct WrongWord {
    PhysAddr at;
    std::uint32_t written = 0, found = 0;
};

struct MemoryTestOutcome {
    std::uint32_t frames = 0;       // that were taken
    std::uint32_t wrong_frames = 0; // in which some word was wrong
    std::optional<WrongWord> first_wrong;
    bool stopped = false;
    std::uint32_t free_before = 0, free_after = 0;

    [[nodiscard]] bool good() const {
        return frames != 0 && frames == free_before && free_after == free_before && wrong_frames == 0 && !stopped;
    }
};

// Needs no memory of its own: the frames taken are found again by their owner class, which nobody else may be using.
// `round` changes what is written. Errors: not_free (some frame belongs to a test already). O(frames).
[[nodiscard]] Result<MemoryTestOutcome> test_memory(FrameAllocator& frames, PhysicalMemory& memory,
                                                    MemoryTestProgress& progress, std::uint32_t round = 0);

} // namespace quire
