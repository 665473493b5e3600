// What a choice costs, what loops cost, how one policy follows another, and that looking changes nothing.
#include "kernel/memory/replacement/replacement.h"
#include "tests/host/support/paging_model.h"
#include "tests/host/support/random.h"

#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <memory>
#include <vector>

using namespace quire;
using namespace quire::test;

namespace {

// Memory of so many frames, under one of the kernel's policies.
struct Paged {
    Paged(std::uint32_t frames, std::uint32_t pages, ReplacementPolicy policy) : memory(frames) {
        replacement.use(policy);
        model = std::make_unique<PagingModel>(memory.records(), replacement.current(), pages);
    }
    void use(ReplacementPolicy policy) {
        replacement.use(policy);
        model->set_policy(replacement.current());
    }
    std::vector<Candidate> preview(std::size_t most) {
        std::vector<Candidate> candidates(most);
        candidates.resize(replacement.current().preview(*model, candidates));
        return candidates;
    }

    FramesOfModel memory;
    Replacement replacement{memory.records()};
    std::unique_ptr<PagingModel> model;
};

std::vector<ModelPage> loop(std::uint32_t length, std::uint32_t rounds) {
    std::vector<ModelPage> touches;
    for (std::uint32_t at = 0; at != length * rounds; ++at) {
        touches.push_back(at % length);
    }
    return touches;
}

std::uint64_t faults(ReplacementPolicy policy, const std::vector<ModelPage>& touches, std::uint32_t frames) {
    Paged paged(frames, std::ranges::max(touches) + 1, policy);
    for (const ModelPage page : touches) {
        paged.model->touch(page);
    }
    return paged.model->faults();
}

} // namespace

TEST_CASE("a choice costs the same however many pages there are", "[replacement]") {
    for (const ReplacementPolicy policy : Replacement::all_policies) {
        for (const std::uint32_t frames : {64U, 512U, 4096U, 32768U}) {
            CAPTURE(name_of(policy), frames);
            Paged paged(frames, 2 * frames, policy);
            Random random(frames);
            // Many more touches than faults, of pages near each other for a while.
            const std::uint32_t touches = 24 * frames;
            for (std::uint32_t step = 0; step != touches; ++step) {
                paged.model->touch((step / 16 + random.below(frames / 2)) % (2 * frames));
            }
            const ReplacementCounts& counts = paged.replacement.current().counts();
            REQUIRE(counts.chosen > frames / 2);
            // Each look chooses a page, clears a bit that a touch has set, or is one of those that go along with a page
            // that comes or goes: aging's eight, the sieve's one.
            const std::uint64_t for_bits = paged.model->bits_cleared();
            CHECK(counts.looks <= 10 * counts.chosen + counts.loaded + for_bits);
            CHECK(counts.looks - for_bits <= 10 * (counts.chosen + frames));
            CHECK(for_bits <= touches);
        }
    }
}

TEST_CASE("one choice looks at each page twice at most", "[replacement]") {
    for (const ReplacementPolicy policy : Replacement::all_policies) {
        CAPTURE(name_of(policy));
        constexpr std::uint32_t frames = 1000;
        Paged paged(frames, frames, policy);
        for (std::uint32_t page = 0; page != frames; ++page) {
            paged.model->touch(page);
        }
        REQUIRE(paged.model->evict());
        for (std::uint32_t page = 0; page != frames; ++page) {
            paged.model->touch(page);
        }
        const std::uint64_t before = paged.replacement.current().counts().looks;
        REQUIRE(paged.model->evict());
        CHECK(paged.replacement.current().counts().looks - before <= 2 * frames + 2);
    }
}

