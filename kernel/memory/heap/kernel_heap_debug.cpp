// What debug mode adds to the heap: a red zone before and behind each block, patterns that show what was never written
// or is freed already, and the quarantine. A block looks like this:
//
//   start          user address                 end of the block
//   | front zone   | what was asked for | back zone |      front zone = alignment, back zone = what is left, 16 at
//   least
#include "kernel/lib/panic.h"
#include "kernel/memory/heap/heap_patterns.h"
#include "kernel/memory/heap/kernel_heap.h"

#include <algorithm>
#include <cstring>
#include <optional>

namespace quire {

namespace {

constexpr std::size_t smallest_back_zone = heap::granule;
constexpr std::size_t quarantine_places = 512;

void fill(std::byte* from, std::byte* to, std::byte pattern) {
    std::memset(from, std::to_integer<int>(pattern), static_cast<std::size_t>(to - from));
}

// The first byte of a range that is not the pattern, or null.
const std::byte* first_other(const std::byte* from, const std::byte* to, std::byte pattern) {
    const std::byte* const found = std::find_if(from, to, [pattern](std::byte b) { return b != pattern; });
    return found == to ? nullptr : found;
}

} // namespace

KernelHeap::BlockReference KernelHeap::known_place_of(const void* address) const {
    const std::optional<BlockReference> place = place_of(address);
    if (!place) {
        panic("the heap's own block is in its books");
    }
    return *place;
}

Result<void*> KernelHeap::allocate_guarded(std::size_t bytes, std::size_t alignment, HeapOwner owner,
                                           std::source_location where) {
    const std::size_t zones = alignment + smallest_back_zone;
    if (bytes > unlimited - zones) {
        return refuse(Error::too_large);
    }
    const Result<void*> block = allocate_block(bytes + zones, bytes, alignment, owner, where);
    if (!block) {
        return block;
    }
    const BlockReference place = known_place_of(*block);
    freed_by(place) = {};
    std::byte* const user = place.start + alignment;
    fill(place.start, user, heap_pattern::zone);
    fill(user, user + bytes, heap_pattern::fresh);
    fill(user + bytes, place.start + place.bytes, heap_pattern::zone);
    return user;
}

void KernelHeap::free_guarded(const BlockReference& place, std::source_location where) {
    if (const std::byte* const changed = changed_in_front(place); changed != nullptr) {
        report({.kind = HeapMisuse::Kind::underrun, .pointer = changed, .caller = where, .block = describe(place)});
    }
    if (const std::byte* const changed = changed_behind(place); changed != nullptr) {
        report({.kind = HeapMisuse::Kind::overrun, .pointer = changed, .caller = where, .block = describe(place)});
    }
    account_free(place, where);
    fill(place.start, place.start + place.bytes, heap_pattern::freed);
    open_quarantine();
    if (!quarantine_.is_open() || place.bytes > quarantine_limit_) {
        give_back(place);
        return;
    }
    while (quarantine_.full() || quarantine_.bytes() + place.bytes > quarantine_limit_) {
        release_oldest();
    }
    quarantine_.push(place.start, place.bytes);
}

// Takes room for the ring from the books; without it blocks are free at once.
void KernelHeap::open_quarantine() {
    if (quarantine_.is_open()) {
        return;
    }
    if (const Result<std::byte*> ring = allocate_metadata(quarantine_places * sizeof(std::byte*)); ring) {
        quarantine_.open({reinterpret_cast<std::byte**>(*ring), quarantine_places});
    }
}

void KernelHeap::release_oldest() {
    const BlockReference place = known_place_of(quarantine_.oldest());
    if (const std::byte* const changed = changed_after_free(place); changed != nullptr) {
        report(
            {.kind = HeapMisuse::Kind::written_after_free, .pointer = changed, .caller = {}, .block = describe(place)});
    }
    quarantine_.pop(place.bytes);
    give_back(place);
}

void KernelHeap::release_quarantine() {
    if (!quarantine_.is_open()) {
        return;
    }
    while (!quarantine_.empty()) {
        release_oldest();
    }
    free_metadata(reinterpret_cast<std::byte*>(quarantine_.ring().data()));
    quarantine_.close();
}

const std::byte* KernelHeap::changed_in_front(const BlockReference& place) const {
    return first_other(place.start, user_address(place), heap_pattern::zone);
}

const std::byte* KernelHeap::changed_behind(const BlockReference& place) const {
    return first_other(user_address(place) + requested(place), place.start + place.bytes, heap_pattern::zone);
}

const std::byte* KernelHeap::changed_after_free(const BlockReference& place) {
    return first_other(place.start, place.start + place.bytes, heap_pattern::freed);
}

} // namespace quire
