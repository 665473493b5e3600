// The kernel's own memory, put together: frames, the kernel's address space, and the kernel heap. Built once, at boot,
// from the memory map; from then on every frame that the map gave has one owner here.
#pragma once

#include "kernel/lib/audit_report.h"
#include "kernel/memory/frames/frame_allocator.h"
#include "kernel/memory/frames/frame_records.h"
#include "kernel/memory/frames/memory_map.h"
#include "kernel/memory/heap/heap_area.h"
#include "kernel/memory/heap/kernel_heap.h"
#include "kernel/memory/paging/early_tables.h"
#include "kernel/memory/paging/page_directory.h"
#include "kernel/memory/paging/physical_memory.h"
#include "kernel/memory/paging/tlb_flush.h"

#include <cstddef>

namespace quire {

struct MemoryOptions {
    PagingFeatures paging;
    PhysAddr early_limit;         // the direct map's end until the kernel's own directory is loaded
    std::size_t heap_maximum = 0; // bytes; 0: seven eighths of RAM. Never more than the heap's area
    HeapMode heap_mode = HeapMode::tracked;
};

class KernelMemory {
public:
    // Reserves frames for the first page tables and the books, loads the kernel's directory (the loader's and the boot
    // stub's mappings are gone), and makes every other frame of `map` free. `watcher` is told of misuse of the heap.
    // Panics if there is too little memory to boot in.
    KernelMemory(const MemoryMap& map, const MemoryOptions& options, HeapWatcher& watcher);
    KernelMemory(const KernelMemory&) = delete;
    KernelMemory& operator=(const KernelMemory&) = delete;

    // What the members are is said where they are declared; they are public for whoever watches.
    MemoryMap map;
    TlbStatistics tlb;
    PhysicalMemory physical;

private:
    EarlyTables early_tables_;

public:
    PageDirectory directory;
    FrameAllocator frames;
    FrameRecords records;
    HeapArea heap_area;
    KernelHeap heap;

protected:
    // The kernel's memory lasts as long as the machine runs; a test loads another directory before it ends one.
    ~KernelMemory();

    // Proves the books: each part's own, and that the parts agree with each other. Changes nothing.
    void audit_kernel(AuditReport& report) const;

    // The frames that boot set aside for this owner.
    [[nodiscard]] FrameRun reserved_for(Owner owner) const;

private:
    void audit_image(AuditReport& report) const;
    void audit_heap_area(AuditReport& report) const;
};

} // namespace quire
