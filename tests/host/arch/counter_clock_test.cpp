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
        REQUIRE(clock.advance(phase_at(time), 0) == time);
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
        clock.tick(phase_at(time), 0);
        REQUIRE(clock.ticks() == number);
        REQUIRE(clock.advance(phase_at(time), 0) == time);
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
            clock.tick(phase_at(time), 0);
            exact = true;
        } else if (question / period <= last_tick + 1) {
            exact = exact && question - time < period;
            time = question;
        }
        const std::uint64_t told = clock.advance(phase_at(time), 0);
        REQUIRE(told <= time);
        REQUIRE((told == time || !exact));
    }
}

TEST_CASE("an interrupt that comes a little early adds nothing", "[counter_clock]") {
    CounterClock clock(period);
    clock.tick(phase_at(period + 10), 0);
    clock.tick(phase_at(2 * period - 1), 0); // due at 2 * period
    CHECK(clock.advance(phase_at(2 * period + 5), 0) == 2 * period + 5);
    clock.tick(phase_at(3 * period + 7), 0);
    CHECK(clock.advance(phase_at(3 * period + 7), 0) == 3 * period + 7);
    clock.tick(phase_at(4 * period + 7), 0);
    CHECK(clock.advance(phase_at(4 * period + 7), 0) == 4 * period + 7);
}

TEST_CASE("the clock never goes back, even when interrupts come at random", "[counter_clock]") {
    test::Random random(7);
    CounterClock clock(period);
    std::uint64_t last = 0;
    for (int step = 0; step < 100'000; ++step) {
        if (random.once_in(2)) {
            clock.tick(random.below(period), random());
        }
        const std::uint64_t now = clock.advance(random.below(period), random());
        REQUIRE(now >= last);
        last = now;
    }
}

// A stamp that counts at 2.4 GHz from some time on.
constexpr std::uint64_t stamp_at(std::uint64_t time) {
    return 1'000'000 + time * 2'011;
}

TEST_CASE("with stamps the clock is exact however long nobody asks and no interrupt comes", "[counter_clock]") {
    const auto seed = GENERATE(1U, 2U, 3U);
    CAPTURE(seed);
    test::Random random(seed);
    CounterClock clock(period);
    std::uint64_t time = 0;
    for (std::uint32_t number = 0; number <= CounterClock::samples; ++number) {
        time = (number + 1) * period + random.below(period / 4);
        clock.tick(phase_at(time), stamp_at(time));
    }
    std::uint64_t last_tick = time / period; // the number of its period: each has one interrupt at most
    for (int step = 0; step < 10'000; ++step) {
        time += random.below(random.once_in(10) ? 300 * period : 3 * period);
        if (time / period > last_tick && random.once_in(2)) {
            last_tick = time / period;
            clock.tick(phase_at(time), stamp_at(time));
        }
        REQUIRE(clock.advance(phase_at(time), stamp_at(time)) == time);
    }
}

TEST_CASE("stamps read late, and interrupts lost while they are measured, do no harm", "[counter_clock]") {
    const auto seed = GENERATE(1U, 2U, 3U, 4U);
    CAPTURE(seed);
    test::Random random(seed);
    CounterClock clock(period);
    std::uint64_t time = period;
    std::uint64_t lost = 0;
    for (std::uint32_t number = 0; number <= CounterClock::samples; ++number) {
        clock.tick(phase_at(time), stamp_at(time + (number == 2 ? period / 2 : 0)));
        const std::uint64_t periods = number == 4 ? 3 : 1;
        lost += (periods - 1) * period;
        time += periods * period;
    }
    for (int step = 0; step < 10'000; ++step) {
        clock.tick(phase_at(time), stamp_at(time + random.below(period / 4)));
        REQUIRE(clock.advance(phase_at(time), stamp_at(time)) == time - lost);
        time += random.once_in(20) ? 30 * period + random.below(period) : period;
    }
}

TEST_CASE("where the stamps begin to count at another rate, the clock follows its interrupts", "[counter_clock]") {
    const std::uint64_t factor = GENERATE(2U, 3U);
    CounterClock clock(period);
    std::uint64_t stamp = 0;
    std::uint64_t time = 0;
    const auto tick = [&](std::uint64_t rate) {
        time += period;
        stamp += period * rate;
        clock.tick(phase_at(time), stamp);
        return clock.advance(phase_at(time), stamp);
    };
    for (int number = 0; number < 100; ++number) {
        REQUIRE(tick(10) == time);
    }
    for (int number = 0; number < 20; ++number) {
        static_cast<void>(tick(10 * factor));
    }
    const auto error = [&](std::uint64_t rate) {
        const std::uint64_t told = tick(rate);
        return static_cast<std::int64_t>(told - time);
    };
    const std::int64_t quicker = error(10 * factor);
    CHECK(quicker >= 0);
    CHECK(quicker <= static_cast<std::int64_t>(8 * (factor - 1) * period));
    for (int number = 0; number < 1000; ++number) {
        REQUIRE(error(10 * factor) == quicker);
    }
    for (int number = 0; number < 20; ++number) {
        static_cast<void>(tick(10));
    }
    const std::int64_t slower = error(10);
    CHECK(quicker - slower >= 0);
    CHECK(quicker - slower <= 8 * static_cast<std::int64_t>(period));
    for (int number = 0; number < 1000; ++number) {
        REQUIRE(error(10) == slower);
    }
}

TEST_CASE("an interrupt too many, soon behind another in one period, adds nothing once the stamp is known",
          "[counter_clock]") {
    CounterClock clock(period);
    for (std::uint64_t number = 1; number < 1000; ++number) {
        const std::uint64_t time = number * period + 10;
        clock.tick(phase_at(time), stamp_at(time));
        if (number > CounterClock::samples + 1 && number % 5 == 0) {
            clock.tick(phase_at(time + period / 3), stamp_at(time + period / 3));
        }
        REQUIRE(clock.advance(phase_at(time + period / 2), stamp_at(time + period / 2)) == time + period / 2);
    }
}

} // namespace
} // namespace quire::machine
