// Pages by number: a tree of nodes with 64 slots each.
#include "kernel/memory/objects/page_cache.h"

#include "kernel/lib/panic.h"
#include "kernel/memory/heap/kernel_memory.h"
#include "kernel/memory/heap/object.h"

#include <algorithm>

namespace quire {

namespace {

// The largest number of so many bits, or of all there can be.
constexpr std::uint32_t last_below(unsigned bits) {
    return bits < 32 ? (std::uint32_t{1} << bits) - 1 : ~std::uint32_t{0};
}

} // namespace

PageCache::~PageCache() {
    drop(0, most_pages);
}

Result<Frame> PageCache::get(std::uint32_t index) {
    if (const std::uint32_t found = find(index); found != no_frame) {
        return Frame(found);
    }
    if (index >= most_pages) {
        return fail(Error::out_of_range);
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
    memory_->physical.zero(*frame);
    (*leaf)->frames[digit(index, 0)] = frame->number();
    ++(*leaf)->used;
    ++page_count_;
    return frame;
}

Result<PageCache::Node*> PageCache::make_node(unsigned shift) {
    if (shift == 0) {
        const Result<Leaf*> leaf = make_object<Leaf>(memory_->heap);
        return leaf ? Result<Node*>(*leaf) : fail(leaf.error());
    }
    const Result<Branch*> branch = make_object<Branch>(memory_->heap);
    return branch ? Result<Node*>(*branch) : fail(branch.error());
}

// Makes the tree high enough.
Result<void> PageCache::reach(std::uint32_t index) {
    while (root_ != nullptr && index > last_) {
        const Result<Node*> made = make_node(shift_ + digit_bits);
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
        const Result<Node*> made = make_node(shift_);
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
            const Result<Node*> made = make_node(shift - digit_bits);
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
void PageCache::give_back(Frame frame) {
    if (memory_->frames.share_count(frame) != 1) [[unlikely]] {
        must_succeed(memory_->frames.transfer(frame, Owner::anonymous));
    }
    memory_->frames.release_mapped(frame);
}

void PageCache::drop_frames(Leaf& leaf, std::uint64_t base, std::uint64_t first, std::uint64_t end) {
    for (std::uint32_t slot = 0; slot < slots; ++slot) {
        if (leaf.frames[slot] != no_frame && base + slot >= first && base + slot < end) {
            give_back(Frame(leaf.frames[slot]));
            leaf.frames[slot] = no_frame;
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
        drop_frames(leaf, base, first, end);
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
            if (static_cast<const Leaf*>(node)->frames[slot] != no_frame) {
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

} // namespace quire
