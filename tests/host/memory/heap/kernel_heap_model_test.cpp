// Random operations on the kernel heap, in every mode, beside a naive model that knows each block's place and content.
// The books are audited on the way, and at the end nothing may be left.
#include "kernel/memory/heap/kernel_heap.h"
#include "tests/host/memory/heap/kernel_heap_range.h"
#include "tests/host/support/string_sink.h"

#include <array>
#include <catch2/catch.hpp>
#include <map>
#include <vector>

namespace quire {
namespace {

constexpr std::size_t mib = std::size_t{1} << 20;

struct ModelBlock {
    std::byte* address;
    std::size_t bytes;
    std::size_t alignment;
    HeapOwner owner;
    unsigned seed;
};

class HeapModel {
public:
    HeapModel(HeapMode mode, std::uint32_t seed, std::size_t bytes)
        : range_(bytes), heap_(range_, range_.base(), bytes, {.mode = mode}), random_(seed) {
        owners_[1] = *heap_.add_owner("limited", mib);
        owners_[2] = *heap_.add_owner("other");
    }

    void step() {
        const std::uint32_t choice = random_() % 100;
        if (choice < 48 - (growing_ ? 0U : 12U)) {
            allocate();
        } else if (choice < 60) {
            reallocate();
        } else if (!blocks_.empty()) {
            free_at(random_() % blocks_.size());
        }
        if (random_() % 5000 == 0) {
            growing_ = !growing_;
        }
        if (random_() % 2000 == 0) {
            heap_.trim();
        }
    }

    void audit() {
        test::StringSink sink;
        AuditReport report(sink);
        heap_.audit(report);
        const HeapStatistics now = heap_.statistics();
        report.check(now.live_blocks == blocks_.size(), "{} live blocks", now.live_blocks);
        report.check(now.committed_pages == range_.committed(), "{} committed pages", now.committed_pages);
        std::size_t seen = 0;
        heap_.for_each_block([&](const HeapBlock& block) {
            const auto found = by_address_.find(block.address);
            report.check(found != by_address_.end() && found->second <= block.bytes, "block {}", block.address);
            report.check(heap_.mode() == HeapMode::plain || found->second == block.requested, "size of block {}",
                         block.address);
            ++seen;
        });
        report.check(seen == blocks_.size(), "{} blocks visited", seen);
        INFO(sink.text());
        REQUIRE(report.failures() == 0);
    }

    void finish() {
        while (!blocks_.empty()) {
            free_at(blocks_.size() - 1);
        }
        audit();
        heap_.trim();
        audit();
        CHECK(range_.committed() == 0);
        CHECK(heap_.statistics().live_bytes == 0);
        CHECK(heap_.statistics().requested_bytes == 0);
        CHECK(heap_.statistics().misuses == 0);
    }

    test::HeapRange& range() { return range_; }
    [[nodiscard]] std::size_t refused() const { return heap_.statistics().refused; }

private:
    std::size_t random_size() {
        const std::uint32_t kind = random_() % 1000;
        if (kind < 800) {
            return random_() % 300;
        }
        if (kind < 980) {
            return random_() % 9000;
        }
        return kind < 998 ? random_() % 100000 : random_() % (4 * mib);
    }

    std::size_t random_alignment() {
        const std::uint32_t kind = random_() % 16;
        return kind < 12 ? 16 : std::size_t{1} << (random_() % (kind < 15 ? 13 : 17));
    }

    void allocate() {
        const ModelBlock wanted{.address = nullptr,
                                .bytes = random_size(),
                                .alignment = random_alignment(),
                                .owner = owners_[random_() % owners_.size()],
                                .seed = random_()};
        const bool zeroed = random_() % 8 == 0;
        const Result<void*> block = zeroed ? heap_.allocate_zeroed(1, wanted.bytes, wanted.alignment, wanted.owner)
                                           : heap_.allocate(wanted.bytes, wanted.alignment, wanted.owner);
        if (!block) {
            REQUIRE((block.error() == Error::out_of_memory || block.error() == Error::limit_reached ||
                     block.error() == Error::too_large));
            return;
        }
        auto* const bytes = static_cast<std::byte*>(*block);
        if (zeroed) {
            REQUIRE(std::all_of(bytes, bytes + wanted.bytes, [](std::byte b) { return b == std::byte{0}; }));
        }
        blocks_.push_back(wanted);
        blocks_.back().address = bytes;
        enter(blocks_.back());
        fill(blocks_.back());
    }

