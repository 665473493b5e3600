// How many processes ran or could on average, as /proc/loadavg has it: over one, five and fifteen minutes, what is long
// past counting less and less. Sampled each five seconds, in fixed point. Linux, include/linux/sched/loadavg.h.
#pragma once

#include "kernel/machine/devices.h"

#include <array>
#include <cstdint>

namespace quire {

class LoadAverage {
public:
    static constexpr std::uint32_t fraction_bits = 11;

    // So many ticks have passed; `running` processes run or could now. O(ticks / 500), and mostly a comparison.
    void pass(std::uint32_t ticks, std::uint32_t running) {
        for (passed_ += ticks; passed_ >= ticks_between_samples; passed_ -= ticks_between_samples) {
            sample(running);
        }
    }
    // In units of 2^-fraction_bits.
    [[nodiscard]] const std::array<std::uint32_t, 3>& averages() const { return averages_; }

private:
    static constexpr std::uint32_t ticks_between_samples = 5 * machine::ticks_per_second;
    static constexpr std::uint32_t one = 1U << fraction_bits;
    // e^(-5 s / 1 min) and so on.
    static constexpr std::array<std::uint32_t, 3> decays{1884, 2014, 2037};

    void sample(std::uint32_t running) {
        const std::uint32_t load = running << fraction_bits;
        for (std::size_t at = 0; at < averages_.size(); ++at) {
            const std::uint64_t before = averages_[at];
            const std::uint64_t rounding = load >= before ? one - 1 : 0; // so that it comes to rest at what it nears
            averages_[at] = static_cast<std::uint32_t>(
                (before * decays[at] + std::uint64_t{load} * (one - decays[at]) + rounding) >> fraction_bits);
        }
    }

    std::array<std::uint32_t, 3> averages_{};
    std::uint32_t passed_ = 0;
};

} // namespace quire
