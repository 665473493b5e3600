// The stacks that the kernel runs on for its processes, in their own area of the kernel's address space: each 8 KiB
// above a page that is never mapped, so that running off one faults. It owns their frames. A few stacks that nobody
// uses are kept as they are, for making and ending processes is most of what forking costs.
#pragma once

#include "kernel/lib/audit_report.h"
#include "kernel/lib/result.h"
#include "kernel/lib/static_vector.h"
#include "kernel/memory/frames/frame_allocator.h"
#include "kernel/memory/frames/frame_bitmap.h"
#include "kernel/memory/paging/layout.h"
#include "kernel/memory/paging/page_directory.h"
#include "kernel/memory/paging/tlb_flush.h"

#include <array>
#include <cstddef>
#include <cstdint>

namespace quire {

class KernelStacks {
public:
    // The deepest that anything went in the boot tests is 4.7 KB: exec, interrupted.
    static constexpr std::uint32_t stack_pages = 2;
    static constexpr std::uint32_t slot_pages = 1 + stack_pages; // the guard page is the slot's first
    static constexpr std::uint32_t most_stacks = area(AreaKind::stacks).pages() / slot_pages;
    static constexpr std::uint32_t most_ready = 16;

    // All three must outlive it.
    KernelStacks(FrameAllocator& frames, PageDirectory& directory, TlbStatistics& flushes);
    ~KernelStacks() { trim(); }
    KernelStacks(const KernelStacks&) = delete;
    KernelStacks& operator=(const KernelStacks&) = delete;

    // Where the stack ends that `address` lies in, if there is one; `address` itself where it is in none.
    [[nodiscard]] static constexpr VirtAddr end_of(VirtAddr address) {
        const Area& all = area(AreaKind::stacks);
        constexpr std::uint32_t slot_size = slot_pages * page_size;
        return all.contains(address) ? all.first + ((address - all.first) / slot_size + 1) * slot_size : address;
    }

    // A stack; returns where it ends, which is where it begins to grow. What is in it does not matter. Errors:
    // out_of_memory (frames, or one for a page table), limit_reached (most_stacks are in use). O(1): one that is ready,
    // or stack_pages frames mapped.
    [[nodiscard]] Result<std::byte*> allocate();
    // Takes back a stack that allocate() gave; nobody runs on it. O(1).
    void free(std::byte* top);
    // Gives back the frames of those that are ready. Returns how many. O(ready).
    std::uint32_t trim();

    [[nodiscard]] std::uint32_t in_use() const {
        return most_stacks - slots_.free_count() - static_cast<std::uint32_t>(ready_.size());
    }
    [[nodiscard]] std::uint32_t ready() const { return static_cast<std::uint32_t>(ready_.size()); }

    // Checks that what is mapped in the area are exactly these stacks, each by frames of its own. O(most_stacks).
    void audit(AuditReport& report) const;

private:
    [[nodiscard]] Result<void> map_slot(std::uint32_t slot);
    void unmap_slot(std::uint32_t slot, std::uint32_t pages);
    void audit_slot(std::uint32_t slot, AuditReport& report) const;

    FrameAllocator* frames_;
    PageDirectory* directory_;
    TlbStatistics* flushes_;
    std::array<FrameBitmap::Word, FrameBitmap::words_needed(most_stacks)> slot_words_{};
    FrameBitmap slots_; // free ones are those that nothing is mapped in
    StaticVector<std::uint32_t, most_ready> ready_;
};

} // namespace quire
