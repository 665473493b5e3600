// The frame allocator gives the answers of a plain list of owners, names every refusal, keeps what is free together,
// and its books balance after every kind of step.
#include "kernel/memory/frames/frame_allocator.h"
#include "tests/host/support/panic.h"
#include "tests/host/support/random.h"
#include "tests/host/support/require_audit.h"
#include "tests/host/support/string_sink.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <memory>
#include <set>
#include <string>
#include <vector>

namespace quire {
namespace {

// Books of exactly the size asked for, full of rubbish; at first no frame is RAM.
struct OwnedFrames {
    explicit OwnedFrames(std::uint32_t count)
        : books(std::make_unique<std::byte[]>(FrameAllocator::metadata_size(count))),
          frames(dirty(books.get(), FrameAllocator::metadata_size(count)), count) {}
    static std::span<std::byte> dirty(std::byte* bytes, std::size_t size) {
        std::fill_n(bytes, size, std::byte{0xA5});
        return {bytes, size};
    }
    std::unique_ptr<std::byte[]> books; // NOLINT(modernize-avoid-c-arrays): sized at run time, aligned by new
    FrameAllocator frames;
};

// All of it RAM.
struct AllRam : OwnedFrames {
    explicit AllRam(std::uint32_t count) : OwnedFrames(count) { REQUIRE(frames.add_ram({Frame(0), count})); }
};

template <class T> std::string outcome(const Result<T>& result) {
    return result ? "done" : std::string(name_of(result.error()));
}

// ---- The model

// Who owns each frame, the slow and obvious way.
class Model {
public:
    explicit Model(std::uint32_t count) : owners_(count, Owner::absent), sharers_(count, 0) {}

    [[nodiscard]] std::uint32_t size() const { return static_cast<std::uint32_t>(owners_.size()); }
    [[nodiscard]] bool contains(FrameRun run) const {
        return std::uint64_t{run.first.number()} + run.count <= owners_.size();
    }
    [[nodiscard]] Owner owner(Frame frame) const {
        return frame.number() < size() ? owners_[frame.number()] : Owner::absent;
    }
    [[nodiscard]] std::uint32_t sharers(Frame frame) const {
        return frame.number() < size() ? sharers_[frame.number()] : 0;
    }
    [[nodiscard]] std::uint32_t count(Owner owner) const {
        return static_cast<std::uint32_t>(std::count(owners_.begin(), owners_.end(), owner));
    }
    [[nodiscard]] std::uint32_t free() const { return free_; }
    [[nodiscard]] bool all(FrameRun run, Owner owner) const {
        return contains(run) && std::all_of(owners_.begin() + run.first.number(), owners_.begin() + run.end().number(),
                                            [owner](Owner each) { return each == owner; });
    }
    [[nodiscard]] bool has_free_below(std::uint32_t limit) const {
        return std::find(owners_.begin(), owners_.begin() + std::min(limit, size()), Owner::free) !=
               owners_.begin() + std::min(limit, size());
    }
    [[nodiscard]] bool has_aligned_run(std::uint32_t count, std::uint32_t limit) const {
        for (std::uint32_t at = 0; at + count <= std::min(limit, size()); at += count) {
            if (all({Frame(at), count}, Owner::free)) {
                return true;
            }
        }
        return false;
    }
    void set(FrameRun run, Owner owner) {
        for (std::uint32_t number = run.first.number(); number < run.end().number(); ++number) {
            free_ -= owners_[number] == Owner::free ? 1U : 0U;
            free_ += owner == Owner::free ? 1U : 0U;
            owners_[number] = owner;
            sharers_[number] = handed_out(owner) ? 1 : 0;
        }
    }
    void set_sharers(Frame frame, std::uint32_t count) { sharers_[frame.number()] = count; }
    void transfer(Frame frame, Owner owner) { owners_[frame.number()] = owner; }

