// The end of the road: an invariant of the kernel is broken. Prints where and why and a backtrace, then powers off
// with a failing status. Running out of memory is never a reason to panic after boot; wrong input is never one.
#pragma once

#include <source_location>
#include <string_view>

namespace quire {

// Stops the kernel with `why`. On the host a test sees it as an exception.
[[noreturn]] void panic(std::string_view why, std::source_location where = std::source_location::current());

// Checks an invariant, in every build. `why` says what must hold.
inline void ensure(bool holds, std::string_view why, std::source_location where = std::source_location::current()) {
    if (!holds) [[unlikely]] {
        panic(why, where);
    }
}

} // namespace quire
