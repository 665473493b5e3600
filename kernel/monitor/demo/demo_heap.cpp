// Chapters 5 and 6 of the demo: the kernel heap through kmalloc and its like, what it refuses, and a leak.
#include "kernel/memory/frames/address_text.h"
#include "kernel/monitor/demo/demo.h"
#include "kernel/torus/kmalloc.h"
#include "kernel/torus/torus.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>
#include <span>

namespace quire {

namespace {

VirtAddr address_of(const void* pointer) {
    return VirtAddr(static_cast<std::uint32_t>(reinterpret_cast<std::uintptr_t>(pointer)));
}

std::span<std::uint8_t> bytes_at(void* block, std::size_t count) {
    return {static_cast<std::uint8_t*>(block), block == nullptr ? 0 : count};
}

bool all_are(std::span<const std::uint8_t> bytes, std::uint8_t value) {
    return !bytes.empty() && std::all_of(bytes.begin(), bytes.end(), [value](std::uint8_t b) { return b == value; });
}

void allocate_and_free(Narrator& narrator, KernelHeap& heap) {
    constexpr std::uint8_t first_byte = 0x11, second_byte = 0x22;
    const std::size_t blocks_before = heap.statistics().live_blocks;
    void* one = kmalloc(1024);
    narrator.check("kmalloc(1024)", "a block, aligned to 16", one != nullptr && address_of(one).value() % 16 == 0, "{}",
                   address_of(one));
    void* two = kmalloc(2048);
    std::ranges::fill(bytes_at(one, 1024), first_byte);
    std::ranges::fill(bytes_at(two, 2048), second_byte);
    narrator.check("kmalloc(2048), then fill both.", "neither hurts the other",
                   all_are(bytes_at(one, 1024), first_byte) && all_are(bytes_at(two, 2048), second_byte), "{} and {}",
                   address_of(one), address_of(two));
    void* many = kcalloc(10, 64);
    narrator.check("kcalloc(10, 64)", "640 bytes, all zero", all_are(bytes_at(many, 640), 0), "{}", address_of(many));
    if (void* larger = krealloc(one, 5000)) {
        one = larger;
    }
    const std::optional<HeapBlock> block = heap.block_at(one);
    narrator.check("krealloc the 1024 to 5000.", "content kept",
                   block && block->bytes >= 5000 && all_are(bytes_at(one, 1024), first_byte), "{}", address_of(one));
    void* page = kmalloc_aligned(100, page_size);
    narrator.check("kmalloc_aligned(100, 4096)", "a multiple of 4096",
                   page != nullptr && address_of(page).page_aligned(), "{}", address_of(page));
    const bool freed = kfree(one) && kfree(two) && kfree(many) && kfree(page) && kfree(nullptr);
    narrator.check("kfree all of them, and a null pointer.", "as many blocks as before",
                   freed && heap.statistics().live_blocks == blocks_before, "{} before, {} after", blocks_before,
                   heap.statistics().live_blocks);
}

// How far apart four blocks of `size` bytes are, if all lie in a row with at most `gap` bytes in between; else 0.
std::uint32_t stride_of(std::span<void* const, 4> blocks, std::size_t size, std::size_t gap) {
    const std::uint32_t stride = address_of(blocks[1]) - address_of(blocks[0]);
    const bool in_a_row = stride >= size && stride <= size + gap &&
                          address_of(blocks[2]) - address_of(blocks[1]) == stride &&
                          address_of(blocks[3]) - address_of(blocks[2]) == stride;
    return in_a_row ? stride : 0;
}

// Three neighbours, freed in an order that leaves the middle one for last, are one hole again.
void coalesce(Narrator& narrator, KernelHeap& heap) {
    constexpr std::size_t part = 3 * page_size;
    heap.trim(); // no empty pages of blocks before
    // Blocks fill the holes that are there, until the last three lie in a row behind one that stays.
    const std::size_t gap = heap.mode() == HeapMode::debug ? 2 * page_size : 0; // red zones
    std::array<void*, 32> blocks{};
    std::size_t count = 0;
    std::uint32_t stride = 0;
    while (stride == 0 && count < blocks.size()) {
        blocks[count++] = kmalloc(part);
        stride = count >= 4 ? stride_of(std::span(blocks).subspan(count - 4).first<4>(), part, gap) : 0;
    }
    const auto three = std::span(blocks).subspan(count - 3).first<3>();
    void* wall = kmalloc(part); // so that the hole does not run into free memory
    kfree(three[0]);
    kfree(three[2]);
    kfree(three[1]);
    if (heap.mode() == HeapMode::debug) {
        heap.trim(); // freed blocks wait in quarantine, and are no hole before they leave it
    }
    void* whole = stride != 0 ? kmalloc(2 * stride + part) : nullptr;
    narrator.check("Free three neighbours of 12 KiB, the middle one last; ask for 36 KiB.", "the hole they left",
                   stride != 0 && whole == three[0], "{}, was {}", address_of(whole), address_of(three[0]));
    kfree(whole);
    kfree(wall);
    for (void* filler : std::span(blocks).first(count - 3)) {
        kfree(filler);
    }
}

void refuse_sizes(Narrator& narrator) {
    constexpr std::size_t half = ~std::size_t{0} / 2;
    void* overflowing = kcalloc(half, 3);
    narrator.check("kcalloc(2147483647, 3): the product does not fit 32 bits.", "null", overflowing == nullptr, "{}",
                   address_of(overflowing));
    void* huge = kmalloc(~std::size_t{0} - 4);
    narrator.check("kmalloc(4294967291)", "null", huge == nullptr, "{}", address_of(huge));
}

struct Link {
    Link* next;
};

void exhaust(Narrator& narrator, Memory& memory) {
    constexpr std::size_t size = 64 * 1024 - 512;
    const KernelHeap& heap = memory.heap;
    const std::size_t live_before = heap.statistics().live_blocks;
    Link* chain = nullptr;
    std::uint32_t count = 0;
    while (void* block = kmalloc(size)) {
        chain = new (block) Link{chain};
        ++count;
    }
    narrator.check("kmalloc(65024) until nothing is left. That is no panic.", "null, and frames left",
                   count > 0 && memory.frames.free_count() > 0, "null after {}, {:,} left", count,
                   memory.frames.free_count());
    bool freed = true;
    while (chain != nullptr) {
        Link* next = chain->next;
        freed = kfree(chain) && freed;
        chain = next;
    }
    narrator.check("Free them all.", "as many blocks as before", freed && heap.statistics().live_blocks == live_before,
                   "{} before, {} after", live_before, heap.statistics().live_blocks);
}

// The account called `name`, made where there is none yet.
Result<HeapOwner> find_or_add_owner(KernelHeap& heap, std::string_view name, std::size_t limit) {
    for (std::size_t i = 0; i < heap.owner_count(); ++i) {
        if (heap.usage(static_cast<HeapOwner>(i)).name == name) {
            return static_cast<HeapOwner>(i);
        }
    }
    return heap.add_owner(name, limit);
}

void limit_owner(Narrator& narrator, KernelHeap& heap) {
    constexpr std::size_t limit = 16 * 1024, size = 5000;
    const Result<HeapOwner> owner = find_or_add_owner(heap, "demo", limit);
    if (!owner) {
        narrator.check("Open an account with a limit of 16 KiB.", "an account", false, "{}", name_of(owner.error()));
        return;
    }
    std::array<void*, 8> blocks{};
    std::size_t count = 0;
    Result<void*> next = nullptr;
    while (count < blocks.size() && (next = heap.allocate(size, KernelHeap::default_alignment, *owner))) {
        blocks[count++] = *next;
    }
    void* other = kmalloc(size);
    narrator.check("Take 5000 bytes at a time on an account limited to 16 KiB.", "limit reached, not for all",
                   !next && next.error() == Error::limit_reached && other != nullptr, "{} after {}",
                   next ? "no limit" : name_of(next.error()), count);
    kfree(other);
    for (std::size_t i = 0; i < count; ++i) {
        kfree(blocks[i]);
    }
}

void free_wrongly(Narrator& narrator, KernelHeap& heap) {
    narrator.context().out.write("\n");
    narrator.tell("Whoever frees wrongly is named, and nothing is damaged: the heap's books lie "
                  "apart from the blocks.");
    auto* block = static_cast<std::uint8_t*>(kmalloc(1024));
    const Result<void> interior = heap.free(block + 16);
    narrator.check_refused("Free a pointer into the middle of a block.", Error::interior, interior);
    kfree(block);
    const Result<void> twice = heap.free(block);
    narrator.check_refused("Free a block twice.", Error::double_free, twice);
    std::uint32_t local = 0;
    const Result<void> foreign = heap.free(&local);
    narrator.check_refused("Free something on the stack.", Error::foreign, foreign);
    AuditReport report{narrator.context().out};
    heap.audit(report);
    narrator.check("None of it hurt the heap's books.", "0 failed", report.failures() == 0, "{:,} checks, {} failed",
                   report.checks(), report.failures());
}

} // namespace

void demo_heap(Narrator& narrator) {
    narrator.tell("The kernel needs blocks of any size, not only frames. kmalloc cuts them from pages "
                  "that the heap takes from the frame allocator and gives back when they are empty.");
    KernelHeap& heap = narrator.memory().heap;
    allocate_and_free(narrator, heap);
    coalesce(narrator, heap);
    refuse_sizes(narrator);
    exhaust(narrator, narrator.memory());
    limit_owner(narrator, heap);
    free_wrongly(narrator, heap);
}

void demo_leak(Narrator& narrator) {
    KernelHeap& heap = narrator.memory().heap;
    narrator.tell("A leak is a block that nobody will free. The heap knows the line that allocated "
                  "each block, so blocks that are still there after a mark can be told by line.");
    if (heap.mode() == HeapMode::plain) {
        narrator.tell("This heap is in plain mode and keeps no such record.");
        return;
    }
    constexpr std::size_t count = 8, forgotten = 3, size = 100;
    const HeapMark mark = heap.mark();
    std::array<void*, count> blocks{};
    for (void*& block : blocks) {
        block = kmalloc(size);
    }
    for (std::size_t i = forgotten; i < count; ++i) {
        kfree(blocks[i]);
    }
    std::array<HeapLeak, 8> table{};
    const std::span<HeapLeak> leaks = heap.leaks(mark, table);
    for (const HeapLeak& leak : leaks) {
        narrator.show("{} blocks, {} bytes, allocated by {}:{}", leak.blocks, leak.bytes, leak.site.file_name(),
                      leak.site.line());
    }
    narrator.check("Allocate 8 blocks of 100 bytes on one line, free 5, look for leaks.", "1 line: 3 blocks, 300 bytes",
                   leaks.size() == 1 && leaks[0].blocks == forgotten && leaks[0].bytes == forgotten * size,
                   "{} line: {} blocks, {} bytes", leaks.size(), leaks.empty() ? 0 : leaks[0].blocks,
                   leaks.empty() ? 0 : leaks[0].bytes);
    for (std::size_t i = 0; i < forgotten; ++i) {
        kfree(blocks[i]);
    }
    const std::size_t left = heap.leaks(mark, table).size();
    narrator.check("Free those too, and look again.", "no line", left == 0, "{} lines", left);
}

} // namespace quire
