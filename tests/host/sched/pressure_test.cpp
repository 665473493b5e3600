// Time lost by waiting is measured from beginning to end, as "some" and as "full", averaged as Linux does, and told
// once where memory thrashes.
#include "kernel/machine/devices.h"
#include "kernel/sched/pressure.h"
#include "tests/host/machine/simulated_machine.h"

#include <catch2/catch.hpp>
#include <cmath>

using namespace quire;

namespace {

constexpr std::uint64_t ms = 1'000'000, second = 1000 * ms;

double percent(std::uint32_t share) {
    return static_cast<double>(share) / (1U << PressureAverages::fraction_bits);
}

} // namespace

TEST_CASE("waits that overlap are one, and those that follow each other add up", "[pressure]") {
    StallMeter meter;
    meter.begin(10);
    CHECK(meter.some(15) == 5);
    meter.begin(20);
    meter.end(30, 0);
    CHECK(meter.waiting() == 1);
    CHECK(meter.some(35) == 25);
    meter.end(40, 0);
    CHECK(meter.some(100) == 30);
    meter.begin(200);
    meter.end(207, 0);
    CHECK(meter.some(300) == 37);
    CHECK(meter.full(300, 0) == 0); // somebody ran all the time
}

TEST_CASE("full is the part of a wait in which the processor idled", "[pressure]") {
    StallMeter meter;
    SECTION("the wait ends it") {
        meter.begin(100);
        CHECK(meter.full(130, 120) == 10);
        meter.end(150, 120); // others ran until 120
        CHECK(meter.full(200, 120) == 30);
        meter.idle_ends(180, 120);
        CHECK(meter.full(200, 0) == 30);
    }
    SECTION("somebody else runs again meanwhile") {
        meter.begin(100);
        meter.idle_ends(140, 110);
        CHECK(meter.full(150, 0) == 30);
        CHECK(meter.full(170, 160) == 40);
        meter.end(175, 160);
        CHECK(meter.full(200, 160) == 45);
    }
    SECTION("of two waits the first is over: it goes on") {
        meter.begin(100);
        meter.begin(105);
        meter.end(120, 110);
        CHECK(meter.full(125, 110) == 15);
        meter.end(130, 110);
        CHECK(meter.full(130, 110) == 20);
    }
    CHECK(meter.some(1000) >= meter.full(1000, 0));
}

TEST_CASE("averages near what is measured, the longer ones later", "[pressure]") {
    PressureAverages averages;
    for (int sample = 0; sample < 5; ++sample) { // ten seconds, half of them lost
        averages.sample(second, PressureAverages::period);
    }
    // 50 % × (1 - e^(-10/10)), and so on.
    CHECK(percent(averages.averages()[0]) == Approx(50 * (1 - std::exp(-1.0))).margin(0.1));
    CHECK(percent(averages.averages()[1]) == Approx(50 * (1 - std::exp(-10.0 / 60))).margin(0.1));
    CHECK(percent(averages.averages()[2]) == Approx(50 * (1 - std::exp(-10.0 / 300))).margin(0.1));
    for (int sample = 0; sample < 1000; ++sample) {
        averages.sample(PressureAverages::period, PressureAverages::period);
    }
    CHECK(percent(averages.averages()[2]) == Approx(100).margin(0.5));
    CHECK(percent(averages.averages()[0]) <= 100);
    for (int sample = 0; sample < 2000; ++sample) {
        averages.sample(0, PressureAverages::period);
    }
    CHECK(averages.averages()[0] == 0);
}

TEST_CASE("a sample that comes late counts for the time it covers", "[pressure]") {
    PressureAverages one_by_one, at_once;
    for (int sample = 0; sample < 3; ++sample) {
        one_by_one.sample(second, PressureAverages::period);
    }
    at_once.sample(3 * second, 3 * PressureAverages::period);
    CHECK(one_by_one.averages() == at_once.averages());
}

TEST_CASE("thrashing is told once, when most of ten seconds were lost, and again only after it had ended",
          "[pressure]") {
    ThrashingDetector detector;
    const auto lose = [&](unsigned percent_lost, unsigned samples) {
        unsigned told = 0;
        std::uint32_t share = 0;
        for (unsigned each = 0; each < samples; ++each) {
            if (const auto answer =
                    detector.sample(PressureAverages::period / 100 * percent_lost, PressureAverages::period)) {
                ++told;
                share = *answer;
            }
        }
        return std::pair(told, share);
    };
    CHECK(lose(100, 4).first == 0); // eight seconds only
    CHECK(lose(100, 1) == std::pair(1U, std::uint32_t{100}));
    CHECK(lose(100, 50).first == 0);
    CHECK(lose(40, 50).first == 0); // neither most, nor so little that it is over
    CHECK(detector.thrashing());
    CHECK(lose(90, 50).first == 0);
    CHECK(lose(10, 5).first == 0);
    CHECK_FALSE(detector.thrashing());
    CHECK(lose(49, 50).first == 0);
    CHECK(lose(83, 50).first == 1);
}

TEST_CASE("what waits of threads come to is told by kind", "[pressure]") {
    test::SimulatedMachine machine({.ram = 16U << 20});
    Pressure pressure;
    const auto pass = [&](std::uint64_t nanoseconds) { machine.pass_time(nanoseconds); };
    const std::uint64_t start = machine::nanoseconds();
    {
        Stall page(pressure, {.memory = true, .io = true, .refault = true});
        pass(3 * ms); // another runs
        pressure.idle_begins();
        pass(5 * ms);
        page.end();
        pass(2 * ms); // idle for want of nothing
        pressure.idle_ends();
        page.end(); // once is enough
    }
    {
        const Stall disk(pressure, {.io = true});
        CHECK(pressure.waiting_for_io() == 1);
        pass(7 * ms);
    }
    CHECK(pressure.waiting_for_io() == 0);
    const std::uint64_t now = machine::nanoseconds();
    REQUIRE(now - start >= 17 * ms);
    const auto near = [](std::uint64_t time, std::uint64_t wanted) { return time >= wanted && time < wanted + ms / 2; };
    CHECK(near(pressure.memory(now).some.nanoseconds, 8 * ms));
    CHECK(near(pressure.memory(now).full.nanoseconds, 5 * ms));
    CHECK(near(pressure.io(now).some.nanoseconds, 15 * ms));
    CHECK(near(pressure.io(now).full.nanoseconds, 5 * ms));
    CHECK_FALSE(pressure.at_tick(start + PressureAverages::period));
    CHECK(pressure.io(now).some.averages[0] > pressure.memory(now).some.averages[0]);
}
