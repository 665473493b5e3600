// Which unknown system calls have been named on the console already, so that each is named once.
#pragma once

#include <array>
#include <cstdint>

namespace quire {

class UnknownCalls {
public:
    // Whether `number` comes for the first time. All numbers from `most` on count as one. O(1).
    [[nodiscard]] bool is_new(std::uint32_t number) {
        const std::uint32_t bit = number < most ? number : most - 1;
        std::uint32_t& word = seen_[bit / word_bits];
        const std::uint32_t before = word;
        word |= 1U << bit % word_bits;
        return word != before;
    }

private:
    static constexpr std::uint32_t most = 512, word_bits = 32;
    std::array<std::uint32_t, most / word_bits> seen_{};
};

} // namespace quire
