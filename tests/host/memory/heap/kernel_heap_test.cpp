// What the kernel heap promises, one promise a test: bad frees are caught and named, limits hold, memory comes and
// goes, reallocation keeps what it must, leaks are found, debug mode sees what was overwritten.
#include "kernel/memory/heap/kernel_heap.h"
#include "tests/host/memory/heap/kernel_heap_range.h"
#include "tests/host/support/panic.h"
#include "tests/host/support/string_sink.h"

#include <array>
#include <catch2/catch.hpp>
#include <set>
#include <vector>

namespace quire {
namespace {

using Kind = HeapMisuse::Kind;

constexpr std::size_t mib = std::size_t{1} << 20;
constexpr std::size_t page_bytes = page_size;
constexpr std::array modes{HeapMode::plain, HeapMode::tracked, HeapMode::debug};

class Watcher final : public HeapWatcher {
public:
    void misused(const HeapMisuse& misuse) override { seen.push_back(misuse); }
    std::vector<HeapMisuse> seen;
};

// A heap of its own for a test.
struct Bench {
    explicit Bench(HeapMode mode, std::size_t bytes = 16 * mib, std::uint32_t cache_pages = 32)
        : range(bytes),
          heap(range, range.base(), bytes, {.mode = mode, .watcher = &watcher, .cache_pages = cache_pages}) {}

    std::byte* allocate(std::size_t bytes, std::size_t alignment = KernelHeap::default_alignment) {
        const Result<void*> block = heap.allocate(bytes, alignment);
        REQUIRE(block);
        return static_cast<std::byte*>(*block);
    }
    void audit() {
        test::StringSink sink;
        AuditReport report(sink);
        heap.audit(report);
        INFO(sink.text());
        REQUIRE(report.failures() == 0);
        REQUIRE(report.checks() > 10);
    }
    // The free is refused, and the watcher told of it with the line that called; nothing changes.
    void refuses(void* pointer, Error error, Kind kind) {
        const HeapStatistics before = heap.statistics();
        const std::size_t told = watcher.seen.size();
        const std::uint32_t line = __LINE__ + 1;
        const Result<void> freed = heap.free(pointer);
        REQUIRE_FALSE(freed);
        CHECK(freed.error() == error);
        REQUIRE(watcher.seen.size() == told + 1);
        CHECK(watcher.seen.back().kind == kind);
        CHECK(watcher.seen.back().pointer == pointer);
        CHECK(watcher.seen.back().caller.line() == line);
        const HeapStatistics after = heap.statistics();
        CHECK(after.live_blocks == before.live_blocks);
        CHECK(after.live_bytes == before.live_bytes);
        CHECK(after.misuses == before.misuses + 1);
        audit();
    }

