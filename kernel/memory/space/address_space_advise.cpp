// What programs say about their pages, and what they ask about them: madvise, mincore and msync.
#include "kernel/memory/space/address_space_change.h"
#include "kernel/memory/space/user_memory.h"

#include <algorithm>

namespace quire {

Result<void> AddressSpace::advise(Page first, std::uint32_t pages, Advice advice) {
    if (pages == 0) {
        return {};
    }
    if (!fits(first, pages)) {
        return fail(Error::out_of_memory);
    }
    const Page end = first + pages;
    const bool complete = covered(first, end);
    if (advice == Advice::populate_read || advice == Advice::populate_write) {
        return complete ? populate(first, end, advice == Advice::populate_write) : fail(Error::out_of_memory);
    }
    // Advice may merge regions, so that the next one is looked for by its address.
    for (Page at = first; at < end;) {
        Region* const region = regions_.at_or_above(at);
        if (region == nullptr || region->first >= end) {
            break;
        }
        const Page from = std::max(region->first, at);
        at = std::min(region->end(), end);
        if (const Result<void> advised = advise_region(*region, from, at, advice); !advised) {
            return advised;
        }
    }
    return complete ? Result<void>() : fail(Error::out_of_memory);
}

// Advice for [first, end), which is in one region. Errors: as advise().
Result<void> AddressSpace::advise_region(Region& region, Page first, Page end, Advice advice) {
    const RegionTraits& traits = region.traits;
    const bool anonymous = region.object == nullptr;
    const auto set = [&](auto&& trait) -> Result<void> {
        if (!prepare_change(&region, first, end, trait)) {
            return fail(Error::would_block);
        }
        change(&region, first, end, trait);
        return {};
    };
    switch (advice) {
    case Advice::dont_need:
    case Advice::cold:
    case Advice::page_out:
    case Advice::free:
        if (traits.locked || (advice == Advice::free && !anonymous)) {
            return fail(Error::invalid_argument);
        }
        if (advice == Advice::dont_need || (advice == Advice::free && !memory_.pager.swap.any())) {
            drop_pages(first, end);
            break;
        }
        [[fallthrough]];
    case Advice::will_need: return advise_paging(region, first, end, advice);
    case Advice::remove:
        if (traits.locked || anonymous) {
            return fail(Error::invalid_argument);
        }
        return traits.shared && traits.access.write ? region.object->discard(region.object_index(first), end - first)
                                                    : fail(Error::no_access);
    case Advice::wipe_on_fork:
        if (!anonymous) {
            return fail(Error::invalid_argument);
        }
        return set([](RegionTraits& changed) { changed.wipe_on_fork = true; });
    case Advice::keep_on_fork: return set([](RegionTraits& changed) { changed.wipe_on_fork = false; });
    case Advice::dont_fork: return set([](RegionTraits& changed) { changed.dont_fork = true; });
    case Advice::do_fork: return set([](RegionTraits& changed) { changed.dont_fork = false; });
    case Advice::normal:
    case Advice::populate_read:
    case Advice::populate_write: break;
    }
    return {};
}

// Forgets what is behind the pages: a touch begins anew.
void AddressSpace::drop_pages(Page first, Page end) {
    TlbFlush flush(memory_.tlb);
    tables_.unshare_edges(first, end, regions_, flush);
    tables_.zap_range(first, end, flush);
    flush.commit();
}

// Touches all pages, and says what went wrong. Pages that are on their way are asked for one behind the other, so that
// who waits for the last finds most of them there.
Result<void> AddressSpace::populate(Page first, Page end, bool write) {
    Result<void> result;
    for (Page page = first; page < end; page = page + 1) {
        if (!write && !regions_.find(page)->traits.access.read) {
            return fail(Error::invalid_argument); // though this processor would let it be read
        }
        switch (const FaultOutcome outcome = handle_fault(page.start(), {.write = write}); outcome) {
        case FaultOutcome::protection_error: return fail(Error::invalid_argument);
        case FaultOutcome::past_end:
        case FaultOutcome::device_error: return fail(Error::bad_address);
        case FaultOutcome::must_wait: result = fail(Error::must_wait); break;
        default:
            if (!quire::served(outcome)) {
                return fail(Error::out_of_memory);
            }
        }
    }
    return result;
}

Result<void> AddressSpace::residency(Page first, std::span<std::byte> into) const {
    const auto pages = static_cast<std::uint32_t>(into.size());
    const Page end = first + pages;
    if (pages != 0 && (!fits(first, pages) || !covered(first, end))) {
        return fail(Error::out_of_memory);
    }
    const Region* region = regions_.at_or_above(first);
    for (std::byte& answer : into) {
        if (first >= region->end()) {
            region = RegionTree::next(*region);
        }
        const UserPte pte = tables_.pte(first);
        const bool resident = (pte.has_frame() && !memory_.requests.is_coming(pte.frame())) ||
                              (region->object != nullptr && region->object->resident(region->object_index(first)));
        answer = std::byte{resident ? std::uint8_t{1} : std::uint8_t{0}};
        first = first + 1;
    }
    return {};
}

Result<void> AddressSpace::sync(Page first, std::uint32_t pages, bool invalidate) {
    if (pages == 0) {
        return {};
    }
    if (!fits(first, pages)) {
        return fail(Error::out_of_memory);
    }
    const Page end = first + pages;
    for (const Region* region = regions_.at_or_above(first); region != nullptr && region->first < end;
         region = RegionTree::next(*region)) {
        if (invalidate && region->traits.locked) {
            return fail(Error::busy);
        }
        if (region->traits.shared) {
            const Page from = std::max(region->first, first);
            const Page to = std::min(region->end(), end);
            if (const Result<void> synced = region->object->sync(region->object_index(from), to - from); !synced) {
                return synced;
            }
        }
    }
    return covered(first, end) ? Result<void>() : fail(Error::out_of_memory);
}

} // namespace quire
