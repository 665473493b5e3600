// How many pages to read before they are touched. What went together lies together on a store; so whoever touches pages
// in the order in which they went asks for slots that follow each other, and each page but the first few is there when
// it is touched. Whoever touches them in another order is left alone: a page that is read in vain takes a frame.
//
// A few runs are followed at a time, so that as many programs can read in order. It reads nothing itself.
#pragma once

#include "kernel/memory/paging/swap_slot.h"

#include <algorithm>
#include <array>
#include <cstdint>

namespace quire {

class ReadAhead {
public:
    static constexpr std::uint32_t least = 4, most = 32; // pages at a time
    static constexpr std::size_t runs = 4;
    // Slots that a run may pass over: pages that are in memory yet, or gone for good.
    static constexpr std::uint32_t most_passed_over = 8;

    // Pages that are touched in the order of their slots.
    struct Run {
        std::uint32_t next = 0;  // SwapSlot::raw() of the first that was not read yet; who reads moves it on
        std::uint32_t pages = 0; // that are to be read with it
    };

    // The page in `slot` was touched and has to be read: the run that it belongs to, which is to go on behind it. No
    // pages are to be read with it until a second touch shows that a run has begun; then twice as many each time.
    // O(runs).
    [[nodiscard]] Run& touched(SwapSlot slot) {
        for (Run& run : runs_) {
            if (slot.raw() - run.next < most_passed_over) {
                run.pages = std::clamp(2 * run.pages, least, most);
                return run;
            }
        }
        Run& begun = runs_[oldest_];
        oldest_ = (oldest_ + 1) % runs;
        begun.pages = 0;
        return begun;
    }

private:
    std::array<Run, runs> runs_{};
    std::size_t oldest_ = 0; // it began before all others
};

} // namespace quire
