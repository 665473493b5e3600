// The sizes that small blocks come in. One table, made at compile time, from which the slabs, the statistics and the
// tests are all driven. Larger blocks, and those of one page, are runs of whole pages.
#pragma once

#include "kernel/machine/address.h"

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace quire::heap {

inline constexpr std::size_t granule = 16; // bytes: every block is a multiple of it and aligned to it
inline constexpr unsigned most_blocks_per_slab = 256;
inline constexpr unsigned most_pages_per_slab = 8;

struct SizeClass {
    std::uint16_t block_bytes = 0;
    std::uint16_t capacity = 0;   // blocks in a slab
    std::uint32_t slab_pages = 0; // pages in a slab
    std::uint32_t reciprocal = 0; // ceil(2^32 / block_bytes): division by multiplication
};

// Eight sizes up to 128 bytes, then four between one power of two and the next: at most a fifth of a block is rounding.
inline constexpr unsigned steps_per_doubling = 4;
inline constexpr std::size_t largest_small = 7168; // bytes; above it whole pages waste less than an eighth on average
inline constexpr unsigned no_class = 0xFF;

namespace detail {

constexpr std::size_t next_size(std::size_t size) {
    const std::size_t step = std::bit_floor(size) / steps_per_doubling;
    const std::size_t next = size + (step < granule ? granule : step);
    return next == page_size ? next + std::bit_floor(next) / steps_per_doubling : next; // one page is a run of its own
}

constexpr unsigned count_sizes() {
    unsigned count = 0;
    for (std::size_t size = granule; size <= largest_small; size = next_size(size)) {
        ++count;
    }
    return count;
}

// The fewest pages of which at most a sixteenth is left over.
constexpr std::uint32_t slab_pages(std::size_t size) {
    std::uint32_t pages = 1;
    while (pages < most_pages_per_slab && std::size_t{pages} * page_size % size * 16 > std::size_t{pages} * page_size) {
        ++pages;
    }
    return pages;
}

} // namespace detail

inline constexpr unsigned class_count = detail::count_sizes();

inline constexpr std::array<SizeClass, class_count> size_classes = [] {
    std::array<SizeClass, class_count> classes{};
    std::size_t size = granule;
    for (SizeClass& entry : classes) {
        const std::uint32_t pages = detail::slab_pages(size);
        entry = {.block_bytes = static_cast<std::uint16_t>(size),
                 .capacity = static_cast<std::uint16_t>(std::size_t{pages} * page_size / size),
                 .slab_pages = pages,
                 .reciprocal = static_cast<std::uint32_t>(((std::uint64_t{1} << 32) + size - 1) / size)};
        size = detail::next_size(size);
    }
    return classes;
}();

// Up to this many bytes class_of is a single look-up, and never no_class.
inline constexpr std::size_t most_looked_up = 1024;

namespace detail {

// The class of every size that is a multiple of `Step`, up to `Last`.
template <std::size_t Step, std::size_t Last> constexpr std::array<std::uint8_t, Last / Step + 1> make_lookup() {
    std::array<std::uint8_t, Last / Step + 1> lookup{};
    unsigned number = 0;
    for (std::size_t i = 0; i < lookup.size(); ++i) {
        while (size_classes[number].block_bytes < i * Step) {
            ++number;
        }
        const bool whole_page = i * Step <= page_size && size_classes[number].block_bytes > page_size;
        lookup[i] = static_cast<std::uint8_t>(whole_page ? no_class : number);
    }
    return lookup;
}

inline constexpr std::size_t coarse_step = most_looked_up / steps_per_doubling;
inline constexpr auto fine_lookup = make_lookup<granule, most_looked_up>();
inline constexpr auto coarse_lookup = make_lookup<coarse_step, largest_small>();

} // namespace detail

// The class whose blocks hold `bytes`, or no_class where whole pages do better. O(1).
[[nodiscard]] constexpr unsigned class_of(std::size_t bytes) {
    if (bytes <= most_looked_up) [[likely]] {
        return detail::fine_lookup[(bytes + granule - 1) / granule];
    }
    if (bytes <= largest_small) {
        return detail::coarse_lookup[(bytes + detail::coarse_step - 1) / detail::coarse_step];
    }
    return no_class;
}

// The same for blocks aligned to `alignment` (a power of two): slabs start on a page, so a block is aligned where its
// size is a multiple. O(1): every power of two up to half a page is a class.
[[nodiscard]] constexpr unsigned class_of(std::size_t bytes, std::size_t alignment) {
    if (alignment <= granule) [[likely]] {
        return class_of(bytes);
    }
    if (alignment >= page_size || bytes > largest_small) {
        return no_class;
    }
    unsigned number = class_of((bytes == 0 ? alignment : bytes + alignment - 1) & ~(alignment - 1));
    while (number < class_count && size_classes[number].block_bytes % alignment != 0) {
        ++number;
    }
    return number < class_count ? number : no_class;
}

// Division by multiplication: where `offset` bytes from its start is in a slab. The reciprocal is too large by less
// than one part in 2^32 / block_bytes, so the product of block q's start exceeds q × 2^32 by less than `offset`, and
// each byte further adds a reciprocal, which is more than that. Exact for all offsets of all slabs.
struct SlabOffset {
    std::uint64_t product;

    constexpr SlabOffset(std::uint32_t offset, std::uint32_t reciprocal)
        : product(std::uint64_t{offset} * reciprocal) {}
    // The block that the byte is in; may be one past the last.
    [[nodiscard]] constexpr std::uint32_t block() const { return static_cast<std::uint32_t>(product >> 32); }
    // Whether it is the block's first byte.
    [[nodiscard]] constexpr bool starts_block(std::uint32_t reciprocal) const {
        return static_cast<std::uint32_t>(product) < reciprocal;
    }
};
static_assert(most_pages_per_slab * std::uint64_t{page_size} * largest_small < (std::uint64_t{1} << 32));

} // namespace quire::heap
