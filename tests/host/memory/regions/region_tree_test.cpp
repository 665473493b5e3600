// The regions of an address space against a sorted map: what is found, what lies above, and where there is room.
#include "kernel/memory/regions/region_tree.h"
#include "tests/host/support/random.h"
#include "tests/host/support/require_audit.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <map>
#include <memory>
#include <vector>

using namespace quire;
using namespace quire::test;

namespace {

constexpr std::uint32_t pages_in_all = 6000;

class RandomRegions {
public:
    explicit RandomRegions(std::uint32_t seed) : random_(seed) {}

    void step() {
        const std::uint32_t kind = random_.below(10);
        if (kind < 5) {
            insert();
        } else if (kind < 8) {
            erase();
        } else {
            resize();
        }
    }
    void check() {
        require_audit(tree_);
        REQUIRE(tree_.count() == regions_.size());
        for (int look = 0; look < 20; ++look) {
            const std::uint32_t page = random_.below(pages_in_all);
            REQUIRE(tree_.at_or_above(Page(page)) == above(page));
            Region* const there = above(page);
            REQUIRE(tree_.find(Page(page)) == (there != nullptr && there->contains(Page(page)) ? there : nullptr));
            check_room();
        }
    }

private:
    Region* above(std::uint32_t page) {
        for (const auto& [first, region] : regions_) {
            if (region->end() > Page(page)) {
                return region.get();
            }
        }
        return nullptr;
    }
    // The first page below `page` that is free down to the region below, and that region's end.
    [[nodiscard]] std::uint32_t end_below(std::uint32_t page) const {
        const auto next = regions_.lower_bound(page);
        return next == regions_.begin() ? 0 : std::prev(next)->second->end().number();
    }
    void insert() {
        const std::uint32_t first = random_.below(pages_in_all - 20);
        const std::uint32_t count = 1 + random_.below(20);
        if (end_below(first + count) > first) {
            return;
        }
        put(first, count);
    }
    void put(std::uint32_t first, std::uint32_t count) {
        auto region = std::make_unique<Region>();
        region->first = Page(first);
        region->pages = count;
        region->traits.grows_down = random_.once_in(10);
        tree_.insert(*region);
        regions_[first] = std::move(region);
    }
    auto any() {
        auto chosen = regions_.begin();
        std::advance(chosen, random_.below(static_cast<std::uint32_t>(regions_.size())));
        return chosen;
    }
    void erase() {
        if (!regions_.empty()) {
            const auto chosen = any();
            tree_.erase(*chosen->second);
            regions_.erase(chosen);
        }
    }
    void resize() {
        if (regions_.empty()) {
            return;
        }
        const auto chosen = any();
        Region& region = *chosen->second;
        const std::uint32_t lowest = end_below(region.first.number());
        const auto next = std::next(chosen);
        const std::uint32_t highest = next == regions_.end() ? pages_in_all : next->first;
        const std::uint32_t first = lowest + random_.below(highest - lowest);
        const std::uint32_t count = 1 + random_.below(highest - first);
        auto moved = std::move(chosen->second);
        regions_.erase(chosen);
        tree_.resize(*moved, Page(first), count);
        regions_[first] = std::move(moved);
    }
    // The highest room by looking at every page.
    void check_room() {
        const bool as_before = !random_.once_in(4); // then what the last search has learned is used
        const std::uint32_t low = as_before ? 100 : random_.below(pages_in_all);
        const std::uint32_t high = as_before ? 5000 : low + random_.below(pages_in_all - low);
        const std::uint32_t count = 1 + random_.below(random_.once_in(2) ? 30 : 700);
        std::vector<bool> taken(pages_in_all + 1, false);
        for (const auto& [first, region] : regions_) {
            const std::uint32_t gap = first - end_below(first);
            const std::uint32_t guarded = region->traits.grows_down ? first - std::min(gap, guard_gap_pages) : first;
            std::fill(taken.begin() + guarded, taken.begin() + region->end().number(), true);
        }
        std::optional<Page> expected;
        std::uint32_t free = 0;
        for (std::uint32_t page = high; page-- > low && !expected;) {
            free = taken[page] ? 0 : free + 1;
            if (free == count) {
                expected = Page(page);
            }
        }
        INFO(count << " pages in " << low << " to " << high);
        const std::optional<Page> room = tree_.find_room(count, Page(low), Page(high));
        REQUIRE(room == expected);
        if (room && random_.once_in(3)) {
            put(room->number(), count);
        }
    }

    Random random_;
    RegionTree tree_;
    std::map<std::uint32_t, std::unique_ptr<Region>> regions_;
};

} // namespace

TEST_CASE("regions are found, and room between them, as in a sorted map") {
    for (std::uint32_t seed = 1; seed <= 4; ++seed) {
        INFO("seed " << seed);
        RandomRegions regions(seed);
        for (int step = 0; step < 4000; ++step) {
            regions.step();
            if (step % 50 == 0) {
                regions.check();
            }
        }
    }
}

TEST_CASE("a copied tree has the shape of the first, with regions of its own") {
    RegionTree tree;
    std::vector<Region> regions(1000);
    for (std::uint32_t at = 0; at < regions.size(); ++at) {
        regions[at].first = Page(1 + (at * 617 % 1000) * 3);
        regions[at].pages = 1 + at % 2;
        tree.insert(regions[at]);
    }
    std::vector<Region> copies(regions.size());
    std::size_t used = 0;
    RegionTree copy;
    copy.copy_from(tree, [&](const Region& region) {
        Region& made = copies[used++];
        made.first = region.first;
        made.pages = region.pages;
        made.gap = region.gap;
        made.largest_gap = region.largest_gap;
        return &made;
    });
    require_audit(copy);
    REQUIRE(copy.count() == 1000);
    Page last(0);
    for (std::uint32_t left = 1000; left > 0; --left) {
        const Region* const region = copy.pop_first();
        REQUIRE(region != nullptr);
        REQUIRE(region->first > last);
        last = region->first;
    }
    REQUIRE(copy.empty());
    REQUIRE(copy.pop_first() == nullptr);
}
