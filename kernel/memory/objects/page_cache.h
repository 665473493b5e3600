// Pages by number: what a file of a memory file system, or shared memory, keeps its content in, and what copies of a
// file's pages are found in. It owns the frames and the books that lead to them; who else maps a frame has a share of
// it. When memory is short the pager puts pages out: then the cache knows them by their swap slots, or, where they can
// be made again, not at all.
#pragma once

#include "kernel/lib/result.h"
#include "kernel/machine/address.h"
#include "kernel/memory/frames/owner.h"
#include "kernel/memory/pager/object_pages.h"

#include <array>
#include <cstdint>
#include <optional>

namespace quire {

class KernelMemory;
class MemoryObject;
class Pager;

class PageCache final : public ObjectPages {
public:
    // Pages that one can have: all that a mapping's offset of 32 bits can name, but for the last.
    static constexpr std::uint32_t most_pages = ~std::uint32_t{0};

    // For the pages of `object`. Of class `owner`: file, for pages that can be made again whenever they are missed, or
    // shared. All that it is given must outlive it.
    PageCache(KernelMemory& memory, Pager& pager, MemoryObject& object, Owner owner);
    PageCache(const PageCache&) = delete;
    PageCache& operator=(const PageCache&) = delete;
    ~PageCache();

    // Whether there is a page of this number, in memory or out. O(1).
    [[nodiscard]] bool has(std::uint32_t index) const { return find(index) != no_page; }
    // Whether it is in memory, and not on its way out. O(1).
    [[nodiscard]] bool in_memory(std::uint32_t index) const {
        const std::uint32_t found = find(index);
        return found != no_page && !PageName::from_raw(found).is_slot();
    }
    // The page's frame; where there is no page, a new one full of zeros. One that is out is asked for: its content may
    // come later, see PageRequests. Errors: out_of_memory, out_of_range (most_pages), must_wait (for room),
    // input_output (the page is lost). O(1), and a page to clear.
    [[nodiscard]] Result<Frame> get(std::uint32_t index) {
        const std::uint32_t found = find(index);
        return found != no_page && !PageName::from_raw(found).is_slot() ? Frame(found) : get_slowly(index, found, true);
    }
    // The same, and a new page has any content.
    [[nodiscard]] Result<Frame> get_uncleared(std::uint32_t index) { return get_slowly(index, find(index), false); }
    // Gives back pages [first, first + count), those that there are. Nobody may map them any more: see
    // MemoryObject::unmap_pages(). O(pages there).
    void drop(std::uint32_t first, std::uint32_t count);
    // The first page from `index` on that there is. O(1).
    [[nodiscard]] std::optional<std::uint32_t> next(std::uint32_t index) const;

    // Those of pages [first, first + count) that are out begin to come back, as long as there are frames that nobody
    // lacks. O(pages there).
    void will_need(std::uint32_t first, std::uint32_t count);

    // How many pages there are, in memory or out.
    [[nodiscard]] std::uint32_t page_count() const { return page_count_; }

    // Gives back all pages that nobody maps. Returns how many. For pages that can be made again. O(pages there).
    std::uint32_t drop_unmapped();

    // ---- ObjectPages
    PageMarks marks(PageGroup& group, Frame frame, bool forget_use) override;
    void unmap(PageGroup& group, Frame frame) override;
    void renamed(PageGroup& group, PageName from, PageName to) override;
    void drop_frame(PageGroup& group, Frame frame) override;
    [[nodiscard]] bool can_be_made_again() const override { return owner_ == Owner::file; }
    Result<void> bring_back(PageGroup& group, SwapSlot slot) override;
    [[nodiscard]] bool has(const PageGroup& group, PageName name) const override;
    void visit_slots(SlotVisitor& visitor) const override;

private:
    static constexpr unsigned digit_bits = 6;
    static constexpr std::uint32_t slots = 1U << digit_bits;
    static constexpr std::uint32_t no_page = 0; // as a name that of frame 0, the firmware's

    // A page's number is read digit by digit, of 64 values each, from the root down; the tree is as high as the largest
    // number needs. No node is empty.
    struct Node {
        std::uint32_t used = 0; // slots
    };
    struct Branch : Node {
        std::array<Node*, slots> below{};
    };
    struct Leaf : Node, PageGroup {
        std::array<std::uint32_t, slots> names{}; // PageName, raw
    };
    [[nodiscard]] static constexpr std::uint32_t digit(std::uint32_t index, unsigned shift) {
        return index >> shift & (slots - 1);
    }

    [[nodiscard]] std::uint32_t find(std::uint32_t index) const {
        const Node* node = index <= last_ ? root_ : nullptr;
        for (unsigned shift = shift_; node != nullptr && shift != 0; shift -= digit_bits) {
            node = static_cast<const Branch*>(node)->below[digit(index, shift)];
        }
        return node != nullptr ? static_cast<const Leaf*>(node)->names[digit(index, 0)] : no_page;
    }
    // Calls visit(index) for each page that there is; the page may go meanwhile.
    template <class Visitor> void for_each(Visitor&& visit) const {
        for (std::optional<std::uint32_t> index = next(0);;) {
            if (!index) {
                return;
            }
            const std::uint32_t found = *index;
            visit(found);
            index = next(found + 1);
        }
    }
    [[nodiscard]] static std::uint32_t place_of(const Leaf& leaf, PageName name);
    [[nodiscard]] Result<Frame> bring_in(Leaf& leaf, std::uint32_t place, PageReturn why);
    [[nodiscard]] Result<Frame> get_slowly(std::uint32_t index, std::uint32_t found, bool zero);
    [[nodiscard]] Result<Leaf*> leaf_for(std::uint32_t index);
    [[nodiscard]] Result<void> reach(std::uint32_t index);
    [[nodiscard]] Result<Node*> make_node(unsigned shift, std::uint32_t index);
    void drop_in(Node*& node, unsigned shift, std::uint64_t base, std::uint64_t first, std::uint64_t end);
    void give_back(PageName page);
    void drop_pages(Leaf& leaf, std::uint64_t base, std::uint64_t first, std::uint64_t end);
    [[nodiscard]] static std::optional<std::uint32_t> next_in(const Node* node, unsigned shift, std::uint64_t base,
                                                              std::uint64_t first);

    KernelMemory* memory_;
    Pager* pager_;
    MemoryObject* object_;
    Owner owner_;
    Node* root_ = nullptr;
    unsigned shift_ = 0;     // of the root's digit; 0: the root is a leaf
    std::uint32_t last_ = 0; // the largest number that the tree reaches
    std::uint32_t page_count_ = 0;
};

} // namespace quire
