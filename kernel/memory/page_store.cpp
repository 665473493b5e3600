// Pages by number: an array of leaves, each of which leads to 64 frames.
#include "kernel/memory/page_store.h"

#include "kernel/lib/panic.h"
#include "kernel/memory/memory.h"
#include "kernel/memory/object.h"

#include <algorithm>

namespace quire {

PageStore::~PageStore() {
    drop(0, most_pages);
    ensure(memory_->heap.free(leaves_).has_value(), "the books of a store came from the heap");
}

Result<Frame> PageStore::get(std::uint32_t index) {
    if (const std::uint32_t found = find(index); found != no_frame) {
        return Frame(found);
    }
    if (index >= most_pages) {
        return fail(Error::out_of_range);
    }
    // The frame first: giving it back leaves nothing behind, while the heap may keep the page that a leaf was in.
    const Result<Frame> frame = memory_->frames.allocate(owner_);
    if (!frame) {
        return frame;
    }
    const Result<Leaf*> leaf = leaf_for(index);
    if (!leaf) {
        must_succeed(memory_->frames.free(*frame));
        return fail(leaf.error());
    }
    memory_->physical.zero(*frame);
    (*leaf)->frames[index % pages_per_leaf] = frame->number();
    ++(*leaf)->used;
    ++page_count_;
    return frame;
}

// The leaf of a page, made if need be.
Result<PageStore::Leaf*> PageStore::leaf_for(std::uint32_t index) {
    const std::uint32_t at = index / pages_per_leaf;
    if (at >= leaf_count_) {
        if (const Result<void> grown = grow(at + 1); !grown) {
            return fail(grown.error());
        }
    }
    if (leaves_[at] == nullptr) {
        const Result<Leaf*> made = make_object<Leaf>(memory_->heap);
        if (!made) {
            return made;
        }
        leaves_[at] = *made;
    }
    return leaves_[at];
}

// Makes the array of leaves at least `leaves` long, and at least half as long again as it was.
Result<void> PageStore::grow(std::uint32_t leaves) {
    const std::uint32_t wanted = std::max(leaves, leaf_count_ + leaf_count_ / 2);
    const Result<void*> moved = memory_->heap.reallocate(leaves_, wanted * sizeof(Leaf*));
    if (!moved) {
        return fail(moved.error());
    }
    leaves_ = static_cast<Leaf**>(*moved);
    std::fill(leaves_ + leaf_count_, leaves_ + wanted, nullptr);
    leaf_count_ = wanted;
    return {};
}

void PageStore::drop(std::uint32_t first, std::uint32_t count) {
    const std::uint32_t end = count < most_pages - std::min(first, most_pages) ? first + count : most_pages;
    for (std::uint32_t at = first / pages_per_leaf; at < leaf_count_ && at * pages_per_leaf < end; ++at) {
        Leaf* const leaf = leaves_[at];
        if (leaf == nullptr) {
            continue;
        }
        const std::uint32_t start = at * pages_per_leaf;
        const std::uint32_t to = std::min(end - start, pages_per_leaf);
        for (std::uint32_t each = first > start ? first - start : 0; each < to; ++each) {
            if (leaf->frames[each] != no_frame) {
                memory_->frames.release_mapped(Frame(leaf->frames[each]));
                leaf->frames[each] = no_frame;
                --leaf->used;
                --page_count_;
            }
        }
        if (leaf->used == 0) {
            destroy_object(memory_->heap, leaf);
            leaves_[at] = nullptr;
        }
    }
}

} // namespace quire
