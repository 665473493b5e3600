// What the kernel tells whoever started the machine when it switches off. QEMU exits with (status << 1) | 1; `run`,
// `test` and the boot tests know these numbers.
#pragma once

#include <cstdint>

namespace quire::exit_status {

inline constexpr std::uint8_t success = 16; // every command succeeded; QEMU exits with 33
inline constexpr std::uint8_t failure = 17; // a command or a check failed; 35
inline constexpr std::uint8_t panic = 18;   // 37

} // namespace quire::exit_status
