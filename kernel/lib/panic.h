// The end of the road: an invariant of the kernel is broken. Prints where and why and a backtrace, then powers off
// with a failing status. Running out of memory is never a reason to panic after boot; wrong input is never one.
#pragma once

#include "kernel/lib/result.h"

namespace quire {

// Stops the kernel with `why`; `file` and `line` are the caller's by themselves. On the host a test sees it as an
// exception.
[[noreturn]] void panic(const char* why, const char* file = __builtin_FILE(), unsigned line = __builtin_LINE());

// Checks an invariant, in every build. `why` says what must hold.
inline void ensure(bool holds, const char* why, const char* file = __builtin_FILE(), unsigned line = __builtin_LINE()) {
    if (!holds) [[unlikely]] {
        panic(why, file, line);
    }
}

// For what fails only where the kernel is broken, such as giving back what was taken here: panics if it failed.
template <class T>
void must_succeed(const Result<T>& result, const char* file = __builtin_FILE(), unsigned line = __builtin_LINE()) {
    ensure(result.has_value(), "what cannot fail here has failed", file, line);
}

} // namespace quire
