// The PC's interval timer (Intel, "8254", 1994), channel 0: a tick 100 times a second, and between ticks the time from
// the counter itself. The time never goes back, and it stays right while ticks are late or lost, as long as somebody
// asks for it once in a period.
#pragma once

#include <cstdint>

namespace quire::machine {

class IntervalTimer {
public:
    static constexpr unsigned irq = 0;

    // Starts the periodic interrupt; time is counted from here.
    void start();
    // Takes note of a timer interrupt. Interrupts must be off.
    void tick();
    [[nodiscard]] std::uint64_t ticks() const { return ticks_; }
    // Since start(). Interrupts must be off.
    [[nodiscard]] std::uint64_t nanoseconds();

private:
    void advance();

    std::uint64_t ticks_ = 0;
    std::uint64_t counts_ = 0;       // of the chip's clock, as far as it has been followed
    std::uint64_t ticked_until_ = 0; // the start of the period whose interrupt came last, in counts
};

} // namespace quire::machine
