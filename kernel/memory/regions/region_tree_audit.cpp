// Whether a tree of regions is linked as it should be.
#include "kernel/memory/regions/region_tree.h"

#include <algorithm>

namespace quire {

void RegionTree::audit(AuditReport& report) const {
    report.check(tree_.balanced(), "regions: the tree of {} is linked and balanced", count_);
    std::uint32_t counted = 0;
    const Region* below = nullptr;
    for (const Region* region = order_.front(); region != nullptr; region = order_next(*region)) {
        ++counted;
        report.check(region->pages != 0 && (below == nullptr || region->first >= below->end()),
                     "regions: the {} pages from {:#010x} follow what is below them", region->pages,
                     region->first.start().value());
        const Region* const left = region->in_tree.left;
        const Region* const right = region->in_tree.right;
        const std::uint32_t largest = std::max(
            {rounded(region->gap), left != nullptr ? left->largest_gap : 0, right != nullptr ? right->largest_gap : 0});
        report.check(region->largest_gap == largest,
                     "regions: the largest gap under the region at {:#010x} is {} pages, not {}",
                     region->first.start().value(), largest, region->largest_gap);
        report.check(search(region->first) == region && search(region->end() - 1) == region,
                     "regions: the one at {:#010x} is found in the tree", region->first.start().value());
        below = region;
    }
    report.check(counted == count_, "regions: {} are in order, and {} counted", counted, count_);
}

} // namespace quire
