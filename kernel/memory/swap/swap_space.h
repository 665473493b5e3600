// All places outside of memory that a page can be at: the swap areas there are, and pages that are one word over and
// over, which need none. It owns the areas' books and the words; who puts pages there and brings them back is the
// pager.
#pragma once

#include "kernel/lib/audit_report.h"
#include "kernel/memory/paging/swap_slot.h"
#include "kernel/memory/swap/repeated_words.h"
#include "kernel/memory/swap/swap_area.h"

#include <array>
#include <cstdint>
#include <optional>

namespace quire {

class SwapSpace {
public:
    // As many as Linux has room for in its own entries, about.
    static constexpr std::uint32_t most_areas = 30;
    // The number of the area that is none: its slots are the words of repeated_words.h.
    static constexpr std::uint32_t words_area = 0;

    explicit SwapSpace(KernelHeap& heap) : heap_(&heap) {}
    SwapSpace(const SwapSpace&) = delete;
    SwapSpace& operator=(const SwapSpace&) = delete;
    // No area is left.
    ~SwapSpace();

    // One more area, whose header was read. A negative priority: lower than that of all others, as swapon gives it
    // where it is told none. Errors: out_of_memory; limit_reached (most_areas). O(slots).
    [[nodiscard]] Result<SwapArea*> add(PageStore& store, const SwapHeader& header,
                                        std::optional<std::int32_t> priority);
    // It goes; none of its slots is used.
    void remove(SwapArea& area);

    // A slot with one user, from the area with the highest priority that has room; among equals from one after the
    // other, a cluster at a time. Nothing where all are full. O(1), and for each cluster O(areas).
    [[nodiscard]] std::optional<SwapSlot> take();
    // The slot of pages that are this word over and over, with one more user. Nothing where no further word can be
    // kept; there was an area once. O(1).
    [[nodiscard]] std::optional<SwapSlot> take_word(std::uint32_t word);

    void retain(SwapSlot slot, std::uint32_t users = 1) {
        if (holds_word(slot)) {
            words_->retain(slot.number(), users);
        } else {
            area(slot).retain(slot.number(), users);
        }
    }
    void release(SwapSlot slot, std::uint32_t users = 1) {
        if (holds_word(slot)) {
            words_->release(slot.number(), users);
        } else {
            area(slot).release(slot.number(), users);
        }
    }

    [[nodiscard]] static bool holds_word(SwapSlot slot) { return slot.area() == words_area; }
    // Of a slot that holds one.
    [[nodiscard]] std::uint32_t word(SwapSlot slot) const { return words_->word(slot.number()); }
    // Of any other.
    [[nodiscard]] SwapArea& area(SwapSlot slot) { return *areas_[slot.area()]; }
    [[nodiscard]] const SwapArea& area(SwapSlot slot) const { return *areas_[slot.area()]; }
    [[nodiscard]] SlotRecord& record(SwapSlot slot) { return area(slot).record(slot.number()); }
    [[nodiscard]] const SlotRecord& record(SwapSlot slot) const { return areas_[slot.area()]->record(slot.number()); }
    // Whether somebody uses the slot, if it is one. For audits.
    [[nodiscard]] std::uint32_t users(SwapSlot slot) const;

    // Pages that fit on all areas, and those that would fit yet.
    [[nodiscard]] std::uint32_t pages() const;
    [[nodiscard]] std::uint32_t free_pages() const;
    [[nodiscard]] bool any() const { return count_ != 0; }
    // Calls visit(const SwapArea&) for each area.
    template <class Visitor> void for_each(Visitor&& visit) const {
        for (const SwapArea* area : areas_) {
            if (area != nullptr) {
                visit(*area);
            }
        }
    }

    // Calls visit(SwapSlot, users) for each slot that has users, words too. O(slots).
    template <class Visitor> void for_each_slot(Visitor&& visit) const;

    void audit(AuditReport& report) const;

private:
    [[nodiscard]] static bool has_room(const SwapArea* area) {
        return area != nullptr && !area->closed && area->free_count() != 0;
    }

    [[nodiscard]] SwapArea* next_area() const;

    KernelHeap* heap_;
    RepeatedWords* words_ = nullptr;                // from the first area on
    std::array<SwapArea*, most_areas + 1> areas_{}; // by number; null: there is none
    std::uint32_t count_ = 0;
    std::uint32_t last_used_ = 0;
    std::int32_t lowest_priority_ = 0; // given by itself
};

template <class Visitor> void SwapSpace::for_each_slot(Visitor&& visit) const {
    for (std::uint32_t number = 0; words_ != nullptr && number < RepeatedWords::end_of_numbers; ++number) {
        if (words_->users(number) != 0) {
            visit(SwapSlot(words_area, number), words_->users(number));
        }
    }
    for_each([&](const SwapArea& area) {
        for (std::uint32_t number = 0; number < area.slots(); ++number) {
            if (const std::uint32_t users = area.record(number).users; users != 0) {
                visit(SwapSlot(area.number(), number), users);
            }
        }
    });
}

} // namespace quire
