// Commands that show physical memory and the address space: who owns what, and how much.
#include "kernel/memory/frames/address_text.h"
#include "kernel/memory/paging/layout.h"
#include "kernel/monitor/commands/command.h"
#include "kernel/monitor/commands/vmstat.h"
#include "kernel/monitor/report/frame_map.h"
#include "kernel/monitor/report/table_text.h"
#include "kernel/torus/torus.h"

#include <array>

namespace quire {

namespace {

// --- layout

struct ImagePart {
    std::string_view name;
    machine::Range range;
};

void print_image(Context& context) {
    const machine::KernelImage image = machine::kernel_image();
    const std::array parts{
        ImagePart{"text", image.text},
        ImagePart{"rodata", image.rodata},
        ImagePart{"data, bss", image.data},
        ImagePart{"boot stack", image.boot_stack},
        ImagePart{"its guard", image.stack_guard},
        ImagePart{"double-fault stack", image.double_fault_stack},
        ImagePart{"its guard", image.double_fault_guard},
    };
    print_title(context.out, "\nThe kernel's image, in the direct map");
    for (const ImagePart& part : parts) {
        print(context.out, "  {}  {:>8}  {:20}", part.range.start, ByteCount{part.range.end - part.range.start},
              part.name);
        if (const auto translation = context.torus.memory.directory.translate(part.range.start)) {
            print(context.out, "{}\n", translation->protection);
        } else {
            print(context.out, "not mapped\n");
        }
    }
}

Outcome layout(Context& context, Arguments) {
    std::array<std::uint32_t, areas.size()> mapped{}; // pages
    context.torus.memory.directory.for_each_run([&mapped](const MappedRun& run) {
        for (std::size_t i = 0; i < areas.size(); ++i) {
            const Page first = std::max(run.first, Page::containing(areas[i].first));
            const Page last = std::min(run.end() - 1, Page::containing(areas[i].last));
            mapped[i] += first <= last ? last - first + 1 : 0;
        }
    });
    print_title(context.out, "from          size  area        what it is for");
    for (const Area& each : areas) {
        print(context.out, "{} {:>7}  {:11} {}\n", each.first, ByteCount{std::uint64_t{each.pages()} * page_size},
              each.name, each.purpose);
    }
    print_title(context.out, "\nMapped now");
    for (std::size_t i = 0; i < areas.size(); ++i) {
        if (mapped[i] != 0) {
            print(context.out, "  {:11} {:>9}\n", areas[i].name, ByteCount{std::uint64_t{mapped[i]} * page_size});
        }
    }
    print_image(context);
    return Outcome::done;
}

// --- meminfo

Outcome meminfo(Context& context, Arguments) {
    Display& out = context.out;
    const Memory& memory = context.torus.memory;
    const FrameStatistics frames = memory.frames.statistics();
    print(out, "{}{} of RAM{} below 4 GiB, in {:,} frames of 4 KiB\n\n", out.paint(Ink::strong),
          ByteCount{std::uint64_t{frames.ram} * page_size}, out.paint(Ink::plain), frames.ram);
    print_title(out, "owner            frames       bytes    share");
    for (const Owner owner : all_owners()) {
        const std::uint32_t count = owner == Owner::free ? frames.free : frames.of(owner);
        if (owner == Owner::absent || count == 0) {
            continue;
        }
        print(out, "{:14} {:8,}  {:>10}  {}  {}\n", name_of(owner), count, ByteCount{std::uint64_t{count} * page_size},
              Share{count, frames.ram}, Bar{count, frames.ram, 30});
    }
    print(out, "\n{:,} whole blocks of 4 MiB are free. Beyond the direct map: {:,} frames.\n", frames.whole_blocks,
          frames.ram - std::min(frames.ram, memory.physical.direct_frames()));
    print(out, "Handed out {:,} times ({:,} from the cache of frames freed just now), given back {:,}.\n",
          frames.allocations, frames.cache_hits, frames.frees);
    if (memory.map.bytes_above_4_gib() != 0) {
        print(out, "{} more lie above 4 GiB, where two-level tables cannot reach.\n",
              ByteCount{memory.map.bytes_above_4_gib()});
    }
    return Outcome::done;
}

// --- frames

Outcome show_frame(Context& context, Frame frame) {
    const FrameAllocator& frames = context.torus.memory.frames;
    print(context.out, "{} at {}: {}", frame, frame.start(), name_of(frames.owner(frame)));
    if (const std::uint32_t sharers = frames.share_count(frame); sharers != 0) {
        print(context.out, ", shared by {}", sharers);
    }
    if (context.torus.memory.physical.is_direct(frame)) {
        print(context.out, ", seen at {}", direct_mapped(frame.start()));
    } else if (frames.owner(frame) != Owner::absent) {
        print(context.out, ", beyond the direct map: seen through a temporary mapping");
    }
    context.out.write("\n");
    return Outcome::done;
}

Outcome list_frames(Context& context) {
    const FrameAllocator& frames = context.torus.memory.frames;
    print_title(context.out, "from         to           frames       bytes  owner");
    std::uint32_t run_start = 0;
    for (std::uint32_t number = 1; number <= frames.frame_count(); ++number) {
        const Owner owner = frames.owner(Frame(run_start));
        if (number < frames.frame_count() && frames.owner(Frame(number)) == owner) {
            continue;
        }
        const std::uint32_t count = number - run_start;
        print(context.out, "{}  {} {:8,}  {:>10}  {}\n", Frame(run_start).start(), PhysAddr((number << page_shift) - 1),
              count, ByteCount{std::uint64_t{count} * page_size}, name_of(owner));
        run_start = number;
        if (interrupted(context)) {
            return refuse(context, "interrupted");
        }
    }
    return Outcome::done;
}

Outcome frames(Context& context, Arguments arguments) {
    const FrameAllocator& allocator = context.torus.memory.frames;
    if (arguments.empty()) {
        print_frame_map(context.out, allocator, {Frame(0), allocator.frame_count()});
        return Outcome::done;
    }
    if (arguments[0] == "all") {
        return list_frames(context);
    }
    const auto address = address_argument(context, arguments[0], "physical address");
    if (!address) {
        return Outcome::failed;
    }
    const Frame first = Frame::containing(PhysAddr(*address));
    if (arguments.size() == 1) {
        return show_frame(context, first);
    }
    const auto size = number_argument(context, arguments[1], "size");
    if (!size) {
        return Outcome::failed;
    }
    if (*size == 0) {
        return refuse(context, "A map of 0 bytes shows nothing. \"frames {}\" tells about one frame.", arguments[0]);
    }
    if (first.number() >= allocator.frame_count()) {
        return refuse(context, "There are no frames to show: memory ends at {}.",
                      Frame(allocator.frame_count()).start());
    }
    const FrameRun all{Frame(0), allocator.frame_count()};
    print_frame_map(context.out, allocator, all.intersection(frames_touched(first.start(), *size)));
    return Outcome::done;
}

constexpr auto commands = std::to_array<Command>({
    Command{.name = "layout", .summary = "the address space: what lies where", .run = layout, .paged = true},
    Command{.name = "meminfo", .summary = "physical memory by owner, in numbers", .run = meminfo},
    Command{.name = "frames",
            .arguments = "[all|ADDR [SIZE]]",
            .summary = "a map of physical memory by owner",
            .most_arguments = 2,
            .run = frames,
            .details = "frames              the whole of memory, one character for many frames\n"
                       "frames all          every run of frames with one owner, as a list\n"
                       "frames 16M 1M       a map of that part, as fine as fits\n"
                       "frames 0x100000     one frame: owner, sharers, where the kernel sees it",
            .paged = true},
    Command{.name = "vmstat",
            .arguments = "[kernel] [SECONDS] [COUNT]",
            .summary = "paging, faults, disks and ticks in numbers",
            .most_arguments = 3,
            .run = vmstat,
            .details = "One row, which counts from boot; with SECONDS one more after each, until a key\n"
                       "is pressed or there are COUNT.\n"
                       "free       frames that are free now\n"
                       "si so      pages read from swap areas and written to them\n"
                       "drop word  pages that went without: the copy was good, one word over and over\n"
                       "zero cow   faults: first touches; pages or tables copied on write\n"
                       "file maj   pages of files or shared memory; waits for a page on its way\n"
                       "back       pages that had not gone yet, or were one word over and over\n"
                       "all dist   pages that were touched after they had gone; pages that went\n"
                       "           meanwhile, on average: so many frames more would have kept them\n"
                       "len wait   requests at the disks on average; milliseconds that each took\n"
                       "act idle   ticks (100 a second) in which something ran, in which nothing could\n"
                       "`vmstat kernel` tells of the kernel's own: frames taken and given back, faults,\n"
                       "temporary mappings, pages and whole TLBs flushed, heap, interrupts."},
});

} // namespace

std::span<const Command> memory_commands() {
    return commands;
}

} // namespace quire
