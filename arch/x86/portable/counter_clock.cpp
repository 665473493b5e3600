// Following the counter, and measuring the stamp by it.
#include "arch/x86/portable/counter_clock.h"

#include <algorithm>

namespace quire::machine {

// The counter gives the time modulo one period; the stamp, how many whole periods to add. Where it says that next to
// none of a period has passed and the counter that nearly all of one has, then the counter was read a little early.
std::uint64_t CounterClock::passed(std::uint32_t phase, std::uint64_t stamp) const {
    const std::uint64_t within = phase - phase_ + (phase < phase_ ? period_ : 0);
    if (rate_ == 0 || stamp < stamp_) {
        return within;
    }
    const std::uint64_t elapsed = stamp - stamp_;
    if (elapsed < rate_ / 2) {
        return within > period_ - period_ / 16 ? 0 : within;
    }
    const std::uint64_t expected = elapsed / rate_ * period_ + elapsed % rate_ * period_ / rate_;
    return expected <= within ? within : within + (expected - within + period_ / 2) / period_ * period_;
}

std::uint64_t CounterClock::advance(std::uint32_t phase, std::uint64_t stamp) {
    if (const std::uint64_t more = passed(phase, stamp); more != 0) {
        counts_ += more;
        phase_ = phase;
    }
    stamp_ = stamp;
    return counts_;
}

std::uint64_t CounterClock::rate_since(const Mark& mark, std::uint64_t stamp) const {
    const std::uint64_t counts = counts_ - mark.counts;
    return stamp > mark.stamp && counts != 0 ? (stamp - mark.stamp) * period_ / counts : 0;
}

// The first rate is the middle one of a few interrupts' distances, so that one or two of them may have been late by
// periods or read slowly. From then on it is measured anew over ever more periods, so that it tells ever longer gaps
// right; no more than some seconds' worth, for it may drift. Where one interrupt after the other comes on time and yet
// periods seem lost before it, or none to have passed at all, it is the rate that has changed.
void CounterClock::measure(std::uint64_t stamp) {
    constexpr std::uint32_t believable = 8, most_measured = 1024;
    if (rate_ != 0) {
        if (strange_ticks_ == believable) {
            rate_ = 0;
            strange_ticks_ = 0;
            measured_periods_ = first_measured;
        } else if (counts_ - mark_.counts >= std::uint64_t{measured_periods_} * period_) {
            rate_ = rate_since(mark_, stamp);
            mark_ = {.counts = counts_, .stamp = stamp};
            measured_periods_ = std::min(2 * measured_periods_, most_measured);
        }
        return;
    }
    if (ticks_ > 1) {
        sampled_[sample_count_++] = rate_since(mark_, stamp);
    }
    mark_ = {.counts = counts_, .stamp = stamp};
    if (sample_count_ == samples) {
        std::ranges::sort(sampled_);
        rate_ = sampled_[samples / 2];
        sample_count_ = 0;
    }
}

// Every interrupt belongs to a later period than the one before. If the clock is still in a period that has had its
// interrupt, then nobody asked for longer than a period, and one has to be made up for; but at the very end of a period
// the interrupt is only early, as the timer of an emulator may be. Where the stamp tells periods, it has told of that
// one, and the interrupt is one too many, as an emulator that had stood still makes them.
void CounterClock::tick(std::uint32_t phase, std::uint64_t stamp) {
    ++ticks_;
    advance(phase, stamp);
    std::uint64_t period_start = counts_ - phase;
    const bool again = period_start <= ticked_until_;
    if (again && rate_ == 0) {
        period_start += period_;
        if (phase < period_ - period_ / 16) {
            counts_ += period_;
        }
    }
    const bool lost_some = period_start - ticked_until_ > period_ && period_start > ticked_until_;
    strange_ticks_ = again || (lost_some && phase < period_ / 16) ? strange_ticks_ + 1 : 0;
    ticked_until_ = std::max(ticked_until_, period_start);
    measure(stamp);
}

} // namespace quire::machine
