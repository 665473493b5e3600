// What the heap writes down about one page of its range: 64 bytes, kept far from the page itself. The record of a
// slab's first page holds the slab's books; that of a run's first page holds the run's. Owns nothing.
#pragma once

#include "kernel/memory/heap/heap_size_class.h"
#include "kernel/memory/heap/heap_types.h"

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <source_location>

namespace quire::heap {

inline constexpr std::uint32_t no_page = 0xFFFFFFFF;

enum class PageKind : std::uint8_t {
    none,         // inside a run, or never used: all zero is this
    slab,         // first page of a slab
    slab_inner,   // another page of a slab
    large,        // first page of a block of whole pages
    cached,       // first page of a free run that is committed
    reserved,     // first page of a free run that is not
    cached_end,   // last page of such a run, if it is not the first too
    reserved_end, //
};

// Owner and alignment of a block, in one byte.
struct BlockTag {
    std::uint8_t raw = 0;

    // `alignment` is a power of two from 16 on.
    [[nodiscard]] static constexpr BlockTag make(HeapOwner owner, std::size_t alignment) {
        if (alignment == granule) [[likely]] {
            return {static_cast<std::uint8_t>(owner)};
        }
        const auto shift = static_cast<unsigned>(std::countr_zero(alignment / granule));
        return {static_cast<std::uint8_t>(static_cast<unsigned>(owner) | (shift << 4))};
    }
    [[nodiscard]] constexpr HeapOwner owner() const { return static_cast<HeapOwner>(raw & 15U); }
    [[nodiscard]] constexpr std::size_t alignment() const { return granule << (raw >> 4); }
};
inline constexpr std::size_t largest_alignment = granule << 15; // bytes: what a BlockTag can say

// What tracked and debug mode write down about a block.
struct BlockDetail {
    std::source_location site{}; // who allocated it; in tracked mode, once it is free, who freed it
    std::uint16_t slack = 0;     // bytes of a small block that were not asked for
    std::uint16_t mark = 0;      // marks set before it was allocated
};

// A slab's bitmap: a set bit is a free block. Words of the machine's own size, with one summary byte above them.
using Word = unsigned long;
inline constexpr unsigned word_bits = sizeof(Word) * 8;
inline constexpr unsigned slab_words = most_blocks_per_slab / word_bits;
static_assert(slab_words <= 8, "one summary byte");

struct SlabInfo {
    std::array<Word, slab_words> free{};
    // Of each block: tags, then details, then the lines that freed. Null in slabs of books.
    std::byte* records = nullptr;
};

struct RunInfo {
    std::uint32_t count = 0; // pages; on a last page, the number of the first
    std::uint32_t slack = 0; // bytes that were not asked for
    BlockTag tag{};
    BlockDetail detail{};
    std::source_location freed{};
};

struct alignas(64) PageInfo {
    PageKind kind = PageKind::none;
    std::uint8_t size_class = 0;
    std::uint8_t pages = 0;   // slab: its pages; slab_inner: pages back to the first
    std::uint8_t summary = 0; // slab: which words have a bit set
    std::uint16_t live = 0;   // slab: blocks in use
    std::uint16_t capacity = 0;
    std::uint32_t next = 0, prev = 0; // in a list of slabs or runs: page numbers
    std::uint32_t reciprocal = 0;
    std::uint32_t block_bytes = 0;
    union {
        SlabInfo slab{};
        RunInfo run;
    };

    [[nodiscard]] bool full() const { return summary == 0; }

    // Takes the lowest free block; the slab must not be full. Two words are touched.
    [[nodiscard]] std::uint32_t take_block() {
        const auto word = static_cast<unsigned>(__builtin_ctz(summary));
        const Word bits = slab.free[word];
        const Word rest = bits & (bits - 1);
        slab.free[word] = rest;
        ++live;
        if (rest == 0) [[unlikely]] {
            summary = static_cast<std::uint8_t>(summary & (summary - 1U)); // `word` is its lowest bit
        }
        return word * word_bits + static_cast<unsigned>(__builtin_ctzl(bits));
    }
    [[nodiscard]] bool is_free(std::uint32_t block) const {
        return ((slab.free[block / word_bits] >> (block % word_bits)) & 1U) != 0;
    }
    // The block must be in use.
    void put_block(std::uint32_t block) {
        const unsigned word = block / word_bits;
        slab.free[word] |= Word{1} << (block % word_bits);
        summary = static_cast<std::uint8_t>(summary | (1U << word));
        --live;
    }
};
// GCC's source_location is one pointer; a reader of the code that puts more into it (clang-tidy) needs no cache line.
static_assert(sizeof(PageInfo) == 64 || sizeof(std::source_location) != sizeof(void*), "one cache line");

// The parts of a slab's records. Details are there in tracked and debug mode, the lines that freed in debug mode.
[[nodiscard]] constexpr std::size_t tags_bytes(std::uint32_t capacity) {
    return (capacity + alignof(BlockDetail) - 1) & ~(alignof(BlockDetail) - 1);
}
[[nodiscard]] inline BlockDetail* details(const PageInfo& slab) {
    return reinterpret_cast<BlockDetail*>(slab.slab.records + tags_bytes(slab.capacity));
}
[[nodiscard]] inline std::source_location* freed_sites(const PageInfo& slab) {
    return reinterpret_cast<std::source_location*>(details(slab) + slab.capacity);
}

inline constexpr std::uint32_t infos_per_page = page_size / sizeof(PageInfo);

} // namespace quire::heap
