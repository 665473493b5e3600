// Prints counters and what became of them in a while: of paging, or of the kernel's own memory.
#include "kernel/monitor/commands/vmstat.h"

#include "kernel/machine/devices.h"
#include "kernel/machine/trap.h"
#include "kernel/monitor/report/table_text.h"
#include "kernel/process/userland/userland.h"
#include "kernel/torus/torus.h"

#include <array>
#include <limits>
#include <span>

namespace quire {

namespace {

// Everything that some column tells of, since boot.
struct Reading {
    std::uint64_t time = 0; // nanoseconds
    FrameStatistics frames{};
    PagerStatistics pager{};
    RefaultMeter refaults{};
    FaultTotals faults{};
    std::uint64_t disk_requests = 0, disk_time = 0; // requests that are over, and what each took, nanoseconds
    TicksUsed ticks{};
    std::uint64_t kernel_faults = 0;
    std::uint64_t temporaries = 0; // opened to frames beyond the direct map
    TlbStatistics tlb{};
    std::uint64_t heap_operations = 0, heap_bytes = 0;
    std::uint64_t interrupts = 0;
};

void read_userland(const Userland& userland, Reading& now) {
    now.ticks = userland.processes.scheduler.ticks_used();
    const BlockDevice* each = userland.block_devices.first();
    for (; each != nullptr; each = BlockDevices::next(*each)) {
        if (each->disk() == nullptr) { // a disk's counts have those of its partitions
            for (const BlockOperationCounts& counts : {each->statistics().reads, each->statistics().writes}) {
                now.disk_requests += counts.requests;
                now.disk_time += counts.nanoseconds;
            }
        }
    }
}

Reading read_counters(const Torus& torus) {
    const Memory& memory = torus.memory;
    const HeapStatistics heap = memory.heap.statistics();
    Reading now{.time = machine::nanoseconds(),
                .frames = memory.frames.statistics(),
                .pager = memory.pager.statistics(),
                .refaults = memory.pager.refaults(),
                .faults = memory.spaces.faults(),
                .kernel_faults = torus.counters.page_faults,
                .temporaries = memory.physical.temporary_mappings_made(),
                .tlb = memory.tlb,
                .heap_operations = heap.allocations + heap.frees,
                .heap_bytes = heap.live_bytes};
    if (torus.userland != nullptr) {
        read_userland(*torus.userland, now);
    }
    for (unsigned irq = 0; irq < machine::vector::irq_count; ++irq) {
        now.interrupts += machine::interrupt_count(irq);
    }
    return now;
}

// A number in at most `digits` characters, from three on: "9999", "12k", "3M".
void print_short(Sink& sink, std::uint64_t number, unsigned digits) {
    std::uint64_t limit = 1;
    for (unsigned digit = 0; digit < digits; ++digit) {
        limit *= 10;
    }
    std::string_view unit;
    for (const std::string_view larger : {"k", "M", "G", "T"}) {
        if (number < (unit.empty() ? limit : limit / 10)) {
            break;
        }
        number /= 1000;
        unit = larger;
    }
    print(sink, "{}{}", number, unit);
}

// The quotient with one decimal, in three characters as long as it is below 1000: "0.4", "12".
void print_quotient(Sink& sink, std::uint64_t part, std::uint64_t whole) {
    const std::uint64_t tenths = whole == 0 ? 0 : part * 10 / whole;
    if (tenths < 100) {
        print(sink, "{}.{}", tenths / 10, tenths % 10);
    } else {
        print_short(sink, tenths / 10, 3);
    }
}

struct Column {
    std::string_view group{}; // where one begins
    std::string_view name{};
    std::size_t width = 0; // with what separates it from the one before
    void (*print)(Sink& cell, const Reading& before, const Reading& now) = nullptr;
};

constexpr unsigned short_digits = 4;
template <auto counter> void print_counted(Sink& cell, const Reading& before, const Reading& now) {
    print_short(cell, counter(now) - counter(before), short_digits);
}
// Whole, where there is room.
template <auto counter> void print_whole(Sink& cell, const Reading& before, const Reading& now) {
    print(cell, "{:,}", counter(now) - counter(before));
}
template <FaultOutcome... outcomes>
constexpr auto faults_of = [](const Reading& at) { return (at.faults.of(outcomes) + ...); };

constexpr std::array<Column, 16> paging_columns{{
    {"", "free", 6, [](Sink& cell, const Reading&, const Reading& now) { print_short(cell, now.frames.free, 5); }},
    {"swap", "si", 5, print_counted<[](const Reading& at) { return at.pager.read; }>},
    {"", "so", 5, print_counted<[](const Reading& at) { return at.pager.written; }>},
    {"no write", "drop", 5, print_counted<[](const Reading& at) { return at.pager.dropped_clean; }>},
    {"", "word", 5, print_counted<[](const Reading& at) { return at.pager.words; }>},
    {"faults", "zero", 5,
     print_counted<faults_of<FaultOutcome::demand_zero, FaultOutcome::zero_page, FaultOutcome::stack_grown>>},
    {"", "cow", 5,
     print_counted<faults_of<FaultOutcome::copy_on_write, FaultOutcome::reused, FaultOutcome::table_unshared>>},
    {"", "file", 5, print_counted<faults_of<FaultOutcome::file_page, FaultOutcome::code_mirrored>>},
    {"", "maj", 5, print_counted<faults_of<FaultOutcome::arrived>>},
    {"", "back", 5, print_counted<faults_of<FaultOutcome::swapped_in>>},
    {"refaults", "all", 5, print_counted<[](const Reading& at) { return at.refaults.refaults(); }>},
    {"", "dist", 5,
     [](Sink& cell, const Reading& before, const Reading& now) {
         const std::uint64_t count = now.refaults.refaults() - before.refaults.refaults();
         const std::uint64_t sum = now.refaults.distances() - before.refaults.distances();
         print_short(cell, count == 0 ? 0 : sum / count, short_digits);
     }},
    {"disk", "len", 4,
     [](Sink& cell, const Reading& before, const Reading& now) {
         print_quotient(cell, now.disk_time - before.disk_time, now.time - before.time);
     }},
    {"", "wait", 5,
     [](Sink& cell, const Reading& before, const Reading& now) {
         constexpr std::uint64_t millisecond = 1'000'000;
         print_quotient(cell, (now.disk_time - before.disk_time) / 1000,
                        (now.disk_requests - before.disk_requests) * (millisecond / 1000));
     }},
    {"ticks", "act", 4,
     [](Sink& cell, const Reading& before, const Reading& now) {
         print_short(cell, now.ticks.user + now.ticks.system - before.ticks.user - before.ticks.system, 3);
     }},
    {"", "idle", 5, print_counted<[](const Reading& at) { return at.ticks.idle; }>},
}};

constexpr std::array<Column, 10> kernel_columns{{
    {"frames", "free", 9, [](Sink& cell, const Reading&, const Reading& now) { print(cell, "{:,}", now.frames.free); }},
    {"", "taken", 8, print_whole<[](const Reading& at) { return at.frames.allocations; }>},
    {"", "given", 8, print_whole<[](const Reading& at) { return at.frames.frees; }>},
    {"", "faults", 7, print_whole<[](const Reading& at) { return at.kernel_faults; }>},
    {"", "tempmap", 8, print_whole<[](const Reading& at) { return at.temporaries; }>},
    {"TLB", "invlpg", 8, print_whole<[](const Reading& at) { return at.tlb.pages_invalidated; }>},
    {"", "flush", 6, print_whole<[](const Reading& at) { return at.tlb.full_flushes; }>},
    {"heap", "calls", 8, print_whole<[](const Reading& at) { return at.heap_operations; }>},
    {"", "live", 11,
     [](Sink& cell, const Reading&, const Reading& now) { print(cell, "{}", ByteCount{now.heap_bytes}); }},
    {"", "IRQ", 6, print_whole<[](const Reading& at) { return at.interrupts; }>},
}};

constexpr std::size_t width_of(std::span<const Column> columns) {
    std::size_t width = 0;
    for (const Column& each : columns) {
        width += each.width;
    }
    return width;
}
static_assert(width_of(paging_columns) < 80 && width_of(kernel_columns) < 80, "a line is no wider than a terminal");

void print_right(Sink& sink, std::string_view text, std::size_t width) {
    for (std::size_t column = text.size(); column < width; ++column) {
        sink.write(" ");
    }
    sink.write(text);
}

void print_heading(Display& out, std::span<const Column> columns) {
    std::array<char, 80> line{};
    BufferSink groups(line);
    std::size_t column = 0;
    for (const Column& each : columns) {
        while (!each.group.empty() && groups.text().size() < column + 1) {
            groups.write(" ");
        }
        groups.write(each.group);
        column += each.width;
    }
    print_title(out, groups.text());
    std::array<char, 80> names_line{};
    BufferSink names(names_line);
    for (const Column& each : columns) {
        print_right(names, each.name, each.width);
    }
    print_title(out, names.text());
}

void print_row(Sink& out, std::span<const Column> columns, const Reading& before, const Reading& now) {
    for (const Column& each : columns) {
        std::array<char, 24> text{};
        BufferSink cell(text);
        each.print(cell, before, now);
        print_right(out, cell.text(), each.width);
    }
    out.write("\n");
}

// A row since boot, then one after each `seconds`, until there were `rows`.
void watch(Context& context, std::span<const Column> columns, std::uint32_t seconds, std::uint32_t rows) {
    constexpr std::uint32_t milliseconds = 1000;
    print_heading(context.out, columns);
    Reading before = read_counters(context.torus);
    print_row(context.out, columns, Reading{}, before);
    for (std::uint32_t row = 1; row < rows && !context.keys.wait(seconds * milliseconds); ++row) {
        const Reading now = read_counters(context.torus);
        print_row(context.out, columns, before, now);
        before = now;
    }
}

} // namespace

Outcome vmstat(Context& context, Arguments arguments) {
    constexpr std::uint32_t most_seconds = 86400;
    const bool of_kernel = !arguments.empty() && arguments[0] == "kernel";
    const Arguments numbers = arguments.subspan(of_kernel ? 1 : 0);
    if (numbers.size() > 2) {
        return refuse(context, "usage: vmstat [kernel] [SECONDS] [COUNT]");
    }
    const auto seconds = numbers.empty() ? 1 : number_argument(context, numbers[0], "time");
    const auto rows = numbers.size() < 2 ? (numbers.empty() ? 1 : std::numeric_limits<std::uint32_t>::max())
                                         : number_argument(context, numbers[1], "count");
    if (!seconds || !rows) {
        return Outcome::failed;
    }
    if (*seconds == 0 || *seconds > most_seconds || *rows == 0) {
        return refuse(context, "Seconds are 1 to {:,}, and there is one row at least.", most_seconds);
    }
    watch(context, of_kernel ? std::span<const Column>(kernel_columns) : std::span<const Column>(paging_columns),
          *seconds, *rows);
    return Outcome::done;
}

} // namespace quire
