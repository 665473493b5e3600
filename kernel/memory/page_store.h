// Pages by number, in memory: what a file of a memory file system, or shared memory, keeps its content in. It owns the
// frames and the books that lead to them; who else maps a frame has a share of it.
#pragma once

#include "arch/x86/include/address.h"
#include "kernel/lib/result.h"
#include "kernel/memory/owner.h"

#include <array>
#include <cstdint>

namespace quire {

class Memory;

class PageStore {
public:
    // Pages that one store can have: file offsets of 32 bits.
    static constexpr std::uint32_t most_pages = 1U << 20;

    // Its frames will be of class `owner`, file or shared. `memory` must outlive it.
    PageStore(Memory& memory, Owner owner) : memory_(&memory), owner_(owner) {}
    PageStore(const PageStore&) = delete;
    PageStore& operator=(const PageStore&) = delete;
    ~PageStore();

    // Whether there is a page of this number. O(1).
    [[nodiscard]] bool has(std::uint32_t index) const { return find(index) != no_frame; }
    // The page's frame, which there must be. O(1).
    [[nodiscard]] Frame frame(std::uint32_t index) const { return Frame(find(index)); }
    // The page's frame; where there is none, a new one full of zeros. Errors: out_of_memory, out_of_range (most_pages).
    // O(1), and a page to clear.
    [[nodiscard]] Result<Frame> get(std::uint32_t index);
    // Gives back pages [first, first + count), those that there are. Nobody may map them any more: see
    // PageSource::unmap_pages(). O(count / 64 + pages there).
    void drop(std::uint32_t first, std::uint32_t count);

    // How many pages there are.
    [[nodiscard]] std::uint32_t page_count() const { return page_count_; }

private:
    static constexpr std::uint32_t pages_per_leaf = 64;
    static constexpr std::uint32_t no_frame = 0; // frame 0 is the firmware's

    struct Leaf {
        std::array<std::uint32_t, pages_per_leaf> frames{}; // numbers
        std::uint32_t used = 0;
    };

    [[nodiscard]] std::uint32_t find(std::uint32_t index) const {
        const std::uint32_t at = index / pages_per_leaf;
        const Leaf* const leaf = at < leaf_count_ ? leaves_[at] : nullptr;
        return leaf != nullptr ? leaf->frames[index % pages_per_leaf] : no_frame;
    }
    [[nodiscard]] Result<Leaf*> leaf_for(std::uint32_t index);
    [[nodiscard]] Result<void> grow(std::uint32_t leaves);

    Memory* memory_;
    Owner owner_;
    Leaf** leaves_ = nullptr;
    std::uint32_t leaf_count_ = 0; // length of leaves_
    std::uint32_t page_count_ = 0;
};

} // namespace quire