    void reallocate() {
        if (blocks_.empty()) {
            return;
        }
        ModelBlock& block = blocks_[random_() % blocks_.size()];
        const std::size_t bytes = random_() % 3 == 0 ? random_size() : block.bytes * (random_() % 300) / 100;
        const Result<void*> moved = heap_.reallocate(block.address, bytes);
        if (!moved) {
            verify(block, block.bytes, block.bytes);
            return;
        }
        by_address_.erase(block.address);
        const std::size_t filled = block.bytes;
        block.address = static_cast<std::byte*>(*moved);
        block.bytes = bytes;
        enter(block);
        verify(block, filled, std::min(filled, bytes));
        fill(block);
    }

    void free_at(std::size_t index) {
        const ModelBlock block = blocks_[index];
        verify(block, block.bytes, block.bytes);
        blocks_[index] = blocks_.back();
        blocks_.pop_back();
        by_address_.erase(block.address);
        REQUIRE(heap_.free(block.address));
    }

    // The block must be aligned and overlap no other.
    void enter(const ModelBlock& block) {
        REQUIRE(reinterpret_cast<std::uintptr_t>(block.address) % std::max<std::size_t>(block.alignment, 16) == 0);
        REQUIRE(range_.contains(block.address));
        const auto [at, fresh] = by_address_.emplace(block.address, block.bytes);
        REQUIRE(fresh);
        if (at != by_address_.begin()) {
            const auto before = std::prev(at);
            REQUIRE(before->first + before->second <= block.address);
        }
        if (const auto after = std::next(at); after != by_address_.end()) {
            REQUIRE(block.address + block.bytes <= after->first);
        }
    }

    static std::byte expected(const ModelBlock& block, std::size_t at) {
        return static_cast<std::byte>(block.seed + at * 31);
    }
    // Long blocks are sampled: their ends, and every 997th byte.
    template <class Visitor> static void sample(std::size_t bytes, Visitor&& visit) {
        for (std::size_t at = 0; at < bytes;
             at += at < 64 || at + 64 > bytes ? 1 : std::min<std::size_t>(997, bytes - at - 63)) {
            visit(at);
        }
    }
    static void fill(const ModelBlock& block) {
        sample(block.bytes, [&](std::size_t at) { block.address[at] = expected(block, at); });
    }
    // What was filled at a length of `filled` bytes must be there still, as far as byte `kept`.
    static void verify(const ModelBlock& block, std::size_t filled, std::size_t kept) {
        bool same = true;
        sample(filled,
               [&](std::size_t at) { same = same && (at >= kept || block.address[at] == expected(block, at)); });
        REQUIRE(same);
    }

    test::HeapRange range_;
    KernelHeap heap_;
    test::HeapRandom random_;
    bool growing_ = true;
    std::array<HeapOwner, 3> owners_{};
    std::vector<ModelBlock> blocks_;
    std::map<const std::byte*, std::size_t> by_address_;
};

void run(HeapMode mode, std::uint32_t seed, std::size_t bytes, unsigned steps, unsigned audit_every) {
    INFO(std::string(name_of(mode)) << " mode, seed " << seed);
    HeapModel model(mode, seed, bytes);
    for (unsigned step = 0; step < steps; ++step) {
        model.step();
        if (step % audit_every == 0) {
            model.audit();
        }
    }
    model.finish();
}

TEST_CASE("heap agrees with a naive model, plain mode", "[heap]") {
    run(HeapMode::plain, 1, 64 * mib, 500000, 5003);
}

TEST_CASE("heap agrees with a naive model, tracked mode", "[heap]") {
    run(HeapMode::tracked, 2, 64 * mib, 500000, 5003);
}

TEST_CASE("heap agrees with a naive model, debug mode", "[heap]") {
    run(HeapMode::debug, 3, 64 * mib, 100000, 5003);
}

TEST_CASE("heap agrees with a naive model where memory is always short", "[heap]") {
    for (const HeapMode mode : {HeapMode::plain, HeapMode::tracked, HeapMode::debug}) {
        run(mode, 4, 2 * mib, 50000, 1009);
    }
}

TEST_CASE("heap audits clean after every single step", "[heap]") {
    for (const HeapMode mode : {HeapMode::plain, HeapMode::tracked, HeapMode::debug}) {
        run(mode, 5, 4 * mib, 1500, 1);
    }
}

TEST_CASE("heap works while commits fail at random", "[heap]") {
    for (const HeapMode mode : {HeapMode::plain, HeapMode::tracked, HeapMode::debug}) {
        INFO(std::string(name_of(mode)));
        HeapModel model(mode, 6, 16 * mib);
        test::HeapRandom random(7);
        for (unsigned step = 0; step < 20000; ++step) {
            model.range().fail_after(random() % 3 == 0 ? random() % 3 : test::HeapRange::never);
            model.step();
            if (step % 499 == 0) {
                model.audit();
            }
        }
        CHECK(model.refused() > 30);
        model.finish();
    }
}

} // namespace
} // namespace quire
