// Slabs of small blocks for the kernel heap: per size class a list of the slabs that have a free block, each with a
// bitmap in its first page's record. Owns no memory of its own; takes its pages from a PageRuns.
#pragma once

#include "kernel/memory/heap/heap_runs.h"
#include "kernel/memory/heap/heap_size_class.h"

#include <array>
#include <cstdint>

namespace quire::heap {

class SlabSet {
public:
    explicit SlabSet(PageRuns& runs) : runs_(&runs), infos_(runs.infos()) { partial_.fill(no_page); }

    // The first page of a slab of the class that has a free block, or no_page.
    [[nodiscard]] std::uint32_t partial(unsigned size_class) const { return partial_[size_class]; }

    // Takes a block from `slab`, which is the one at partial(size_class). O(1): one record, two words of its bitmap; a
    // second record when the slab is full after it.
    [[nodiscard]] std::uint32_t take(unsigned size_class, PageInfo& slab) {
        const std::uint32_t block = slab.take_block();
        if (slab.full()) {
            const std::uint32_t next = slab.next; // what it leaves is the head of the list
            partial_[size_class] = next;
            slab.next = no_page;
            if (next != no_page) {
                infos_[next].prev = no_page;
            }
        }
        return block;
    }

    // Gives a block in use back. The slab must keep another block in use, and no slab of its class be idle. O(1), as
    // take.
    void put(PageInfo& slab, std::uint32_t block) {
        if (slab.full()) {
            link(slab);
        }
        slab.put_block(block);
    }

    // Gives any block in use back. Returns the page of an empty slab that should be retired now, or no_page: an empty
    // slab is kept only while its class has no other free block. O(1).
    [[nodiscard]] std::uint32_t put_any(PageInfo& slab, std::uint32_t block);

    // Makes an empty slab, whose blocks' records are at `records`. Errors: those of PageRuns::allocate.
    [[nodiscard]] Result<std::uint32_t> add(unsigned size_class, std::byte* records);
    // Gives the pages of an empty slab back; returns its records' place, for the caller to free.
    std::byte* retire(std::uint32_t page);
    // The page of an empty slab of the class, or no_page. It is the only partial slab then.
    [[nodiscard]] std::uint32_t idle(unsigned size_class) const {
        const std::uint32_t page = partial_[size_class];
        return page != no_page && infos_[page].live == 0 ? page : no_page;
    }

    // O(pages).
    [[nodiscard]] HeapSizeClass usage(unsigned size_class) const;
    [[nodiscard]] std::uint32_t slabs(unsigned size_class) const { return slabs_[size_class]; }
    [[nodiscard]] PageRuns& runs() { return *runs_; }
    [[nodiscard]] const PageRuns& runs() const { return *runs_; }

    void audit(AuditReport& report) const;

private:
    // Makes a slab the first of the partial ones.
    void link(PageInfo& slab) {
        const auto page = static_cast<std::uint32_t>(&slab - infos_);
        std::uint32_t& first = partial_[slab.size_class];
        slab.next = first;
        if (first != no_page) {
            infos_[first].prev = page;
        }
        first = page;
    }
    void unlink(PageInfo& slab);
    void audit_slab(AuditReport& report, std::uint32_t page) const;

    PageRuns* runs_;
    PageInfo* infos_; // those of runs_
    std::array<std::uint32_t, class_count> partial_{};
    std::array<std::uint32_t, class_count> slabs_{};
};

} // namespace quire::heap
