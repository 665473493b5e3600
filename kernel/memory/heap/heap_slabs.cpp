// Makes and retires slabs and keeps the lists of those with a free block. See heap_slabs.h.
#include "kernel/memory/heap/heap_slabs.h"

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
    ++slabs_[size_class];
    slab.next = no_page;
    slab.prev = no_page;
    link(slab);
    return page;
}

std::byte* SlabSet::retire(std::uint32_t page) {
    PageInfo& slab = runs_->info(page);
    std::byte* const records = slab.slab.records;
    const std::uint32_t pages = slab.pages;
    unlink(slab);
    --slabs_[slab.size_class];
    for (std::uint32_t inner = 0; inner < pages; ++inner) {
        runs_->info(page + inner).kind = PageKind::none;
    }
    runs_->free(page, pages);
    return records;
}

std::uint32_t SlabSet::put_any(PageInfo& slab, std::uint32_t block) {
    std::uint32_t surplus = no_page;
    if (slab.full()) {
        surplus = idle(slab.size_class);
        link(slab);
    }
    slab.put_block(block);
    if (slab.live == 0 && surplus == no_page && (slab.next != no_page || slab.prev != no_page)) {
        surplus = static_cast<std::uint32_t>(&slab - infos_);
    }
    return surplus;
}

void SlabSet::unlink(PageInfo& slab) {
    if (slab.next != no_page) {
        infos_[slab.next].prev = slab.prev;
    }
    if (slab.prev != no_page) {
        infos_[slab.prev].next = slab.next;
    } else {
        partial_[slab.size_class] = slab.next;
    }
    slab.next = no_page;
    slab.prev = no_page;
}

HeapSizeClass SlabSet::usage(unsigned size_class) const {
    const SizeClass& size = size_classes[size_class];
    std::uint32_t live = 0;
    for (std::uint32_t page = 0; page < runs_->frontier(); page += runs_->run_length(page)) {
        const PageInfo& slab = infos_[page];
        live += slab.kind == PageKind::slab && slab.size_class == size_class ? slab.live : 0U;
    }
    return {.block_bytes = size.block_bytes,
            .slab_pages = size.slab_pages,
            .slabs = slabs_[size_class],
            .live_blocks = live,
            .free_blocks = slabs_[size_class] * size.capacity - live};
}

} // namespace quire::heap
