// Gathers what the books know about an address. See fault_facts.h.
#include "kernel/shell/fault_facts.h"

#include "arch/x86/include/mmu.h"

#include <array>
#include <bit>
#include <cstddef>

namespace quire {

std::optional<std::uint32_t> MappedMemory::word(VirtAddr address) const {
    std::array<std::byte, sizeof(std::uint32_t)> bytes{};
    if (address.offset_in_page() > page_size - bytes.size()) {
        return std::nullopt;
    }
    const Result<Translation> translation = books_->directory.translate(address);
    if (!translation || books_->frames.owner(translation->frame()) == Owner::absent) {
        return std::nullopt;
    }
    books_->physical.read(translation->frame(), address.offset_in_page(), bytes);
    return std::bit_cast<std::uint32_t>(bytes);
}

bool has_fault_address(const machine::TrapFrame& trap) {
    if (trap.vector == machine::vector::page_fault) {
        return true;
    }
    // A double fault leaves in CR2 what the page fault put there, if one was its cause. Then pushing failed, and the
    // address lies where the stack pointer is. The difference wraps where it lies above.
    constexpr std::uint32_t most_pushed = 256;
    return trap.vector == machine::vector::double_fault && trap.esp() - trap.fault_address <= most_pushed;
}

namespace {

// The mapped runs at and around the address.
void find_neighbours(AddressFacts& facts, const PageDirectory& directory) {
    const Page page = Page::containing(facts.address);
    for (auto run = directory.next_run(Page(0)); run; run = directory.next_run(run->end())) {
        if (run->end() <= page) {
            facts.below = run;
        } else if (run->first > page) {
            facts.above = run;
            return;
        } else {
            facts.here = run;
        }
    }
}

void find_block(AddressFacts& facts, const KernelHeap& heap) {
    const std::byte* const pointer = machine::mapped(facts.address);
    facts.block = heap.block_at(pointer);
    if (facts.block) {
        facts.block_start = facts.address - static_cast<std::uint32_t>(pointer - facts.block->address);
    } else {
        facts.was_block = heap.in_free_pages(pointer);
    }
}

} // namespace

AddressFacts facts_about(VirtAddr address, const MemoryBooks& books) {
    AddressFacts facts;
    facts.address = address;
    facts.walk = books.directory.walk(address);
    if (const Result<Translation> translation = books.directory.translate(address)) {
        facts.translation = *translation;
        facts.frame = translation->frame();
    } else if (area_of(address).kind == AreaKind::direct_map) {
        facts.frame = Frame::containing(PhysAddr(address.value() - machine::kernel_base));
    }
    if (facts.frame) {
        facts.owner = books.frames.owner(*facts.frame);
    }
    find_neighbours(facts, books.directory);
    if (area_of(address).kind == AreaKind::heap) {
        find_block(facts, books.heap);
    }
    return facts;
}

FaultFacts gather_facts(const machine::TrapFrame& trap, const machine::KernelImage& image, const CodeNames& names,
                        PhysAddr directory, const MemoryBooks* books) {
    FaultFacts facts{.trap = trap,
                     .image = image,
                     .names = names,
                     .directory = directory,
                     .backtrace = {},
                     .jumped_from = {},
                     .address = {}};
    if (books == nullptr) {
        facts.backtrace = walk_stack(ImageStacks(image), trap.ebp);
        return facts;
    }
    const MappedMemory memory(*books);
    facts.backtrace = walk_stack(memory, trap.ebp);
    if (has_fault_address(trap)) {
        facts.address = facts_about(VirtAddr(trap.fault_address), *books);
    }
    if (!image.text.contains(VirtAddr(trap.eip))) {
        const auto word = memory.word(VirtAddr(trap.esp()));
        if (word && image.text.contains(VirtAddr(*word))) {
            facts.jumped_from = word;
        }
    }
    return facts;
}

} // namespace quire
