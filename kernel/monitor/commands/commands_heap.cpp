// Commands about the kernel heap: how much, who, which blocks, and what was forgotten.
#include "kernel/memory/frames/address_text.h"
#include "kernel/monitor/commands/command.h"
#include "kernel/monitor/report/table_text.h"
#include "kernel/torus/torus.h"

#include <array>

namespace quire {

namespace {

// A line of source code; nothing where it is not known.
struct Site {
    std::source_location location;
};
void print_to(Sink& sink, const Site& site) {
    if (site.location.line() != 0) {
        print(sink, "{}:{}", site.location.file_name(), site.location.line());
    }
}

ByteCount pages(std::uint32_t count) {
    return {std::uint64_t{count} * page_size};
}

VirtAddr address_of(const void* pointer) {
    return VirtAddr(static_cast<std::uint32_t>(reinterpret_cast<std::uintptr_t>(pointer)));
}

// --- heap

void print_limit(Display& out, std::size_t limit) {
    if (limit == KernelHeap::unlimited) {
        print(out, "  {:>10}", "none");
    } else {
        print(out, "  {:>10}", ByteCount{limit});
    }
}

Outcome heap_owners(Context& context) {
    const KernelHeap& heap = context.torus.memory.heap;
    print_title(context.out, "owner             blocks        used        peak       limit");
    for (std::size_t i = 0; i < heap.owner_count(); ++i) {
        const HeapOwnerUsage usage = heap.usage(static_cast<HeapOwner>(i));
        print(context.out, "{:14} {:9,}  {:>10}  {:>10}", usage.name, usage.blocks, ByteCount{usage.used},
              ByteCount{usage.peak});
        print_limit(context.out, usage.limit);
        context.out.write("\n");
    }
    return Outcome::done;
}

void heap_classes(Context& context) {
    const KernelHeap& heap = context.torus.memory.heap;
    if (heap.statistics().live_blocks == 0) {
        return;
    }
    print_title(context.out, "\nblock size   slabs  pages each      live      free");
    for (unsigned i = 0; i < KernelHeap::size_class_count(); ++i) {
        const HeapSizeClass size = heap.size_class(i);
        if (size.slabs == 0) {
            continue;
        }
        print(context.out, "{:10,} {:7} {:11} {:9,} {:9,}  {}\n", size.block_bytes, size.slabs, size.slab_pages,
              size.live_blocks, size.free_blocks, Bar{size.live_blocks, size.live_blocks + size.free_blocks, 20});
    }
}

Outcome heap_blocks(Context& context) {
    const KernelHeap& heap = context.torus.memory.heap;
    print_title(context.out, "block            bytes     asked  owner       allocated by");
    std::size_t blocks = 0;
    bool stopped = false;
    heap.for_each_block([&](const HeapBlock& block) {
        stopped = stopped || interrupted(context);
        if (stopped) {
            return;
        }
        ++blocks;
        print(context.out, "{}  {:9,} {:9,}  {:10}  {}\n", address_of(block.address), block.bytes, block.requested,
              heap.usage(block.owner).name, Site{block.allocated});
    });
    if (stopped) {
        return refuse(context, "interrupted");
    }
    print(context.out, "{} live blocks\n", blocks);
    return Outcome::done;
}

Outcome heap_statistics(Context& context) {
    Display& out = context.out;
    const KernelHeap& heap = context.torus.memory.heap;
    const HeapStatistics now = heap.statistics();
    const auto heading = [&out](std::string_view name) {
        print(out, "{}{:11}{}", out.paint(Ink::strong), name, out.paint(Ink::plain));
    };
    heading("Blocks");
    print(out, "{:,} live: {} asked for, {} taken; most so far {}\n", now.live_blocks, ByteCount{now.requested_bytes},
          ByteCount{now.live_bytes}, ByteCount{now.peak_live_bytes});
    heading("Calls");
    print(out, "{:,} allocated, {:,} freed, {:,} refused, {:,} misuses caught\n", now.allocations, now.frees,
          now.refused, now.misuses);
    heading("Pages");
    print(out, "{} committed, of at most {}; {:,} commits, {:,} decommits\n", pages(now.committed_pages),
          pages(now.maximum_pages), now.commits, now.decommits);
    heading("");
    print(out, "{} in use, {} cached, {} the heap's own books\n", pages(now.used_pages), pages(now.cached_pages),
          pages(now.metadata_pages));
    heading("Mode");
    out.write(name_of(heap.mode()));
    if (now.quarantined_bytes != 0) {
        print(out, "; {} in quarantine", ByteCount{now.quarantined_bytes});
    }
    out.write("\n\n");
    heap_owners(context);
    heap_classes(context);
    return Outcome::done;
}

Outcome heap(Context& context, Arguments arguments) {
    if (arguments.empty()) {
        return heap_statistics(context);
    }
    if (arguments[0] == "blocks") {
        return heap_blocks(context);
    }
    if (arguments[0] == "owners") {
        return heap_owners(context);
    }
    if (arguments[0] == "trim") {
        print(context.out, "{} given back.\n", pages(context.torus.memory.heap.trim()));
        return Outcome::done;
    }
    return refuse(context, "usage: heap [blocks | owners | trim]");
}

// --- leaks

Outcome leaks(Context& context, Arguments arguments) {
    KernelHeap& heap = context.torus.memory.heap;
    if (heap.mode() == HeapMode::plain) {
        return refuse(context, "The heap keeps no record of who allocates: it is in plain mode.");
    }
    if (!arguments.empty()) {
        if (arguments[0] != "mark") {
            return refuse(context, "usage: leaks [mark]");
        }
        context.session.leaks_since = heap.mark();
        print(context.out, "Marked. \"leaks\" now tells of blocks allocated from here on.\n");
        return Outcome::done;
    }
    std::array<HeapLeak, 24> table{};
    const std::span<HeapLeak> found = heap.leaks(context.session.leaks_since, table);
    if (found.empty()) {
        print(context.out, "Every block allocated since the mark was freed.\n");
        return Outcome::done;
    }
    print_title(context.out, "blocks       bytes  allocated by");
    for (const HeapLeak& leak : found) {
        print(context.out, "{:6,}  {:10,}  ", leak.blocks, leak.bytes);
        if (leak.site.line() == 0) {
            print(context.out, "other places\n");
        } else {
            print(context.out, "{}\n", Site{leak.site});
        }
    }
    return Outcome::done;
}

constexpr auto commands = std::to_array<Command>({
    Command{.name = "heap",
            .arguments = "[blocks|owners|trim]",
            .summary = "the kernel heap: how much, whose, in which sizes",
            .most_arguments = 1,
            .run = heap,
            .details = "heap          totals, owners and size classes\n"
                       "heap blocks   every live block and the line that allocated it\n"
                       "heap owners   who may take how much, and has\n"
                       "heap trim     gives back the pages that no block needs",
            .paged = true},
    Command{.name = "leaks",
            .arguments = "[mark]",
            .summary = "blocks not freed since the mark, by line",
            .most_arguments = 1,
            .run = leaks,
            .details = "\"leaks mark\" sets the mark. Before the first one, all live blocks are told.",
            .paged = true},
});

} // namespace

std::span<const Command> heap_commands() {
    return commands;
}

} // namespace quire
