// Why the kernel wants to be asked before ring 3 goes on: the bits of machine::CpuLocal::pending_work.
#pragma once

#include <cstdint>

namespace quire::pending_work {

inline constexpr std::uint8_t tick = 1, // the timer's: timers, input and whose turn it is are looked at
    signal = 2,                         // the current process has one to be delivered, or a call to repeat
    pins = 4,                           // its thread has pages pinned
    device = 8,                         // a device has something to be looked at
    room = 16;                          // memory is short: pages are to be put out

} // namespace quire::pending_work
