// The kernel heap under the names that kernels use. Thin: each function is one call of this torus's KernelHeap, which
// says what it costs and catches; a refusal is a null pointer, misuse is reported with the caller's line.
#pragma once

#include "kernel/torus/torus.h"

#include <cstddef>
#include <source_location>

namespace quire {

// At least `bytes` bytes with any content, aligned to 16; null if the heap is exhausted or the caller's limit is
// reached. kmalloc(0) is a block that may only be freed.
[[nodiscard]] inline void* kmalloc(std::size_t bytes, std::source_location where = std::source_location::current()) {
    return this_torus()
        ->memory.heap.allocate(bytes, KernelHeap::default_alignment, HeapOwner::kernel, where)
        .value_or(nullptr);
}

// The same, aligned to `alignment`, a power of two up to KernelHeap::largest_alignment; null also for any other.
[[nodiscard]] inline void* kmalloc_aligned(std::size_t bytes, std::size_t alignment,
                                           std::source_location where = std::source_location::current()) {
    return this_torus()->memory.heap.allocate(bytes, alignment, HeapOwner::kernel, where).value_or(nullptr);
}

// `count` things of `bytes` bytes, all zero; null also where the product overflows.
[[nodiscard]] inline void* kcalloc(std::size_t count, std::size_t bytes,
                                   std::source_location where = std::source_location::current()) {
    return this_torus()
        ->memory.heap.allocate_zeroed(count, bytes, KernelHeap::default_alignment, HeapOwner::kernel, where)
        .value_or(nullptr);
}

// The block made at least `bytes` long, moved if it must be; null, and the block as it was, if that cannot be.
// krealloc(nullptr, n) is kmalloc(n).
[[nodiscard]] inline void* krealloc(void* block, std::size_t bytes,
                                    std::source_location where = std::source_location::current()) {
    return this_torus()->memory.heap.reallocate(block, bytes, where).value_or(nullptr);
}

// Gives a block back; null is nothing. False if it was no live block, which has been reported with `where` and has
// changed nothing.
inline bool kfree(void* block, std::source_location where = std::source_location::current()) {
    return this_torus()->memory.heap.free(block, where).has_value();
}

} // namespace quire
