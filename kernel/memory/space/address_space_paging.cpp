// What programs say about when pages are wanted: MADV_WILLNEED, MADV_COLD, MADV_PAGEOUT and MADV_FREE. Only what nobody
// else has is let go of: one process does not decide for others.
#include "kernel/memory/space/address_space.h"
#include "kernel/memory/space/user_memory.h"

namespace quire {

// Calls visit(Page, UserPte) for each page with an entry that is not empty; the visitor may change everything under it.
template <class Visitor> void AddressSpace::for_each_page(Page first, Page end, Visitor&& visit) const {
    for_each_span(first, end, [&](TableSpan span) {
        for (std::uint32_t at = span.from; at < span.to && tables_.directory_entry(span.index).present(); ++at) {
            if (const UserPte pte = tables_.pte(span.page(at)); !pte.is_empty()) {
                visit(span.page(at), pte);
            }
        }
    });
}

// The frame behind the page that no other address space has, nor its table; nothing where there is none, or where the
// page is on its way.
std::optional<Frame> AddressSpace::own_frame(Page page, UserPte pte) const {
    if (!pte.has_content() || tables_.is_shared(tables_.directory_entry(directory_index(page)))) {
        return std::nullopt;
    }
    const Frame frame = pte.frame();
    const Owner owner = memory_.frames.owner(frame);
    const bool is_object_page = owner == Owner::shared || owner == Owner::file; // of which the object has a share
    const bool is_own = (owner == Owner::anonymous || is_object_page) &&
                        memory_.frames.share_count(frame) == (is_object_page ? 2U : 1U);
    return is_own ? std::optional(frame) : std::nullopt;
}

void AddressSpace::want(const Region& region, Page first, Page end) {
    for_each_page(first, end, [&](Page, UserPte pte) {
        if (pte.kind() == UserPteKind::swapped) {
            memory_.pager.will_need(pte.slot());
        }
    });
    if (region.object != nullptr) {
        region.object->will_need(region.object_index(first), end - first);
    }
}

void AddressSpace::make_cold(Page first, Page end) {
    for_each_page(first, end, [&](Page page, UserPte pte) {
        if (const std::optional<Frame> frame = own_frame(page, pte)) {
            memory_.pager.make_cold(*frame);
        }
    });
}

// Who may not write to a file learns nothing by it: of an object only those pages go that the program may change.
// Errors: must_wait (as many pages are on their way as can be).
Result<void> AddressSpace::put_out(const Region& region, Page first, Page end) {
    Pager& pager = memory_.pager;
    const bool with_objects = region.traits.shared && region.traits.max_access.write;
    bool all_busy = false;
    for_each_page(first, end, [&](Page page, UserPte pte) {
        const std::optional<Frame> frame = pager.is_paging() && !all_busy ? own_frame(page, pte) : std::nullopt;
        if (frame && (with_objects || memory_.frames.owner(*frame) == Owner::anonymous)) {
            all_busy = pager.evict(*frame) == Eviction::all_busy; // where there is no slot, it stays
        }
    });
    if (all_busy) {
        memory_.requests.answer_must_wait_for_room();
        return fail(Error::must_wait);
    }
    return {};
}

// What is out, or on its way, is dropped; so is what cannot wait for that.
void AddressSpace::free_later(Page first, Page end) {
    for_each_page(first, end, [&](Page page, UserPte pte) {
        const std::optional<Frame> frame = own_frame(page, pte);
        const bool others_have = tables_.is_shared(tables_.directory_entry(directory_index(page)));
        if (others_have || (pte.has_content() && !frame)) {
            return;
        }
        if (frame) {
            tables_.set_clean(page);
            forget_translation(page);
            if (memory_.pager.need_not_keep(*frame)) {
                return;
            }
        }
        if (tables_.zap_page(page, true)) {
            forget_translation(page);
        }
    });
}

} // namespace quire
