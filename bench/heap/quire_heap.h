// The kernel heap as a Heap of the benchmark.
#pragma once

#include "bench/heap/replay.h"
#include "kernel/memory/heap/heap_types.h"

namespace quire::bench {

// Makes the one heap of this process, over 4 GiB of address space. Committing costs nothing but the first touch, as
// for all heaps here; decommitting is madvise(MADV_DONTNEED).
[[nodiscard]] Heap quire_heap(HeapMode mode);
void print_quire_statistics();

} // namespace quire::bench
