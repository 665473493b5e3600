// Regions put in, taken out and found by address, and the gaps between them.
#include "kernel/memory/regions/region_tree.h"

#include <algorithm>

namespace quire {

// Pages below the region that a mapping may have, down to the region before it or to page 0.
std::uint32_t RegionTree::gap_below(const Region& region) {
    const Region* const below = order_previous(region);
    const std::uint32_t gap = region.first - (below != nullptr ? below->end() : Page(0));
    if (!region.traits.grows_down) [[likely]] {
        return gap;
    }
    return gap > guard_gap_pages ? gap - guard_gap_pages : 0;
}

// ---- Finding

Region* RegionTree::search(Page page) const {
    Region* region = tree_.root();
    while (region != nullptr) {
        if (page < region->first) {
            region = region->in_tree.left;
        } else if (page >= region->end()) {
            region = region->in_tree.right;
        } else {
            last_hit_ = region;
            break;
        }
    }
    return region;
}

Region* RegionTree::at_or_above(Page page) const {
    // Programs come back to where they were: to the region found last, to its neighbours or between them.
    if (Region* const hit = last_hit_; hit != nullptr) {
        Region* const neighbour = page < hit->first ? order_previous(*hit) : order_next(*hit);
        if (page >= hit->end()) {
            if (neighbour == nullptr || page < neighbour->end()) {
                return neighbour;
            }
        } else if (page >= hit->first || neighbour == nullptr || page >= neighbour->end()) {
            return hit;
        } else if (page >= neighbour->first) {
            return last_hit_ = neighbour;
        }
    }
    Region* best = nullptr;
    for (Region* region = tree_.root(); region != nullptr;) {
        if (page >= region->end()) {
            region = region->in_tree.right;
            continue;
        }
        best = region;
        if (page >= region->first) {
            break;
        }
        region = region->in_tree.left;
    }
    last_hit_ = best;
    return best;
}

// The highest room among the gaps below the regions of a subtree. A gap as large as wanted may still lie across `low`
// or `high`, which happens on the way along these two, or be a large one that was rounded up, of which there are few:
// so O(log n) regions are looked at.
std::optional<Page> RegionTree::room_under(const Region* region, std::uint32_t pages, Page low, Page high) {
    while (region != nullptr && region->largest_gap >= pages) {
        const Region* const right = region->in_tree.right;
        if (right != nullptr && right->largest_gap >= pages && region->end() < high) {
            if (const auto room = room_under(right, pages, low, high)) {
                return room;
            }
        }
        if (region->gap >= pages) {
            const Region* const below = order_previous(*region);
            const Page gap_start = below != nullptr ? below->end() : Page(0);
            const Page bottom = std::max(gap_start, low);
            const Page top = std::min(gap_start + region->gap, high);
            if (top > bottom && top - bottom >= pages) {
                return top - pages;
            }
        }
        if (region->first <= low) {
            break;
        }
        region = region->in_tree.left;
    }
    return std::nullopt;
}

std::optional<Page> RegionTree::search_room(std::uint32_t pages, Page low, Page high) const {
    const Region* const highest = order_.back();
    const Page bottom = highest != nullptr ? std::max(highest->end(), low) : low;
    if (high > bottom && high - bottom >= pages) {
        return high - pages;
    }
    return room_under(tree_.root(), pages, low, high);
}

std::optional<Page> RegionTree::find_room(std::uint32_t pages, Page low, Page high) const {
    const bool packed = high == packed_.end && pages >= packed_.pages;
    Page top = high;
    if (packed) {
        // The region that was placed last, or what it became part of, and the gap below it.
        const Region* const lowest = at_or_above(packed_.first - 1);
        top = lowest != nullptr ? std::min(lowest->first, packed_.first) : packed_.first;
        if (lowest != nullptr && lowest->first == top && !lowest->traits.grows_down && lowest->gap >= pages &&
            top > low && top - low >= pages) {
            packed_.first = top;
            return top - pages;
        }
    }
    const std::optional<Page> room = search_room(pages, low, top);
    if (room) {
        packed_ = {*room + pages, high, pages};
    }
    return room;
}

// ---- Changing

void RegionTree::insert(Region& region) {
    insert_before(region, at_or_above(region.first));
}

void RegionTree::insert_before(Region& region, Region* above) {
    order_.insert_before(region, above);
    region.gap = gap_below(region);
    if (above != nullptr) { // in the tree it is above the new leaf, so that it is mostly summed up on the way
        above->gap = gap_below(*above);
        if (above->traits.grows_down) { // what was kept free below that one may be room below this one
            unpack_below(region);
        }
    }
    tree_.insert_between(region, order_previous(region), above);
    ++count_;
    if (above != nullptr) {
        tree_.refresh(*above);
    }
}

void RegionTree::erase(Region& region) {
    Region* const above = order_next(region);
    if (last_hit_ == &region) {
        last_hit_ = above;
    }
    order_.erase(region);
    measure_gap(above);
    tree_.erase(region);
    --count_;
    if (above != nullptr) {
        tree_.refresh(*above);
    }
}

void RegionTree::resize(Region& region, Page first, std::uint32_t pages) {
    const Page end = region.end();
    const bool moved = first != region.first;
    region.first = first;
    region.pages = pages;
    if (moved) {
        measure_gap(&region);
        tree_.refresh(region);
    }
    if (end != region.end()) {
        Region* const above = order_next(region);
        measure_gap(above);
        if (above != nullptr) {
            tree_.refresh(*above);
        }
    }
}

// There may be more room below the region than was known.
void RegionTree::unpack_below(const Region& region) {
    if (region.first > packed_.first) {
        packed_ = region.first < packed_.end ? Packed{region.first, packed_.end, packed_.pages} : Packed{};
    }
}

// Measures the gap below a region, or, where there is none, above all of them. Where it has become larger, nothing is
// packed there any more.
void RegionTree::measure_gap(Region* region) {
    if (region == nullptr) {
        packed_ = {};
        return;
    }
    const std::uint32_t before = region->gap;
    region->gap = gap_below(*region);
    if (region->gap > before) {
        unpack_below(*region);
    }
}

Region* RegionTree::pop_first() {
    tree_.clear();
    last_hit_ = nullptr;
    packed_ = {};
    count_ -= order_.empty() ? 0U : 1U;
    return order_.pop_front();
}

} // namespace quire
