// One entry of one page table, as a word: where the search for all entries that name a page begins. Every frame and
// every slot on a disk has such a word; kernel/memory/pager/reverse_map.h says what is found from it.
#pragma once

#include "kernel/machine/address.h"

#include <cstdint>

namespace quire {

class Anchor {
public:
    constexpr Anchor() = default; // none
    constexpr Anchor(Frame table, std::uint32_t index)
        : raw_(table.number() << page_shift | index << index_shift | some_bit) {}
    // As raw() gave it. A word that was no anchor's is none.
    [[nodiscard]] static constexpr Anchor from_raw(std::uint32_t raw) {
        Anchor anchor;
        anchor.raw_ = (raw & some_bit) != 0 ? raw : 0;
        return anchor;
    }

    [[nodiscard]] constexpr bool any() const { return raw_ != 0; }
    [[nodiscard]] constexpr Frame table() const { return Frame(raw_ >> page_shift); }
    [[nodiscard]] constexpr std::uint32_t index() const { return raw_ >> index_shift & index_mask; }
    [[nodiscard]] constexpr bool is_at(Frame table, std::uint32_t index) const {
        return (raw_ & ~more_bit) == Anchor(table, index).raw_;
    }
    // Whether the page has further anchors, which are kept elsewhere.
    [[nodiscard]] constexpr bool has_more() const { return (raw_ & more_bit) != 0; }
    [[nodiscard]] constexpr Anchor with_more(bool more) const {
        Anchor anchor;
        anchor.raw_ = more ? raw_ | more_bit : raw_ & ~more_bit;
        return anchor;
    }
    // Odd, where there is one: no pointer to anything that is aligned looks like it.
    [[nodiscard]] constexpr std::uint32_t raw() const { return raw_; }

    friend constexpr bool operator==(Anchor, Anchor) = default;

    static constexpr std::uint32_t more_bit = 2; // of raw(); clear in a pointer

private:
    static constexpr std::uint32_t some_bit = 1;
    static constexpr unsigned index_shift = 2;
    static constexpr std::uint32_t index_mask = (1U << (page_shift - index_shift)) - 1;

    std::uint32_t raw_ = 0;
};

} // namespace quire
