// Programming the 8254, and reading its counter.
#include "arch/x86/devices/interval_timer.h"

#include "arch/x86/devices/io_ports.h"
#include "kernel/machine/cpu.h"
#include "kernel/machine/devices.h"

namespace quire::machine {

namespace {

constexpr Port channel_0 = 0x40, command = 0x43;
constexpr std::uint8_t rate_generator = 0x34; // channel 0, low byte then high byte, mode 2, binary
constexpr std::uint8_t latch = 0x00;          // channel 0: freeze the count for reading

// The chip's clock is a third of the colour subcarrier of NTSC television, 315/88 MHz: one count lasts exactly
// 17,600/21 nanoseconds.
constexpr std::uint32_t counts_per_second = 1'193'182;
constexpr std::uint32_t period = (counts_per_second + ticks_per_second / 2) / ticks_per_second; // in counts
constexpr std::uint32_t nanoseconds_numerator = 17'600, nanoseconds_denominator = 21;

// Counts since the present period began: the counter runs from `period` down to 1, and the interrupt comes as it
// starts again.
std::uint32_t read_phase() {
    write_port8(command, latch);
    const std::uint32_t low = read_port8(channel_0);
    const std::uint32_t counter = low | std::uint32_t{read_port8(channel_0)} << 8;
    return (period - counter % period) % period;
}

// Multiplied in two parts, so that no intermediate result is larger than the answer.
std::uint64_t nanoseconds_of(std::uint64_t counts) {
    return counts / nanoseconds_denominator * nanoseconds_numerator +
           counts % nanoseconds_denominator * nanoseconds_numerator / nanoseconds_denominator;
}

} // namespace

IntervalTimer::IntervalTimer() : clock_(period) {}

void IntervalTimer::start() const {
    write_port8(command, rate_generator);
    write_port8(channel_0, period & 0xFF);
    write_port8(channel_0, period >> 8);
}

// Both counters at the same time. An emulator may stand still between the two readings; then they are made again.
IntervalTimer::Reading IntervalTimer::read() const {
    Reading reading;
    for (int attempt = 0; attempt < 4; ++attempt) {
        const std::uint64_t before = timestamp();
        reading = {.phase = read_phase(), .stamp = 0};
        reading.stamp = timestamp();
        if (!clock_.is_long(reading.stamp - before)) {
            break;
        }
    }
    return reading;
}

void IntervalTimer::tick() {
    const Reading reading = read();
    clock_.tick(reading.phase, reading.stamp);
    at_tick_ = {.counts = clock_.advance(reading.phase, reading.stamp), .nanoseconds = 0};
    at_tick_.nanoseconds = nanoseconds_of(at_tick_.counts);
}

// From one tick to the next 32 bits are enough. Both roundings are down, so that the time does not go back with a tick.
std::uint64_t IntervalTimer::nanoseconds() {
    const Reading reading = read();
    const std::uint64_t counts = clock_.advance(reading.phase, reading.stamp);
    const std::uint64_t since_tick = counts - at_tick_.counts;
    if (since_tick > ~0U / nanoseconds_numerator) {
        return nanoseconds_of(counts);
    }
    return at_tick_.nanoseconds +
           static_cast<std::uint32_t>(since_tick) * nanoseconds_numerator / nanoseconds_denominator;
}

} // namespace quire::machine
