// Gathers what the books know about an address. See fault_facts.h.
#include "kernel/monitor/report/fault_facts.h"

#include "kernel/machine/mmu.h"

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
    Page from(0);
    while (true) {
        const auto run = directory.next_run(from);
        if (!run) {
            return;
        }
        if (run->end() <= page) {
            facts.below = run;
        } else if (run->first > page) {
            facts.above = run;
            return;
        } else {
            facts.here = run;
        }
        from = run->end();
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

std::uint32_t byte_at(VirtAddr address, const MappedMemory& memory) {
    return memory.word(VirtAddr(address.value() & ~3U)).value_or(0) >> (address.value() % 4 * 8) & 0xFFU;
}

// Where the CALL rel32 (E8, Intel SDM vol. 2A) before `back` leads, if there is one.
std::optional<std::uint32_t> direct_call_before(VirtAddr back, const MappedMemory& memory) {
    if (byte_at(back - 5, memory) != 0xE8) {
        return std::nullopt;
    }
    std::uint32_t distance = 0;
    for (std::uint32_t byte = 0; byte < 4; ++byte) {
        distance |= byte_at(back - 4 + byte, memory) << (8 * byte);
    }
    return back.value() + distance;
}

// Whether a CALL r/m32 (FF /2, 2 to 7 bytes long) stands before `back`.
bool indirect_call_before(VirtAddr back, const MappedMemory& memory) {
    for (std::uint32_t length = 2; length <= 7; ++length) {
        if (byte_at(back - length, memory) == 0xFF && (byte_at(back - length + 1, memory) >> 3U & 7U) == 2) {
            return true;
        }
    }
    return false;
}

// The call that led to EIP, where it left its return address on top of the stack and no frame stands above that.
// What lies there may also be left over from earlier: in the kernel's code only a call of the very function counts.
std::optional<std::uint32_t> frameless_call(const FaultFacts& facts, const MappedMemory& memory) {
    const auto top = memory.word(VirtAddr(facts.trap.esp()));
    if (!top || !facts.image.text.contains(VirtAddr(*top))) {
        return std::nullopt;
    }
    const auto target = direct_call_before(VirtAddr(*top), memory);
    if (!facts.image.text.contains(VirtAddr(facts.trap.eip))) {
        return target || indirect_call_before(VirtAddr(*top), memory) ? top : std::nullopt;
    }
    const auto function = facts.names.symbols.find(facts.trap.eip);
    return function && target == facts.trap.eip - function->offset ? top : std::nullopt;
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
                     .frameless_call = {},
                     .address = {}};
    if (books == nullptr) {
        facts.backtrace = walk_stack(OwnStacks(image), trap.ebp);
        return facts;
    }
    const MappedMemory memory(*books);
    facts.backtrace = walk_stack(memory, trap.ebp);
    if (has_fault_address(trap)) {
        facts.address = facts_about(VirtAddr(trap.fault_address), *books);
    }
    facts.frameless_call = frameless_call(facts, memory);
    return facts;
}

} // namespace quire
