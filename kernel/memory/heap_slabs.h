// Slabs of small blocks for the kernel heap: per size class a list of the slabs that have a free block, each with a
// bitmap in its first page's record. Owns no memory of its own; takes its pages from a PageRuns.
#pragma once

#include "kernel/memory/heap_runs.h"
#include "kernel/memory/heap_size_class.h"

#include <array>
#include <cstdint>

namespace quire::heap {

class SlabSet {
public:
    explicit SlabSet(PageRuns& runs) : runs_(&runs) {
        for (ClassState& state : classes_) {
            state.partial = no_page;
        }
    }

    // The first page of a slab of the class that has a free block, or no_page.
    [[nodiscard]] std::uint32_t partial(unsigned size_class) const { return classes_[size_class].partial; }

    // Takes a block from the slab at `page`, which is partial(size_class). O(1): one record, two words of its bitmap.
    [[nodiscard]] std::uint32_t take(unsigned size_class, std::uint32_t page) {
        PageInfo& slab = runs_->info(page);
        const std::uint32_t block = slab.take_block();
        ++classes_[size_class].live;
        if (slab.full()) [[unlikely]] {
            unlink(size_class, slab, page);
        }
        return block;
    }

    // Gives a block in use back. Returns the page of an empty slab that should be retired now, or no_page: an empty
    // slab is kept only while its class has no other free block.
    [[nodiscard]] std::uint32_t put(PageInfo& slab, std::uint32_t page, std::uint32_t block) {
        std::uint32_t surplus = no_page;
        if (slab.full()) [[unlikely]] {
            surplus = idle(slab.size_class);
            link(slab.size_class, slab, page);
        }
        slab.put_block(block);
        --classes_[slab.size_class].live;
        if (slab.live == 0 && surplus == no_page && (slab.next != no_page || slab.prev != no_page)) [[unlikely]] {
            surplus = page;
        }
        return surplus;
    }

    // Makes an empty slab, whose blocks' records are at `records`. Errors: those of PageRuns::allocate.
    [[nodiscard]] Result<std::uint32_t> add(unsigned size_class, std::byte* records);
    // Gives the pages of an empty slab back; returns its records' place, for the caller to free.
    std::byte* retire(std::uint32_t page);
    // The page of an empty slab of the class, or no_page. It is the only partial slab then.
    [[nodiscard]] std::uint32_t idle(unsigned size_class) const;

    [[nodiscard]] HeapSizeClass usage(unsigned size_class) const;
    [[nodiscard]] PageRuns& runs() { return *runs_; }
    [[nodiscard]] const PageRuns& runs() const { return *runs_; }

    void audit(AuditReport& report) const;

private:
    struct ClassState {
        std::uint32_t partial = no_page;
        std::uint32_t live = 0;
        std::uint32_t slabs = 0;
    };

    void link(unsigned size_class, PageInfo& slab, std::uint32_t page);
    void unlink(unsigned size_class, PageInfo& slab, std::uint32_t page);
    void audit_slab(AuditReport& report, std::uint32_t page) const;

    PageRuns* runs_;
    std::array<ClassState, class_count> classes_{};
};

} // namespace quire::heap
