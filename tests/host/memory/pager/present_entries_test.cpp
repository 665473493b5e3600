// Few entries are shown, and whoever needs six at once gets them.
#include "kernel/memory/pager/present_entries.h"
#include "tests/host/support/random.h"

#include <catch2/catch.hpp>
#include <set>

using namespace quire;
using namespace quire::test;

namespace {

Anchor entry(std::uint32_t index) {
    return {Frame(1), index};
}

} // namespace

TEST_CASE("the entry that was shown first is hidden for another", "[touches]") {
    PresentEntries present;
    for (std::uint32_t index = 0; index < PresentEntries::most; ++index) {
        CHECK_FALSE(present.add(entry(index)).any());
    }
    CHECK(present.add(entry(100)) == entry(0));
    CHECK_FALSE(present.add(entry(1)).any()); // it is there, and is the newest now
    CHECK(present.add(entry(101)) == entry(2));
    std::set<std::uint32_t> left;
    present.clear([&](Anchor each) { left.insert(each.index()); });
    CHECK(left == std::set<std::uint32_t>{1, 3, 4, 5, 6, 7, 100, 101});
    CHECK_FALSE(present.add(entry(5)).any());
}

TEST_CASE("an instruction that needs six pages gets all of them, whatever was shown before", "[touches]") {
    Random random(1);
    PresentEntries present;
    std::set<std::uint32_t> shown;
    const auto show = [&](std::uint32_t index) {
        shown.insert(index);
        if (const Anchor hidden = present.add(entry(index)); hidden.any()) {
            shown.erase(hidden.index());
        }
    };
    for (int instruction = 0; instruction < 10'000; ++instruction) {
        std::set<std::uint32_t> needed;
        while (needed.size() < 6) {
            needed.insert(random.below(12));
        }
        if (random.once_in(3)) { // gone, and nobody says so
            shown.erase(random.below(12));
        }
        int faults = 0;
        for (auto missing = needed.begin(); missing != needed.end();) {
            if (shown.contains(*missing)) {
                ++missing;
                continue;
            }
            REQUIRE(++faults <= 12);
            show(*missing);
            missing = needed.begin();
        }
        REQUIRE(shown.size() <= PresentEntries::most);
    }
}
