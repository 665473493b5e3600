// The battery-backed clock, MC146818 and its likes behind ports 0x70 and 0x71: read once, at boot, for the calendar. It
// keeps time by the second; everything finer is the timer's.
#include "arch/x86/devices/io_ports.h"
#include "kernel/machine/devices.h"

namespace quire::machine {

namespace {

constexpr Port clock_index = 0x70, clock_data = 0x71;
// Registers. Motorola, MC146818 data sheet, figure 10 and table 3; the century's place is the PC's custom.
constexpr std::uint8_t seconds = 0x00, minutes = 0x02, hours = 0x04, day = 0x07, month = 0x08, year = 0x09,
                       status_a = 0x0A, status_b = 0x0B, century = 0x32;
constexpr std::uint8_t update_in_progress = 0x80;            // status A
constexpr std::uint8_t is_binary = 0x04, is_24_hours = 0x02; // status B
constexpr std::uint8_t afternoon = 0x80;                     // of the hours, where they go to 12

std::uint8_t read_register(std::uint8_t index) {
    write_port8(clock_index, index);
    return read_port8(clock_data);
}

struct Reading {
    std::uint8_t seconds = 0, minutes = 0, hours = 0, day = 0, month = 0, year = 0, century = 0;
    friend bool operator==(const Reading&, const Reading&) = default;
};

Reading read_all() {
    return {.seconds = read_register(seconds),
            .minutes = read_register(minutes),
            .hours = read_register(hours),
            .day = read_register(day),
            .month = read_register(month),
            .year = read_register(year),
            .century = read_register(century)};
}

// Two equal readings in a row, neither while the clock moves on: otherwise some registers may be a second ahead.
Reading read_settled() {
    constexpr unsigned most_tries = 100'000; // where there is no clock, the bus reads all ones for ever
    Reading last = read_all();
    for (unsigned tried = 0; tried < most_tries; ++tried) {
        if ((read_register(status_a) & update_in_progress) != 0) {
            continue;
        }
        const Reading next = read_all();
        if (next == last) {
            return next;
        }
        last = next;
    }
    return {};
}

unsigned from_decimal_digits(std::uint8_t value) {
    return (value >> 4U) * 10U + (value & 0x0FU);
}

// Days from 1 January 1970 to a date of the Gregorian calendar: years counted from March, so that the leap day is the
// last of its year.
std::uint64_t days_since_1970(unsigned full_year, unsigned its_month, unsigned its_day) {
    constexpr unsigned days_before_1970 = 719468; // from 1 March of year 0
    const unsigned from_march = (its_month + 9) % 12;
    const unsigned march_year = full_year - (its_month <= 2 ? 1 : 0);
    const unsigned day_of_year = (153 * from_march + 2) / 5 + its_day - 1;
    return std::uint64_t{march_year} * 365 + march_year / 4 - march_year / 100 + march_year / 400 + day_of_year -
           days_before_1970;
}

} // namespace

std::uint64_t calendar_seconds() {
    Reading now = read_settled();
    const std::uint8_t format = read_register(status_b);
    const bool after_noon = (format & is_24_hours) == 0 && (now.hours & afternoon) != 0;
    now.hours &= static_cast<std::uint8_t>(~afternoon);
    const auto number = [&](std::uint8_t value) {
        return (format & is_binary) != 0 ? value : from_decimal_digits(value);
    };
    const unsigned its_month = number(now.month);
    const unsigned its_day = number(now.day);
    if (its_month < 1 || its_month > 12 || its_day < 1 || its_day > 31) {
        return 0;
    }
    const unsigned its_century = number(now.century);
    const unsigned full_year = (its_century >= 19 && its_century <= 99 ? its_century : 20) * 100 + number(now.year);
    const unsigned hour =
        (format & is_24_hours) != 0 ? number(now.hours) : number(now.hours) % 12 + (after_noon ? 12 : 0);
    const std::uint64_t days = days_since_1970(full_year, its_month, its_day);
    return ((days * 24 + hour) * 60 + number(now.minutes)) * 60 + number(now.seconds);
}

} // namespace quire::machine
