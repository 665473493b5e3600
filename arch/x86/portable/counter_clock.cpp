// Following the counter.
#include "arch/x86/portable/counter_clock.h"

namespace quire::machine {

// The counter gives the time modulo one period. Asked at least that often, the differences add up to all of it.
std::uint64_t CounterClock::advance(std::uint32_t phase) {
    const auto phase_before = static_cast<std::uint32_t>(counts_ % period_);
    counts_ += phase - phase_before + (phase < phase_before ? period_ : 0);
    return counts_;
}

// Every interrupt belongs to a later period than the one before. If the clock is still in a period that has had its
// interrupt, then nobody asked for longer than a period, and one has to be made up for; but at the very end of a period
// the interrupt is only early, as the timer of an emulator may be.
void CounterClock::tick(std::uint32_t phase) {
    ++ticks_;
    advance(phase);
    std::uint64_t period_start = counts_ - phase;
    if (period_start <= ticked_until_) {
        period_start += period_;
        if (phase < period_ - period_ / 16) {
            counts_ += period_;
        }
    }
    ticked_until_ = period_start;
}

} // namespace quire::machine
