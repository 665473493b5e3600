// A page that can be put out, by where it is: a frame or, where it has been put out, a swap slot. Every entry that
// stands for it names that.
#pragma once

#include "kernel/memory/paging/swap_slot.h"
#include "kernel/memory/paging/user_pte.h"

#include <cstdint>

namespace quire {

class PageName {
public:
    [[nodiscard]] static constexpr PageName of(Frame frame) { return PageName(frame.number()); }
    [[nodiscard]] static constexpr PageName of(SwapSlot slot) { return PageName(slot.raw() | slot_bit); }
    [[nodiscard]] static constexpr PageName from_raw(std::uint32_t raw) { return PageName(raw); }

    [[nodiscard]] constexpr bool is_slot() const { return (raw_ & slot_bit) != 0; }
    [[nodiscard]] constexpr Frame frame() const { return Frame(raw_); }
    [[nodiscard]] constexpr SwapSlot slot() const { return SwapSlot::from_raw(raw_ & ~slot_bit); }
    // Whether the entry stands for the page.
    [[nodiscard]] constexpr bool is_named_by(UserPte pte) const {
        return is_slot() ? pte.kind() == UserPteKind::swapped && pte.slot() == slot()
                         : pte.has_frame() && pte.frame() == frame();
    }
    [[nodiscard]] constexpr std::uint32_t raw() const { return raw_; }

    friend constexpr bool operator==(PageName, PageName) = default;

private:
    explicit constexpr PageName(std::uint32_t raw) : raw_(raw) {}
    static constexpr std::uint32_t slot_bit = 1U << 31U;
    std::uint32_t raw_;
};

} // namespace quire
