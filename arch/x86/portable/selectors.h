// Selectors: byte offset in the GDT, plus the privilege level in the two lowest bits. Those that programs see are
// Linux's, for some compare them. isr.asm knows kernel_data.
#pragma once

#include <cstdint>

namespace quire::machine::selector {

inline constexpr std::uint16_t kernel_code = 0x08, kernel_data = 0x10, first_thread_segment = 0x30 | 3,
                               user_code = 0x70 | 3, user_data = 0x78 | 3, task = 0x80, double_fault_task = 0x88;

} // namespace quire::machine::selector
