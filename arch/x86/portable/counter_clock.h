// Time from a counter that starts again every period and interrupts when it does, and from a second one, the stamp,
// that runs freely at a rate nobody knows. The time never goes back. It stays right while interrupts are late or lost:
// the first counter says how far into a period it is, the stamp how many periods have passed, once its rate was
// measured (CounterClock::samples interrupts); until then, and without stamps, somebody must ask once in a period. It
// touches no hardware: whoever reads the counters says where they are.
#pragma once

#include <array>
#include <cstdint>

namespace quire::machine {

class CounterClock {
public:
    // `period` in counts.
    explicit constexpr CounterClock(std::uint32_t period) : period_(period) {}

    // The counter is `phase` counts (below the period) into its present period, and the stamp, read at the same time,
    // is `stamp`: always 0 where there is none. Counts since the clock was made.
    std::uint64_t advance(std::uint32_t phase, std::uint64_t stamp);
    // The same, in the interrupt.
    void tick(std::uint32_t phase, std::uint64_t stamp);
    [[nodiscard]] std::uint64_t ticks() const { return ticks_; }

    // Whether so many stamps are a good part of a period: then what is read at their two ends was not read at one time.
    [[nodiscard]] bool is_long(std::uint64_t stamps) const { return rate_ != 0 && stamps > rate_ / 8; }

    static constexpr std::uint32_t samples = 5;

private:
    static constexpr std::uint32_t first_measured = 8;

    // A moment that the stamp's rate is measured from.
    struct Mark {
        std::uint64_t counts = 0, stamp = 0;
    };

    [[nodiscard]] std::uint64_t passed(std::uint32_t phase, std::uint64_t stamp) const;
    void measure(std::uint64_t stamp);
    [[nodiscard]] std::uint64_t rate_since(const Mark& mark, std::uint64_t stamp) const;

    std::uint32_t period_;
    std::uint64_t ticks_ = 0;
    std::uint64_t counts_ = 0;       // as far as the counter has been followed
    std::uint32_t phase_ = 0;        // of these, those of the present period
    std::uint64_t ticked_until_ = 0; // the start of the period that the last interrupt belongs to, in counts
    std::uint64_t stamp_ = 0;        // as last read
    std::uint64_t rate_ = 0;         // of the stamp, per period; 0: not known
    Mark mark_;
    std::uint32_t measured_periods_ = first_measured; // that the rate is measured over next
    std::array<std::uint64_t, samples> sampled_{};
    std::uint32_t sample_count_ = 0;
    std::uint32_t strange_ticks_ = 0; // interrupts in a row that the rate does not explain
};

} // namespace quire::machine