    // What free() and its like answer for one frame.
    [[nodiscard]] std::string refusal(Frame frame, bool shared_too) const {
        if (frame.number() >= size()) {
            return "out of range";
        }
        switch (owner(frame)) {
        case Owner::absent: return "foreign";
        case Owner::free: return "double free";
        case Owner::reserved:
        case Owner::kernel:
        case Owner::module:
        case Owner::metadata:
        case Owner::zero: return "reserved";
        default: return shared_too && sharers(frame) > 1 ? "not free" : "done";
        }
    }
    // The first refusal in a run.
    template <class Refusal> [[nodiscard]] std::string first_refusal(FrameRun run, Refusal refusal) const {
        if (run.count == 0) {
            return "invalid argument";
        }
        if (!contains(run)) {
            return "out of range";
        }
        for (std::uint32_t i = 0; i < run.count; ++i) {
            if (std::string answer = refusal(run.first + i); answer != "done") {
                return answer;
            }
        }
        return "done";
    }

private:
    std::vector<Owner> owners_;
    std::vector<std::uint32_t> sharers_;
    std::uint32_t free_ = 0;
};

// Allocator and model side by side, with the operations that drive both.
class Pair {
public:
    Pair(std::uint32_t count, std::uint32_t seed) : random_(seed), model_(count), owned_(count) {
        // RAM with holes, and some of it set aside.
        for (std::uint32_t at = 0; at < count;) {
            const FrameRun run{Frame(at), std::min(count - at, 1 + random_.below(count / 4 + 1))};
            if (!random_.once_in(4)) {
                expect(outcome(frames().add_ram(run)), "done");
                model_.set(run, Owner::free);
            }
            at = run.end().number();
        }
    }

    [[nodiscard]] FrameAllocator& frames() { return owned_.frames; }

    void step() {
        switch (random_.below(14)) {
        case 0:
        case 1:
        case 2: allocate(); break;
        case 3:
        case 4:
        case 5: free_one(); break;
        case 6: allocate_below(); break;
        case 7: allocate_run(); break;
        case 8: free_run(); break;
        case 9: take_run(); break;
        case 10: release_boot_run(); break;
        case 11: share(); break;
        case 12: release(); break;
        default: transfer(); break;
        }
        if (frames().free_count() != model_.free()) {
            FAIL("free frames: " << frames().free_count() << ", should be " << model_.free());
        }
    }

    void check_everything() {
        test::require_audit(frames());
        const FrameStatistics statistics = frames().statistics();
        for (const Owner owner : all_owners()) {
            REQUIRE(statistics.of(owner) == model_.count(owner));
        }
        for (std::uint32_t number = 0; number < model_.size() + 2; ++number) {
            const Frame frame(number);
            if (frames().owner(frame) != model_.owner(frame) || frames().share_count(frame) != model_.sharers(frame)) {
                FAIL("frame " << number << " has the wrong owner or share count");
            }
        }
    }

    // Frees all that is handed out or set aside.
    void give_all_back() {
        for (std::uint32_t number = 0; number < model_.size(); ++number) {
            const Frame frame(number);
            while (frames().share_count(frame) > 0) {
                expect(outcome(frames().release(frame)), "done");
            }
            if (frames().owner(frame) > Owner::free) {
                expect(outcome(frames().release_boot_run({frame, 1})), "done");
            }
            if (model_.owner(frame) != Owner::absent) {
                model_.set({frame, 1}, Owner::free);
            }
        }
    }

private:
    // Catch's own assertions are slow, and a million steps are many.
    static void expect(const std::string& answer, const std::string& expected) {
        if (answer != expected) {
            FAIL("answered \"" << answer << "\", should be \"" << expected << "\"");
        }
    }
    static void expect(bool holds, const char* what) {
        if (!holds) {
            FAIL("does not hold: " << what);
        }
    }

    Owner any_owner() { return static_cast<Owner>(random_.below(owner_count)); }
    Owner run_time_owner() { return static_cast<Owner>(5 + random_.below(owner_count - 5)); } // mostly valid
    Frame any_frame() { return Frame(random_.below(model_.size() + 2)); }
    FrameRun any_run() {
        return {any_frame(), random_.once_in(2) ? random_.below(4) : random_.below(model_.size()) >> random_.below(8)};
    }
    static bool takes(Owner owner) { return owner != Owner::absent && owner != Owner::free; }

    void allocate() {
        const Owner owner = random_.once_in(20) ? any_owner() : run_time_owner();
        const Result<Frame> frame = frames().allocate(owner);
        expect(outcome(frame), !takes(owner) ? "invalid argument" : model_.free() == 0 ? "out of memory" : "done");
        if (frame) {
            expect(model_.owner(*frame) == Owner::free, "an allocated frame was free");
            model_.set({*frame, 1}, owner);
        }
    }

