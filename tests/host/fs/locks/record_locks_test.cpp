// Locks on ranges of a file against a model that keeps a word for each byte and owner.
#include "kernel/fs/locks/record_locks.h"
#include "tests/host/support/booted_torus.h"
#include "tests/host/support/random.h"

#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <vector>

namespace quire {
namespace {

constexpr std::size_t owner_count = 4, byte_count = 48;
enum class Held : std::uint8_t { no, shared, exclusive };

// Byte 47 stands for all behind it, too.
struct Model {
    std::array<std::array<Held, byte_count>, owner_count> bytes{};

    static LockRange range(std::uint32_t from, std::uint32_t to) {
        return {.first = from, .last = to == byte_count - 1 ? LockRange::end_of_file : to};
    }
    [[nodiscard]] bool in_the_way(std::size_t owner, std::uint32_t from, std::uint32_t to, bool exclusive) const {
        for (std::size_t other = 0; other < owner_count; ++other) {
            for (std::uint32_t at = from; other != owner && at <= to; ++at) {
                if (bytes[other][at] == Held::exclusive || (exclusive && bytes[other][at] == Held::shared)) {
                    return true;
                }
            }
        }
        return false;
    }
    // The owner's locks as the fewest ranges there can be.
    [[nodiscard]] std::vector<std::pair<LockRange, Held>> ranges(std::size_t owner) const {
        std::vector<std::pair<LockRange, Held>> all;
        for (std::uint32_t at = 0; at < byte_count; ++at) {
            const Held held = bytes[owner][at];
            if (held != Held::no && at != 0 && bytes[owner][at - 1] == held) {
                all.back().first.last = range(at, at).last;
            } else if (held != Held::no) {
                all.emplace_back(range(at, at), held);
            }
        }
        return all;
    }
};

void compare(const RecordLocks& locks, const Model& model, const std::array<char, owner_count>& owners) {
    for (std::size_t owner = 0; owner < owner_count; ++owner) {
        std::vector<std::pair<LockRange, Held>> found;
        if (const OwnedLocks* const owned = locks.of(&owners[owner])) {
            REQUIRE(owned->consistent());
            REQUIRE_FALSE(owned->empty());
            for (const RecordLock* each = owned->at_or_behind(0); each != nullptr; each = OwnedLocks::next(*each)) {
                found.emplace_back(each->range, each->exclusive ? Held::exclusive : Held::shared);
            }
        }
        REQUIRE(found == model.ranges(owner));
    }
}

TEST_CASE("random locks are those of a model that keeps every byte", "[locks]") {
    for (std::uint32_t seed = 1; seed <= 40; ++seed) {
        test::BootedTorus torus;
        const std::size_t blocks_before = torus->memory.heap.statistics().live_blocks;
        {
            RecordLocks locks(torus->memory.heap);
            Model model;
            const std::array<char, owner_count> owners{};
            test::Random random(seed);
            for (int step = 0; step < 400; ++step) {
                const std::size_t owner = random.below(owner_count);
                std::uint32_t from = random.below(byte_count);
                std::uint32_t to = random.below(byte_count);
                if (from > to) {
                    std::swap(from, to);
                }
                const LockRange range = Model::range(from, to);
                const bool exclusive = random.once_in(3);
                const auto conflict = locks.conflict(&owners[owner], range, exclusive);
                REQUIRE(conflict.has_value() == model.in_the_way(owner, from, to, exclusive));
                if (conflict) {
                    CHECK(conflict->owner->who != &owners[owner]);
                    CHECK(conflict->lock->range.first <= range.last);
                    CHECK(conflict->lock->range.last >= range.first);
                }
                Held becomes = Held::no;
                if (random.once_in(60)) {
                    from = 0;
                    to = byte_count - 1;
                    const bool any = locks.of(&owners[owner]) != nullptr;
                    CHECK(locks.drop(&owners[owner]) == any);
                } else if (conflict || random.once_in(3)) {
                    REQUIRE(locks.unlock(&owners[owner], range).has_value());
                } else {
                    becomes = exclusive ? Held::exclusive : Held::shared;
                    REQUIRE(locks.lock({&owners[owner], 1}, range, exclusive).has_value());
                }
                std::fill(&model.bytes[owner][from], &model.bytes[owner][to] + 1, becomes);
                compare(locks, model, owners);
            }
        }
        CHECK(torus->memory.heap.statistics().live_blocks == blocks_before);
    }
}

TEST_CASE("a lock that finds no memory changes nothing", "[locks]") {
    test::BootedTorus torus;
    KernelHeap& heap = torus->memory.heap;
    RecordLocks locks(heap);
    const char owner = 0;
    REQUIRE(locks.lock({&owner, 1}, {.first = 10, .last = 29}, false).has_value());
    std::vector<void*> blocks;
    for (std::size_t bytes = 1U << 20; bytes >= 16; bytes /= 2) {
        while (const auto block = heap.allocate(bytes)) {
            blocks.push_back(*block);
        }
    }
    for (const std::size_t bytes : {sizeof(RecordLock), sizeof(OwnedLocks)}) { // what their slabs still have
        while (const auto block = heap.allocate(bytes)) {
            blocks.push_back(*block);
        }
    }
    // To split it, one more is needed, or two.
    CHECK(locks.unlock(&owner, {.first = 15, .last = 19}) == fail(Error::out_of_memory));
    CHECK(locks.lock({&owner, 1}, {.first = 15, .last = 19}, true) == fail(Error::out_of_memory));
    CHECK(locks.lock({&locks, 1}, {.first = 40, .last = 49}, true) == fail(Error::out_of_memory));
    REQUIRE(locks.of(&owner) != nullptr);
    CHECK(locks.of(&owner)->consistent());
    CHECK(locks.of(&owner)->at_or_behind(0)->range == LockRange{.first = 10, .last = 29});
    CHECK(locks.of(&locks) == nullptr);
    CHECK(locks.unlock(&owner, {.first = 10, .last = 19}).has_value()); // this needs none
    for (void* const block : blocks) {
        REQUIRE(heap.free(block).has_value());
    }
    CHECK(locks.unlock(&owner, {.first = 25, .last = 26}).has_value());
}

} // namespace
} // namespace quire
