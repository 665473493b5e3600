// Pages by number, in memory: what a file of a memory file system, or shared memory, keeps its content in. It owns the
// frames and the books that lead to them; who else maps a frame has a share of it.
#pragma once

#include "kernel/lib/result.h"
#include "kernel/machine/address.h"
#include "kernel/memory/frames/owner.h"

#include <array>
#include <cstdint>
#include <optional>

namespace quire {

class KernelMemory;

class PageCache {
public:
    // Pages that one can have: all that a mapping's offset of 32 bits can name, but for the last.
    static constexpr std::uint32_t most_pages = ~std::uint32_t{0};

    // Its frames will be of class `owner`, file or shared. `memory` must outlive it.
    PageCache(KernelMemory& memory, Owner owner) : memory_(&memory), owner_(owner) {}
    PageCache(const PageCache&) = delete;
    PageCache& operator=(const PageCache&) = delete;
    ~PageCache();

    // Whether there is a page of this number. O(1).
    [[nodiscard]] bool has(std::uint32_t index) const { return find(index) != no_frame; }
    // The page's frame, which there must be. O(1).
    [[nodiscard]] Frame frame(std::uint32_t index) const { return Frame(find(index)); }
    // The page's frame; where there is none, a new one full of zeros. Errors: out_of_memory, out_of_range (most_pages).
    // O(1), and a page to clear.
    [[nodiscard]] Result<Frame> get(std::uint32_t index);
    // Gives back pages [first, first + count), those that there are. Nobody may map them any more: see
    // MemoryObject::unmap_pages(). O(pages there).
    void drop(std::uint32_t first, std::uint32_t count);
    // The first page from `index` on that there is. O(1).
    [[nodiscard]] std::optional<std::uint32_t> next(std::uint32_t index) const;

    // How many pages there are.
    [[nodiscard]] std::uint32_t page_count() const { return page_count_; }

private:
    static constexpr unsigned digit_bits = 6;
    static constexpr std::uint32_t slots = 1U << digit_bits;
    static constexpr std::uint32_t no_frame = 0; // frame 0 is the firmware's

    // A page's number is read digit by digit, of 64 values each, from the root down; the tree is as high as the largest
    // number needs. No node is empty.
    struct Node {
        std::uint32_t used = 0; // slots
    };
    struct Branch : Node {
        std::array<Node*, slots> below{};
    };
    struct Leaf : Node {
        std::array<std::uint32_t, slots> frames{}; // numbers
    };
    [[nodiscard]] static constexpr std::uint32_t digit(std::uint32_t index, unsigned shift) {
        return index >> shift & (slots - 1);
    }

    [[nodiscard]] std::uint32_t find(std::uint32_t index) const {
        const Node* node = index <= last_ ? root_ : nullptr;
        for (unsigned shift = shift_; node != nullptr && shift != 0; shift -= digit_bits) {
            node = static_cast<const Branch*>(node)->below[digit(index, shift)];
        }
        return node != nullptr ? static_cast<const Leaf*>(node)->frames[digit(index, 0)] : no_frame;
    }
    [[nodiscard]] Result<Leaf*> leaf_for(std::uint32_t index);
    [[nodiscard]] Result<void> reach(std::uint32_t index);
    [[nodiscard]] Result<Node*> make_node(unsigned shift);
    void drop_in(Node*& node, unsigned shift, std::uint64_t base, std::uint64_t first, std::uint64_t end);
    void give_back(Frame frame);
    void drop_frames(Leaf& leaf, std::uint64_t base, std::uint64_t first, std::uint64_t end);
    [[nodiscard]] static std::optional<std::uint32_t> next_in(const Node* node, unsigned shift, std::uint64_t base,
                                                              std::uint64_t first);

    KernelMemory* memory_;
    Owner owner_;
    Node* root_ = nullptr;
    unsigned shift_ = 0;     // of the root's digit; 0: the root is a leaf
    std::uint32_t last_ = 0; // the largest number that the tree reaches
    std::uint32_t page_count_ = 0;
};

} // namespace quire
