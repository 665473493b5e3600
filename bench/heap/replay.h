// Plays a trace against a heap and measures it. All heaps go through the same three function pointers and the same
// loop, which writes to each block and reads it again before it is freed.
#pragma once

#include "bench/heap/trace.h"

#include <cstddef>
#include <cstdint>

namespace quire::bench {

struct Heap {
    void* (*allocate)(std::size_t bytes) = nullptr;
    void (*free)(void* block) = nullptr;
    void* (*reallocate)(void* block, std::size_t bytes) = nullptr;
};

struct Measured {
    double cold_nanoseconds = 0; // per call, in a fresh process
    double nanoseconds = 0;      // per call, touching included; median of the warm replays
    double median = 0;           // nanoseconds of a single call, the clock's own cost taken off
    double p99_9 = 0;
    double longest = 0;
    double peak_over_live = 0; // pages in memory, over the most bytes that the program had asked for at once
};

[[nodiscard]] Measured measure(const Trace& trace, const Heap& heap);

} // namespace quire::bench
