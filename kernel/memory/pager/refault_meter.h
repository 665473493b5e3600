// How soon pages are touched again that were put out. The clock of this measure is evictions: each page that goes moves
// it on by one, and its slot's record keeps what it showed. When the page is touched again, the difference is the
// re-fault distance: so many pages went meanwhile, hence so many more frames would have kept it in memory under a
// policy that puts out what was used longest ago. (The measure of Linux's mm/workingset.c.) A page that is one word
// over and over has no record of its own and is not measured.
#pragma once

#include <cstdint>

namespace quire {

class RefaultMeter {
public:
    // A page goes; what its slot's record is to keep, which is never 0. O(1).
    std::uint32_t page_goes() {
        ++evictions_;
        clock_ += clock_ + 1 == 0 ? 2U : 1U;
        return clock_;
    }
    // A page that went when the clock showed `gone_at` is touched again, while `resident` pages that could go are in
    // memory. Whether it had just gone: no more pages went meanwhile than there are in memory now. Then twice as many
    // frames would have kept it. O(1).
    bool page_returns(std::uint32_t gone_at, std::uint32_t resident) {
        const std::uint32_t distance = clock_ - gone_at; // right across the clock's turn, but for one
        ++refaults_;
        distances_ += distance;
        const bool just_gone = distance <= resident;
        just_gone_ += just_gone ? 1 : 0;
        return just_gone;
    }

    // Since boot: pages that went, by whichever way, also those that were taken back; pages that were touched after
    // they had gone; of these, those that had just gone; the sum of all distances, in pages.
    [[nodiscard]] std::uint64_t evictions() const { return evictions_; }
    [[nodiscard]] std::uint64_t refaults() const { return refaults_; }
    [[nodiscard]] std::uint64_t just_gone() const { return just_gone_; }
    [[nodiscard]] std::uint64_t distances() const { return distances_; }

private:
    std::uint32_t clock_ = 0; // of evictions, modulo 2^32, without 0
    std::uint64_t evictions_ = 0, refaults_ = 0, just_gone_ = 0, distances_ = 0;
};

} // namespace quire
