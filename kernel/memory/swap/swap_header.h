// The first page of a swap area, as mkswap writes it. Linux, include/linux/swap.h: union swap_header, version 1.
#pragma once

#include "kernel/lib/format.h"
#include "kernel/lib/result.h"
#include "kernel/machine/address.h"
#include "kernel/memory/swap/page_check.h"

#include <cstdint>
#include <span>
#include <string_view>

namespace quire {

// What a swap area's first page says, checked. Slot 0 is that page itself.
struct SwapHeader {
    // What fits into the page behind the other fields.
    static constexpr std::uint32_t most_bad_pages = 637;

    std::uint32_t pages = 0;              // with the first; at most SwapSlot::most_numbers
    std::span<const std::uint32_t> bad{}; // pages that must not be used; they lie in the page that was read
};

// Reads the header of a store that has `store_pages` pages. Error: malformed, and the reason said to `why`: no
// signature, suspended system's image, another version or byte order, a size that is none or larger than the store, bad
// pages out of range. A larger area than can be named is used as far as that goes, and said.
[[nodiscard]] Result<SwapHeader> read_swap_header(PageWords page, std::uint32_t store_pages, Sink& why);

} // namespace quire
