// Areas by number, and which of them is filled next.
#include "kernel/memory/swap/swap_space.h"

#include "kernel/lib/panic.h"
#include "kernel/memory/heap/object.h"

#include <algorithm>

namespace quire {

SwapSpace::~SwapSpace() {
    ensure(count_ == 0, "no swap area is left when memory ends");
    destroy_object(*heap_, words_);
}

Result<SwapArea*> SwapSpace::add(PageStore& store, const SwapHeader& header, std::optional<std::int32_t> priority) {
    if (words_ == nullptr) {
        const Result<RepeatedWords*> words = make_object<RepeatedWords>(*heap_);
        if (!words) {
            return fail(Error::out_of_memory);
        }
        words_ = *words;
    }
    const auto place = std::find(areas_.begin() + 1, areas_.end(), nullptr);
    if (place == areas_.end()) {
        return fail(Error::limit_reached);
    }
    const Result<SwapArea*> area =
        SwapArea::create(*heap_, store, header, static_cast<std::uint32_t>(place - areas_.begin()),
                         priority.value_or(lowest_priority_ - 1));
    if (area) {
        *place = *area;
        ++count_;
        lowest_priority_ -= priority ? 0 : 1;
    }
    return area;
}

void SwapSpace::remove(SwapArea& area) {
    areas_[area.number()] = nullptr;
    --count_;
    area.destroy(*heap_);
}

// A cluster is filled once it is begun, and areas of one priority take turns with each: so each gets runs of
// neighbours.
std::optional<SwapSlot> SwapSpace::take() {
    SwapArea* best = areas_[last_used_];
    if (!has_room(best) || !best->in_cluster()) {
        best = next_area();
    }
    if (best == nullptr) {
        return std::nullopt;
    }
    last_used_ = best->number();
    const std::optional<std::uint32_t> slot = best->take();
    return slot ? std::optional(SwapSlot(best->number(), *slot)) : std::nullopt;
}

// Where the next cluster is begun; null where no area has room.
SwapArea* SwapSpace::next_area() const {
    SwapArea* best = nullptr;
    for (std::uint32_t step = 1; step <= most_areas; ++step) {
        SwapArea* const each = areas_[(last_used_ + step - 1) % most_areas + 1];
        if (has_room(each) && (best == nullptr || each->priority() > best->priority())) {
            best = each;
        }
    }
    return best;
}

std::optional<SwapSlot> SwapSpace::take_word(std::uint32_t word) {
    const std::optional<std::uint32_t> number = words_->take(word);
    return number ? std::optional(SwapSlot(words_area, *number)) : std::nullopt;
}

std::uint32_t SwapSpace::users(SwapSlot slot) const {
    if (holds_word(slot)) {
        return words_ != nullptr ? words_->users(slot.number()) : 0;
    }
    const SwapArea* const area = slot.area() < areas_.size() ? areas_[slot.area()] : nullptr;
    return area != nullptr && slot.number() < area->slots() ? area->record(slot.number()).users : 0;
}

std::uint32_t SwapSpace::pages() const {
    std::uint32_t pages = 0;
    for_each([&](const SwapArea& area) { pages += area.size(); });
    return pages;
}

std::uint32_t SwapSpace::free_pages() const {
    std::uint32_t pages = 0;
    for_each([&](const SwapArea& area) { pages += area.closed ? 0 : area.free_count(); });
    return pages;
}

void SwapSpace::audit(AuditReport& report) const {
    std::uint32_t count = 0;
    for_each([&](const SwapArea& area) {
        area.audit(report);
        ++count;
    });
    report.check(count == count_, "swap: {} areas are there, {} are counted", count, count_);
}

} // namespace quire
