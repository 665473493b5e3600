// What /proc/PID tells of a process's memory: maps, smaps, statm.
#include "kernel/memory/space/address_space.h"
#include "kernel/process/procfs/proc_text.h"

#include <array>

namespace quire::proc_text {

namespace {

std::string_view anonymous_name(RegionKind kind) {
    switch (kind) {
    case RegionKind::heap: return "[heap]";
    case RegionKind::stack: return "[stack]";
    case RegionKind::signal_page: return "[sigpage]";
    default: return {};
    }
}

// A line of maps, and of smaps the first for each region.
void print_region(Sink& sink, const Region& region) {
    constexpr std::size_t name_column = 49;
    const RegionTraits& traits = region.traits;
    const ObjectIdentity source = region.object != nullptr ? region.object->identity() : ObjectIdentity{};
    const std::uint64_t offset = region.object != nullptr ? std::uint64_t{region.object_page} << page_shift : 0;
    LineSink line(sink);
    print(line, "{:08x}-{:08x} ", region.first.start().value(), region.end().start().value());
    print(line, "{}{}{}{} {:08x} {:02x}:{:02x} {} ", traits.access.read ? 'r' : '-', traits.access.write ? 'w' : '-',
          traits.access.execute ? 'x' : '-', traits.shared ? 's' : 'p', offset, source.device >> 8,
          source.device & 0xFF, source.inode);
    const std::string_view name = anonymous_name(traits.kind);
    if (region.object != nullptr) {
        line.fill_to(name_column);
        region.object->print_name(line);
    } else if (!name.empty()) {
        line.fill_to(name_column);
        line.write(name);
    }
    line.write("\n");
}

// What smaps adds up, bytes; a page that n share is an n-th of it in `proportional`.
struct Sums {
    std::uint64_t size = 0, resident = 0, proportional = 0, proportional_dirty = 0, shared_clean = 0, shared_dirty = 0,
                  private_clean = 0, private_dirty = 0, referenced = 0, anonymous = 0, swapped = 0,
                  swapped_proportional = 0, locked = 0;
};

void add_page(Sums& sums, const PageState& state) {
    // Owners that count no sharers: frames of the archive, which all who map it share.
    const std::uint32_t sharers = state.sharers != 0 ? state.sharers : 2;
    const bool shared = sharers > 1;
    const bool dirty = state.dirty || state.owner == Owner::anonymous; // no file has the same
    sums.resident += page_size;
    sums.proportional += page_size / sharers;
    sums.proportional_dirty += dirty ? page_size / sharers : 0;
    (shared ? (dirty ? sums.shared_dirty : sums.shared_clean) : (dirty ? sums.private_dirty : sums.private_clean)) +=
        page_size;
    sums.referenced += state.accessed ? page_size : 0;
    sums.anonymous += state.owner == Owner::anonymous ? page_size : 0;
}

void add_region(Sums& sums, const AddressSpace& space, const Region& region) {
    const Sums before = sums;
    sums.size += std::uint64_t{region.pages} * page_size;
    const PageCounts counts = space.count_pages(region);
    if (counts.resident + counts.swapped != 0) {
        for (Page page = region.first; page < region.end(); page = page + 1) {
            const PageState state = space.page_state(page);
            if (state.resident && state.owner != Owner::zero) {
                add_page(sums, state);
            } else if (state.slot) {
                sums.swapped += page_size;
                sums.swapped_proportional += page_size / state.sharers;
            }
        }
    }
    sums.locked += region.traits.locked ? sums.proportional - before.proportional : 0;
}

void print_amount(Sink& sink, std::string_view label, std::uint64_t bytes) {
    constexpr std::size_t label_width = 16;
    LineSink line(sink);
    print(line, "{}:", label);
    line.fill_to(label_width);
    print(line, "{:8} kB\n", bytes / 1024);
}

void print_sums(Sink& sink, const Sums& sums) {
    print_amount(sink, "Rss", sums.resident);
    print_amount(sink, "Pss", sums.proportional);
    print_amount(sink, "Pss_Dirty", sums.proportional_dirty);
    print_amount(sink, "Shared_Clean", sums.shared_clean);
    print_amount(sink, "Shared_Dirty", sums.shared_dirty);
    print_amount(sink, "Private_Clean", sums.private_clean);
    print_amount(sink, "Private_Dirty", sums.private_dirty);
    print_amount(sink, "Referenced", sums.referenced);
    print_amount(sink, "Anonymous", sums.anonymous);
    for (const std::string_view none :
         {"LazyFree", "AnonHugePages", "ShmemPmdMapped", "FilePmdMapped", "Shared_Hugetlb", "Private_Hugetlb"}) {
        print_amount(sink, none, 0);
    }
    print_amount(sink, "Swap", sums.swapped);
    print_amount(sink, "SwapPss", sums.swapped_proportional);
    print_amount(sink, "Locked", sums.locked);
}

void print_flags(Sink& sink, const RegionTraits& traits) {
    print(sink, "VmFlags:");
    const auto flag = [&](bool set, std::string_view name) {
        if (set) {
            print(sink, " {}", name);
        }
    };
    flag(traits.access.read, "rd");
    flag(traits.access.write, "wr");
    flag(traits.access.execute, "ex");
    flag(traits.shared, "sh");
    flag(traits.max_access.read, "mr");
    flag(traits.max_access.write, "mw");
    flag(traits.max_access.execute, "me");
    flag(traits.shared, "ms");
    flag(traits.grows_down, "gd");
    flag(traits.locked, "lo");
    flag(traits.dont_fork, "dc");
    flag(traits.charged, "ac");
    flag(traits.no_reserve, "nr");
    flag(traits.wipe_on_fork, "wf");
    print(sink, " \n");
}

} // namespace

void maps(const ProcSubject& subject, Sink& sink) {
    if (subject.process->space) {
        subject.process->space->for_each_region([&](const Region& region) { print_region(sink, region); });
    }
}

void memory_maps(const ProcSubject& subject, Sink& sink) {
    if (!subject.process->space) {
        return;
    }
    const AddressSpace& space = *subject.process->space;
    space.for_each_region([&](const Region& region) {
        Sums sums;
        add_region(sums, space, region);
        print_region(sink, region);
        print_amount(sink, "Size", sums.size);
        print_amount(sink, "KernelPageSize", page_size);
        print_amount(sink, "MMUPageSize", page_size);
        print_sums(sink, sums);
        print(sink, "THPeligible:    {:8}\n", 0);
        print_flags(sink, region.traits);
    });
}

void memory_maps_summary(const ProcSubject& subject, Sink& sink) {
    if (!subject.process->space) {
        return;
    }
    const AddressSpace& space = *subject.process->space;
    Sums sums;
    VirtAddr first, end;
    space.for_each_region([&](const Region& region) {
        first = end == VirtAddr() ? region.first.start() : first;
        end = region.end().start();
        add_region(sums, space, region);
    });
    LineSink line(sink);
    print(line, "{:08x}-{:08x} ---p 00000000 00:00 0 ", first.value(), end.value());
    line.fill_to(49);
    line.write("[rollup]\n");
    print_sums(sink, sums);
}

// Pages: all, resident, of files, of code, 0, of data and stack, 0.
void memory_pages(const ProcSubject& subject, Sink& sink) {
    const SpaceStatistics statistics =
        subject.process->space ? subject.process->space->statistics() : SpaceStatistics{};
    print(sink, "{} {} {} {} 0 {} 0\n", statistics.virtual_pages, statistics.resident, statistics.shared,
          statistics.code, statistics.data + statistics.stack);
}

} // namespace quire::proc_text
