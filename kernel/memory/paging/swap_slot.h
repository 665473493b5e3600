// The name of a place for one page outside of memory, as it fits into a page-table entry that is not present: an area
// and a number in it. What lies there, kernel/memory/swap/ knows.
#pragma once

#include <cstdint>

namespace quire {

class SwapSlot {
public:
    static constexpr unsigned number_bits = 20, area_bits = 8;
    static constexpr std::uint32_t most_numbers = 1U << number_bits; // in an area: 4 GiB
    static constexpr std::uint32_t most_areas = 1U << area_bits;

    constexpr SwapSlot() = default;
    constexpr SwapSlot(std::uint32_t area, std::uint32_t number) : raw_(area << number_bits | number) {}
    // As raw() gave it.
    [[nodiscard]] static constexpr SwapSlot from_raw(std::uint32_t raw) {
        SwapSlot slot;
        slot.raw_ = raw;
        return slot;
    }

    [[nodiscard]] constexpr std::uint32_t area() const { return raw_ >> number_bits; }
    [[nodiscard]] constexpr std::uint32_t number() const { return raw_ & (most_numbers - 1); }
    [[nodiscard]] constexpr std::uint32_t raw() const { return raw_; } // below 2^28

    friend constexpr bool operator==(SwapSlot, SwapSlot) = default;

private:
    std::uint32_t raw_ = 0;
};

} // namespace quire
