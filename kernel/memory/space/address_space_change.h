// How the traits of a range of pages are changed: regions are carved at its ends, changed, and merged with their
// neighbours where they have become equal. For the files that implement AddressSpace.
#pragma once

#include "kernel/memory/space/address_space.h"
#include "kernel/memory/space/user_memory.h"

namespace quire {

// Gets what change() needs, with the same arguments. Errors: out_of_memory; limit_reached (too many regions).
template <class Change>
Result<void> AddressSpace::prepare_change(const Region* region, Page first, Page end, Change&& change) {
    if (!may_have_more_regions(2)) [[unlikely]] {
        std::uint32_t more = 0;
        for (; region != nullptr && region->first < end; region = RegionTree::next(*region)) {
            more += carves(*region, first, end, change);
        }
        if (!may_have_more_regions(more)) {
            return fail(Error::limit_reached);
        }
    }
    return memory_.region_pool.reserve(2);
}

// How often the region is carved while the traits of [first, end) are changed: what the change makes equal to a
// neighbour joins it instead.
template <class Change>
std::uint32_t AddressSpace::carves(const Region& region, Page first, Page end, Change&& change) const {
    const bool head = region.first < first;
    const bool tail = region.end() > end;
    RegionTraits changed = region.traits;
    change(changed);
    if (changed == region.traits || (!head && !tail)) {
        return 0;
    }
    if (head && tail) {
        return 2;
    }
    const Page from = std::max(region.first, first);
    const Run run{from, std::min(region.end(), end), changed, region.object, region.object_index(from)};
    if (head) {
        const Region* const above = RegionTree::next(region);
        return above != nullptr && continues(run, *above) ? 0 : 1;
    }
    const Region* const below = RegionTree::previous(region);
    if (below == nullptr) {
        return 1;
    }
    Region changed_below = *below;
    if (below->end() > first) {
        change(changed_below.traits);
    }
    return continues(changed_below, run) ? 0 : 1;
}

// Calls change(RegionTraits&) for each region's part of [first, end), of which `region` is the first. Room for two
// regions is reserved; what is charged is up to the caller. O(log n + regions in the range).
template <class Change> void AddressSpace::change(Region* region, Page first, Page end, Change&& change) {
    if (region == nullptr) {
        return;
    }
    Region* const below = region->first < first ? region : RegionTree::previous(*region);
    Region* const lowest = below != nullptr ? below : region;
    while (region != nullptr && region->first < end) {
        RegionTraits changed = region->traits;
        change(changed);
        if (changed != region->traits) {
            if (region->first < first) {
                region = &split(*region, first);
            }
            if (region->end() > end) {
                split(*region, end);
            }
            count(region->traits, region->pages, false);
            region->traits = changed;
            count(region->traits, region->pages, true);
        }
        region = RegionTree::next(*region);
    }
    merge(*lowest, end);
}

} // namespace quire
