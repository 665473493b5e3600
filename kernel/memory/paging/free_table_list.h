// A stack of page-table frames that are out of use: each one's first word names the next, so that any number of them
// needs no memory but their own. It owns the frames in it and gives what is left back to their allocator.
#pragma once

#include "kernel/lib/result.h"
#include "kernel/machine/address.h"
#include "kernel/memory/frames/page_table_allocator.h"
#include "kernel/memory/paging/physical_memory.h"

#include <cstdint>

namespace quire {

class FreeTableList {
public:
    FreeTableList(PhysicalMemory& memory, PageTableAllocator& allocator) : memory_(&memory), allocator_(&allocator) {}
    FreeTableList(FreeTableList&& other) noexcept;
    FreeTableList& operator=(FreeTableList&&) = delete;
    // Frees what is left. O(frames left).
    ~FreeTableList();

    // Puts `frame` in; its contents are lost but for zeros, which stay. The link never looks like a present entry, so
    // a processor that still walks through the frame finds nothing.
    void push(Frame frame);
    // Takes `count` frames from the allocator, or none. Errors: those of allocate_table.
    [[nodiscard]] Result<void> fill(std::uint32_t count);
    // Takes one out; there must be one.
    [[nodiscard]] Frame pop();
    // Frees all.
    void free_all();

    [[nodiscard]] bool empty() const { return count_ == 0; }

private:
    PhysicalMemory* memory_;
    PageTableAllocator* allocator_;
    std::uint32_t count_ = 0;
    Frame top_; // valid where count_ > 0
};

} // namespace quire
