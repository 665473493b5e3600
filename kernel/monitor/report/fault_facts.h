// All that the kernel knows about an exception, gathered once, so that naming the cause and printing the report look at
// plain values and can be tested anywhere. Gathering reads the kernel's books and follows page tables by software; it
// changes nothing and touches no address that may not be mapped.
#pragma once

#include "kernel/machine/image.h"
#include "kernel/machine/trap.h"
#include "kernel/memory/frames/frame_allocator.h"
#include "kernel/memory/frames/owner.h"
#include "kernel/memory/heap/kernel_heap.h"
#include "kernel/memory/paging/layout.h"
#include "kernel/memory/paging/page_directory.h"
#include "kernel/memory/paging/physical_memory.h"
#include "kernel/monitor/report/backtrace.h"

#include <cstdint>
#include <optional>

namespace quire {

// The books that know about memory.
struct MemoryBooks {
    PhysicalMemory& physical;
    const PageDirectory& directory;
    const FrameAllocator& frames;
    const KernelHeap& heap;
};

// A stack, or anything else, read through the page tables: only what is mapped to RAM is there.
class MappedMemory final : public MemoryReader {
public:
    explicit MappedMemory(const MemoryBooks& books) : books_(&books) {}
    [[nodiscard]] std::optional<std::uint32_t> word(VirtAddr address) const override;

private:
    const MemoryBooks* books_;
};

// What is known about one address.
struct AddressFacts {
    VirtAddr address;
    Walk walk{};
    std::optional<Translation> translation; // where the page tables lead now, after the fault
    std::optional<Frame> frame;             // the frame there; in the direct map also the one that would be there
    Owner owner = Owner::absent;            // of that frame
    std::optional<MappedRun> here;          // the run of pages it is mapped by
    std::optional<MappedRun> below, above;  // the nearest other pages that are mapped
    // For addresses in the heap: the block it lies in, where that starts, and, where there is none, whether there once
    // was one.
    std::optional<HeapBlock> block;
    VirtAddr block_start;
    bool was_block = false;
};

struct FaultFacts {
    const machine::TrapFrame& trap;
    machine::KernelImage image;
    CodeNames names;
    PhysAddr directory; // CR3
    Backtrace backtrace;
    // The return address on top of the stack, where EIP is in a function that has no frame (yet, or any more), or in
    // none at all: the walk along the frame pointers misses the call that led there.
    std::optional<std::uint32_t> frameless_call;
    std::optional<AddressFacts> address; // of a page fault; of a double fault that one caused
};

// True where CR2 belongs to the exception: for page faults, and for double faults that were page faults at first.
[[nodiscard]] bool has_fault_address(const machine::TrapFrame& trap);

// O(mapped pages), for the neighbours.
[[nodiscard]] AddressFacts facts_about(VirtAddr address, const MemoryBooks& books);

// All of it. `books` is null while there are none yet; then nothing is known about the address, and only the image's
// own stacks are followed.
[[nodiscard]] FaultFacts gather_facts(const machine::TrapFrame& trap, const machine::KernelImage& image,
                                      const CodeNames& names, PhysAddr directory, const MemoryBooks* books);

} // namespace quire
