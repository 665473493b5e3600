// The clock follows true time as long as its counter is read once in a period or the interrupts come, late or not, and
// it never goes back, whatever happens.
#include "arch/x86/portable/counter_clock.h"
#include "tests/host/support/random.h"

#include <algorithm>
#include <catch2/catch.hpp>

namespace quire::machine {
namespace {

constexpr std::uint32_t period = 11'932; // what 100 ticks a second make of the PC's timer

std::uint32_t phase_at(std::uint64_t time) {
    return static_cast<std::uint32_t>(time % period);
}

TEST_CASE("asked often, the clock is exact without a single interrupt", "[counter_clock]") {
    test::Random random(1);
    CounterClock clock(period);
    std::uint64_t time = 0;
    for (int step = 0; step < 100'000; ++step) {
        time += random.below(period);
        REQUIRE(clock.advance(phase_at(time)) == time);
    }
    CHECK(clock.ticks() == 0);
}

TEST_CASE("never asked, the clock is exact by its interrupts, late as they may be", "[counter_clock]") {
    const auto seed = GENERATE(1U, 2U, 3U);
    CAPTURE(seed);
    test::Random random(seed);
    CounterClock clock(period);
    for (std::uint64_t number = 1; number <= 100'000; ++number) {
        const std::uint64_t time = number * period + random.below(period - period / 16);
        clock.tick(phase_at(time));
        REQUIRE(clock.ticks() == number);
        REQUIRE(clock.advance(phase_at(time)) == time);
    }
}

TEST_CASE("the clock is exact after every interrupt, and between them if asked once in a period", "[counter_clock]") {
    const auto seed = GENERATE(1U, 2U, 3U);
    CAPTURE(seed);
    test::Random random(seed);
    CounterClock clock(period);
    std::uint64_t time = 0;
    std::uint64_t last_tick = 0; // the number of its period
    bool exact = true;
    for (int step = 0; step < 200'000; ++step) {
        const std::uint64_t interrupt = std::max(time, (last_tick + 1) * period + random.below(period - period / 16));
        const std::uint64_t question = time + random.below(2 * period);
        if (interrupt <= question && phase_at(interrupt) < period - period / 16) {
            time = interrupt;
            last_tick = time / period;
            clock.tick(phase_at(time));
            exact = true;
        } else if (question / period <= last_tick + 1) {
            exact = exact && question - time < period;
            time = question;
        }
        const std::uint64_t told = clock.advance(phase_at(time));
        REQUIRE(told <= time);
        REQUIRE((told == time || !exact));
    }
}

TEST_CASE("an interrupt that comes a little early adds nothing", "[counter_clock]") {
    CounterClock clock(period);
    clock.tick(phase_at(period + 10));
    clock.tick(phase_at(2 * period - 1)); // due at 2 * period
    CHECK(clock.advance(phase_at(2 * period + 5)) == 2 * period + 5);
    clock.tick(phase_at(3 * period + 7));
    CHECK(clock.advance(phase_at(3 * period + 7)) == 3 * period + 7);
    clock.tick(phase_at(4 * period + 7));
    CHECK(clock.advance(phase_at(4 * period + 7)) == 4 * period + 7);
}

TEST_CASE("the clock never goes back, even when interrupts come at random", "[counter_clock]") {
    test::Random random(7);
    CounterClock clock(period);
    std::uint64_t last = 0;
    for (int step = 0; step < 100'000; ++step) {
        if (random.once_in(2)) {
            clock.tick(random.below(period));
        }
        const std::uint64_t now = clock.advance(random.below(period));
        REQUIRE(now >= last);
        last = now;
    }
}

} // namespace
} // namespace quire::machine
