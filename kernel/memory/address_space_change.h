// How the traits of a range of pages are changed: regions are cut at its ends, changed, and joined with their
// neighbours where they have become equal. For the files that implement AddressSpace.
#pragma once

#include "kernel/memory/address_space.h"

namespace quire {

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
    join(*lowest, end);
}

} // namespace quire
