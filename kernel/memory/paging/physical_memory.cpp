// Frames within reach: the direct map where it goes, a temporary mapping slot elsewhere.
#include "kernel/memory/paging/physical_memory.h"

#include "kernel/lib/panic.h"
#include "kernel/memory/paging/entry.h"

#include <algorithm>
#include <bit>
#include <cstring>

namespace quire {

namespace {

// The entry behind a temporary mapping slot: word `slot` of the table that slot 0 shows.
Pte& slot_entry(unsigned slot) {
    return reinterpret_cast<Pte*>(machine::temporary_page(0))[slot];
}

// A slot's number as a page of the kernel's address space.
Page slot_page(unsigned slot) {
    return Page::containing(machine::temporary_start) + slot;
}

} // namespace

TemporaryMapping PhysicalMemory::map_slot(Frame frame) {
    ensure(frame.number() < frames_in_4_gib, "a temporary mapping was asked for a frame beyond 4 GiB");
    const auto slot = static_cast<unsigned>(std::countr_one(used_slots_));
    ensure(slot <= most_temporary_mappings,
           "all temporary mappings are in use: somebody keeps them, or nests too deep");
    used_slots_ |= 1U << slot;
    ++temporary_mappings_made_;
    // The slot's entry was not present, so that the TLB cannot know it (Intel SDM vol. 3A §4.10.2.3): no flush.
    slot_entry(slot) = Pte::for_page(frame, {.writable = true});
    return {this, slot, machine::temporary_page(slot)};
}

void PhysicalMemory::unmap_slot(unsigned slot) {
    slot_entry(slot) = Pte();
    machine::invalidate_page(slot_page(slot));
    used_slots_ &= ~(1U << slot);
}

unsigned PhysicalMemory::temporary_mappings() const {
    return static_cast<unsigned>(std::popcount(used_slots_)) - 1;
}

void PhysicalMemory::zero(Frame frame) {
    std::memset(map_temporarily(frame).data(), 0, page_size);
}

void PhysicalMemory::fill(Frame frame, std::uint32_t word) {
    const TemporaryMapping mapping = map_temporarily(frame);
    std::fill_n(mapping.as<std::uint32_t>(), page_size / sizeof(word), word);
}

void PhysicalMemory::copy(Frame from, Frame to) {
    const TemporaryMapping source = map_temporarily(from);
    const TemporaryMapping target = map_temporarily(to);
    std::memcpy(target.data(), source.data(), page_size);
}

void PhysicalMemory::read(Frame frame, std::uint32_t offset, std::span<std::byte> into) {
    ensure(offset <= page_size && into.size() <= page_size - offset, "a read from a frame goes past its end");
    const TemporaryMapping mapping = map_temporarily(frame);
    std::memcpy(into.data(), mapping.data() + offset, into.size());
}

void PhysicalMemory::write(Frame frame, std::uint32_t offset, std::span<const std::byte> from) {
    ensure(offset <= page_size && from.size() <= page_size - offset, "a write to a frame goes past its end");
    const TemporaryMapping mapping = map_temporarily(frame);
    std::memcpy(mapping.data() + offset, from.data(), from.size());
}

} // namespace quire
