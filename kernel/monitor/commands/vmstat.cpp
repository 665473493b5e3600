// Prints counters and what became of them in a second.
#include "kernel/monitor/commands/vmstat.h"

#include "kernel/machine/devices.h"
#include "kernel/machine/trap.h"
#include "kernel/monitor/report/table_text.h"
#include "kernel/torus/torus.h"

#include <limits>

namespace quire {

namespace {

struct Reading {
    std::uint64_t frames_taken = 0, frames_given = 0;
    std::uint64_t faults = 0;
    std::uint64_t temporaries = 0; // opened to frames beyond the direct map
    std::uint64_t invalidations = 0, flushes = 0;
    std::uint64_t heap_operations = 0;
    std::uint64_t interrupts = 0;
    std::uint32_t free_frames = 0;
    std::uint64_t heap_bytes = 0;
};

Reading read_counters(const Torus& torus) {
    const FrameStatistics frames = torus.memory.frames.statistics();
    const HeapStatistics heap = torus.memory.heap.statistics();
    Reading now{.frames_taken = frames.allocations,
                .frames_given = frames.frees,
                .faults = torus.counters.page_faults,
                .temporaries = torus.memory.physical.temporary_mappings_made(),
                .invalidations = torus.memory.tlb.pages_invalidated,
                .flushes = torus.memory.tlb.full_flushes,
                .heap_operations = heap.allocations + heap.frees,
                .free_frames = frames.free,
                .heap_bytes = heap.live_bytes};
    for (unsigned irq = 0; irq < machine::vector::irq_count; ++irq) {
        now.interrupts += machine::interrupt_count(irq);
    }
    return now;
}

void print_row(Sink& out, const Reading& before, const Reading& now) {
    print(out, "{:9,} {:7,} {:7,} {:6,} {:7,} ", now.free_frames, now.frames_taken - before.frames_taken,
          now.frames_given - before.frames_given, now.faults - before.faults, now.temporaries - before.temporaries);
    print(out, "{:7,} {:5,} {:7,} {:>10} {:4,}\n", now.invalidations - before.invalidations,
          now.flushes - before.flushes, now.heap_operations - before.heap_operations, ByteCount{now.heap_bytes},
          now.interrupts - before.interrupts);
}

} // namespace

Outcome vmstat(Context& context, Arguments arguments) {
    constexpr std::uint32_t second = 1000; // milliseconds
    const auto rows =
        arguments.empty() ? std::numeric_limits<std::uint32_t>::max() : number_argument(context, arguments[0], "time");
    if (!rows) {
        return Outcome::failed;
    }
    print_title(context.out, "   frames                               TLB           heap");
    print_title(context.out, "     free   taken   given faults tempmap  invlpg flush   calls       live  IRQ");
    print_row(context.out, Reading{}, read_counters(context.torus)); // since boot
    Reading before = read_counters(context.torus);
    for (std::uint32_t row = 0; row < *rows; ++row) {
        if (context.keys.wait(second)) {
            break;
        }
        const Reading now = read_counters(context.torus);
        print_row(context.out, before, now);
        before = now;
    }
    return Outcome::done;
}

} // namespace quire
