// The regions of one address space, by address: a balanced tree for finding, a list for walking on, and the free gaps
// between them summed up in the tree, so that room for a mapping is found without a walk. It links regions that others
// own; pages and frames are not its business.
#pragma once

#include "kernel/lib/audit_report.h"
#include "kernel/lib/list.h"
#include "kernel/lib/tree.h"
#include "kernel/memory/regions/region.h"

#include <cstdint>
#include <optional>

namespace quire {

// Pages that stay free below a region that grows down: Linux's stack_guard_gap.
inline constexpr std::uint32_t guard_gap_pages = 256;

class RegionTree {
public:
    [[nodiscard]] bool empty() const { return order_.empty(); }
    [[nodiscard]] std::uint32_t count() const { return count_; }
    [[nodiscard]] Region* first() const { return order_.front(); }
    [[nodiscard]] Region* last() const { return order_.back(); }
    [[nodiscard]] static Region* next(const Region& region) { return order_next(region); }
    [[nodiscard]] static Region* previous(const Region& region) { return order_previous(region); }

    // The region that `page` is in, or null. O(log n); O(1) where it is the one found last.
    [[nodiscard]] Region* find(Page page) const {
        Region* const hit = last_hit_;
        return hit != nullptr && hit->contains(page) ? hit : search(page);
    }
    // The first region that ends above `page`, whether or not `page` is in it; null where there is none. O(log n).
    [[nodiscard]] Region* at_or_above(Page page) const;
    // Whether some region has a page in [first, end). O(log n).
    [[nodiscard]] bool any_in(Page first, Page end) const {
        const Region* const region = at_or_above(first);
        return region != nullptr && region->first < end;
    }

    // Puts `region` in; its pages are in no other. O(log n).
    void insert(Region& region);
    // The same where the region above it is known; null: none.
    void insert_before(Region& region, Region* above);
    // Takes it out. O(log n).
    void erase(Region& region);
    // Gives a region other pages; no other region lies between the old and the new ones. O(log n).
    void resize(Region& region, Page first, std::uint32_t pages);

    // Room for `pages` pages in [low, high), as high as possible, and not in the guard gap below a region that grows
    // down. Nothing where there is none. O(log n); O(1) where mappings are placed one below the other.
    [[nodiscard]] std::optional<Page> find_room(std::uint32_t pages, Page low, Page high) const;

    // Makes this tree, which is empty, a copy of `other`. `copy(const Region&)` gives a new region, with its gaps,
    // copied but for its links. O(n).
    template <class Copy> void copy_from(const RegionTree& other, Copy&& copy) {
        tree_.copy_shape(other.tree_, [&](const Region& region) {
            Region* const made = copy(region);
            order_.push_back(*made);
            return made;
        });
        count_ = other.count_;
    }
    // Takes out the lowest region, for whoever takes all: no search works any more before the last is out. O(1).
    [[nodiscard]] Region* pop_first();

    // Checks order, balance and gaps. O(n).
    void audit(AuditReport& report) const;

private:
    using Order = List<Region, &Region::in_order>;

    // In sums, large gaps count as whole multiples of this, rounded up. So the sums of a hundred regions need not
    // follow when the one large gap that mappings are placed in becomes a page smaller. There is room for few gaps so
    // large, and so for few that promise more than they hold.
    static constexpr std::uint32_t large_gap = 4096;
    [[nodiscard]] static constexpr std::uint32_t rounded(std::uint32_t gap) {
        return gap < large_gap ? gap : (gap + large_gap - 1) / large_gap * large_gap;
    }
    static bool sum_up_gaps(Region& region) {
        const std::uint32_t before = region.largest_gap;
        std::uint32_t largest = rounded(region.gap);
        if (const Region* const left = region.in_tree.left; left != nullptr && left->largest_gap > largest) {
            largest = left->largest_gap;
        }
        if (const Region* const right = region.in_tree.right; right != nullptr && right->largest_gap > largest) {
            largest = right->largest_gap;
        }
        region.largest_gap = largest;
        return largest != before;
    }
    [[nodiscard]] static Region* order_next(const Region& region) { return Order::next(region); }
    [[nodiscard]] static Region* order_previous(const Region& region) { return Order::previous(region); }
    [[nodiscard]] static std::uint32_t gap_below(const Region& region);
    void measure_gap(Region* region);
    void unpack_below(const Region& region);
    [[nodiscard]] Region* search(Page page) const;
    [[nodiscard]] std::optional<Page> search_room(std::uint32_t pages, Page low, Page high) const;
    [[nodiscard]] static std::optional<Page> room_under(const Region* region, std::uint32_t pages, Page low, Page high);

    Tree<Region, &Region::in_tree, &RegionTree::sum_up_gaps> tree_;
    Order order_;
    std::uint32_t count_ = 0;
    mutable Region* last_hit_ = nullptr;

    // What the last search for room has learned: between `first` and `end` there is no gap of `pages` pages. A gap that
    // becomes larger raises `first`; a search up to the same end begins there.
    struct Packed {
        Page first;
        Page end;
        std::uint32_t pages = 0;
    };
    mutable Packed packed_;
};

} // namespace quire
