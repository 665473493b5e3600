// Sets, ways and what drops out of them.
#include "tests/host/machine/software_tlb.h"

namespace quire::test {

namespace {

constexpr Page start_of_large(Page page) {
    return Page(page.number() / frames_per_large_page * frames_per_large_page);
}

} // namespace

SoftwareTlb::Set& SoftwareTlb::set_of(Page page, bool large) {
    return large ? large_[page.number() / frames_per_large_page % large_sets] : small_[page.number() % small_sets];
}

SoftwareTlb::Slot* SoftwareTlb::find_in(Set& set, Page page) {
    for (Slot& slot : set.slots) {
        if (slot.valid && slot.translation.page == page) {
            return &slot;
        }
    }
    return nullptr;
}

const CachedTranslation* SoftwareTlb::find(Page page) {
    ++counts_.look_ups;
    const Slot* slot = find_in(set_of(page, false), page);
    if (slot == nullptr) {
        slot = find_in(set_of(page, true), start_of_large(page));
    }
    if (slot == nullptr) {
        return nullptr;
    }
    ++counts_.hits;
    return &slot->translation;
}

void SoftwareTlb::insert(const CachedTranslation& translation) {
    Set& set = set_of(translation.page, translation.large);
    Slot* slot = find_in(set, translation.page);
    if (slot == nullptr) {
        slot = &set.slots[set.next];
        set.next = (set.next + 1) % ways;
    }
    *slot = {true, translation};
}

std::optional<Pde> SoftwareTlb::directory_entry(std::uint32_t index) const {
    const DirectoryCopy& copy = copies_[index % directory_copies];
    return copy.valid && copy.index == index ? std::optional(copy.entry) : std::nullopt;
}

void SoftwareTlb::insert_directory_entry(std::uint32_t index, Pde entry) {
    copies_[index % directory_copies] = {true, index, entry};
}

void SoftwareTlb::invalidate(Page page) {
    if (Slot* const slot = find_in(set_of(page, false), page)) {
        slot->valid = false;
    }
    if (Slot* const slot = find_in(set_of(page, true), start_of_large(page))) {
        slot->valid = false;
    }
    drop_directory_entries();
}

template <class Drop> void SoftwareTlb::drop_where(Drop drop) {
    const auto drop_from = [&](auto& sets) {
        for (Set& set : sets) {
            for (Slot& slot : set.slots) {
                slot.valid = slot.valid && !drop(slot.translation);
            }
        }
    };
    drop_from(small_);
    drop_from(large_);
    drop_directory_entries();
}

void SoftwareTlb::flush() {
    drop_where([](const CachedTranslation& translation) { return !translation.global; });
}

void SoftwareTlb::flush_global() {
    drop_where([](const CachedTranslation&) { return true; });
}

} // namespace quire::test
