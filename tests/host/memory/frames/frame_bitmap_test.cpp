// The summary bitmap gives the answers of a plain list of booleans, keeps its summaries in step, and touches no more
// words than it promises, at every size and fill.
#include "kernel/memory/frames/frame_bitmap.h"
#include "tests/host/support/random.h"
#include "tests/host/support/require_audit.h"
#include "tests/host/support/string_sink.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <numeric>
#include <vector>

namespace quire {
namespace {

using Bitmap = BasicFrameBitmap<CountWords>;

// The words a bitmap needs, exactly as many, so that the sanitizers see one step too far.
struct OwnedBitmap {
    explicit OwnedBitmap(std::uint32_t size) : words(Bitmap::words_needed(size), 0xDEADBEEF), bitmap(words, size) {}
    std::vector<std::uint32_t> words;
    Bitmap bitmap;
};

// What the bitmap should say, found the slow way.
class Model {
public:
    explicit Model(std::uint32_t size) : free_(size, false) {}

    [[nodiscard]] std::uint32_t size() const { return static_cast<std::uint32_t>(free_.size()); }
    [[nodiscard]] bool all(std::uint32_t first, std::uint32_t count, bool free) const {
        if (std::uint64_t{first} + count > size()) {
            return false;
        }
        const auto begin = free_.begin() + first;
        return std::all_of(begin, begin + count, [free](bool each) { return each == free; });
    }
    [[nodiscard]] std::uint32_t free_count() const {
        return static_cast<std::uint32_t>(std::count(free_.begin(), free_.end(), true));
    }
    [[nodiscard]] std::optional<std::uint32_t> find(std::uint32_t from) const {
        for (std::uint32_t i = from; i < size(); ++i) {
            if (free_[i]) {
                return i;
            }
        }
        return std::nullopt;
    }
    // Whether `count` free numbers in a row lie as wanted, at a start that is a multiple of `step`.
    [[nodiscard]] bool has_run(std::uint32_t count, std::uint32_t step, std::uint32_t from, std::uint32_t limit) const {
        std::uint32_t length = 0;
        for (std::uint32_t i = (from + step - 1) / step * step, start = i; i < std::min(limit, size()); ++i) {
            if (!free_[i]) {
                start = (i / step + 1) * step;
                length = 0;
            } else if (i >= start && ++length == count) {
                return true;
            }
        }
        return false;
    }
    void set(std::uint32_t first, std::uint32_t count, bool free) { std::fill_n(free_.begin() + first, count, free); }

private:
    std::vector<bool> free_;
};

void check_find_run(const Bitmap& bitmap, const Model& model, std::uint32_t count, std::uint32_t alignment,
                    std::uint32_t from, std::uint32_t limit) {
    INFO("count " << count << ", alignment " << alignment << ", from " << from << ", limit " << limit);
    const std::optional<std::uint32_t> found = bitmap.find_run(count, alignment, from, limit);
    if (found) {
        REQUIRE(*found % alignment == 0);
        REQUIRE(*found >= from);
        REQUIRE(std::uint64_t{*found} + count <= limit);
        REQUIRE(model.all(*found, count, true));
        return;
    }
    const std::uint32_t power = std::bit_ceil(std::max(count, alignment));
    REQUIRE_FALSE(model.has_run(power, power, from, limit));
    if (alignment == 1 && std::uint64_t{count} * 8 >= model.size()) {
        REQUIRE_FALSE(model.has_run(count, 1, from, limit));
    }
}

void check_handful(Bitmap& bitmap, Model& model, std::uint32_t from) {
    const std::optional<std::uint32_t> lowest = model.find(from);
    const std::optional<Bitmap::Batch> batch = bitmap.take_batch(from);
    REQUIRE(batch.has_value() == lowest.has_value());
    if (!lowest) {
        return;
    }
    REQUIRE(batch->first == *lowest / 32 * 32);
    for (std::uint32_t number = batch->first; number < batch->first + 32; ++number) {
        const bool taken = (batch->mask >> (number % 32) & 1U) != 0;
        REQUIRE(taken == (number >= *lowest && model.all(number, 1, true)));
        if (taken) {
            model.set(number, 1, false);
        }
    }
}

// One random operation on both; both must agree on the answer.
void step(Bitmap& bitmap, Model& model, test::Random& random) {
    const std::uint32_t size = model.size();
    const auto below = [&random](std::uint32_t limit) { return random.below(limit); };
    const std::uint32_t number = below(size + 2); // sometimes outside
    const std::uint32_t count = below(2) == 0 ? below(8) : below(size + 2) >> below(8);
    switch (below(9)) {
    case 0:
    case 1: {
        const bool expected = model.all(number, 1, true);
        REQUIRE(bitmap.is_free(number) == expected);
        REQUIRE(bitmap.take(number) == expected);
        if (expected) {
            model.set(number, 1, false);
        }
        break;
    }
    case 2:
    case 3: {
        const bool expected = model.all(number, 1, false);
        REQUIRE(bitmap.free(number) == expected);
        if (expected) {
            model.set(number, 1, true);
        }
        break;
    }
    case 4: {
        const bool expected = model.all(number, count, true);
        REQUIRE(bitmap.run_is_free(number, count) == expected);
        REQUIRE(bitmap.take_run(number, count) == expected);
        if (expected) {
            model.set(number, count, false);
        }
        break;
    }
    case 5: {
        const bool expected = model.all(number, count, false);
        REQUIRE(bitmap.run_is_taken(number, count) == expected);
        REQUIRE(bitmap.free_run(number, count) == expected);
        if (expected) {
            model.set(number, count, true);
        }
        break;
    }
    case 6: REQUIRE(bitmap.find(number) == model.find(number)); break;
    case 7: check_handful(bitmap, model, number); break;
    default:
        check_find_run(bitmap, model, count + 1, 1U << below(6), below(3) == 0 ? number : 0,
                       below(3) == 0 ? number : Bitmap::most_numbers);
    }
    REQUIRE(bitmap.free_count() == model.free_count());
}

TEST_CASE("a bitmap agrees with a list of booleans through random steps", "[frames]") {
    const auto size = GENERATE(1U, 2U, 31U, 32U, 33U, 63U, 64U, 65U, 1000U, 1023U, 1024U, 1025U, 2047U, 5000U);
    const std::uint32_t seed = 4096 + size;
    INFO("size " << size << ", seed " << seed);
    test::Random random(seed);
    OwnedBitmap owned(size);
    Model model(size);
    for (int steps = 0; steps < 4000; ++steps) {
        step(owned.bitmap, model, random);
        if (steps % 64 == 0) {
            test::require_audit(owned.bitmap);
        }
    }
    test::require_audit(owned.bitmap);
}

TEST_CASE("a bitmap starts with everything taken and refuses what is outside", "[frames]") {
    OwnedBitmap owned(33);
    CHECK(owned.bitmap.free_count() == 0);
    CHECK_FALSE(owned.bitmap.find());
    CHECK_FALSE(owned.bitmap.take(0));
    CHECK(owned.bitmap.free(32));
    CHECK_FALSE(owned.bitmap.free(32));
    CHECK_FALSE(owned.bitmap.free(33));
    CHECK_FALSE(owned.bitmap.is_free(33));
    CHECK_FALSE(owned.bitmap.take_run(32, 2));
    CHECK_FALSE(owned.bitmap.free_run(0, 0xFFFFFFFF));
    CHECK_FALSE(owned.bitmap.find_run(0));
    CHECK_FALSE(owned.bitmap.find_run(1, 64));
    CHECK(owned.bitmap.find_run(1) == 32U);
    CHECK_FALSE(owned.bitmap.find_run(1, 1, 0, 32));
}

TEST_CASE("the largest bitmap finds its last number, and the run of all", "[frames]") {
    OwnedBitmap owned(Bitmap::most_numbers);
    Bitmap& bitmap = owned.bitmap;
    REQUIRE(bitmap.free(Bitmap::most_numbers - 1));
    CHECK(bitmap.find() == Bitmap::most_numbers - 1);
    REQUIRE(bitmap.free_run(0, Bitmap::most_numbers - 1));
    test::require_audit(bitmap);
    CHECK(bitmap.whole_blocks() == 1024);
    CHECK(bitmap.find_run(Bitmap::most_numbers) == 0U);
    CHECK(bitmap.find_run(1U << 19, 1U << 19, 1) == 1U << 19);
    REQUIRE(bitmap.take_run(0, Bitmap::most_numbers));
    CHECK_FALSE(bitmap.find());
    test::require_audit(bitmap);
}

TEST_CASE("whole blocks of 1,024 are counted as they come and go", "[frames]") {
    OwnedBitmap owned(10 * 1024 + 500);
    Bitmap& bitmap = owned.bitmap;
    REQUIRE(bitmap.free_run(0, bitmap.size()));
    CHECK(bitmap.whole_blocks() == 10);
    REQUIRE(bitmap.take(5 * 1024 + 17));
    CHECK(bitmap.whole_blocks() == 9);
    CHECK(bitmap.find_run(5 * 1024) == 0U);
    CHECK_FALSE(bitmap.find_run(5 * 1024 + 483)); // above it are 482 and five blocks
    REQUIRE(bitmap.free(5 * 1024 + 17));
    CHECK(bitmap.whole_blocks() == 10);
}

TEST_CASE("an audit sees one wrong bit in any word", "[frames]") {
    // Every word of the books in turn: the bits, the levels above and all the trees.
    OwnedBitmap owned(3000);
    REQUIRE(owned.bitmap.free_run(100, 1500));
    REQUIRE(owned.bitmap.free(2999));
    for (std::uint32_t& word : owned.words) {
        const std::uint32_t saved = word;
        word ^= 1U << 7U;
        test::StringSink sink;
        AuditReport report(sink);
        owned.bitmap.audit(report);
        CHECK(report.failures() > 0);
        CHECK(sink.text().find("bitmap:") != std::string::npos);
        word = saved;
    }
    test::require_audit(owned.bitmap);
}

// ---- The words touched

// The most words that one call of an operation touched.
class Most {
public:
    template <class Operation> void of(const Bitmap& bitmap, Operation operation) {
        const std::uint64_t before = bitmap.counter().touched;
        operation();
        most_ = std::max(most_, bitmap.counter().touched - before);
    }
    [[nodiscard]] std::uint64_t words() const { return most_; }

private:
    std::uint64_t most_ = 0;
};

TEST_CASE("one number costs at most 4 words, and finding one 7, at every size and fill", "[frames][bounds]") {
    const auto size = GENERATE(1U << 10, 1U << 12, 1U << 15, 1U << 17, 1U << 20);
    const auto percent_taken = GENERATE(0U, 1U, 10U, 50U, 90U, 99U, 100U);
    INFO(size << " numbers, " << percent_taken << " % taken");
    test::Random random(size + percent_taken);
    OwnedBitmap owned(size);
    Bitmap& bitmap = owned.bitmap;
    REQUIRE(bitmap.free_run(0, size));
    Most take;
    Most free;
    Most find;
    bool worked = true;
    std::vector<std::uint32_t> numbers(size);
    std::iota(numbers.begin(), numbers.end(), 0U);
    for (std::uint32_t i = size - 1; i > 0; --i) {
        std::swap(numbers[i], numbers[random.below(i + 1)]);
    }
    const std::uint32_t taken = static_cast<std::uint32_t>(std::uint64_t{size} * percent_taken / 100);
    for (std::uint32_t i = 0; i < taken; ++i) {
        take.of(bitmap, [&] { worked &= bitmap.take(numbers[i]); });
    }
    for (std::uint32_t i = 0; i < 20'000; ++i) {
        find.of(bitmap, [&] { worked &= bitmap.find(random.below(size)).value_or(0) < size; });
        find.of(bitmap, [&] { worked &= bitmap.find().has_value() == (bitmap.free_count() > 0); });
    }
    Most batch;
    for (std::uint32_t i = 0; i < 1000; ++i) {
        std::optional<Bitmap::Batch> got;
        batch.of(bitmap, [&] { got = bitmap.take_batch(random.below(size)); });
        for (std::uint32_t at = 0; got && at < 32; ++at) {
            worked &= (got->mask >> at & 1U) == 0 || bitmap.free(got->first + at);
        }
    }
    for (std::uint32_t i = 0; i < taken; ++i) {
        free.of(bitmap, [&] { worked &= bitmap.free(numbers[i]); });
    }
    CHECK(worked);
    CHECK(take.words() <= 4);
    CHECK(free.words() <= 4);
    CHECK(find.words() <= 7);
    CHECK(batch.words() <= 25);
    test::require_audit(bitmap);
}

TEST_CASE("a run of the next power of two that is free and aligned is found in at most 7 words", "[frames][bounds]") {
    // One such run in memory where everything else is broken into pieces half as long.
    const auto size = GENERATE(1U << 12, 1U << 16, 1U << 20);
    const auto order = GENERATE(range(1U, 12U));
    const std::uint32_t length = 1U << order;
    INFO(size << " numbers, order " << order);
    OwnedBitmap owned(size);
    Bitmap& bitmap = owned.bitmap;
    for (std::uint32_t at = 0; at < size; at += length) {
        REQUIRE(bitmap.free_run(at, length / 2));
    }
    for (const std::uint32_t place : {0U, size / length / 2, size / length - 1}) {
        const std::uint32_t at = place * length;
        REQUIRE(bitmap.free_run(at + length / 2, length / 2));
        Most find;
        for (std::uint32_t count = length / 2 + 1; count <= length; count += std::max(1U, length / 8)) {
            find.of(bitmap, [&] { CHECK(bitmap.find_run(count) == at); });
        }
        CHECK(find.words() <= 7);
        REQUIRE(bitmap.take_run(at + length / 2, length / 2));
    }
}

TEST_CASE("a run that is refused costs a bounded number of words, whatever the size", "[frames][bounds]") {
    // The worst of memories: free runs one too short, everywhere, at every offset to the words.
    const auto size = GENERATE(1U << 12, 1U << 14, 1U << 16, 1U << 18, 1U << 20);
    const auto count = GENERATE(2U, 3U, 5U, 7U, 17U, 31U, 33U, 63U, 100U, 255U, 500U);
    OwnedBitmap owned(size);
    Bitmap& bitmap = owned.bitmap;
    for (std::uint32_t at = 0; at + count <= size; at += count) {
        REQUIRE(bitmap.free_run(at, count - 1));
    }
    Most refuse;
    refuse.of(bitmap, [&] { CHECK_FALSE(bitmap.find_run(count)); });
    INFO(size << " numbers, runs of " << count);
    CHECK(refuse.words() <= 7 + std::uint64_t{Bitmap::most_tries} * 21);
    // The same with room for exactly one, behind few tries.
    REQUIRE(bitmap.free(count - 1));
    CHECK(bitmap.find_run(count));
}

} // namespace
} // namespace quire
