// Puts the kernel's memory together at boot, in the order in which each part can stand on the one before, and audits
// it.
#include "kernel/memory/heap/kernel_memory.h"

#include "kernel/lib/panic.h"
#include "kernel/machine/image.h"
#include "kernel/machine/mmu.h"
#include "kernel/memory/paging/layout.h"

#include <algorithm>
#include <span>
#include <utility>

namespace quire {
namespace {

// ISA devices reach no further than 16 MiB. Where there is plenty of other memory, that part is handed out last.
constexpr Frame isa_dma_limit = Frame::containing(PhysAddr(16U << 20));

// Frames that the direct map shows: all RAM up to 768 MiB, in whole large pages where there are such.
std::uint32_t direct_frames(const MemoryMap& map) {
    const std::uint32_t rounded =
        (map.frame_limit() + frames_per_large_page - 1) / frames_per_large_page * frames_per_large_page;
    return std::min(rounded, direct_map_frames);
}

// The kernel's directory, the temporary mappings' table, and a table for each 4 MiB of the direct map that large pages
// do not cover: the first always, for the kernel's image in it needs a protection for each page.
std::uint32_t early_table_count(const MemoryMap& map, const PagingFeatures& features) {
    const std::uint32_t spans = direct_frames(map) / frames_per_large_page;
    return 2 + (features.large_pages ? 1 : spans);
}

FrameRun reserve_frames(MemoryMap& map, std::uint32_t count, Frame limit, Owner owner, std::string_view name) {
    const Result<FrameRun> run = map.find_free(count, limit);
    ensure(run.has_value(), "there is too little memory to boot in");
    const Result<void> reserved = map.reserve(run->first.start(), run->bytes(), owner, name);
    ensure(reserved.has_value(), "the memory map has room for the kernel's own reservations");
    return *run;
}

MemoryMap with_early_reservations(const MemoryMap& from, const MemoryOptions& options) {
    MemoryMap map = from;
    const Frame limit = Frame::containing(options.early_limit);
    reserve_frames(map, early_table_count(map, options.paging), limit, Owner::page_table, "page tables");
    reserve_frames(map, 1, limit, Owner::zero, "zero page");
    return map;
}

// How a page of the first 4 MiB of the direct map is mapped; nothing where it must not be.
std::optional<Protection> low_page_protection(VirtAddr address, const machine::KernelImage& image) {
    const PhysAddr physical(address - VirtAddr(machine::kernel_base));
    constexpr PhysAddr firmware_end(0x1000), video_start(0xA0000), extended_start(0x100000);
    const PhysAddr boot_stub_end(image.whole.start - VirtAddr(machine::kernel_base));
    const bool boot_stub = physical >= machine::image_load_address && physical < boot_stub_end;
    if (image.stack_guard.contains(address) || image.double_fault_guard.contains(address)) {
        return std::nullopt;
    }
    if (image.text.contains(address)) {
        return protection::kernel_text;
    }
    if (image.rodata.contains(address) || boot_stub || physical < firmware_end) {
        return protection::kernel_rodata;
    }
    if (physical >= video_start && physical < extended_start) {
        return protection::device;
    }
    return protection::kernel_data;
}

void map_direct(PageDirectory& directory, std::uint32_t frames) {
    const machine::KernelImage image = machine::kernel_image();
    ensure(image.whole.end <= direct_mapped(PhysAddr(large_page_size)), "the kernel lies in the first 4 MiB");
    const Page base = Page::containing(VirtAddr(machine::kernel_base));
    for (std::uint32_t number = 0; number < frames_per_large_page; ++number) {
        const Page page = base + number;
        if (const auto protection = low_page_protection(page.start(), image)) {
            ensure(directory.map(page, Frame(number), *protection).has_value(), "the first 4 MiB can be mapped");
        }
    }
    if (frames > frames_per_large_page) {
        const Result<void> mapped = directory.map_range(base + frames_per_large_page, Frame(frames_per_large_page),
                                                        frames - frames_per_large_page, protection::kernel_data);
        ensure(mapped.has_value(), "the direct map can be built");
    }
}

// Builds the kernel's directory and loads it.
PageDirectory build_directory(const MemoryMap& map, PhysicalMemory& physical, EarlyTables& tables,
                              const PagingFeatures& features) {
    Result<PageDirectory> directory = PageDirectory::create(physical, tables, features);
    ensure(directory.has_value(), "there is a frame for the kernel's page directory");
    map_direct(*directory, direct_frames(map));
    const Result<void> temporaries = directory->add_temporary_table();
    ensure(temporaries.has_value(), "temporary mappings can be made");
    directory->load();
    physical.set_direct_frames(direct_frames(map));
    return *std::move(directory);
}

// Frames for books about frames, seen through the direct map, which must be loaded.
std::span<std::byte> reserve_books(MemoryMap& map, std::size_t bytes, std::string_view name) {
    const FrameRun books = reserve_frames(map, pages_for(bytes), Frame(direct_frames(map)), Owner::metadata, name);
    return {machine::direct_map(books.first.start()), bytes};
}

// Every frame of the map to its owner: free, or who has it already.
void hand_over(const MemoryMap& map, FrameAllocator& frames) {
    for (const FrameRun& run : map.ram()) {
        ensure(frames.add_ram(run).has_value(), "the memory map's runs do not overlap");
    }
    for (const Reservation& each : map.reservations()) {
        ensure(frames.claim_boot_run(each.frames, each.owner).has_value(),
               "what is reserved is RAM that nobody has taken");
    }
}

std::size_t heap_maximum(const MemoryMap& map, const MemoryOptions& options) {
    const std::size_t most = std::size_t{map.ram_frames() / 8 * 7} * page_size;
    const std::size_t wanted = options.heap_maximum != 0 ? options.heap_maximum : most;
    return std::min<std::size_t>(wanted, std::size_t{HeapArea::most_pages} * page_size);
}

} // namespace

KernelMemory::KernelMemory(const MemoryMap& memory_map, const MemoryOptions& options, HeapWatcher& watcher)
    : map(with_early_reservations(memory_map, options)), physical(Frame::containing(options.early_limit).number()),
      early_tables_(reserved_for(Owner::page_table)),
      directory(build_directory(map, physical, early_tables_, options.paging)),
      frames(reserve_books(map, FrameAllocator::metadata_size(map.frame_limit()), "frame metadata"), map.frame_limit()),
      records(reserve_books(map, FrameRecords::bytes_for(map.frame_limit()), "frame records"), map.frame_limit()),
      heap_area(frames, directory, tlb),
      heap(heap_area, machine::mapped(HeapArea::base.start()), heap_maximum(map, options),
           {.mode = options.heap_mode, .watcher = &watcher}) {
    if (map.frame_limit() > 2 * isa_dma_limit.number()) {
        frames.hand_out_last_below(isa_dma_limit);
    }
    hand_over(map, frames);
    directory.set_table_allocator(frames);
}

FrameRun KernelMemory::reserved_for(Owner owner) const {
    for (const Reservation& each : map.reservations()) {
        if (each.owner == owner) {
            return each.frames;
        }
    }
    panic("a reservation that boot made is gone");
}

// The allocator goes before the directory does: the directory's tables are forgotten, not given back.
KernelMemory::~KernelMemory() {
    directory.set_table_allocator(early_tables_);
}

void KernelMemory::audit_kernel(AuditReport& report) const {
    frames.audit(report);
    directory.audit(report);
    heap.audit(report);
    audit_image(report);
    audit_heap_area(report);
    const FrameStatistics statistics = frames.statistics();
    report.check(statistics.ram == map.ram_frames(), "the allocator knows {} frames of RAM, the memory map {}",
                 statistics.ram, map.ram_frames());
    report.check(physical.temporary_mappings() == 0, "{} temporary mappings are left while nobody looks",
                 physical.temporary_mappings());
}

// Nothing may write to the kernel's code and constants, under any address, and the guards are not mapped.
void KernelMemory::audit_image(AuditReport& report) const {
    const machine::KernelImage image = machine::kernel_image();
    const auto frames_of = [](const machine::Range& range) {
        return frames_touched(PhysAddr(range.start - VirtAddr(machine::kernel_base)), range.end - range.start);
    };
    const FrameRun text = frames_of(image.text);
    const FrameRun rodata = frames_of(image.rodata);
    directory.for_each_run([&](const MappedRun& run) {
        const FrameRun mapped{run.frame, run.count};
        const bool constant = mapped.intersection(text).count != 0 || mapped.intersection(rodata).count != 0;
        report.check(!constant || !run.protection.writable,
                     "pages from {:#010x} let the kernel's text or rodata be written", run.first.start().value());
    });
    for (const machine::Range& guard : {image.stack_guard, image.double_fault_guard}) {
        report.check(!directory.translate(guard.start).has_value(), "the guard page at {:#010x} is mapped",
                     guard.start.value());
    }
}

// Each frame of the heap is mapped exactly once, and what is mapped there is the heap's.
void KernelMemory::audit_heap_area(AuditReport& report) const {
    std::uint32_t pages = 0;
    const Page end = HeapArea::base + HeapArea::most_pages;
    for (auto run = directory.next_run(HeapArea::base); run && run->first < end; run = directory.next_run(run->end())) {
        for (std::uint32_t at = 0; at < run->count; ++at) {
            const Frame frame = run->frame + at;
            report.check(frames.owner(frame) == Owner::heap && frames.share_count(frame) == 1,
                         "heap page {:#010x} is mapped to frame {:#x} of owner {}, shared {} times",
                         (run->first + at).start().value(), frame.number(), name_of(frames.owner(frame)),
                         frames.share_count(frame));
        }
        pages += run->count;
    }
    const std::uint32_t owned = frames.statistics().of(Owner::heap);
    report.check(pages == owned, "{} pages are mapped in the heap's area, the heap owns {} frames", pages, owned);
    report.check(pages == heap.statistics().committed_pages,
                 "{} pages are mapped in the heap's area, the heap counts {}", pages,
                 heap.statistics().committed_pages);
}

} // namespace quire
