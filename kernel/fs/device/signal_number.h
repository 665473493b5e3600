// The signals by number: what a terminal tells processes by, and processes each other. Linux, i386 (UAPI
// <asm/signal.h>).
#pragma once

#include <cstdint>

namespace quire {

// The numbers that the kernel itself sends or treats in its own way. Linux, i386.
namespace signal_number {
inline constexpr std::uint32_t hangup = 1, interrupt = 2, quit = 3, illegal = 4, trap = 5, abort = 6, bus = 7,
                               arithmetic = 8, kill = 9, segmentation = 11, pipe = 13, alarm = 14, terminate = 15,
                               child = 17, proceed = 18, stop = 19, terminal_stop = 20, terminal_input = 21,
                               terminal_output = 22, urgent = 23, processor_time = 24, file_size = 25,
                               virtual_alarm = 26, profile = 27, window = 28, system_call = 31, first_realtime = 32;
} // namespace signal_number

} // namespace quire
