// Slots against a naive model: users, clusters, bad ones, areas by priority; words; the check of a page.
#include "kernel/memory/memory.h"
#include "kernel/memory/swap/swap_space.h"
#include "tests/host/support/fake_store.h"
#include "tests/host/support/random.h"
#include "tests/host/support/require_audit.h"
#include "tests/host/support/string_sink.h"

#include <array>
#include <catch2/catch.hpp>
#include <map>
#include <vector>

using namespace quire;
using namespace quire::test;

TEST_CASE("slots are used as a naive model says, by whoever uses them how often", "[swap]") {
    BootedTorus torus;
    FakeStore store(torus, 200);
    SwapSpace swap(torus->memory.heap);
    const Result<SwapArea*> added = swap.add(store, store.header(), std::nullopt);
    REQUIRE(added);
    SwapArea& area = **added;
    Random random(7);
    std::map<std::uint32_t, std::uint32_t> users;
    std::uint32_t bad = 0;
    for (int step = 0; step < 20'000; ++step) {
        auto any = users.begin();
        if (!users.empty()) {
            std::advance(any, random.below(static_cast<std::uint32_t>(users.size())));
        }
        switch (random.below(8)) {
        case 0:
        case 1:
        case 2: {
            const std::optional<SwapSlot> slot = swap.take();
            REQUIRE(slot.has_value() == (users.size() + bad < 199));
            if (slot) {
                REQUIRE(slot->number() != 0);
                REQUIRE(users.emplace(slot->number(), 1).second);
            }
            break;
        }
        case 3:
            if (!users.empty()) {
                const std::uint32_t more = 1 + random.below(300);
                swap.retain({1, any->first}, more);
                any->second += more;
            }
            break;
        case 4:
            if (!users.empty() && random.once_in(200) && area.record(any->first).bad == 0) {
                area.retire(any->first);
            }
            break;
        default:
            if (!users.empty()) {
                const std::uint32_t fewer = random.once_in(2) ? any->second : 1 + random.below(any->second);
                const bool was_bad = area.record(any->first).bad != 0;
                swap.release({1, any->first}, fewer);
                any->second -= fewer;
                if (any->second == 0) {
                    bad += was_bad ? 1U : 0U;
                    users.erase(any);
                }
            }
        }
        REQUIRE(area.used() == users.size());
    }
    require_audit(swap);
    for (const auto& [number, count] : users) {
        REQUIRE(swap.users({1, number}) == count);
        swap.release({1, number}, count);
    }
    CHECK(bad != 0);
    require_audit(swap);
    swap.remove(area);
}

TEST_CASE("the area with the higher priority is filled first, and equal ones take turns", "[swap]") {
    BootedTorus torus;
    FakeStore low(torus, 65), high(torus, 33), also_high(torus, 65);
    SwapSpace swap(torus->memory.heap);
    SwapArea& first = **swap.add(low, low.header(), std::nullopt);
    SwapArea& second = **swap.add(high, high.header(), 5);
    SwapArea& third = **swap.add(also_high, also_high.header(), 5);
    CHECK(swap.pages() == 64 + 32 + 64);
    std::vector<SwapSlot> slots;
    while (const auto slot = swap.take()) {
        slots.push_back(*slot);
    }
    REQUIRE(slots.size() == 64 + 32 + 64);
    const auto area_of = [&](std::size_t at) { return slots[at].area(); };
    CHECK(area_of(0) != area_of(40)); // a cluster each
    for (std::size_t at = 0; at < 96; ++at) {
        REQUIRE(area_of(at) != first.number());
    }
    CHECK(area_of(96) == first.number());
    for (const SwapSlot slot : slots) {
        swap.release(slot);
    }
    second.closed = true;
    third.closed = true;
    const auto slot = swap.take();
    REQUIRE(slot);
    CHECK(slot->area() == first.number());
    swap.release(*slot);
    for (SwapArea* const area : {&first, &second, &third}) {
        swap.remove(*area);
    }
}

TEST_CASE("a word is kept once, for as many pages as repeat it, and as long as one does", "[swap]") {
    RepeatedWords words;
    const auto zero = words.take(0);
    REQUIRE(zero);
    CHECK(words.take(0) == zero);
    words.retain(*zero, 3);
    CHECK(words.users(*zero) == 5);
    std::vector<std::uint32_t> kept;
    for (std::uint32_t word = 1; word < 2000; ++word) {
        if (const auto number = words.take(word)) {
            CHECK(words.word(*number) == word);
            kept.push_back(*number);
        }
    }
    CHECK(kept.size() > 300);
    CHECK(kept.size() < RepeatedWords::sets * RepeatedWords::ways);
    CHECK(words.word(*zero) == 0);
    for (const std::uint32_t number : kept) {
        words.release(number, 1);
        CHECK(words.users(number) == 0);
    }
}

TEST_CASE("a page's check sees each bit, each exchange of words and each other place", "[swap]") {
    std::array<std::uint32_t, words_per_page> page{};
    Random random(3);
    for (std::uint32_t& word : page) {
        word = random();
    }
    const std::uint32_t check = page_check(page, 17);
    CHECK(page_check(page, 18) != check);
    for (std::uint32_t bit = 0; bit < page_size * 8; ++bit) {
        page[bit / 32] ^= 1U << (bit % 32);
        REQUIRE(page_check(page, 17) != check);
        page[bit / 32] ^= 1U << (bit % 32);
    }
    for (int pair = 0; pair < 10'000; ++pair) {
        std::uint32_t& one = page[random.below(words_per_page)];
        std::uint32_t& other = page[random.below(words_per_page)];
        if (one != other) {
            std::swap(one, other);
            REQUIRE(page_check(page, 17) != check);
            std::swap(one, other);
        }
    }
    CHECK(page_check(page, 17) == check);
}
