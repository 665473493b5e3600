// What Linux calls its i386 system calls, by number.
#pragma once

#include <cstdint>

namespace quire::abi {

// Numbers that there can be a name for are below this.
inline constexpr std::uint32_t call_count = 451;

// "mmap2"; null for a number that Linux has not given out. O(1).
[[nodiscard]] const char* call_name(std::uint32_t number);

} // namespace quire::abi
