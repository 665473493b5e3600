// The bytes that debug mode fills the heap's memory with. A pointer made of them was read from memory that holds no
// pointer, and the fault report says from which kind.
#pragma once

#include <cstddef>

namespace quire::heap_pattern {

inline constexpr std::byte zone{0xBD};  // around blocks
inline constexpr std::byte fresh{0xA1}; // allocated, not yet written
inline constexpr std::byte freed{0xF5}; // freed

} // namespace quire::heap_pattern
