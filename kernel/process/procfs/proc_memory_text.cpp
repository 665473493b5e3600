// What /proc tells of all memory: meminfo, vmstat, and the policy of promising it.
#include "kernel/block/block_devices.h"
#include "kernel/lib/number.h"
#include "kernel/memory/memory.h"
#include "kernel/memory/space/address_space.h"
#include "kernel/process/procfs/proc_text.h"

namespace quire::proc_text {

namespace {

Memory& memory_of(const ProcSubject& subject) {
    return subject.table.memory();
}

// A line of meminfo: the label with its colon is filled up to 16 columns.
void amount(Sink& sink, std::string_view label, std::uint64_t pages) {
    constexpr std::string_view blanks = "                ";
    print(sink, "{}:{}{:8} kB\n", label, blanks.substr(label.size() + 1), kibibytes(pages));
}

// What disks have read and written, 512 bytes each.
struct SectorsMoved {
    std::uint64_t read = 0, written = 0;
};
SectorsMoved sectors_moved(const BlockDevices& devices) {
    SectorsMoved sum;
    for (const BlockDevice* each = devices.first(); each != nullptr; each = BlockDevices::next(*each)) {
        if (each->disk() == nullptr) { // a disk's counts have those of its partitions
            sum.read += each->statistics().reads.sectors;
            sum.written += each->statistics().writes.sectors;
        }
    }
    return sum;
}

} // namespace

void memory_information(const ProcSubject& subject, Sink& sink) {
    const Memory& memory = memory_of(subject);
    const FrameStatistics frames = memory.frames.statistics();
    const std::uint32_t of_heap = frames.of(Owner::heap) + frames.of(Owner::heap_metadata);
    const std::uint32_t cached = frames.of(Owner::file) + frames.of(Owner::shared) + frames.of(Owner::module);
    const std::uint32_t anonymous = frames.of(Owner::anonymous);
    const std::uint32_t on_lists = anonymous + cached;
    amount(sink, "MemTotal", frames.ram);
    amount(sink, "MemFree", memory.frames.available());
    amount(sink, "MemAvailable", memory.frames.available());
    amount(sink, "Buffers", 0);
    amount(sink, "Cached", cached);
    amount(sink, "SwapCached", memory.pager.copies());
    amount(sink, "Active", on_lists);
    amount(sink, "Inactive", 0);
    amount(sink, "Unevictable", 0);
    amount(sink, "Mlocked", 0);
    amount(sink, "SwapTotal", memory.pager.swap.pages());
    amount(sink, "SwapFree", memory.pager.swap.free_pages());
    amount(sink, "Dirty", 0);
    amount(sink, "Writeback", memory.pager.writes());
    amount(sink, "AnonPages", anonymous);
    amount(sink, "Shmem", frames.of(Owner::shared));
    amount(sink, "KReclaimable", 0);
    amount(sink, "Slab", of_heap);
    amount(sink, "SReclaimable", 0);
    amount(sink, "SUnreclaim", of_heap);
    amount(sink, "KernelStack", frames.of(Owner::stack));
    amount(sink, "PageTables", frames.of(Owner::page_table));
    amount(sink, "CommitLimit", memory.commit.limit());
    amount(sink, "Committed_AS", memory.commit.charged());
    amount(sink, "VmallocTotal", HeapArea::most_pages);
    amount(sink, "VmallocUsed", of_heap);
    amount(sink, "VmallocChunk", 0);
}

void memory_events(const ProcSubject& subject, Sink& sink) {
    const Memory& memory = memory_of(subject);
    const FrameStatistics frames = memory.frames.statistics();
    const PagerStatistics pager = memory.pager.statistics();
    const RefaultMeter& refaults = memory.pager.refaults();
    const FaultTotals faults = memory.spaces.faults();
    const SectorsMoved moved = sectors_moved(subject.system.block_devices());
    print(sink, "nr_free_pages {}\n", frames.free);
    print(sink, "nr_anon_pages {}\n", frames.of(Owner::anonymous));
    print(sink, "nr_file_pages {}\n", frames.of(Owner::file) + frames.of(Owner::shared) + frames.of(Owner::module));
    print(sink, "nr_dirty 0\nnr_writeback {}\n", memory.pager.writes());
    print(sink, "nr_shmem {}\n", frames.of(Owner::shared));
    print(sink, "nr_page_table_pages {}\n", frames.of(Owner::page_table));
    print(sink, "nr_kernel_stack {}\n", kibibytes(frames.of(Owner::stack)));
    print(sink, "nr_swapcached {}\n", memory.pager.copies());
    print(sink, "workingset_refault_anon {}\n", refaults.refaults());
    print(sink, "workingset_activate_anon {}\n", refaults.just_gone());
    print(sink, "pgpgin {}\npgpgout {}\npswpin {}\npswpout {}\n", moved.read / 2, moved.written / 2, pager.read,
          pager.written);
    print(sink, "swap_ra {}\n", pager.read_ahead);
    print(sink, "pgalloc_normal {}\n", frames.allocations);
    print(sink, "pgfree {}\n", frames.frees);
    print(sink, "pgfault {}\n", faults.served_faults());
    print(sink, "pgmajfault {}\n", faults.of(FaultOutcome::arrived));
    print(sink, "pgreuse {}\n", faults.of(FaultOutcome::reused));
    print(sink, "pgscan_anon {}\npgsteal_anon {}\n", pager.scanned, pager.freed);
}

// As Linux 6.1 mm/swapfile.c has it; KiB.
void swap_areas(const ProcSubject& subject, Sink& sink) {
    print(sink, "Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n");
    memory_of(subject).pager.swap.for_each([&](const SwapArea& area) {
        constexpr std::size_t name_columns = 40;
        LineSink line(sink);
        area.store().print_name(line);
        line.fill_to(name_columns);
        print(line, "partition\t{}\t\t{}\t\t{}\n", kibibytes(area.size()), kibibytes(area.used()), area.priority());
    });
}

void most_regions(const ProcSubject& subject, Sink& sink) {
    print(sink, "{}\n", memory_of(subject).max_map_count);
}

Result<void> set_most_regions(const ProcSubject& subject, std::string_view text) {
    constexpr std::uint32_t most = 0x7FFFFFFF;
    const Result<std::uint32_t> count = parse_number_32(text);
    if (!count || *count > most) {
        return fail(Error::invalid_argument);
    }
    memory_of(subject).max_map_count = *count;
    return {};
}

void swappiness(const ProcSubject& subject, Sink& sink) {
    print(sink, "{}\n", memory_of(subject).pager.swappiness);
}

Result<void> set_swappiness(const ProcSubject& subject, std::string_view text) {
    const Result<std::uint32_t> number = parse_number_32(text);
    if (!number || *number > Pager::most_swappiness) {
        return fail(Error::invalid_argument);
    }
    memory_of(subject).pager.swappiness = *number;
    return {};
}

// Linux's numbers: 0 guess, 1 always, 2 never.
void overcommit_policy(const ProcSubject& subject, Sink& sink) {
    print(sink, "{}\n", static_cast<std::uint32_t>(memory_of(subject).commit.policy()));
}

Result<void> set_overcommit_policy(const ProcSubject& subject, std::string_view text) {
    static_assert(static_cast<int>(CommitPolicy::guess) == 0 && static_cast<int>(CommitPolicy::always) == 1 &&
                  static_cast<int>(CommitPolicy::never) == 2);
    if (text.size() != 1 || text.front() < '0' || text.front() > '2') {
        return fail(Error::invalid_argument);
    }
    memory_of(subject).commit.set_policy(static_cast<CommitPolicy>(text.front() - '0'));
    return {};
}

} // namespace quire::proc_text
