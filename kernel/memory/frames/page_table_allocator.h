// Where page directories take the frames for their tables from: the frame allocator, or, before there is one, what
// boot set aside. The interface owns nothing.
#pragma once

#include "kernel/lib/result.h"
#include "kernel/machine/address.h"

namespace quire {

class PageTableAllocator {
public:
    // One frame for a page table or directory; what is in it is undefined. Errors: out_of_memory, limit_reached.
    [[nodiscard]] virtual Result<Frame> allocate_table() = 0;
    // Takes back a frame that allocate_table gave; anything else is a broken invariant.
    virtual void free_table(Frame frame) = 0;
    // Whether `frame` is out as a table: given by allocate_table and not yet taken back. For audits.
    [[nodiscard]] virtual bool is_table(Frame frame) const = 0;

protected:
    PageTableAllocator() = default;
    PageTableAllocator(const PageTableAllocator&) = default;
    PageTableAllocator& operator=(const PageTableAllocator&) = default;
    ~PageTableAllocator() = default;
};

} // namespace quire
