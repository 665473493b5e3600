// What programs say about when pages are wanted: MADV_WILLNEED, MADV_COLD, MADV_PAGEOUT and MADV_FREE. Only what nobody
// else has is let go of: one process does not decide for others.
#include "kernel/memory/space/address_space.h"
#include "kernel/memory/space/user_memory.h"

namespace quire {

// The frame behind the page that no other address space has, nor its table; nothing where there is none, or where the
// page is on its way.
std::optional<Frame> AddressSpace::own_frame(UserPte pte) const {
    const Owner owner = pte.has_content() ? memory_.frames.owner(pte.frame()) : Owner::absent;
    const bool is_object_page = owner == Owner::shared || owner == Owner::file; // of which the object has a share
    const bool is_own = (owner == Owner::anonymous || is_object_page) &&
                        memory_.frames.share_count(pte.frame()) == (is_object_page ? 2U : 1U);
    return is_own ? std::optional(pte.frame()) : std::nullopt;
}

// What is out, or on its way, is dropped; so is what cannot wait for that.
void AddressSpace::free_page(Page page, UserPte pte) {
    const std::optional<Frame> frame = own_frame(pte);
    if (frame) {
        tables_.set_clean(page);
        forget_translation(page);
        if (memory_.pager.need_not_keep(*frame)) {
            return;
        }
    }
    if (frame || !pte.has_content()) {
        drop_pages(page, page + 1);
    }
}

// Who may not write to a file learns nothing by it: of an object only those pages go that the program may change.
bool AddressSpace::put_out(const RegionTraits& traits, UserPte pte) {
    const std::optional<Frame> frame = own_frame(pte);
    const bool may_go =
        frame && ((traits.shared && traits.max_access.write) || memory_.frames.owner(*frame) == Owner::anonymous);
    return !may_go || memory_.pager.evict(*frame) != Eviction::all_busy; // where there is no slot, it stays
}

// One page, which nobody has but this space, nor its table. False where it must wait for room.
bool AddressSpace::advise_page(const RegionTraits& traits, Page page, UserPte pte, Advice advice) {
    switch (advice) {
    case Advice::will_need:
        if (pte.kind() == UserPteKind::swapped) {
            memory_.pager.will_need(pte.slot());
        }
        return true;
    case Advice::cold:
        if (const std::optional<Frame> frame = own_frame(pte)) {
            memory_.pager.make_cold(*frame);
        }
        return true;
    case Advice::free: free_page(page, pte); return true;
    default: return put_out(traits, pte);
    }
}

// WILLNEED, COLD, PAGEOUT, and FREE while there is an area. Errors: must_wait (as many pages are on their way as can
// be).
Result<void> AddressSpace::advise_paging(const Region& region, Page first, Page end, Advice advice) {
    const bool wanted = advice == Advice::will_need;
    for (Page page = first; page < end && memory_.pager.is_paging(); page = page + 1) {
        const Pde pde = tables_.directory_entry(directory_index(page));
        const UserPte pte = wanted || !tables_.is_shared(pde) ? tables_.pte(page) : UserPte();
        if (!pte.is_empty() && !advise_page(region.traits, page, pte, advice)) {
            memory_.requests.answer_must_wait_for_room();
            return fail(Error::must_wait);
        }
    }
    if (wanted && region.object != nullptr) {
        region.object->will_need(region.object_index(first), end - first);
    }
    return {};
}

} // namespace quire
