// Threads come out in the order of their deadlines, whoever is taken out meanwhile, beside a sorted multiset; and what
// that costs grows with the logarithm of how many there are.
#include "kernel/sched/deadlines.h"
#include "kernel/sched/scheduler.h"
#include "tests/host/support/random.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <memory>
#include <set>
#include <vector>

namespace quire::test {
namespace {

class Nobody final : public ThreadOwner {
public:
    void enter(Thread&) override {}
    [[nodiscard]] bool interrupts_waits() const override { return false; }
    [[nodiscard]] bool is_killed() const override { return false; }
};

// Threads that never run.
class Crowd {
public:
    explicit Crowd(std::size_t count) {
        for (std::size_t made = 0; made < count; ++made) {
            threads_.push_back(
                std::make_unique<Thread>(*static_cast<Scheduler*>(unused_.data()), nobody_, Thread::Kind::kernel));
        }
    }
    [[nodiscard]] Thread& operator[](std::size_t at) const { return *threads_[at]; }
    [[nodiscard]] std::size_t size() const { return threads_.size(); }

private:
    // A thread only keeps the address of its scheduler.
    struct Place {
        alignas(Scheduler) std::byte bytes[sizeof(Scheduler)];
        void* data() { return bytes; }
    } unused_{};
    Nobody nobody_;
    std::vector<std::unique_ptr<Thread>> threads_;
};

} // namespace

TEST_CASE("Whose time comes first is first, at random, beside a sorted set", "[sched]") {
    Random random(3);
    Crowd crowd(300);
    Deadlines deadlines;
    std::multiset<std::uint64_t> model;
    for (int step = 0; step < 50'000; ++step) {
        Thread& thread = crowd[random.below(static_cast<std::uint32_t>(crowd.size()))];
        if (thread.deadline != 0) {
            model.erase(model.find(thread.deadline));
            deadlines.remove(thread);
        } else {
            const std::uint64_t deadline = 1 + random.below(200); // so that many are equal
            deadlines.add(thread, deadline);
            model.insert(deadline);
        }
        if (random.below(3) == 0 && deadlines.first() != nullptr) {
            REQUIRE(deadlines.first()->deadline == *model.begin());
            deadlines.remove(*deadlines.first());
            model.erase(model.begin());
        }
        REQUIRE(deadlines.count() == model.size());
        REQUIRE((deadlines.first() == nullptr) == model.empty());
        if (step % 100 == 0) {
            REQUIRE(deadlines.in_order());
        }
    }
}

TEST_CASE("All that wait come out sorted", "[sched]") {
    for (const std::size_t count : {1U, 2U, 3U, 1000U}) {
        Random random(5);
        Crowd crowd(count);
        Deadlines deadlines;
        for (std::size_t at = 0; at < count; ++at) {
            deadlines.add(crowd[at], 1 + random.below(1U << 20));
        }
        CHECK(deadlines.in_order());
        std::uint64_t last = 0;
        std::size_t taken = 0;
        while (Thread* const first = deadlines.first()) {
            REQUIRE(first->deadline >= last);
            last = first->deadline;
            deadlines.remove(*first);
            ++taken;
        }
        CHECK(taken == count);
        CHECK(deadlines.in_order());
    }
}

} // namespace quire::test
