// Which signals are pending, in which order they come, and what fork and exec leave of them.
#include "kernel/process/signals.h"
#include "tests/host/support/random.h"

#include <catch2/catch.hpp>
#include <deque>
#include <vector>

namespace quire::test {

namespace {

SignalInfo signal(std::uint32_t number, std::uint32_t value = 0) {
    return {.number = number, .code = signal_code::queue, .value = value};
}

constexpr SignalSet all = ~SignalSet{0};

} // namespace

TEST_CASE("A standard signal is pending once, with the information it first came with", "[signals]") {
    Signals signals;
    REQUIRE(signals.add(signal(signal_number::terminate, 1)));
    REQUIRE(signals.add(signal(signal_number::terminate, 2)));
    CHECK(signals.take(all).value == 1);
    CHECK(signals.take(all).number == 0);
    CHECK(signals.pending() == 0);
}

TEST_CASE("Realtime signals queue up, and come in the order they were sent", "[signals]") {
    Signals signals;
    for (std::uint32_t value = 0; value < 5; ++value) {
        REQUIRE(signals.add(signal(34, value)));
    }
    REQUIRE(signals.add(signal(33, 100)));
    CHECK(signals.take(all).value == 100); // the lower number first
    for (std::uint32_t value = 0; value < 5; ++value) {
        CHECK((signals.pending() & signal_bit(34)) != 0);
        CHECK(signals.take(all).value == value);
    }
    CHECK(signals.pending() == 0);
}

TEST_CASE("Where no more can queue, a realtime signal is refused and a standard one is not", "[signals]") {
    Signals signals;
    for (std::uint32_t sent = 0; sent < Signals::most_queued; ++sent) {
        REQUIRE(signals.add(signal(40)));
    }
    CHECK(signals.add(signal(41)) == fail(Error::would_block));
    CHECK((signals.pending() & signal_bit(41)) == 0);
    CHECK(signals.add(signal(signal_number::kill)).has_value());
    CHECK(signals.take(all).number == signal_number::kill);
    CHECK(signals.take(all).number == 40);
    CHECK(signals.add(signal(41)).has_value());
}

TEST_CASE("A limit holds for realtime signals, and one of kill() then only loses who sent it", "[signals]") {
    Signals signals;
    SignalInfo info = signal(40);
    info.sender = 7;
    REQUIRE(signals.add(info, 2));
    REQUIRE(signals.add(info, 2));
    CHECK(signals.add(info, 2) == fail(Error::would_block));
    CHECK(signals.queued() == 2);
    info.number = 41;
    info.code = signal_code::user;
    CHECK(signals.add(info, 2).has_value());
    CHECK(signals.queued() == 2);
    CHECK(signals.take(signal_bit(41)).sender == 0);
    CHECK((signals.pending() & signal_bit(41)) == 0);
    CHECK(signals.take(all).sender == 7);
    CHECK(signals.add(info, 2).has_value());
    CHECK(signals.take(signal_bit(41)).sender == 7);
}

TEST_CASE("A fault's signal comes before all others", "[signals]") {
    Signals signals;
    REQUIRE(signals.add(signal(signal_number::hangup)));
    REQUIRE(signals.add(signal(signal_number::segmentation)));
    CHECK(signals.take(all).number == signal_number::segmentation);
    CHECK(signals.take(all).number == signal_number::hangup);
}

TEST_CASE("SIGKILL comes before a fault's signal, which could be handled", "[signals]") {
    Signals signals;
    REQUIRE(signals.add(signal(signal_number::trap)));
    REQUIRE(signals.add(signal(signal_number::kill)));
    CHECK(signals.killed());
    CHECK(signals.take(all).number == signal_number::kill);
    CHECK(signals.take(all).number == signal_number::trap);
}

TEST_CASE("A signal is fatal that ends the process by default, unblocked and without a core dump", "[signals]") {
    Signals signals;
    REQUIRE(signals.add(signal(signal_number::child)));
    REQUIRE(signals.add(signal(signal_number::stop)));
    REQUIRE(signals.add(signal(signal_number::quit)));
    CHECK(signals.fatal() == 0);
    REQUIRE(signals.add(signal(signal_number::terminate)));
    CHECK(signals.fatal() == signal_number::terminate);
    signals.blocked = signal_bit(signal_number::terminate);
    CHECK(signals.fatal() == 0);
    signals.blocked = 0;
    signals.action(signal_number::terminate).handler = 0x1000;
    CHECK(signals.fatal() == 0);
    REQUIRE(signals.add(signal(signal_number::kill)));
    CHECK(signals.fatal() == signal_number::kill);
}

TEST_CASE("Only what is wanted is taken, and what is blocked is not deliverable", "[signals]") {
    Signals signals;
    signals.blocked = signal_bit(signal_number::terminate);
    REQUIRE(signals.add(signal(signal_number::terminate)));
    CHECK(signals.deliverable() == 0);
    CHECK(signals.take(~signals.blocked).number == 0);
    signals.blocked = 0;
    CHECK(signals.deliverable() == signal_bit(signal_number::terminate));
}

TEST_CASE("Discarding forgets queued ones, too", "[signals]") {
    Signals signals;
    REQUIRE(signals.add(signal(50, 1)));
    REQUIRE(signals.add(signal(51, 2)));
    REQUIRE(signals.add(signal(50, 3)));
    signals.discard(signal_bit(50));
    CHECK(signals.take(all).value == 2);
    CHECK(signals.take(all).number == 0);
}

TEST_CASE("Random signals come as they do from a plain list", "[signals]") {
    Random random(20);
    Signals signals;
    std::vector<std::deque<std::uint32_t>> model(signal_count + 1);
    std::uint32_t queued = 0;
    for (std::uint32_t step = 0; step < 20000; ++step) {
        const std::uint32_t number = 1 + random.below(signal_count);
        if (random.below(2) == 0) {
            const bool realtime = number >= signal_number::first_realtime;
            const bool room = !realtime || queued < Signals::most_queued;
            CHECK(signals.add(signal(number, step)).has_value() == room);
            if (room && (realtime || model[number].empty())) {
                model[number].push_back(step);
                queued += realtime ? 1 : 0;
            }
        } else {
            const SignalSet wanted = SignalSet{random()} << 32 | random();
            const SignalInfo taken = signals.take(wanted);
            const bool fault = (signals.pending() & wanted & synchronous) != 0;
            if (taken.number == 0) {
                CHECK((signals.pending() & wanted) == 0);
            } else {
                CHECK((!fault || (signal_bit(taken.number) & (synchronous | signal_bit(signal_number::kill))) != 0));
                REQUIRE_FALSE(model[taken.number].empty());
                CHECK(taken.value == model[taken.number].front());
                model[taken.number].pop_front();
                queued -= taken.number >= signal_number::first_realtime ? 1 : 0;
            }
        }
        CHECK(((signals.pending() & signal_bit(number)) != 0) == !model[number].empty());
    }
}

TEST_CASE("What a signal does by default, and which are ignored", "[signals]") {
    Signals signals;
    CHECK(default_action(signal_number::terminate) == DefaultAction::terminate);
    CHECK(default_action(signal_number::first_realtime + 7) == DefaultAction::terminate);
    CHECK(default_action(signal_number::child) == DefaultAction::ignore);
    CHECK(default_action(signal_number::terminal_stop) == DefaultAction::stop);
    CHECK(default_action(signal_number::proceed) == DefaultAction::proceed);
    CHECK(signals.ignores(signal_number::child));
    CHECK_FALSE(signals.ignores(signal_number::terminate));
    signals.action(signal_number::terminate).handler = SignalAction::ignored;
    CHECK(signals.ignores(signal_number::terminate));
    signals.action(signal_number::kill).handler = SignalAction::ignored;
    CHECK_FALSE(signals.ignores(signal_number::kill));
}

TEST_CASE("Exec keeps what is ignored and forgets handlers; a child has nothing pending", "[signals]") {
    Signals signals;
    signals.action(signal_number::interrupt) = {.handler = SignalAction::ignored, .flags = SignalAction::restart};
    signals.action(signal_number::terminate) = {.handler = 0x8048000, .flags = SignalAction::restart, .mask = 1};
    signals.blocked = 0xFF00;
    signals.alternate = {.start = 0x1000, .size = 0x2000};
    REQUIRE(signals.add(signal(signal_number::hangup)));

    Signals child;
    signals.copy_to_child(child);
    CHECK(child.pending() == 0);
    CHECK(child.blocked == 0xFF00);
    CHECK(child.action(signal_number::terminate).handler == 0x8048000);
    CHECK(child.alternate.size == 0x2000);

    child.reset_for_exec();
    CHECK(child.action(signal_number::terminate).handler == SignalAction::by_default);
    CHECK(child.action(signal_number::terminate).mask == 0);
    CHECK(child.action(signal_number::interrupt).handler == SignalAction::ignored);
    CHECK(child.alternate.size == 0);
    CHECK(child.blocked == 0xFF00);
}

TEST_CASE("A stack pointer is on the alternate stack from just above its start up to its end", "[signals]") {
    const AlternateStack stack{.start = 0x1000, .size = 0x1000};
    CHECK_FALSE(stack.contains(0x1000));
    CHECK(stack.contains(0x1001));
    CHECK(stack.contains(0x2000));
    CHECK_FALSE(stack.contains(0x2001));
    CHECK_FALSE(AlternateStack{}.contains(0));
}

} // namespace quire::test