    void allocate_below() {
        const Frame limit = any_frame();
        const Result<Frame> frame = frames().allocate_below(Owner::test, limit);
        expect(outcome(frame), model_.has_free_below(limit.number()) ? "done" : "out of memory");
        if (frame) {
            expect(model_.owner(*frame) == Owner::free && *frame < limit, "a free frame below the limit was given");
            model_.set({*frame, 1}, Owner::test);
        }
    }

    void allocate_run() {
        const std::uint32_t count = any_run().count;
        const std::uint32_t alignment = 1U << random_.below(6);
        const Frame limit = random_.once_in(2) ? Frame(frames_in_4_gib) : any_frame();
        const Result<FrameRun> run = frames().allocate_run(Owner::stack, count, alignment, limit);
        if (!run) {
            expect(outcome(run), count == 0              ? "invalid argument"
                                 : count > model_.size() ? "too large"
                                                         : "out of memory");
            const std::uint32_t power = std::bit_ceil(std::max(count, alignment));
            expect(count == 0 || !model_.has_aligned_run(power, limit.number()), "no aligned run is overlooked");
            return;
        }
        expect(run->count == count && run->first.number() % alignment == 0 && run->end() <= limit, "the run fits");
        expect(model_.all(*run, Owner::free), "the run was free");
        model_.set(*run, Owner::stack);
    }

    void free_one() {
        const Frame frame = any_frame();
        const std::string expected = model_.refusal(frame, true);
        if (random_.once_in(2)) {
            expect(outcome(frames().free(frame)), expected);
        } else {
            const std::uint32_t offset = random_.once_in(4) ? random_.below(page_size) : 0;
            const PhysAddr address = frame.start() + offset;
            expect(outcome(frames().free(address)), offset != 0 ? "misaligned" : expected);
            if (offset != 0) {
                return;
            }
        }
        if (expected == "done") {
            model_.set({frame, 1}, Owner::free);
        }
    }

    void free_run() {
        const FrameRun run = any_run();
        const std::string expected =
            model_.first_refusal(run, [this](Frame frame) { return model_.refusal(frame, true); });
        expect(outcome(frames().free_run(run)), expected);
        if (expected == "done") {
            model_.set(run, Owner::free);
        }
    }

    void take_run() {
        const FrameRun run = any_run();
        const Owner owner = any_owner();
        std::string expected =
            takes(owner) ? model_.first_refusal(run,
                                                [this](Frame frame) -> std::string {
                                                    return model_.owner(frame) == Owner::absent ? "foreign" : "done";
                                                })
                         : "invalid argument";
        if (expected == "done" && !model_.all(run, Owner::free)) {
            expected = "not free";
        }
        expect(outcome(frames().claim_boot_run(run, owner)), expected);
        if (expected == "done") {
            model_.set(run, owner);
        }
    }

    void release_boot_run() {
        const FrameRun run = any_run();
        const std::string expected = model_.first_refusal(run, [this](Frame frame) -> std::string {
            const std::string refusal = model_.refusal(frame, false);
            return refusal == "reserved" ? "done" : refusal == "done" ? "not free" : refusal;
        });
        expect(outcome(frames().release_boot_run(run)), expected);
        if (expected == "done") {
            model_.set(run, Owner::free);
        }
    }

    void share() {
        const Frame frame = any_frame();
        const std::string expected = model_.refusal(frame, false);
        expect(outcome(frames().share(frame)), expected);
        if (expected == "done") {
            model_.set_sharers(frame, model_.sharers(frame) + 1);
        }
    }

    void release() {
        const Frame frame = any_frame();
        const std::string expected = model_.refusal(frame, false);
        const Result<std::uint32_t> left = frames().release(frame);
        expect(outcome(left), expected);
        if (!left) {
            return;
        }
        expect(*left == model_.sharers(frame) - 1, "release tells how many are left");
        if (*left == 0) {
            model_.set({frame, 1}, Owner::free);
        } else {
            model_.set_sharers(frame, *left);
        }
    }

