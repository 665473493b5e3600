// Pages by number: a tree of nodes with 64 slots each.
#include "kernel/memory/objects/page_cache.h"

#include "kernel/lib/panic.h"
#include "kernel/memory/heap/kernel_memory.h"
#include "kernel/memory/heap/object.h"
#include "kernel/memory/objects/memory_object.h"
#include "kernel/memory/pager/pager.h"

#include <algorithm>

namespace quire {

namespace {

// The largest number of so many bits, or of all there can be.
constexpr std::uint32_t last_below(unsigned bits) {
    return bits < 32 ? (std::uint32_t{1} << bits) - 1 : ~std::uint32_t{0};
}

} // namespace

PageCache::PageCache(KernelMemory& memory, Pager& pager, MemoryObject& object, Owner owner)
    : memory_(&memory), pager_(&pager), object_(&object), owner_(owner) {
    pager.add_object(*this);
}

PageCache::~PageCache() {
    drop(0, most_pages);
    pager_->remove_object(*this);
}

[[gnu::noinline]] Result<Frame> PageCache::get_slowly(std::uint32_t index, std::uint32_t found, bool zero) {
    if (index >= most_pages) {
        return fail(Error::out_of_range);
    }
    if (found != no_page) {
        const PageName page = PageName::from_raw(found);
        if (!page.is_slot()) {
            return page.frame();
        }
        return bring_in(**leaf_for(index), digit(index, 0), PageReturn::touched); // the leaf is there
    }
    // The frame first: giving it back leaves nothing behind, while the heap may keep the page that a node was in.
    const Result<Frame> frame = memory_->frames.allocate(owner_);
    if (!frame) {
        return frame;
    }
    const Result<Leaf*> leaf = leaf_for(index);
    if (!leaf) {
        must_succeed(memory_->frames.free(*frame));
        drop(index, 1); // nodes without a page go
        return fail(leaf.error());
    }
    if (zero) {
        memory_->physical.zero(*frame);
    }
    pager_->object_page_made(*frame, **leaf);
    (*leaf)->names[digit(index, 0)] = PageName::of(*frame).raw();
    ++(*leaf)->used;
    ++page_count_;
    return frame;
}

Result<PageCache::Node*> PageCache::make_node(unsigned shift, std::uint32_t index) {
    if (shift == 0) {
        const Result<Leaf*> leaf = make_object<Leaf>(memory_->heap);
        if (!leaf) {
            return fail(leaf.error());
        }
        (*leaf)->object = this;
        (*leaf)->first = index - digit(index, 0);
        return *leaf;
    }
    const Result<Branch*> branch = make_object<Branch>(memory_->heap);
    return branch ? Result<Node*>(*branch) : fail(branch.error());
}

// Makes the tree high enough.
Result<void> PageCache::reach(std::uint32_t index) {
    while (root_ != nullptr && index > last_) {
        const Result<Node*> made = make_node(shift_ + digit_bits, index);
        if (!made) {
            return fail(made.error());
        }
        auto& branch = static_cast<Branch&>(**made);
        branch.below[0] = root_;
        branch.used = 1;
        root_ = &branch;
        shift_ += digit_bits;
        last_ = last_below(shift_ + digit_bits);
    }
    if (root_ == nullptr) {
        shift_ = 0;
        for (last_ = slots - 1; index > last_;) {
            shift_ += digit_bits;
            last_ = last_below(shift_ + digit_bits);
        }
        const Result<Node*> made = make_node(shift_, index);
        if (!made) {
            return fail(made.error());
        }
        root_ = *made;
    }
    return {};
}

// The leaf of a page, made if need be. Where it fails, nodes without a page may be left on the way.
Result<PageCache::Leaf*> PageCache::leaf_for(std::uint32_t index) {
    if (const Result<void> reached = reach(index); !reached) {
        return fail(reached.error());
    }
    Node* node = root_;
    for (unsigned shift = shift_; shift != 0; shift -= digit_bits) {
        auto& branch = static_cast<Branch&>(*node);
        Node*& below = branch.below[digit(index, shift)];
        if (below == nullptr) {
            const Result<Node*> made = make_node(shift - digit_bits, index);
            if (!made) {
                return fail(made.error());
            }
            below = *made;
            ++branch.used;
        }
        node = below;
    }
    return static_cast<Leaf*>(node);
}

void PageCache::drop(std::uint32_t first, std::uint32_t count) {
    if (root_ != nullptr) {
        drop_in(root_, shift_, 0, first, std::min<std::uint64_t>(std::uint64_t{first} + count, most_pages));
    }
}

// The cache's share of a frame. Where that is not the last one, a request brings the page, which nobody wants any more.
void PageCache::give_back(PageName page) {
    if (page.is_slot()) {
        pager_->swap.release(page.slot());
        return;
    }
    const Frame frame = page.frame();
    pager_->object_page_went(frame);
    if (memory_->frames.share_count(frame) != 1) [[unlikely]] {
        must_succeed(memory_->frames.transfer(frame, Owner::anonymous)); // no entry names it
    }
    memory_->frames.release_mapped(frame);
}

void PageCache::drop_pages(Leaf& leaf, std::uint64_t base, std::uint64_t first, std::uint64_t end) {
    for (std::uint32_t slot = 0; slot < slots; ++slot) {
        if (leaf.names[slot] != no_page && base + slot >= first && base + slot < end) {
            give_back(PageName::from_raw(leaf.names[slot]));
            leaf.names[slot] = no_page;
            --leaf.used;
            --page_count_;
        }
    }
}

// Pages [first, end) of the subtree whose first page is `base`; the node itself goes, and becomes null, when it is
// empty.
void PageCache::drop_in(Node*& node, unsigned shift, std::uint64_t base, std::uint64_t first, std::uint64_t end) {
    if (shift == 0) {
        auto& leaf = static_cast<Leaf&>(*node);
        drop_pages(leaf, base, first, end);
        if (leaf.used == 0) {
            destroy_object(memory_->heap, &leaf);
            node = nullptr;
        }
        return;
    }
    auto& branch = static_cast<Branch&>(*node);
    for (std::uint32_t slot = 0; slot < slots; ++slot) {
        const std::uint64_t start = base + (std::uint64_t{slot} << shift);
        Node*& below = branch.below[slot];
        if (below != nullptr && start < end && start + (1ULL << shift) > first) {
            drop_in(below, shift - digit_bits, start, first, end);
            branch.used -= below == nullptr ? 1U : 0U;
        }
    }
    if (branch.used == 0) {
        destroy_object(memory_->heap, &branch);
        node = nullptr;
    }
}

std::optional<std::uint32_t> PageCache::next(std::uint32_t index) const {
    return root_ != nullptr ? next_in(root_, shift_, 0, index) : std::nullopt;
}

std::optional<std::uint32_t> PageCache::next_in(const Node* node, unsigned shift, std::uint64_t base,
                                                std::uint64_t first) {
    for (std::uint32_t slot = 0; slot < slots; ++slot) {
        const std::uint64_t start = base + (std::uint64_t{slot} << shift);
        if (start + (1ULL << shift) <= first) {
            continue;
        }
        if (shift == 0) {
            if (static_cast<const Leaf*>(node)->names[slot] != no_page) {
                return static_cast<std::uint32_t>(start);
            }
        } else if (const Node* const below = static_cast<const Branch*>(node)->below[slot]) {
            if (const auto found = next_in(below, shift - digit_bits, start, first)) {
                return found;
            }
        }
    }
    return std::nullopt;
}

void PageCache::will_need(std::uint32_t first, std::uint32_t count) {
    for (auto index = next(first); index && *index - first < count && pager_->has_room_ahead();
         index = next(*index + 1)) {
        if (!in_memory(*index)) {
            may_fail(bring_in(**leaf_for(*index), digit(*index, 0), PageReturn::read_ahead)); // a touch tries again
        }
    }
}

std::uint32_t PageCache::drop_unmapped() {
    std::uint32_t dropped = 0;
    for_each([&](std::uint32_t index) {
        if (memory_->frames.share_count(Frame(find(index))) == 1) {
            drop(index, 1);
            ++dropped;
        }
    });
    return dropped;
}

// ---- As the pager sees it

// The page's place in its leaf. O(slots): so no record of a frame needs to have it.
std::uint32_t PageCache::place_of(const Leaf& leaf, PageName name) {
    const auto* const found = std::find(leaf.names.begin(), leaf.names.end(), name.raw());
    ensure(found != leaf.names.end(), "a page is where its frame or slot says");
    return static_cast<std::uint32_t>(found - leaf.names.begin());
}

// The page at `place`, which is in a slot: several may be in that of a repeated word.
Result<Frame> PageCache::bring_in(Leaf& leaf, std::uint32_t place, PageReturn why) {
    const SwapSlot slot = PageName::from_raw(leaf.names[place]).slot();
    const Result<Frame> frame = pager_->bring_in(slot, leaf, owner_, why);
    if (frame) {
        leaf.names[place] = PageName::of(*frame).raw();
    }
    return frame;
}

PageMarks PageCache::marks(PageGroup& group, Frame frame, bool forget_use) {
    const std::uint32_t place = place_of(static_cast<Leaf&>(group), PageName::of(frame));
    return object_->page_marks(group.first + place, frame, forget_use);
}

void PageCache::unmap(PageGroup& group, Frame frame) {
    const std::uint32_t place = place_of(static_cast<Leaf&>(group), PageName::of(frame));
    object_->unmap_pages(group.first + place, 1, MemoryObject::PrivateCopies::stay);
}

void PageCache::renamed(PageGroup& group, PageName from, PageName to) {
    auto& leaf = static_cast<Leaf&>(group);
    leaf.names[place_of(leaf, from)] = to.raw();
}

void PageCache::drop_frame(PageGroup& group, Frame frame) {
    drop(group.first + place_of(static_cast<Leaf&>(group), PageName::of(frame)), 1);
}

Result<void> PageCache::bring_back(PageGroup& group, SwapSlot slot) {
    auto& leaf = static_cast<Leaf&>(group);
    const Result<Frame> frame = bring_in(leaf, place_of(leaf, PageName::of(slot)), PageReturn::area_leaves);
    return frame ? Result<void>() : fail(frame.error());
}

bool PageCache::has(const PageGroup& group, PageName name) const {
    const auto& leaf = static_cast<const Leaf&>(group);
    return leaf.object == this && std::find(leaf.names.begin(), leaf.names.end(), name.raw()) != leaf.names.end();
}

void PageCache::visit_slots(SlotVisitor& visitor) const {
    for_each([&](std::uint32_t index) {
        if (const PageName page = PageName::from_raw(find(index)); page.is_slot()) {
            visitor.visit(page.slot());
        }
    });
}

} // namespace quire
