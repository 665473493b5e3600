// Sets of pages that are replaced among themselves (resident_set.h): made and ended, pages that come into one and
// leave, and who gives a page when memory is short.
#include "kernel/memory/heap/object.h"
#include "kernel/memory/pager/pager.h"

#include <algorithm>

namespace quire {

Result<ResidentSet*> Pager::make_set() {
    auto* const place = std::ranges::find(sets_, nullptr);
    if (place == sets_.end()) {
        return fail(Error::limit_reached);
    }
    const auto number = static_cast<std::uint32_t>(place - sets_.begin()) + 1;
    const Result<ResidentSet*> made = make_object<ResidentSet>(with_.heap, with_.records, number);
    if (made) {
        *place = *made;
        (*made)->replacement.use(replacement.used());
        watch_if_wanted();
    }
    return made;
}

void Pager::end_set(ResidentSet& set) {
    release_pages(set);
    sets_[set.number() - 1] = nullptr;
    destroy_object(with_.heap, &set);
    watch_if_wanted();
}

void Pager::use_policy(ResidentSet& set, std::optional<ReplacementPolicy> policy) {
    set.has_own_policy = policy.has_value();
    set.replacement.use(policy.value_or(replacement.used()));
    watch_if_wanted();
}

ResidentSet* Pager::set_of(Frame frame) const {
    const std::uint32_t number = FrameRecords::set_of_queue(with_.records.mark(frame).queue);
    return number != 0 ? sets_[number - 1] : nullptr;
}

Replacement& Pager::replacement_of(Frame frame) {
    ResidentSet* const set = set_of(frame);
    return set != nullptr ? set->replacement : replacement;
}

// A page that is in no set, and that nobody else has brought.
void Pager::join(ResidentSet& set, Frame frame, bool has_come) {
    const bool is_alone = with_.frames.owner(frame) == Owner::anonymous || with_.frames.share_count(frame) == 2;
    if (!is_page(frame) || set_of(frame) != nullptr || !is_alone) {
        return;
    }
    replacement.lose(frame);
    if (has_come) {
        set.replacement.loaded(frame, ghost_of(frame));
    } else {
        set.replacement.adopt(frame);
    }
    with_.frames.watch(frame);
}

// The page is everybody's from now on.
void Pager::leave_set(Frame frame) {
    with_.records.leave_queue(frame);
    if (with_.records[frame].slot == 0) {
        with_.frames.unwatch(frame);
    }
    if (following_) {
        replacement.adopt(frame);
    }
}

void Pager::release_pages(ResidentSet& set) {
    while (set.pages() != 0) {
        leave_set(set.replacement.current().give_up());
    }
}

bool Pager::shrink(ResidentSet& set, std::uint32_t pages) {
    std::uint32_t refused = 0;
    while (is_paging() && set.pages() > pages && refused < most_refused) {
        const std::optional<Eviction> eviction = put_out_from(set.replacement);
        if (eviction == Eviction::all_busy) {
            return false;
        }
        if (!eviction) {
            break;
        }
        refused += *eviction == Eviction::stays || *eviction == Eviction::no_slot ? 1U : 0U;
    }
    return true;
}

// Everybody's pages and each set by turns, each as often as it has pages: the multiples of the golden ratio are spread
// evenly (Knuth, "The Art of Computer Programming", volume 3, section 6.4).
Replacement& Pager::next_to_give() {
    std::uint32_t all = replacement.current().known();
    for_each_set([&](const ResidentSet& set) { all += set.pages(); });
    turn_ += 0x9E3779B9;
    auto at = static_cast<std::uint32_t>(std::uint64_t{turn_} * all >> 32U);
    for (ResidentSet* const set : sets_) {
        if (set != nullptr) {
            if (at < set->pages()) {
                return set->replacement;
            }
            at -= set->pages();
        }
    }
    return replacement;
}

// Where whose turn it is has none, another has.
std::optional<Eviction> Pager::put_out_by_turns() {
    std::optional<Eviction> eviction = put_out_from(next_to_give());
    if (!eviction) {
        eviction = put_out_from(replacement);
    }
    for (ResidentSet* const set : sets_) {
        if (set != nullptr && !eviction) {
            eviction = put_out_from(set->replacement);
        }
    }
    return eviction;
}

} // namespace quire
