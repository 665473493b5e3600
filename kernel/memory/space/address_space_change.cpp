// Access and locks: what is changed about pages that stay where they are.
#include "kernel/memory/space/address_space_change.h"

#include "kernel/memory/space/user_memory.h"

#include <algorithm>

namespace quire {
namespace {

// Gives access to the pages of a region: what becomes writable and private counts as committed from then on.
void give(RegionTraits& traits, Access access) {
    traits.access = access;
    traits.charged = traits.charged || (access.write && !traits.shared && !traits.no_reserve);
}

} // namespace

// ---- Regions carved and merged

// Cuts a region in two at a page inside it; returns the upper part. Room for it is reserved. O(log n).
Region& AddressSpace::split(Region& region, Page at) {
    const Run above{at, region.end(), region.traits, region.object, region.object_index(at)};
    regions_.resize(region, region.first, at - region.first);
    return insert_alone(above, RegionTree::next(region));
}

// Joins the regions from `lowest` to the one at `end` where one continues the other. O(regions), O(log n) for each that
// is joined.
void AddressSpace::merge(Region& lowest, Page end) {
    Region* below = &lowest;
    for (Region* above = RegionTree::next(*below); above != nullptr && above->first <= end;) {
        const Run run{above->first, above->end(), above->traits, above->object, above->object_page};
        if (!continues(*below, run)) {
            below = above;
            above = RegionTree::next(*below);
            continue;
        }
        const std::uint32_t joined = below->pages + above->pages;
        regions_.erase(*above);
        forget(*above);
        regions_.resize(*below, below->first, joined);
        above = RegionTree::next(*below);
    }
}

// ---- Access

Result<void> AddressSpace::protect(Page first, std::uint32_t pages, Access access) {
    if (pages == 0) {
        return {};
    }
    if (!fits(first, pages)) {
        return fail(Error::out_of_memory);
    }
    const Page end = first + pages;
    Region* const start = regions_.at_or_above(first);
    const Result<std::uint32_t> charge = check_access(start, first, end, access);
    if (!charge) {
        const Page hole = first_hole(first, end);
        if (charge.error() == Error::out_of_memory && hole != first && hole != end) {
            if (const Result<void> before = protect(first, hole - first, access); !before) {
                return before;
            }
        }
        return fail(charge.error());
    }
    const auto change_access = [access](RegionTraits& traits) { give(traits, access); };
    if (!prepare_change(start, first, end, change_access)) {
        return fail(Error::out_of_memory);
    }
    if (const Result<void> charged = memory_.commit.charge(*charge); !charged) {
        return charged;
    }
    TlbFlush flush(memory_.tlb);
    tables_.unshare_range(first, end, regions_, flush);
    for (const Region* region = start; region != nullptr && region->first < end; region = RegionTree::next(*region)) {
        if (access != region->traits.access) {
            RegionTraits changed = region->traits;
            give(changed, access);
            tables_.protect_range(std::max(region->first, first), std::min(region->end(), end), changed, flush);
        }
    }
    change(start, first, end, change_access);
    flush.commit();
    return {};
}

// Whether all of [first, end), of which `region` is the first region, may be given the access; and how many more pages
// count as committed then. Errors: out_of_memory (a hole, or too much data), no_access.
Result<std::uint32_t> AddressSpace::check_access(const Region* region, Page first, Page end, Access access) const {
    std::uint32_t charge = 0;
    std::uint32_t more_data = 0;
    for (; first < end; region = RegionTree::next(*region)) {
        if (region == nullptr || region->first > first) {
            return fail(Error::out_of_memory);
        }
        if (!access.within(region->traits.max_access)) {
            return fail(Error::no_access);
        }
        RegionTraits changed = region->traits;
        give(changed, access);
        const std::uint32_t part = std::min(region->end(), end) - first;
        charge += changed.charged && !region->traits.charged ? part : 0;
        more_data += is_data(changed) && !is_data(region->traits) ? part : 0;
        first = region->end();
    }
    const bool too_much = more_data != 0 && (data_pages_ > limits.data || more_data > limits.data - data_pages_);
    return too_much ? fail(Error::out_of_memory) : Result<std::uint32_t>(charge);
}

// ---- Locks

Result<void> AddressSpace::lock(Page first, std::uint32_t pages, bool on_fault) {
    if (limits.locked == 0) {
        return fail(Error::not_permitted);
    }
    if (pages == 0) {
        return {};
    }
    const Page end = first + pages;
    if (!fits(first, pages) || !covered(first, end)) {
        return fail(Error::out_of_memory);
    }
    std::uint32_t more = 0;
    for (const Region* region = regions_.at_or_above(first); region != nullptr && region->first < end;
         region = RegionTree::next(*region)) {
        more += region->traits.locked ? 0 : std::min(region->end(), end) - std::max(region->first, first);
    }
    if (locked_pages_ > limits.locked || more > limits.locked - locked_pages_) {
        return fail(Error::out_of_memory);
    }
    Region* const start = regions_.at_or_above(first);
    const auto set = [](RegionTraits& traits) { traits.locked = true; };
    if (!prepare_change(start, first, end, set)) {
        return fail(Error::out_of_memory);
    }
    change(start, first, end, set);
    recount_resident();
    return on_fault ? Result<void>() : touch_regions(first, end);
}

// Touches the pages of a range, each as its region allows. Errors: those of touch().
Result<void> AddressSpace::touch_regions(Page first, Page end) {
    Result<void> result;
    for (const Region* region = regions_.at_or_above(first); region != nullptr && region->first < end;
         region = RegionTree::next(*region)) {
        const bool write = region->traits.access.write && !region->traits.shared;
        const Result<void> touched = touch(std::max(region->first, first), std::min(region->end(), end), write);
        if (touched == fail(Error::out_of_memory)) {
            return touched;
        }
        result = touched ? result : touched;
    }
    return result;
}

Result<void> AddressSpace::unlock(Page first, std::uint32_t pages) {
    if (pages == 0) {
        return {};
    }
    const Page end = first + pages;
    if (!fits(first, pages) || !covered(first, end)) {
        return fail(Error::out_of_memory);
    }
    Region* const start = regions_.at_or_above(first);
    const auto clear = [](RegionTraits& traits) { traits.locked = false; };
    if (!prepare_change(start, first, end, clear)) {
        return fail(Error::out_of_memory);
    }
    change(start, first, end, clear);
    recount_resident();
    return {};
}

Result<void> AddressSpace::lock_all(bool current, bool future, bool on_fault) {
    if (limits.locked == 0) {
        return fail(Error::not_permitted);
    }
    if (current && virtual_pages_ > limits.locked) {
        return fail(Error::out_of_memory);
    }
    lock_future_ = future;
    if (current) {
        change(regions_.first(), first_user_page, end_of_user_pages,
               [](RegionTraits& traits) { traits.locked = true; });
        recount_resident();
        if (!on_fault) {
            // As on Linux: what cannot be touched is not.
            if (touch_regions(first_user_page, end_of_user_pages) == fail(Error::must_wait)) {
                return fail(Error::must_wait);
            }
        }
    }
    return {};
}

void AddressSpace::unlock_all() {
    lock_future_ = false;
    change(regions_.first(), first_user_page, end_of_user_pages, [](RegionTraits& traits) { traits.locked = false; });
    recount_resident();
}

} // namespace quire
