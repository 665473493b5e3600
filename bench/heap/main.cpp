// Command line of the heap benchmark:
//   quire_bench_heap convert RAW TRACE          a recording made replayable
//   quire_bench_heap churn TRACE LIVE ROUNDS    a synthetic trace
//   quire_bench_heap describe TRACE             how many calls, how large
//   quire_bench_heap replay TRACE HEAP          HEAP: quire, quire-tracked, quire-debug, or malloc, which is whatever
//                                               heap this process was started with (LD_PRELOAD)
#include "bench/heap/quire_heap.h"
#include "bench/heap/replay.h"
#include "bench/heap/trace.h"

#include <cstdio>
#include <cstdlib>
#include <exception>
#include <stdexcept>
#include <string>
#include <string_view>
#include <sys/prctl.h>
#include <vector>

namespace quire::bench {
namespace {

Heap heap_named(std::string_view name) {
    if (name == "quire") {
        return quire_heap(HeapMode::plain);
    }
    if (name == "quire-tracked") {
        return quire_heap(HeapMode::tracked);
    }
    if (name == "quire-debug") {
        return quire_heap(HeapMode::debug);
    }
    if (name == "malloc") {
        return {.allocate = std::malloc, .free = std::free, .reallocate = std::realloc};
    }
    throw std::runtime_error("no such heap");
}

void run(const std::vector<std::string>& words) {
    const auto is = [&](std::string_view command, std::size_t count) {
        return words.size() == count && words[0] == command;
    };
    if (is("convert", 3)) {
        convert(words[1], words[2]);
    } else if (is("churn", 4)) {
        make_churn(words[1], static_cast<std::uint32_t>(std::stoul(words[2])),
                   static_cast<std::uint32_t>(std::stoul(words[3])));
    } else if (is("describe", 2)) {
        const Trace trace = load(words[1]);
        std::printf("%zu %llu %llu\n", trace.events.size(), static_cast<unsigned long long>(trace.mean_bytes),
                    static_cast<unsigned long long>(trace.peak_bytes));
    } else if (is("replay", 3)) {
        prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0); // pages of 4 KiB for all, as in the kernel
        const Trace trace = load(words[1]);
        const Measured found = measure(trace, heap_named(words[2]));
        std::printf("%.3f %.3f %.1f %.1f %.1f %.4f\n", found.cold_nanoseconds, found.nanoseconds, found.median,
                    found.p99_9, found.longest, found.peak_over_live);
        if (std::getenv("QUIRE_BENCH_VERBOSE") != nullptr) {
            print_quire_statistics();
        }
    } else {
        throw std::runtime_error("see the top of bench/heap/main.cpp");
    }
}

} // namespace
} // namespace quire::bench

int main(int count, char** words) {
    try {
        quire::bench::run({words + 1, words + count});
    } catch (const std::exception& error) {
        std::fprintf(stderr, "quire_bench_heap: %s\n", error.what());
        return 2;
    }
    return 0;
}