    void transfer() {
        const Frame frame = any_frame();
        const Owner owner = any_owner();
        const std::string expected = handed_out(owner) ? model_.refusal(frame, false) : "invalid argument";
        expect(outcome(frames().transfer(frame, owner)), expected);
        if (expected == "done") {
            model_.transfer(frame, owner);
        }
    }

    test::Random random_;
    Model model_;
    OwnedFrames owned_;
};

TEST_CASE("the allocator agrees with a list of owners through a million random steps", "[frames]") {
    const auto size = GENERATE(1U, 2U, 31U, 32U, 33U, 300U, 1023U, 1024U, 1025U, 3000U);
    const bool low_last = GENERATE(false, true);
    const std::uint32_t seed = 7 * size + (low_last ? 1 : 0);
    INFO(size << " frames, seed " << seed << (low_last ? ", the first 4 MiB last" : ""));
    Pair pair(size, seed);
    if (low_last) {
        pair.frames().hand_out_last_below(Frame(frames_per_large_page));
    }
    for (std::uint32_t steps = 0; steps < 50'000; ++steps) {
        pair.step();
        if (steps % 2000 == 0) {
            pair.check_everything();
        }
    }
    pair.check_everything();
    pair.give_all_back();
    pair.check_everything();
}

// ---- Refusals, one by one

TEST_CASE("every wrong way to give a frame back has its name", "[frames]") {
    OwnedFrames owned(200);
    FrameAllocator& frames = owned.frames;
    REQUIRE(frames.add_ram({Frame(10), 100}));
    REQUIRE(frames.claim_boot_run({Frame(20), 5}, Owner::kernel));
    const Frame frame = frames.allocate(Owner::anonymous).value();

    CHECK(outcome(frames.free(frame.start() + 1)) == "misaligned");
    CHECK(outcome(frames.free(Frame(200))) == "out of range");
    CHECK(outcome(frames.free(PhysAddr(0xFFFFF000))) == "out of range");
    CHECK(outcome(frames.free(Frame(5))) == "foreign");
    CHECK(outcome(frames.free(Frame(20))) == "reserved");
    CHECK(outcome(frames.free(Frame(60))) == "double free");
    REQUIRE(frames.share(frame));
    CHECK(outcome(frames.free(frame)) == "not free");
    CHECK(outcome(frames.free_run({frame, 1})) == "not free");
    CHECK(frames.release(frame) == 1U);
    CHECK(outcome(frames.free(frame)) == "done");
    CHECK(outcome(frames.free(frame)) == "double free");
    CHECK(outcome(frames.free_run({frame, 1})) == "double free");
    CHECK(outcome(frames.release(frame)) == "double free");
    CHECK(outcome(frames.share(frame)) == "double free");
    CHECK(outcome(frames.transfer(frame, Owner::file)) == "double free");
    CHECK(outcome(frames.release_boot_run({Frame(60), 1})) == "double free");
    CHECK(outcome(frames.free_run({frame, 0})) == "invalid argument");
    CHECK(outcome(frames.free_run({Frame(199), 2})) == "out of range");
    CHECK(outcome(frames.free_run({Frame(1), 0xFFFFFFFF})) == "out of range");
    test::require_audit(frames);
}

TEST_CASE("RAM is added once, and only where frame numbers reach", "[frames]") {
    OwnedFrames owned(100);
    CHECK(outcome(owned.frames.add_ram({Frame(90), 11})) == "out of range");
    CHECK(outcome(owned.frames.add_ram({Frame(10), 7})) == "done");
    CHECK(outcome(owned.frames.add_ram({Frame(16), 4})) == "not free");
    CHECK(outcome(owned.frames.add_ram({Frame(3), 10})) == "not free");
    CHECK(outcome(owned.frames.add_ram({Frame(0), 0})) == "done");
    CHECK(owned.frames.statistics().ram == 7);
    test::require_audit(owned.frames);
}

TEST_CASE("a request that makes no sense is refused by name", "[frames]") {
    AllRam all(100);
    CHECK(outcome(all.frames.allocate(Owner::free)) == "invalid argument");
    CHECK(outcome(all.frames.allocate(Owner::absent)) == "invalid argument");
    CHECK(outcome(all.frames.allocate(static_cast<Owner>(owner_count))) == "invalid argument");
    CHECK(outcome(all.frames.allocate_below(Owner::free, Frame(10))) == "invalid argument");
    CHECK(outcome(all.frames.allocate_run(Owner::stack, 0)) == "invalid argument");
    CHECK(outcome(all.frames.allocate_run(Owner::stack, 4, 3)) == "invalid argument");
    CHECK(outcome(all.frames.allocate_run(Owner::stack, 4, 0)) == "invalid argument");
    CHECK(outcome(all.frames.allocate_run(Owner::free, 4)) == "invalid argument");
    CHECK(outcome(all.frames.allocate_run(Owner::stack, 101)) == "too large");
    CHECK(outcome(all.frames.claim_boot_run({Frame(0), 1}, Owner::free)) == "invalid argument");
    CHECK(outcome(all.frames.claim_boot_run({Frame(0), 0}, Owner::kernel)) == "invalid argument");
    const Frame frame = all.frames.allocate(Owner::file).value();
    CHECK(outcome(all.frames.transfer(frame, Owner::kernel)) == "invalid argument");
    CHECK(outcome(all.frames.transfer(frame, static_cast<Owner>(100))) == "invalid argument");
    CHECK(all.frames.statistics().free == 99);
    test::require_audit(all.frames);
}

TEST_CASE("when memory is exhausted every way to ask says so and changes nothing", "[frames]") {
    AllRam all(1000);
    FrameAllocator& frames = all.frames;
    std::set<Frame> taken;
    while (const Result<Frame> frame = frames.allocate(Owner::test)) {
        CHECK(taken.insert(*frame).second);
    }
    REQUIRE(taken.size() == 1000);
    CHECK(outcome(frames.allocate(Owner::heap)) == "out of memory");
    CHECK(outcome(frames.allocate_table()) == "out of memory");
    CHECK(outcome(frames.allocate_below(Owner::heap, Frame(1000))) == "out of memory");
    CHECK(outcome(frames.allocate_run(Owner::heap, 1)) == "out of memory");
    CHECK(outcome(frames.reserve(1)) == "out of memory");
    CHECK(outcome(frames.claim_boot_run({Frame(7), 1}, Owner::kernel)) == "not free");
    CHECK(frames.statistics().of(Owner::test) == 1000);
    test::require_audit(frames);
    for (const Frame frame : taken) {
        REQUIRE(frames.free(frame));
    }
    CHECK(frames.free_count() == 1000);
    test::require_audit(frames);
}

// ---- The cache

TEST_CASE("a frame freed just now is free to all the world, and found by every request", "[frames]") {
    AllRam all(frames_per_large_page);
    FrameAllocator& frames = all.frames;
    std::vector<Frame> taken;
    while (const Result<Frame> frame = frames.allocate(Owner::test)) {
        taken.push_back(*frame);
    }
    for (std::uint32_t number = 100; number < 110; ++number) {
        REQUIRE(frames.free(Frame(number)));
    }
    REQUIRE(frames.statistics().in_cache == 10);
    CHECK(frames.owner(Frame(105)) == Owner::free);
    CHECK(outcome(frames.free(Frame(105))) == "double free");

    SECTION("by the next to ask, last in first out") {
        const std::uint64_t hits = frames.statistics().cache_hits;
        CHECK(frames.allocate(Owner::heap) == Frame(109));
        CHECK(frames.allocate(Owner::heap) == Frame(108));
        CHECK(frames.statistics().cache_hits == hits + 2);
    }
    SECTION("by address") {
        CHECK(outcome(frames.claim_boot_run({Frame(102), 4}, Owner::reserved)) == "done");
        CHECK(frames.free_count() == 6);
    }
    SECTION("below a limit") {
        CHECK(frames.allocate_below(Owner::heap, Frame(101)) == Frame(100));
        CHECK(outcome(frames.allocate_below(Owner::heap, Frame(101))) == "out of memory");
    }
    SECTION("as a run") {
        CHECK(frames.allocate_run(Owner::stack, 10) == FrameRun{Frame(100), 10});
        CHECK(outcome(frames.allocate_run(Owner::stack, 1)) == "out of memory");
    }
    SECTION("by a reservation") {
        CHECK(outcome(frames.reserve(11)) == "out of memory");
        CHECK(outcome(frames.reserve(10)) == "done");
    }
    test::require_audit(frames);
}

TEST_CASE("a frame above the lowest block with free frames does not enter the cache", "[frames]") {
    AllRam all(4 * frames_per_large_page);
    FrameAllocator& frames = all.frames;
    const FrameRun high = frames.allocate_run(Owner::test, 3 * frames_per_large_page, frames_per_large_page).value();
    const Frame low = frames.allocate(Owner::test).value();
    REQUIRE(low > high.first); // only the last block is left
    const std::uint32_t in_cache = frames.statistics().in_cache;
    REQUIRE(frames.free(high.first));
    CHECK(frames.statistics().in_cache == in_cache + 1); // below the lowest free frame: enters
    REQUIRE(frames.free(low));
    CHECK(frames.statistics().in_cache == in_cache + 2);                                     // in its block: enters
    CHECK(frames.allocate_run(Owner::test, 2, 1, Frame(1)).error() == Error::out_of_memory); // drains the cache
    CHECK(frames.statistics().in_cache == 0);
    REQUIRE(frames.free(high.first + 2000));
    CHECK(frames.statistics().in_cache == 0); // frame 0 is free in a lower block now
    CHECK(frames.allocate(Owner::test) == high.first);
    test::require_audit(frames);
}

TEST_CASE("the cache holds no more than it has room for", "[frames]") {
    AllRam all(2000);
    FrameAllocator& frames = all.frames;
    while (frames.allocate(Owner::test)) {
    }
    for (std::uint32_t number = 2000; number > 0; --number) {
        REQUIRE(frames.free(Frame(number - 1)));
    }
    CHECK(frames.statistics().in_cache <= FrameAllocator::cache_size);
    CHECK(frames.free_count() == 2000);
    test::require_audit(frames);
}

// ---- Order

TEST_CASE("frames come in address order, those below the given limit last", "[frames]") {
    AllRam all(3 * frames_per_large_page);
    FrameAllocator& frames = all.frames;
    SECTION("lowest first") {
        for (std::uint32_t number = 0; number < frames.frame_count(); ++number) {
            REQUIRE(frames.allocate(Owner::test) == Frame(number));
        }
    }
    SECTION("low memory last") {
        frames.hand_out_last_below(Frame(2 * frames_per_large_page));
        CHECK(frames.allocate_run(Owner::test, 4) == FrameRun{Frame(2 * frames_per_large_page), 4});
        REQUIRE(frames.free_run({Frame(2 * frames_per_large_page), 4}));
        for (std::uint32_t i = 0; i < frames.frame_count(); ++i) {
            REQUIRE(frames.allocate(Owner::test) ==
                    Frame((i + 2 * frames_per_large_page) % (3 * frames_per_large_page)));
        }
        test::require_audit(frames);
        REQUIRE(frames.free(Frame(7)));
        CHECK(frames.allocate_run(Owner::stack, 1) == FrameRun{Frame(7), 1});
        CHECK(outcome(frames.allocate(Owner::test)) == "out of memory");
    }
    SECTION("devices that reach no further are still served") {
        frames.hand_out_last_below(Frame(frames_per_large_page));
        for (std::uint32_t i = 0; i < 2 * frames_per_large_page; ++i) {
            REQUIRE(frames.allocate(Owner::test));
        }
        CHECK(frames.allocate_run(Owner::test, 16, 16, Frame(frames_per_large_page)) == FrameRun{Frame(0), 16});
        CHECK(frames.allocate_below(Owner::test, Frame(frames_per_large_page)) == Frame(16));
    }
    SECTION("a run given back across the limit is found again") {
        frames.hand_out_last_below(Frame(frames_per_large_page));
        REQUIRE(frames.claim_boot_run({Frame(0), frames.frame_count()}, Owner::reserved));
        REQUIRE(frames.release_boot_run({Frame(frames_per_large_page - 1), 2}));
        test::require_audit(frames);
        CHECK(frames.allocate(Owner::test) == Frame(frames_per_large_page));
        CHECK(frames.allocate(Owner::test) == Frame(frames_per_large_page - 1));
    }
    test::require_audit(frames);
}

TEST_CASE("after churn what is free lies together in whole 4 MiB blocks", "[frames]") {
    // 1 GiB. Half of it stays in use, while every frame in use is given back once, in random order, for a new one.
    constexpr std::uint32_t count = 256 * frames_per_large_page;
    AllRam all(count);
    FrameAllocator& frames = all.frames;
    test::Random random(1965);
    std::vector<Frame> live;
    while (const Result<Frame> frame = frames.allocate(Owner::anonymous)) {
        live.push_back(*frame);
    }
    const auto shuffle = [&] {
        for (std::uint32_t i = static_cast<std::uint32_t>(live.size()) - 1; i > 0; --i) {
            std::swap(live[i], live[random.below(i + 1)]);
        }
    };
    shuffle();
    bool worked = true;
    for (; live.size() > count / 2; live.pop_back()) {
        worked &= frames.free(live.back()).has_value();
    }
    CHECK(frames.statistics().whole_blocks == 0); // as broken as it can be
    for (int rounds = 0; rounds < 2; ++rounds) {
        shuffle();
        for (Frame& frame : live) {
            worked &= frames.free(frame).has_value();
            frame = frames.allocate(Owner::anonymous).value();
        }
    }
    CHECK(worked);
    const FrameStatistics statistics = frames.statistics();
    const std::uint32_t whole = statistics.whole_blocks * frames_per_large_page;
    INFO(whole << " of " << statistics.free << " free frames are in whole blocks");
    CHECK(std::uint64_t{whole} * 100 >= std::uint64_t{statistics.free} * 99);
    test::require_audit(frames);
}

// ---- Sharers, reservations, tables, statistics

TEST_CASE("a frame has more sharers than 16 bits count", "[frames]") {
    AllRam all(40);
    FrameAllocator& frames = all.frames;
    const Frame frame = frames.allocate(Owner::anonymous).value();
    CHECK(frames.share_count(frame) == 1);
    for (std::uint32_t sharers = 2; sharers <= 300; ++sharers) {
        REQUIRE(frames.share(frame));
        REQUIRE(frames.share_count(frame) == sharers);
    }
    test::require_audit(frames);
    constexpr std::uint32_t many = 70'000;
    for (std::uint32_t sharers = 301; sharers <= many; ++sharers) {
        frames.share_mapped(frame);
    }
    CHECK(frames.share_count(frame) == many);
    CHECK(outcome(frames.transfer(frame, Owner::shared)) == "done");
    CHECK(frames.owner(frame) == Owner::shared);
    for (std::uint32_t left = many - 1; left > 0; --left) {
        REQUIRE(frames.release(frame) == left);
    }
    CHECK(frames.owner(frame) == Owner::shared);
    CHECK(frames.release(frame) == 0U);
    CHECK(frames.owner(frame) == Owner::free);
    CHECK(frames.share_count(frame) == 0);
    CHECK(frames.share_count(Frame(41)) == 0);
    test::require_audit(frames);
}

TEST_CASE("a reservation keeps its frames from everybody else and gives back what was not taken", "[frames]") {
    AllRam all(10);
    FrameAllocator& frames = all.frames;
    {
        FrameReservation promised = frames.reserve(6).value();
        CHECK(promised.left() == 6);
        CHECK(frames.statistics().promised == 6);
        CHECK(outcome(frames.reserve(5)) == "out of memory");
        CHECK(outcome(frames.allocate_run(Owner::heap, 5)) == "out of memory");
        CHECK(outcome(frames.claim_boot_run({Frame(0), 5}, Owner::kernel)) == "out of memory");
        for (int i = 0; i < 4; ++i) {
            REQUIRE(frames.allocate(Owner::heap));
        }
        CHECK(outcome(frames.allocate(Owner::heap)) == "out of memory");
        CHECK(outcome(frames.allocate_below(Owner::heap, Frame(10))) == "out of memory");
        FrameReservation moved = std::move(promised);
        CHECK(promised.left() == 0); // NOLINT(bugprone-use-after-move): what is left of it is the point
        for (int i = 0; i < 3; ++i) {
            CHECK(frames.owner(moved.take(Owner::page_table)) == Owner::page_table);
        }
        CHECK(moved.left() == 3);
        CHECK_THROWS_AS(promised.take(Owner::heap), test::Panic); // NOLINT(bugprone-use-after-move)
        CHECK_THROWS_AS(moved.take(Owner::free), test::Panic);
        test::require_audit(frames);
    }
    CHECK(frames.statistics().promised == 0);
    CHECK(outcome(frames.allocate_run(Owner::heap, 3)) == "done");
    test::require_audit(frames);
}

TEST_CASE("page tables come from and go back to the allocator as a frame source", "[frames]") {
    AllRam all(10);
    PageTableAllocator& source = all.frames;
    const Frame table = source.allocate_table().value();
    CHECK(source.is_table(table));
    CHECK(all.frames.owner(table) == Owner::page_table);
    source.free_table(table);
    CHECK_FALSE(source.is_table(table));
    CHECK_THROWS_AS(source.free_table(table), test::Panic);
    const Frame other = all.frames.allocate(Owner::heap).value();
    CHECK_THROWS_AS(source.free_table(other), test::Panic);
    CHECK(all.frames.owner(other) == Owner::heap);
}

TEST_CASE("the statistics tell what happened", "[frames]") {
    OwnedFrames owned(5000);
    FrameAllocator& frames = owned.frames;
    REQUIRE(frames.add_ram({Frame(0), 4500}));
    REQUIRE(frames.claim_boot_run({Frame(256), 100}, Owner::kernel));
    const Frame frame = frames.allocate(Owner::heap).value();
    REQUIRE(frames.free(frame));
    REQUIRE(frames.allocate(Owner::stack));
    const FrameStatistics statistics = frames.statistics();
    CHECK(statistics.total == 5000);
    CHECK(statistics.ram == 4500);
    CHECK(statistics.free == 4399);
    CHECK(statistics.of(Owner::free) == 4399);
    CHECK(statistics.of(Owner::absent) == 500);
    CHECK(statistics.of(Owner::kernel) == 100);
    CHECK(statistics.of(Owner::stack) == 1);
    CHECK(statistics.of(Owner::heap) == 0);
    CHECK(statistics.whole_blocks == 3);
    CHECK(statistics.allocations == 102);
    CHECK(statistics.frees == 1);
    CHECK(statistics.cache_hits == 1);
}

TEST_CASE("every owner class has a name of its own", "[frames]") {
    std::set<std::string_view> names;
    for (const Owner owner : all_owners()) {
        CHECK(names.insert(name_of(owner)).second);
    }
    CHECK(names.count("unknown owner") == 0);
    CHECK(name_of(static_cast<Owner>(200)) == "unknown owner");
}

TEST_CASE("books that are too small or lie askew are refused at once", "[frames]") {
    constexpr std::size_t enough = FrameAllocator::metadata_size(100);
    alignas(4) std::array<std::byte, enough + 1> bytes{};
    CHECK_NOTHROW(FrameAllocator(std::span(bytes).first(enough), 100));
    CHECK_THROWS_AS(FrameAllocator(std::span(bytes).first(enough - 1), 100), test::Panic);
    CHECK_THROWS_AS(FrameAllocator(std::span(bytes).first(100), 100), test::Panic);
    CHECK_THROWS_AS(FrameAllocator(std::span(bytes).subspan(1), 100), test::Panic);
    CHECK_THROWS_AS(FrameAllocator(std::span(bytes), 0), test::Panic);
    CHECK_THROWS_AS(FrameAllocator(std::span(bytes), frames_in_4_gib + 1), test::Panic);
}

TEST_CASE("an audit sees one wrong bit in any owner byte", "[frames]") {
    OwnedFrames owned(100);
    FrameAllocator& frames = owned.frames;
    REQUIRE(frames.add_ram({Frame(0), 90}));
    REQUIRE(frames.claim_boot_run({Frame(0), 20}, Owner::kernel));
    const Frame frame = frames.allocate(Owner::heap).value();
    REQUIRE(frames.free(frames.allocate(Owner::heap).value())); // sits in the cache
    REQUIRE(frames.share(frame));
    std::byte* const owners = owned.books.get() + FrameAllocator::metadata_size(100) - 100;
    for (std::uint32_t number = 0; number < 100; ++number) {
        for (unsigned bit = 0; bit < 7; ++bit) {
            owners[number] ^= std::byte{1} << bit;
            test::StringSink sink;
            AuditReport report(sink);
            frames.audit(report);
            CHECK(report.failures() > 0);
            owners[number] ^= std::byte{1} << bit;
        }
    }
    test::require_audit(frames);
}

} // namespace
} // namespace quire
