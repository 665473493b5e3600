// Time from a counter that starts again every period and interrupts when it does. The time never goes back, and it
// stays right while interrupts are late or lost, as long as somebody asks once in a period. It touches no hardware:
// whoever reads the counter says where it is.
#pragma once

#include <cstdint>

namespace quire::machine {

class CounterClock {
public:
    // `period` in counts.
    explicit constexpr CounterClock(std::uint32_t period) : period_(period) {}

    // The counter is `phase` counts (below the period) into its present period. Counts since the clock was made.
    std::uint64_t advance(std::uint32_t phase);
    // The same, in the interrupt.
    void tick(std::uint32_t phase);
    [[nodiscard]] std::uint64_t ticks() const { return ticks_; }

private:
    std::uint32_t period_;
    std::uint64_t ticks_ = 0;
    std::uint64_t counts_ = 0;       // as far as the counter has been followed
    std::uint64_t ticked_until_ = 0; // the start of the period that the last interrupt belongs to, in counts
};

} // namespace quire::machine
