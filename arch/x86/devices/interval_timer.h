// The PC's interval timer (Intel, "8254", 1994), channel 0: a tick 100 times a second, and between ticks the time from
// the counter itself. The time-stamp counter says how many periods have passed where interrupts were off for longer.
#pragma once

#include "arch/x86/portable/counter_clock.h"

#include <cstdint>

namespace quire::machine {

class IntervalTimer {
public:
    static constexpr unsigned irq = 0;

    IntervalTimer();

    // Starts the periodic interrupt; time is counted from here.
    void start() const;
    // Takes note of a timer interrupt. Interrupts must be off.
    void tick();
    [[nodiscard]] std::uint64_t ticks() const { return clock_.ticks(); }
    // Since start(). Interrupts must be off.
    [[nodiscard]] std::uint64_t nanoseconds();

private:
    struct Reading {
        std::uint32_t phase = 0;
        std::uint64_t stamp = 0;
    };
    [[nodiscard]] Reading read() const;

    CounterClock clock_;
    struct {
        std::uint64_t counts = 0, nanoseconds = 0;
    } at_tick_; // the clock at the last one
};

} // namespace quire::machine
