// The kernel heap's pages: frames of the frame allocator, mapped one by one into the heap's area of the kernel's
// address space. It owns the frames that are mapped there; what is in them is the heap's business.
#pragma once

#include "kernel/memory/frames/frame_allocator.h"
#include "kernel/memory/heap/heap_types.h"
#include "kernel/memory/paging/layout.h"
#include "kernel/memory/paging/page_directory.h"
#include "kernel/memory/paging/tlb_flush.h"

namespace quire {

class HeapArea final : public HeapPages {
public:
    // All three must outlive it.
    HeapArea(FrameAllocator& frames, PageDirectory& directory, TlbStatistics& flushes)
        : frames_(&frames), directory_(&directory), flushes_(&flushes) {}
    HeapArea(const HeapArea&) = delete;
    HeapArea& operator=(const HeapArea&) = delete;

    // O(count). Errors: out_of_memory (no frame, or none for a page table).
    Result<void> commit(std::uint32_t first, std::uint32_t count) override;
    // O(count). The TLB is told before the first frame is free again.
    void decommit(std::uint32_t first, std::uint32_t count) override;

    static constexpr Page base = Page::containing(area(AreaKind::heap).first);
    static constexpr std::uint32_t most_pages = area(AreaKind::heap).pages();

private:
    FrameAllocator* frames_;
    PageDirectory* directory_;
    TlbStatistics* flushes_;
};

} // namespace quire