TEST_CASE("few pages in much memory go by chance, too", "[replacement]") {
    constexpr std::uint32_t pages = 8, rounds = 25;
    Paged paged(100'000, pages, ReplacementPolicy::random);
    for (ModelPage page = 0; page != pages; ++page) {
        paged.model->touch(page);
    }
    std::uint32_t by_turns = 0; // rounds in which each page went once
    for (std::uint32_t round = 0; round != rounds; ++round) {
        std::array<bool, pages> went{};
        for (std::uint32_t each = 0; each != pages; ++each) {
            const auto page = paged.model->evict();
            REQUIRE(page.has_value());
            went[*page] = true;
            paged.model->touch(*page);
        }
        by_turns += std::ranges::all_of(went, [](bool page_went) { return page_went; }) ? 1U : 0U;
    }
    CHECK(by_turns <= 2); // by chance it is one round in 416: 8^8 / 8!
}

TEST_CASE("where no page can go, none is chosen, and all are known yet", "[replacement]") {
    for (const ReplacementPolicy policy : Replacement::all_policies) {
        CAPTURE(name_of(policy));
        Paged paged(20, 20, policy);
        for (ModelPage page = 0; page != 20; ++page) {
            paged.model->touch(page);
            paged.model->set_pinned(page, true);
        }
        CHECK_FALSE(paged.model->evict());
        CHECK(paged.replacement.current().known() == 20);
        paged.model->set_pinned(7, false);
        CHECK(paged.model->evict() == 7U);
    }
}

TEST_CASE("a loop longer than memory keeps most of its pages under the default", "[replacement]") {
    constexpr std::uint32_t frames = 200;
    for (const std::uint32_t length : {210U, 250U, 300U, 400U}) {
        CAPTURE(length);
        const std::vector<ModelPage> touches = loop(length, 40);
        const std::uint64_t best = optimal_faults(touches, frames);
        CHECK(faults(ReplacementPolicy::clock, touches, frames) == touches.size());
        CHECK(faults(ReplacementPolicy::fifo, touches, frames) == touches.size());
        CHECK(faults(ReplacementPolicy::adaptive_sieve, touches, frames) <= best * 5 / 4);
        CHECK(faults(ReplacementPolicy::random, touches, frames) <= best * 2);
    }
}

TEST_CASE("when a loop has ended, what is used then is kept", "[replacement]") {
    constexpr std::uint32_t frames = 200;
    std::vector<ModelPage> touches = loop(250, 20);
    Random random(1);
    for (std::uint32_t step = 0; step != 40'000; ++step) {
        touches.push_back(250 + random.below(150));
    }
    const std::uint64_t in_loop = faults(ReplacementPolicy::adaptive_sieve, loop(250, 20), frames);
    const std::uint64_t in_all = faults(ReplacementPolicy::adaptive_sieve, touches, frames);
    CHECK(in_all - in_loop <= 40'000 / 20); // of the touches that follow
}

TEST_CASE("a scan does not drive out what is in use", "[replacement]") {
    constexpr std::uint32_t frames = 200;
    std::vector<ModelPage> touches;
    Random random(1);
    for (std::uint32_t step = 0; step != 60'000; ++step) {
        touches.push_back(random.below(150));
        if (step % 4 == 0) {
            touches.push_back(150 + step / 4); // once, and never again
        }
    }
    const auto in_use_faults = [&](ReplacementPolicy policy) {
        return faults(policy, touches, frames) - 15'000; // those of the scan
    };
    for (const ReplacementPolicy policy : {ReplacementPolicy::adaptive_sieve, ReplacementPolicy::two_queue}) {
        CAPTURE(name_of(policy));
        CHECK(in_use_faults(policy) <= 3'000);
        CHECK(in_use_faults(policy) * 5 <= in_use_faults(ReplacementPolicy::fifo));
    }
}

TEST_CASE("by chance, each page goes as often as the others", "[replacement]") {
    constexpr std::uint32_t frames = 50, rounds = 20'000;
    Paged paged(frames, frames, ReplacementPolicy::random);
    std::vector<std::uint32_t> went(frames);
    for (ModelPage page = 0; page != frames; ++page) {
        paged.model->touch(page);
    }
    for (std::uint32_t round = 0; round != rounds; ++round) {
        const std::optional<ModelPage> page = paged.model->evict();
        REQUIRE(page);
        ++went[*page];
        paged.model->touch(*page);
    }
    // 400 are expected of each, with a standard deviation of 20.
    CHECK(std::ranges::min(went) > 300);
    CHECK(std::ranges::max(went) < 500);
}

TEST_CASE("looking at who goes next changes nothing, and is right", "[replacement]") {
    for (const ReplacementPolicy policy : Replacement::all_policies) {
        CAPTURE(name_of(policy));
        Paged looked_at(30, 90, policy), alone(30, 90, policy);
        Random random(3);
        for (std::uint32_t step = 0; step != 3000; ++step) {
            const ModelPage page = std::min(random.below(90), random.below(90));
            if (policy != ReplacementPolicy::random && policy != ReplacementPolicy::two_queue) { // one of its queues
                REQUIRE(looked_at.preview(100).size() == looked_at.model->resident());
            }
            REQUIRE(looked_at.preview(5).size() <= 5);
            REQUIRE(looked_at.model->touch(page) == alone.model->touch(page));
            if (step % 50 != 49 || policy == ReplacementPolicy::random || policy == ReplacementPolicy::aging) {
                continue; // nobody knows; and aging makes pages older before it looks
            }
            // What has come waits to be looked at: after one has gone, nothing does.
            REQUIRE(looked_at.model->evict() == alone.model->evict());
            const std::vector<Candidate> candidates = looked_at.preview(100);
            const auto first = std::ranges::find(candidates, Fate::goes, &Candidate::fate);
            if (first != candidates.end()) { // not all were used
                const std::optional<ModelPage> said = looked_at.model->page_in(first->frame);
                REQUIRE(looked_at.model->evict() == said);
                REQUIRE(alone.model->evict());
            }
        }
    }
}

TEST_CASE("another policy gets all pages, in the order of the one before", "[replacement]") {
    Paged paged(10, 20, ReplacementPolicy::fifo);
    for (ModelPage page = 0; page != 10; ++page) {
        paged.model->touch(page);
    }
    REQUIRE(paged.model->evict() == 0U);
    REQUIRE(paged.model->evict() == 1U);
    for (const ReplacementPolicy policy : Replacement::all_policies) {
        paged.use(policy);
        CHECK(paged.replacement.used() == policy);
        CHECK(paged.replacement.current().known() == 8);
    }
    paged.use(ReplacementPolicy::fifo);
    for (ModelPage page = 2; page != 10; ++page) {
        CHECK(paged.model->evict() == page);
    }
}

TEST_CASE("a departure is for the policy that chose it", "[replacement]") {
    constexpr std::uint32_t frames = 16;
    const FramesOfModel memory(frames);
    Replacement replacement(memory.records());
    PagingModel uses(memory.records(), replacement.current(), 1); // knows no page: all are gone
    replacement.loaded(Frame(1), 0);
    CHECK(replacement.current().counts().refaults == 0);
    CHECK_FALSE(replacement.choose(uses));
    struct Unused final : PageUses {
        Use use_since_last(Frame) override { return Use::unused; }
        Use use_so_far(Frame) override { return Use::unused; }
    } unused;
    replacement.loaded(Frame(1), 0);
    const auto chosen = replacement.choose(unused);
    REQUIRE(chosen);
    CHECK(chosen->frame == Frame(1));
    REQUIRE(chosen->ghost != 0);
    replacement.loaded(Frame(1), chosen->ghost);
    CHECK(replacement.current().counts().refaults == 1);
    replacement.use(ReplacementPolicy::two_queue);
    replacement.loaded(Frame(2), chosen->ghost);
    CHECK(replacement.current().counts().refaults == 0);
}
