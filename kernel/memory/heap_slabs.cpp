// Makes and retires slabs and keeps the lists of those with a free block. See heap_slabs.h.
#include "kernel/memory/heap_slabs.h"

#include <algorithm>

namespace quire::heap {

namespace {

// Marks the first `count` blocks of a slab free.
void fill_free(PageInfo& slab, unsigned count) {
    slab.summary = 0;
    for (unsigned word = 0; word < slab_words; ++word) {
        const unsigned from = word * word_bits;
        const unsigned here = count > from ? std::min(count - from, word_bits) : 0;
        slab.slab.free[word] = here == 0 ? 0 : ~Word{0} >> (word_bits - here);
        slab.summary = static_cast<std::uint8_t>(slab.summary | (static_cast<unsigned>(here > 0) << word));
    }
}

} // namespace

Result<std::uint32_t> SlabSet::add(unsigned size_class, std::byte* records) {
    const SizeClass& size = size_classes[size_class];
    const Result<std::uint32_t> page = runs_->allocate(size.slab_pages);
    if (!page) {
        return page;
    }
    PageInfo& slab = runs_->info(*page);
    slab.kind = PageKind::slab;
    slab.size_class = static_cast<std::uint8_t>(size_class);
    slab.pages = static_cast<std::uint8_t>(size.slab_pages);
    slab.live = 0;
    slab.capacity = size.capacity;
    slab.reciprocal = size.reciprocal;
    slab.block_bytes = size.block_bytes;
    slab.slab.records = records;
    fill_free(slab, size.capacity);
    for (std::uint32_t inner = 1; inner < size.slab_pages; ++inner) {
        PageInfo& info = runs_->info(*page + inner);
        info.kind = PageKind::slab_inner;
        info.pages = static_cast<std::uint8_t>(inner);
    }
    ++classes_[size_class].slabs;
    link(size_class, slab, *page);
    return page;
}

std::byte* SlabSet::retire(std::uint32_t page) {
    PageInfo& slab = runs_->info(page);
    std::byte* const records = slab.slab.records;
    const std::uint32_t pages = slab.pages;
    unlink(slab.size_class, slab, page);
    --classes_[slab.size_class].slabs;
    for (std::uint32_t inner = 0; inner < pages; ++inner) {
        runs_->info(page + inner).kind = PageKind::none;
    }
    runs_->free(page, pages);
    return records;
}

std::uint32_t SlabSet::idle(unsigned size_class) const {
    const std::uint32_t page = classes_[size_class].partial;
    return page != no_page && runs_->peek(page).live == 0 ? page : no_page;
}

void SlabSet::link(unsigned size_class, PageInfo& slab, std::uint32_t page) {
    ClassState& state = classes_[size_class];
    slab.prev = no_page;
    slab.next = state.partial;
    if (slab.next != no_page) {
        runs_->info(slab.next).prev = page;
    }
    state.partial = page;
}

void SlabSet::unlink(unsigned size_class, PageInfo& slab, std::uint32_t page) {
    if (slab.next != no_page) {
        runs_->info(slab.next).prev = slab.prev;
    }
    if (slab.prev != no_page) {
        runs_->info(slab.prev).next = slab.next;
    }
    ClassState& state = classes_[size_class];
    if (state.partial == page) {
        state.partial = slab.next;
    }
    slab.next = no_page;
    slab.prev = no_page;
}

HeapSizeClass SlabSet::usage(unsigned size_class) const {
    const SizeClass& size = size_classes[size_class];
    const ClassState& state = classes_[size_class];
    return {.block_bytes = size.block_bytes,
            .slab_pages = size.slab_pages,
            .slabs = state.slabs,
            .live_blocks = state.live,
            .free_blocks = state.slabs * size.capacity - state.live};
}

} // namespace quire::heap