    test::HeapRange range;
    Watcher watcher;
    KernelHeap heap;
};

std::string text_of(const HeapMisuse& misuse) {
    test::StringSink sink;
    print(sink, "{}", misuse);
    return sink.text();
}

// ---- Sizes ----

TEST_CASE("every size has the smallest class that holds it", "[heap]") {
    for (std::size_t bytes = 0; bytes <= 10000; ++bytes) {
        const unsigned number = heap::class_of(bytes);
        unsigned smallest = 0;
        while (smallest < heap::class_count && heap::size_classes[smallest].block_bytes < bytes) {
            ++smallest;
        }
        const bool one_page = bytes <= page_bytes &&
                              (smallest == heap::class_count || heap::size_classes[smallest].block_bytes > page_bytes);
        REQUIRE(number == (smallest == heap::class_count || one_page ? heap::no_class : smallest));
    }
    CHECK(heap::class_of(~std::size_t{0}) == heap::no_class);
}

TEST_CASE("size classes waste little and are exact to divide by", "[heap]") {
    for (const heap::SizeClass& size : heap::size_classes) {
        const std::uint32_t slab_bytes = size.slab_pages * page_bytes;
        INFO("class of " << size.block_bytes);
        CHECK(size.capacity >= 2);
        CHECK(size.capacity <= heap::most_blocks_per_slab);
        CHECK((slab_bytes - std::uint32_t{size.capacity} * size.block_bytes) * 16 <= slab_bytes);
        bool exact = true;
        for (std::uint32_t offset = 0; offset < slab_bytes; ++offset) {
            const heap::SlabOffset place(offset, size.reciprocal);
            exact = exact && place.block() == offset / size.block_bytes;
            exact = exact && place.starts_block(size.reciprocal) == (offset % size.block_bytes == 0);
        }
        CHECK(exact);
    }
}

TEST_CASE("aligned sizes have classes whose blocks are all aligned", "[heap]") {
    for (std::size_t alignment = 16; alignment <= 8192; alignment *= 2) {
        for (std::size_t bytes = 0; bytes < 9000; bytes += 7) {
            const unsigned number = heap::class_of(bytes, alignment);
            if (number != heap::no_class) {
                REQUIRE(heap::size_classes[number].block_bytes % alignment == 0);
                REQUIRE(heap::size_classes[number].block_bytes >= bytes);
            }
        }
    }
}

// ---- Wrong frees ----

TEST_CASE("a block cannot be freed twice", "[heap]") {
    for (const HeapMode mode : modes) {
        Bench bench(mode);
        std::byte* const other = bench.allocate(100);
        std::byte* const block = bench.allocate(100);
        REQUIRE(bench.heap.free(block));
        bench.refuses(block, Error::double_free, Kind::double_free);
        REQUIRE(bench.heap.free(other));
    }
}

TEST_CASE("freeing A, B and A again is caught", "[heap]") {
    for (const HeapMode mode : modes) {
        Bench bench(mode);
        std::byte* const a = bench.allocate(48);
        std::byte* const b = bench.allocate(48);
        REQUIRE(bench.heap.free(a));
        REQUIRE(bench.heap.free(b));
        bench.refuses(a, Error::double_free, Kind::double_free);
        bench.refuses(b, Error::double_free, Kind::double_free);
    }
}

TEST_CASE("a second free long after is caught, when the slab is cached, given back or beyond the frontier", "[heap]") {
    for (const HeapMode mode : modes) {
        Bench bench(mode);
        std::vector<std::byte*> blocks;
        blocks.reserve(2000);
        for (int i = 0; i < 2000; ++i) {
            blocks.push_back(bench.allocate(64));
        }
        for (std::byte* const block : blocks) {
            REQUIRE(bench.heap.free(block));
        }
        bench.refuses(blocks[100], Error::double_free, Kind::double_free);
        std::ignore = bench.heap.trim();
        REQUIRE(bench.range.committed() == 0);
        bench.refuses(blocks[100], Error::double_free, Kind::double_free);
        bench.refuses(blocks[1999], Error::double_free, Kind::double_free);
        std::byte* const held = bench.allocate(5000); // another class takes the pages over
        bench.refuses(blocks[1], Error::interior, Kind::interior);
        REQUIRE(bench.heap.free(held));
    }
}

TEST_CASE("a pointer into a block is not its address", "[heap]") {
    for (const HeapMode mode : modes) {
        for (const std::size_t bytes : {std::size_t{40}, std::size_t{3000}, 5 * page_bytes}) {
            Bench bench(mode);
            std::byte* const block = bench.allocate(bytes);
            for (const std::size_t offset : {std::size_t{1}, std::size_t{16}, bytes - 1}) {
                bench.refuses(block + offset, Error::interior, Kind::interior);
                CHECK(bench.watcher.seen.back().block.address == block);
            }
            CHECK_FALSE(bench.heap.reallocate(block + 16, 10));
            REQUIRE(bench.heap.free(block));
        }
    }
}

TEST_CASE("a large block cannot be freed twice", "[heap]") {
    for (const HeapMode mode : modes) {
        Bench bench(mode);
        std::byte* const block = bench.allocate(mib);
        std::byte* const other = bench.allocate(mib);
        REQUIRE(bench.heap.free(block));
        bench.refuses(block, Error::double_free, Kind::double_free);
        bench.refuses(block + 64 * page_bytes, Error::double_free, Kind::double_free);
        std::ignore = bench.heap.trim();
        bench.refuses(block, Error::double_free, Kind::double_free);
        REQUIRE(bench.heap.free(other));
    }
}

TEST_CASE("pointers from elsewhere are foreign", "[heap]") {
    for (const HeapMode mode : modes) {
        Bench bench(mode);
        std::byte* const block = bench.allocate(1000); // four to a page, with a rest behind the fourth
        int local = 0;
        bench.refuses(&local, Error::foreign, Kind::foreign);
        bench.refuses(bench.range.base(), Error::foreign, Kind::foreign); // the heap's own books
        bench.refuses(bench.range.base() + bench.range.bytes() - 16, Error::foreign, Kind::foreign);
        bench.refuses(bench.range.base() + bench.range.bytes(), Error::foreign, Kind::foreign);
        bench.refuses(reinterpret_cast<void*>(std::uintptr_t{16}), Error::foreign, Kind::foreign);
        bench.refuses(reinterpret_cast<void*>(~std::uintptr_t{0}), Error::foreign, Kind::foreign);
        CHECK_FALSE(bench.heap.reallocate(&local, 10));
        REQUIRE(bench.heap.free(block));
        REQUIRE(bench.heap.free(nullptr));
    }
}

TEST_CASE("the rest of a slab behind its last block is no block", "[heap]") {
    Bench bench(HeapMode::plain);
    std::byte* const block = bench.allocate(112); // 36 of them leave 64 bytes of the page
    const auto page = reinterpret_cast<std::uintptr_t>(block) & ~std::uintptr_t{page_bytes - 1};
    bench.refuses(reinterpret_cast<void*>(page + std::uintptr_t{36} * 112), Error::foreign, Kind::foreign);
    bench.refuses(reinterpret_cast<void*>(page + page_bytes - 1), Error::foreign, Kind::foreign);
}

TEST_CASE("misuse is told in one line that names who did what", "[heap]") {
    Bench bench(HeapMode::debug);
    std::byte* const block = bench.allocate(100);
    REQUIRE(bench.heap.free(block));
    const std::uint32_t freed_at = __LINE__ - 1;
    REQUIRE_FALSE(bench.heap.free(block));
    const std::uint32_t again_at = __LINE__ - 1;
    const HeapMisuse& misuse = bench.watcher.seen.back();
    CHECK(misuse.block.freed.line() == freed_at);
    CHECK(misuse.block.allocated.line() != 0);
    CHECK(misuse.block.requested == 100);
    CHECK(misuse.block.state == HeapBlock::State::quarantined);
    const std::string text = text_of(misuse);
    INFO(text);
    CHECK(text.find("free already") != std::string::npos);
    CHECK(text.find("kernel_heap_test.cpp:" + std::to_string(again_at)) != std::string::npos);
    CHECK(text.find("first freed") != std::string::npos);
    CHECK(text.find("allocated") != std::string::npos);
}

TEST_CASE("tracked mode remembers who freed a small block", "[heap]") {
    Bench bench(HeapMode::tracked);
    std::byte* const other = bench.allocate(20);
    std::byte* const block = bench.allocate(20);
    REQUIRE(bench.heap.free(block));
    const std::uint32_t freed_at = __LINE__ - 1;
    bench.refuses(block, Error::double_free, Kind::double_free);
    CHECK(bench.watcher.seen.back().block.freed.line() == freed_at);
    CHECK(bench.watcher.seen.back().block.allocated.line() == 0);
    REQUIRE(bench.heap.free(other));
}

TEST_CASE("a never allocated block of a slab has no history", "[heap]") {
    for (const HeapMode mode : modes) {
        Bench bench(mode);
        std::byte* const block = bench.allocate(32);
        bench.refuses(block + std::size_t{192} * 4, Error::double_free, Kind::double_free);
        CHECK(bench.watcher.seen.back().block.allocated.line() == 0);
        CHECK(bench.watcher.seen.back().block.freed.line() == 0);
        REQUIRE(bench.heap.free(block));
    }
}

// ---- Writers past the end ----

TEST_CASE("writing to the end of the range never reaches the books", "[heap]") {
    for (const HeapMode mode : {HeapMode::plain, HeapMode::tracked}) {
        Bench bench(mode);
        std::vector<std::byte*> blocks;
        blocks.reserve(2000);
        for (int i = 0; i < 500; ++i) {
            blocks.push_back(bench.allocate(static_cast<std::size_t>(i % 50) * 40 + 1));
        }
        // From the first block on, every committed byte behind it.
        for (std::byte* at = blocks[0]; at < bench.range.base() + bench.range.bytes(); at += page_bytes) {
            auto* const page =
                reinterpret_cast<std::byte*>(reinterpret_cast<std::uintptr_t>(at) & ~std::uintptr_t{page_bytes - 1});
            if (bench.range.committed(page)) {
                std::memset(page, 0x5A, page_bytes);
            }
        }
        bench.audit();
        for (std::byte* const block : blocks) {
            REQUIRE(bench.heap.free(block));
        }
        bench.audit();
        std::ignore = bench.heap.trim();
        CHECK(bench.range.committed() == 0);
    }
}

TEST_CASE("debug mode finds a byte written behind or before a block", "[heap]") {
    for (const std::size_t bytes : {std::size_t{1}, std::size_t{100}, std::size_t{5000}, std::size_t{100000}}) {
        Bench bench(HeapMode::debug);
        std::byte* const block = bench.allocate(bytes);
        block[bytes] = std::byte{1};
        test::StringSink sink;
        AuditReport report(sink);
        bench.heap.audit(report);
        CHECK(report.failures() == 1);
        REQUIRE(bench.heap.free(block));
        REQUIRE(bench.watcher.seen.size() == 1);
        CHECK(bench.watcher.seen[0].kind == Kind::overrun);
        CHECK(bench.watcher.seen[0].pointer == block + bytes);
        CHECK(bench.watcher.seen[0].block.allocated.line() != 0);

        std::byte* const second = bench.allocate(bytes, 64);
        second[-1] = std::byte{1};
        REQUIRE(bench.heap.free(second));
        REQUIRE(bench.watcher.seen.size() == 2);
        CHECK(bench.watcher.seen[1].kind == Kind::underrun);
        CHECK(bench.watcher.seen[1].pointer == second - 1);
        bench.audit();
    }
}

TEST_CASE("debug mode finds a byte written after the block was freed", "[heap]") {
    for (const std::size_t bytes : {std::size_t{10}, std::size_t{50000}}) {
        Bench bench(HeapMode::debug);
        std::byte* const block = bench.allocate(bytes);
        REQUIRE(bench.heap.free(block));
        const std::uint32_t freed_at = __LINE__ - 1;
        CHECK(bench.heap.statistics().quarantined_bytes > bytes);
        block[3] = std::byte{7};
        test::StringSink sink;
        AuditReport report(sink);
        bench.heap.audit(report);
        CHECK(report.failures() == 1);
        std::ignore = bench.heap.trim();
        REQUIRE(bench.watcher.seen.size() == 1);
        CHECK(bench.watcher.seen[0].kind == Kind::written_after_free);
        CHECK(bench.watcher.seen[0].pointer == block + 3);
        CHECK(bench.watcher.seen[0].block.freed.line() == freed_at);
        CHECK(bench.watcher.seen[0].block.allocated.line() != 0);
        CHECK(bench.range.committed() == 0);
    }
}

TEST_CASE("debug mode does not hand a freed block out again at once", "[heap]") {
    Bench bench(HeapMode::debug);
    std::set<std::byte*> freed;
    for (int i = 0; i < 500; ++i) {
        std::byte* const block = bench.allocate(24);
        CHECK(freed.insert(block).second);
        CHECK(block[0] == std::byte{0xA1});
        REQUIRE(bench.heap.free(block));
        CHECK(block[0] == std::byte{0xF5});
    }
    for (int i = 0; i < 2000; ++i) { // and the quarantine does not grow for ever
        REQUIRE(bench.heap.free(bench.allocate(24)));
    }
    CHECK(bench.heap.statistics().committed_pages < 40);
    bench.audit();
}

TEST_CASE("debug mode gives the quarantine up where memory is short", "[heap]") {
    Bench bench(HeapMode::debug, mib);
    for (int i = 0; i < 200; ++i) {
        REQUIRE(bench.heap.free(bench.allocate(150000)));
        REQUIRE(bench.heap.free(bench.allocate(1000)));
    }
    CHECK(bench.watcher.seen.empty());
    bench.audit();
}

// ---- Sizes that cannot be, alignment, zeroing ----

TEST_CASE("impossible requests are refused and change nothing", "[heap]") {
    for (const HeapMode mode : modes) {
        Bench bench(mode);
        const auto fails = [&](const Result<void*>& block, Error error) {
            REQUIRE_FALSE(block);
            CHECK(block.error() == error);
        };
        constexpr std::size_t huge = ~std::size_t{0};
        fails(bench.heap.allocate(huge), Error::too_large);
        fails(bench.heap.allocate(huge - 15), Error::too_large);
        fails(bench.heap.allocate(huge / 2), Error::too_large);
        fails(bench.heap.allocate(17 * mib), Error::too_large);
        fails(bench.heap.allocate(huge, 64), Error::too_large);
        fails(bench.heap.allocate_zeroed(huge / 2, 3), Error::too_large);
        fails(bench.heap.allocate_zeroed(huge / 16 + 1, 16), Error::too_large);
        fails(bench.heap.allocate(16, 0), Error::invalid_argument);
        fails(bench.heap.allocate(16, 24), Error::invalid_argument);
        fails(bench.heap.allocate(16, 2 * KernelHeap::largest_alignment), Error::invalid_argument);
        fails(bench.heap.allocate(16, 16, static_cast<HeapOwner>(7)), Error::invalid_argument);
        CHECK(bench.heap.statistics().refused == 11);
        CHECK(bench.range.committed() == 0);
        std::byte* const block = bench.allocate(100);
        block[99] = std::byte{9};
        fails(bench.heap.reallocate(block, huge), Error::too_large);
        fails(bench.heap.reallocate(block, 17 * mib), Error::too_large);
        CHECK(block[99] == std::byte{9});
        REQUIRE(bench.heap.free(block));
        std::byte* const large = bench.allocate(100000);
        fails(bench.heap.reallocate(large, huge), Error::too_large);
        REQUIRE(bench.heap.free(large));
        bench.audit();
    }
}

TEST_CASE("the range must be one that a heap can manage", "[heap]") {
    test::HeapRange range(mib);
    CHECK_THROWS_AS(KernelHeap(range, range.base(), 60 * page_bytes), test::Panic);
    CHECK_THROWS_AS(KernelHeap(range, range.base() + 16, mib - page_bytes), test::Panic);
}

TEST_CASE("blocks of zero bytes are blocks of their own", "[heap]") {
    for (const HeapMode mode : modes) {
        Bench bench(mode);
        std::byte* const a = bench.allocate(0);
        std::byte* const b = bench.allocate(0);
        CHECK(a != b);
        REQUIRE(bench.heap.free(a));
        REQUIRE(bench.heap.free(b));
        const Result<void*> none = bench.heap.allocate_zeroed(0, 100);
        REQUIRE(none);
        REQUIRE(bench.heap.free(*none));
    }
}

TEST_CASE("alignment holds, and reallocation keeps it", "[heap]") {
    for (const HeapMode mode : modes) {
        Bench bench(mode);
        for (std::size_t alignment = 1; alignment <= KernelHeap::largest_alignment; alignment *= 2) {
            for (const std::size_t bytes : {std::size_t{1}, std::size_t{50}, std::size_t{2000}, std::size_t{20000}}) {
                const auto aligned = [&](const void* block) {
                    return reinterpret_cast<std::uintptr_t>(block) % std::max<std::size_t>(alignment, 16) == 0;
                };
                void* block = bench.allocate(bytes, alignment);
                REQUIRE(aligned(block));
                for (const std::size_t next : {bytes * 3, bytes * 10, bytes / 2, std::size_t{7}, bytes * 4}) {
                    block = *bench.heap.reallocate(block, next);
                    REQUIRE(aligned(block));
                }
                REQUIRE(bench.heap.free(block));
            }
        }
        bench.audit();
    }
}

// ---- Reallocating ----

TEST_CASE("a large block grows and shrinks in place where it can", "[heap]") {
    for (const HeapMode mode : {HeapMode::plain, HeapMode::tracked}) {
        Bench bench(mode);
        void* const block = bench.allocate(10 * page_bytes);
        std::memset(block, 0x77, 10 * page_bytes);
        CHECK(*bench.heap.reallocate(block, 100 * page_bytes) == block); // into new pages
        CHECK(*bench.heap.reallocate(block, 50 * page_bytes) == block);
        CHECK(bench.heap.statistics().live_bytes == 50 * page_bytes);
        CHECK(*bench.heap.reallocate(block, 60 * page_bytes) == block); // into what became free
        std::ignore = bench.heap.trim();
        CHECK(*bench.heap.reallocate(block, 70 * page_bytes) == block); // into what was given back
        bench.audit();
        std::byte* const wall = bench.allocate(90 * page_bytes);
        CHECK(*bench.heap.reallocate(block, 9 * page_bytes) == block);
        std::ignore = bench.heap.trim();
        void* const small = bench.allocate(40 * page_bytes); // in the gap, or not: the block must move past it
        void* const moved = *bench.heap.reallocate(block, 200 * page_bytes);
        CHECK(static_cast<std::byte*>(moved)[9 * page_bytes - 1] == std::byte{0x77});
        bench.audit();
        for (void* const each : {static_cast<void*>(wall), small, moved}) {
            REQUIRE(bench.heap.free(each));
        }
        std::ignore = bench.heap.trim();
        CHECK(bench.range.committed() == 0);
    }
}

TEST_CASE("a small block stays where it is while its class fits or half of it is used", "[heap]") {
    Bench bench(HeapMode::tracked);
    void* const block = bench.allocate(100);
    CHECK(*bench.heap.reallocate(block, 112) == block);
    CHECK(bench.heap.statistics().requested_bytes == 112);
    CHECK(*bench.heap.reallocate(block, 60) == block);
    CHECK(bench.heap.statistics().requested_bytes == 60);
    void* const moved = *bench.heap.reallocate(block, 40);
    CHECK(moved != block);
    CHECK(bench.heap.statistics().live_bytes == 48);
    REQUIRE(bench.heap.free(moved));
    void* const fresh = *bench.heap.reallocate(nullptr, 10);
    REQUIRE(bench.heap.free(fresh));
}

TEST_CASE("becoming smaller never fails", "[heap]") {
    for (const std::size_t bytes : {std::size_t{2000}, std::size_t{50000}}) {
        Bench bench(HeapMode::tracked);
        void* const block = bench.allocate(bytes);
        bench.range.fail_after(0);
        CHECK(*bench.heap.reallocate(block, 20) == block);
        CHECK(bench.heap.statistics().requested_bytes == 20);
        bench.audit();
        CHECK_FALSE(bench.heap.reallocate(block, 500000));
        REQUIRE(bench.heap.free(block));
        bench.audit();
    }
}

// ---- Memory comes and goes ----

TEST_CASE("a heap costs nothing before its first block, and a few pages after", "[heap]") {
    for (const HeapMode mode : modes) {
        Bench bench(mode, 128 * mib);
        CHECK(bench.range.committed() == 0);
        std::byte* const block = bench.allocate(100);
        CHECK(bench.range.committed() <= 4);
        REQUIRE(bench.heap.free(block));
        std::ignore = bench.heap.trim();
        CHECK(bench.range.committed() == 0);
    }
    CHECK(sizeof(KernelHeap) <= 6144);
}

TEST_CASE("coming and going commits nothing", "[heap]") {
    for (const std::size_t bytes : {std::size_t{64}, std::size_t{4096}, std::size_t{200000}}) {
        Bench bench(HeapMode::plain);
        REQUIRE(bench.heap.free(bench.allocate(bytes)));
        const std::uint64_t commits = bench.range.commits();
        for (int i = 0; i < 1000; ++i) {
            REQUIRE(bench.heap.free(bench.allocate(bytes)));
        }
        CHECK(bench.range.commits() == commits);
    }
}

TEST_CASE("what is not needed any more is given back", "[heap]") {
    Bench bench(HeapMode::plain, 64 * mib);
    std::vector<std::byte*> blocks;
    blocks.reserve(1250);
    for (int i = 0; i < 1250; ++i) {
        blocks.push_back(bench.allocate(8192));
    }
    const std::uint32_t most = bench.range.committed();
    for (std::byte* const block : blocks) {
        REQUIRE(bench.heap.free(block));
    }
    CHECK(bench.range.committed() < most / 2); // a sixteenth of the range is kept at most
    for (int i = 0; i < 100000; ++i) {         // and less when it is long ago
        REQUIRE(bench.heap.free(bench.allocate(8192)));
    }
    CHECK(bench.range.committed() < 50);
    bench.audit();
    CHECK(bench.heap.trim() > 0);
    CHECK(bench.range.committed() == 0);
    CHECK(bench.heap.trim() == 0);
}

TEST_CASE("neighbours join again: after any order of frees the largest block fits", "[heap]") {
    for (const HeapMode mode : modes) {
        Bench bench(mode, 8 * mib);
        test::HeapRandom random(11);
        std::size_t largest = 7 * mib;
        while (!bench.heap.allocate(largest)) {
            largest -= page_bytes;
        }
        bench.heap.for_each_block([&](const HeapBlock& block) { CHECK(block.requested + page_bytes >= largest); });
        REQUIRE(largest > 5 * mib);
        Bench second(mode, 8 * mib);
        for (int round = 0; round < 3; ++round) {
            std::vector<void*> blocks;
            while (const Result<void*> block = second.heap.allocate(random() % 20000)) {
                blocks.push_back(*block);
            }
            second.audit();
            while (!blocks.empty()) {
                const std::size_t at = random() % blocks.size();
                REQUIRE(second.heap.free(blocks[at]));
                blocks[at] = blocks.back();
                blocks.pop_back();
            }
            const Result<void*> whole = second.heap.allocate(largest);
            REQUIRE(whole);
            REQUIRE(second.heap.free(*whole));
        }
    }
}

TEST_CASE("exhaustion is an error, and everything can be had again after it", "[heap]") {
    for (const HeapMode mode : modes) {
        for (const std::size_t bytes : {std::size_t{16}, std::size_t{500}, std::size_t{30000}}) {
            Bench bench(mode, 2 * mib);
            std::size_t before = 0;
            for (int round = 0; round < 2; ++round) {
                std::vector<void*> blocks;
                Result<void*> block = bench.heap.allocate(bytes);
                for (; block; block = bench.heap.allocate(bytes)) {
                    blocks.push_back(*block);
                }
                CHECK(block.error() == Error::out_of_memory);
                CHECK(blocks.size() * bytes > mib / (mode == HeapMode::plain ? 2 : 8));
                CHECK((round == 0 || blocks.size() == before));
                before = blocks.size();
                bench.audit();
                for (void* const each : blocks) {
                    REQUIRE(bench.heap.free(each));
                }
                std::ignore = bench.heap.trim();
                CHECK(bench.range.committed() == 0);
            }
        }
    }
}

TEST_CASE("no more pages are committed than the maximum", "[heap]") {
    Bench bench(HeapMode::tracked);
    bench.heap.set_maximum(100);
    std::size_t got = 0;
    while (bench.heap.allocate(1000)) {
        ++got;
    }
    CHECK(bench.range.committed() <= 100);
    CHECK(got > 300);
    CHECK(bench.heap.statistics().maximum_pages == 100);
    bench.audit();
}

TEST_CASE("each commit failing once leaves everything as it was", "[heap]") {
    for (const HeapMode mode : modes) {
        unsigned failed = 0;
        for (std::uint64_t call = 0; call < 60; ++call) {
            Bench bench(mode, 16 * mib);
            std::vector<void*> blocks;
            bench.range.fail_after(call);
            bool refused = false;
            for (unsigned i = 0; i < 400 && !refused; ++i) {
                const std::size_t bytes = std::array<std::size_t, 6>{16, 300, 2000, 7000, 70000, 300000}[i % 6];
                const std::uint32_t committed = bench.range.committed();
                const std::size_t live = bench.heap.statistics().live_bytes;
                const Result<void*> block = i % 7 == 6 ? bench.heap.reallocate(blocks.back(), bytes + 50000)
                                                       : bench.heap.allocate(bytes, i % 5 == 4 ? 4096U * 4 : 16U);
                if (block) {
                    if (i % 7 == 6) {
                        blocks.back() = *block;
                    } else {
                        blocks.push_back(*block);
                    }
                    continue;
                }
                refused = true;
                CHECK(block.error() == Error::out_of_memory);
                CHECK(bench.range.committed() <= committed); // what was cached may have gone
                CHECK(bench.heap.statistics().live_bytes == live);
                bench.audit();
            }
            failed += refused ? 1U : 0U;
            bench.range.fail_after(test::HeapRange::never);
            for (void* const block : blocks) {
                REQUIRE(bench.heap.free(block));
            }
            std::ignore = bench.heap.trim();
            CHECK(bench.range.committed() == 0);
        }
        CHECK(failed > 20);
    }
}

// ---- Owners ----

TEST_CASE("a greedy owner meets its limit, the others do not notice", "[heap]") {
    for (const HeapMode mode : modes) {
        Bench bench(mode);
        const HeapOwner greedy = *bench.heap.add_owner("greedy", 100000);
        std::vector<void*> blocks;
        Result<void*> block = bench.heap.allocate(700, 16, greedy);
        for (; block; block = bench.heap.allocate(700, 16, greedy)) {
            blocks.push_back(*block);
        }
        CHECK(block.error() == Error::limit_reached);
        CHECK(bench.heap.allocate(50000, 16, greedy).error() == Error::limit_reached);
        const HeapOwnerUsage usage = bench.heap.usage(greedy);
        CHECK(usage.name == "greedy");
        CHECK(usage.limit == 100000);
        CHECK(usage.used <= 100000);
        CHECK(usage.used > 98000);
        CHECK(usage.blocks == blocks.size());
        REQUIRE(bench.heap.free(bench.allocate(700)));
        CHECK(bench.heap.usage(HeapOwner::kernel).blocks == 0);
        REQUIRE(bench.heap.free(blocks.back()));
        blocks.pop_back();
        REQUIRE(bench.heap.set_limit(greedy, usage.used));
        block = bench.heap.allocate(700, 16, greedy);
        REQUIRE(block);
        blocks.push_back(*block);
        for (void* const each : blocks) {
            REQUIRE(bench.heap.free(each));
        }
        CHECK(bench.heap.usage(greedy).used == 0);
        CHECK(bench.heap.usage(greedy).peak == usage.peak);
        bench.audit();
    }
}

TEST_CASE("reallocation keeps the owner and its limit", "[heap]") {
    for (const HeapMode mode : modes) {
        Bench bench(mode);
        const HeapOwner owner = *bench.heap.add_owner("limited", 40 * page_bytes);
        void* block = *bench.heap.allocate(20, 16, owner);
        block = *bench.heap.reallocate(block, 10 * page_bytes);
        CHECK(bench.heap.usage(owner).blocks == 1);
        CHECK(bench.heap.usage(owner).used >= 10 * page_bytes);
        CHECK(bench.heap.usage(HeapOwner::kernel).used == 0);
        CHECK(bench.heap.reallocate(block, 50 * page_bytes).error() == Error::limit_reached);
        CHECK(bench.heap.usage(owner).blocks == 1);
        REQUIRE(bench.heap.free(block));
        CHECK(bench.heap.usage(owner).used == 0);
        bench.audit();
    }
}

TEST_CASE("owners are registered by name, sixteen at most", "[heap]") {
    Bench bench(HeapMode::plain);
    CHECK(bench.heap.usage(HeapOwner::kernel).name == "kernel");
    for (std::size_t i = 1; i < most_heap_owners; ++i) {
        CHECK(bench.heap.add_owner("another"));
    }
    CHECK(bench.heap.add_owner("too many").error() == Error::overflow);
    CHECK(bench.heap.owner_count() == most_heap_owners);
    Bench second(HeapMode::plain);
    CHECK(second.heap.set_limit(static_cast<HeapOwner>(1), 1).error() == Error::invalid_argument);
    CHECK(second.heap.usage(static_cast<HeapOwner>(1)).name.empty());
}

// ---- What can be told ----

TEST_CASE("leaks since a mark are told by line, count and bytes", "[heap]") {
    for (const HeapMode mode : {HeapMode::tracked, HeapMode::debug}) {
        Bench bench(mode);
        std::vector<void*> blocks;
        const auto first_site = [&] { blocks.push_back(*bench.heap.allocate(100)); };
        const auto second_site = [&] { blocks.push_back(*bench.heap.allocate(30000)); };
        first_site(); // before the mark: not told
        const HeapMark mark = bench.heap.mark();
        for (int i = 0; i < 5; ++i) {
            first_site();
        }
        second_site();
        REQUIRE(bench.heap.free(blocks[1])); // freed again: not told
        std::array<HeapLeak, 8> table{};
        const std::span<HeapLeak> leaks = bench.heap.leaks(mark, table);
        REQUIRE(leaks.size() == 2);
        CHECK(leaks[0].bytes == 30000);
        CHECK(leaks[0].blocks == 1);
        CHECK(leaks[1].bytes == 400);
        CHECK(leaks[1].blocks == 4);
        CHECK(leaks[0].site.line() == leaks[1].site.line() + 1);
        CHECK(std::string_view(leaks[0].site.file_name()).ends_with("kernel_heap_test.cpp"));
        CHECK(bench.heap.leaks({}, table).size() == 2);
        CHECK(bench.heap.leaks({}, table)[1].blocks == 5);
        CHECK(bench.heap.leaks(bench.heap.mark(), table).empty());
        CHECK(bench.heap.leaks(mark, {}).empty());
        const std::span<HeapLeak> squeezed = bench.heap.leaks(mark, std::span(table).first(1));
        REQUIRE(squeezed.size() == 1);
        CHECK(squeezed[0].blocks == 5);
        CHECK(squeezed[0].bytes == 30400);
        CHECK(squeezed[0].site.line() == 0);
    }
    Bench plain(HeapMode::plain);
    std::byte* const block = plain.allocate(100);
    std::array<HeapLeak, 8> table{};
    REQUIRE(plain.heap.leaks(plain.heap.mark(), table).size() == 1);
    CHECK(table[0].blocks == 1);
    REQUIRE(plain.heap.free(block));
}

TEST_CASE("marks can be set for ever", "[heap]") {
    Bench bench(HeapMode::tracked);
    std::byte* const old = bench.allocate(100);
    std::byte* const large = bench.allocate(10000);
    HeapMark mark;
    for (int i = 0; i < 65535; ++i) {
        mark = bench.heap.mark();
    }
    CHECK(mark.number == 65535);
    mark = bench.heap.mark();
    CHECK(mark.number == 1);
    std::array<HeapLeak, 4> table{};
    CHECK(bench.heap.leaks(mark, table).empty());
    std::byte* const young = bench.allocate(50);
    CHECK(bench.heap.leaks(mark, table).size() == 1);
    for (std::byte* const block : {old, large, young}) {
        REQUIRE(bench.heap.free(block));
    }
}

TEST_CASE("any address can be asked about", "[heap]") {
    for (const HeapMode mode : modes) {
        Bench bench(mode);
        std::byte* const small = bench.allocate(100);
        std::byte* const large = bench.allocate(50000);
        const std::optional<HeapBlock> found = bench.heap.block_at(small + 50);
        REQUIRE(found);
        CHECK(found->address == small);
        CHECK(found->state == HeapBlock::State::live);
        CHECK(found->requested == (mode == HeapMode::plain ? 112U : 100U));
        CHECK((found->allocated.line() != 0) == (mode != HeapMode::plain));
        REQUIRE(bench.heap.block_at(large + 40000));
        CHECK(bench.heap.block_at(large + 40000)->address == large);
        CHECK(bench.heap.block_at(large + 40000)->requested == 50000);
        int local = 0;
        CHECK_FALSE(bench.heap.block_at(&local));
        CHECK_FALSE(bench.heap.block_at(bench.range.base()));
        REQUIRE(bench.heap.free(small));
        REQUIRE(bench.heap.block_at(small));
        CHECK(bench.heap.block_at(small)->state ==
              (mode == HeapMode::debug ? HeapBlock::State::quarantined : HeapBlock::State::free));
        REQUIRE(bench.heap.free(large));
    }
}

TEST_CASE("totals add up", "[heap]") {
    for (const HeapMode mode : modes) {
        Bench bench(mode);
        std::vector<void*> blocks;
        blocks.reserve(1000);
        for (std::size_t i = 0; i < 1000; ++i) {
            blocks.push_back(bench.allocate(i * 13));
        }
        const HeapStatistics now = bench.heap.statistics();
        CHECK(now.live_blocks == 1000);
        CHECK(now.allocations == 1000);
        CHECK(now.frees == 0);
        CHECK(now.requested_bytes >= std::size_t{13} * 999 * 500);
        CHECK(now.live_bytes >= now.requested_bytes);
        CHECK(now.committed_pages == bench.range.committed());
        CHECK(now.committed_pages == now.used_pages + now.cached_pages + now.metadata_pages);
        CHECK(now.metadata_pages > 0);
        CHECK(now.metadata_pages < now.committed_pages / 8);
        std::size_t small = 0;
        for (unsigned number = 0; number < KernelHeap::size_class_count(); ++number) {
            const HeapSizeClass size = bench.heap.size_class(number);
            small += size.live_blocks;
            CHECK(page_bytes * size.slabs * size.slab_pages >= size.live_blocks * size.block_bytes);
        }
        std::size_t visited = 0;
        const std::byte* before = nullptr;
        bench.heap.for_each_block([&](const HeapBlock& block) {
            CHECK(block.address > before);
            before = block.address;
            ++visited;
        });
        CHECK(visited == 1000);
        CHECK(small < visited);
        CHECK(small > 500);
        for (void* const block : blocks) {
            REQUIRE(bench.heap.free(block));
        }
        CHECK(bench.heap.statistics().frees == 1000);
        CHECK(bench.heap.statistics().peak_live_bytes == now.live_bytes);
    }
}

TEST_CASE("an operation touches no more records in a large heap than in a small one", "[heap]") {
    std::uint64_t most = 0;
    std::uint64_t most_in_small = 0;
    for (const unsigned live : {500U, 5000U, 50000U, 400000U}) {
        Bench bench(HeapMode::tracked, 1024 * mib);
        test::HeapRandom random(12);
        std::vector<void*> blocks(live, nullptr);
        const auto random_bytes = [&] {
            const std::uint32_t kind = random() % 100;
            return kind < 90 ? random() % 500 : kind < 99 ? random() % 8000 : random() % 60000;
        };
        most = 0;
        for (unsigned i = 0; i < live + 50000; ++i) {
            void*& block = blocks[i < live ? i : random() % live];
            std::uint64_t before = bench.heap.statistics().records_touched;
            if (block != nullptr) {
                REQUIRE(bench.heap.free(block));
                most = std::max(most, bench.heap.statistics().records_touched - before);
                before = bench.heap.statistics().records_touched;
            }
            block = bench.allocate(random_bytes());
            most = std::max(most, bench.heap.statistics().records_touched - before);
        }
        INFO(live << " blocks: at most " << most << " records in one operation");
        if (most_in_small == 0) {
            most_in_small = most;
        }
        CHECK(most <= 48);
    }
    CHECK(most <= 2 * most_in_small);
}

TEST_CASE("the heap's words have words", "[heap]") {
    std::set<std::string_view> words;
    for (const HeapMode mode : modes) {
        words.insert(name_of(mode));
    }
    for (const Kind kind :
         {Kind::double_free, Kind::interior, Kind::foreign, Kind::overrun, Kind::underrun, Kind::written_after_free}) {
        words.insert(explain(kind));
    }
    CHECK(words.size() == 9);
    CHECK(name_of(static_cast<HeapMode>(99)) == "?");
    CHECK(explain(static_cast<Kind>(99)) == "?");
}

} // namespace
} // namespace quire
