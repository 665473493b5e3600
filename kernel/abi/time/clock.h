// Times as system calls give and take them: Linux's structures on the one side, nanoseconds on the other.
#pragma once

#include "kernel/abi/arguments.h"
#include "kernel/abi/structures.h"
#include "kernel/abi/user_memory.h"
#include "kernel/lib/result.h"

#include <cstdint>
#include <limits>
#include <optional>

namespace quire::abi {

inline constexpr std::uint64_t nanoseconds_in_second = 1'000'000'000, nanoseconds_in_microsecond = 1000,
                               nanoseconds_in_millisecond = 1'000'000;

// A span of time that is as good as for ever: nobody waits so long, and it can be added to any time since boot.
inline constexpr std::uint64_t longest_time = std::uint64_t{1} << 62;

// Nanoseconds; no more than longest_time. Errors: invalid_argument (negative seconds, no such nanoseconds).
[[nodiscard]] constexpr Result<std::uint64_t> nanoseconds_of(const Timespec64& time) {
    if (time.seconds < 0 || time.nanoseconds < 0 ||
        time.nanoseconds >= static_cast<std::int64_t>(nanoseconds_in_second)) {
        return fail(Error::invalid_argument);
    }
    const auto seconds = static_cast<std::uint64_t>(time.seconds);
    return seconds >= longest_time / nanoseconds_in_second
               ? longest_time
               : seconds * nanoseconds_in_second + static_cast<std::uint64_t>(time.nanoseconds);
}
[[nodiscard]] constexpr Result<std::uint64_t> nanoseconds_of(const Timespec& time) {
    return nanoseconds_of(Timespec64{.seconds = time.seconds, .nanoseconds = time.nanoseconds});
}
[[nodiscard]] constexpr Result<std::uint64_t> nanoseconds_of(const Timeval& time) {
    constexpr std::int32_t microseconds_in_second = 1'000'000;
    if (time.microseconds < 0 || time.microseconds >= microseconds_in_second) {
        return fail(Error::invalid_argument);
    }
    return nanoseconds_of(
        Timespec64{.seconds = time.seconds,
                   .nanoseconds = time.microseconds * static_cast<std::int64_t>(nanoseconds_in_microsecond)});
}

// The other way round. Seconds that do not fit 32 bits wrap, as Linux lets them.
template <class Time> [[nodiscard]] constexpr Time time_of(std::uint64_t nanoseconds);
template <> [[nodiscard]] constexpr Timespec64 time_of(std::uint64_t nanoseconds) {
    return {.seconds = static_cast<std::int64_t>(nanoseconds / nanoseconds_in_second),
            .nanoseconds = static_cast<std::int64_t>(nanoseconds % nanoseconds_in_second)};
}
template <> [[nodiscard]] constexpr Timespec time_of(std::uint64_t nanoseconds) {
    return {.seconds = static_cast<std::int32_t>(nanoseconds / nanoseconds_in_second),
            .nanoseconds = static_cast<std::int32_t>(nanoseconds % nanoseconds_in_second)};
}
template <> [[nodiscard]] constexpr Timeval time_of(std::uint64_t nanoseconds) {
    return {.seconds = static_cast<std::int32_t>(nanoseconds / nanoseconds_in_second),
            .microseconds =
                static_cast<std::int32_t>(nanoseconds % nanoseconds_in_second / nanoseconds_in_microsecond)};
}

// A time or span of time that a program gave, nanoseconds. Errors: bad_address, invalid_argument.
template <class Time> [[nodiscard]] Result<std::uint64_t> read_time(UserPointer<Time> from) {
    const auto given = read_value(from);
    return given ? nanoseconds_of(*given) : fail(given.error());
}

// A span of time that a program gave; nothing where the pointer is null. Errors: bad_address, invalid_argument.
template <class Time> [[nodiscard]] Result<std::optional<std::uint64_t>> read_span(UserPointer<Time> from) {
    if (from.is_null()) {
        return std::optional<std::uint64_t>();
    }
    const auto span = read_time(from);
    return span ? Result<std::optional<std::uint64_t>>(*span) : fail(span.error());
}

// Nanoseconds since boot.
[[nodiscard]] std::uint64_t now();
// When a span of time from now on is over; 0, which is no deadline, for one that never is.
[[nodiscard]] std::uint64_t deadline_after(std::optional<std::uint64_t> span);

} // namespace quire::abi
