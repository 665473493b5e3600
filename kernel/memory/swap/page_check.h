// A short word that changes when a page's content does, kept in memory while the page is on a disk: so a disk that
// returns other bytes than it was given is caught. It is cheap rather than strong: it guards against failing hardware
// and against mistakes here, not against an enemy.
#pragma once

#include "kernel/machine/address.h"

#include <bit>
#include <cstdint>
#include <optional>
#include <span>

namespace quire {

inline constexpr std::uint32_t words_per_page = page_size / sizeof(std::uint32_t);
using PageWords = std::span<const std::uint32_t, words_per_page>;

// Fletcher's two sums ("An Arithmetic Checksum for Serial Transmissions", 1982) over words, modulo 2^32, mixed into one
// word. `place` is where the page lies on the disk: the right page at a wrong place is wrong. Any change of one word
// changes both sums; of other changes one in 2^32 is missed. O(page): two additions a word.
[[nodiscard]] constexpr std::uint32_t page_check(PageWords page, std::uint32_t place) {
    std::uint32_t sum = place, sum_of_sums = 0;
    for (std::uint32_t at = 0; at < words_per_page; at += 4) {
        sum_of_sums += sum += page[at];
        sum_of_sums += sum += page[at + 1];
        sum_of_sums += sum += page[at + 2];
        sum_of_sums += sum += page[at + 3];
    }
    constexpr std::uint32_t spread = 0x9E3779B1; // odd, and near 2^32 divided by the golden ratio
    return sum ^ std::rotl(sum_of_sums * spread, 15);
}

// The word that the page repeats from end to end; nothing where it does not. O(1) for most pages, which differ early.
[[nodiscard]] constexpr std::optional<std::uint32_t> repeated_word(PageWords page) {
    for (std::uint32_t at = 1; at < words_per_page; ++at) {
        if (page[at] != page[0]) {
            return std::nullopt;
        }
    }
    return page[0];
}

} // namespace quire
