// All of a torus's memory, put together: its frames, the kernel's address space, the kernel heap, and the address
// spaces of programs. Built once, at boot, from the memory map; from then on every frame that the map gave has one
// owner here.
#pragma once

#include "kernel/lib/audit_report.h"
#include "kernel/memory/frames/frame_allocator.h"
#include "kernel/memory/frames/memory_map.h"
#include "kernel/memory/heap/heap_area.h"
#include "kernel/memory/heap/kernel_heap.h"
#include "kernel/memory/heap/object_pool.h"
#include "kernel/memory/objects/commit_account.h"
#include "kernel/memory/paging/early_tables.h"
#include "kernel/memory/paging/page_directory.h"
#include "kernel/memory/paging/physical_memory.h"
#include "kernel/memory/paging/tlb_flush.h"
#include "kernel/memory/space/live_spaces.h"
#include "kernel/memory/space/region.h"

#include <cstddef>

namespace quire {

struct MemoryOptions {
    PagingFeatures paging;
    PhysAddr early_limit;         // the direct map's end until the kernel's own directory is loaded
    std::size_t heap_maximum = 0; // bytes; 0: half of RAM. Never more than the heap's area
    HeapMode heap_mode = HeapMode::tracked;
    CommitPolicy overcommit = CommitPolicy::guess;
};

class Memory {
public:
    // Reserves frames for the first page tables and the books, loads the kernel's directory (the loader's and the boot
    // stub's mappings are gone), and makes every other frame of `map` free. `watcher` is told of misuse of the heap.
    // Panics if there is too little memory to boot in.
    Memory(const MemoryMap& map, const MemoryOptions& options, HeapWatcher& watcher);
    // The kernel's memory lasts as long as the machine runs; a test loads another directory before it ends one.
    ~Memory();
    Memory(const Memory&) = delete;
    Memory& operator=(const Memory&) = delete;

    // Proves the books: each part's own, and that the parts agree with each other. Changes nothing.
    void audit(AuditReport& report) const;

    // What the members are is said where they are declared; they are public for whoever watches.
    MemoryMap map;
    TlbStatistics tlb;
    PhysicalMemory physical;

private:
    EarlyTables early_tables_;

public:
    PageDirectory directory;
    FrameAllocator frames;
    // Promised for copies of the page tables that address spaces share: one frame for each sharer of a table but one.
    FrameReservation table_copies;
    HeapArea heap_area;
    KernelHeap heap;
    ObjectPool<Region> region_pool;
    CommitAccount commit;
    LiveSpaces spaces;

    // Regions that an address space may have before it is refused another: /proc/sys/vm/max_map_count. One that has
    // more already keeps them.
    static constexpr std::uint32_t default_max_map_count = 65530; // Linux's
    std::uint32_t max_map_count = default_max_map_count;

    // A number for each piece of shared memory.
    [[nodiscard]] std::uint32_t next_shared_number() { return ++shared_numbers_; }

    // The page of zeros that programs see where they have written nothing.
    [[nodiscard]] Frame zero_frame() const { return zero_frame_; }
    // Frames that were free when boot was done.
    [[nodiscard]] std::uint32_t free_at_boot() const { return free_at_boot_; }

private:
    void audit_image(AuditReport& report) const;
    void audit_heap_area(AuditReport& report) const;

    Frame zero_frame_;
    std::uint32_t shared_numbers_ = 0;
    std::uint32_t free_at_boot_ = 0;
};

} // namespace quire
