// The futex system call. Its third to sixth arguments mean something else for each operation, so they are taken as
// words.
#pragma once

#include "kernel/abi/arguments.h"
#include "kernel/lib/result.h"
#include "kernel/process/process.h"

#include <cstdint>

namespace quire::abi {

// Operations: WAIT, WAKE, REQUEUE, CMP_REQUEUE, WAKE_OP, WAIT_BITSET, WAKE_BITSET. Those that lend priorities
// (no_system_call) are not there, for there are none.
[[nodiscard]] Result<std::uint32_t> futex(Process& process, VirtAddr word, Bits operation, std::uint32_t value,
                                          VirtAddr timeout, VirtAddr second_word, std::uint32_t third_value);
// The same, with a timeout of 64-bit seconds.
[[nodiscard]] Result<std::uint32_t> futex_64(Process& process, VirtAddr word, Bits operation, std::uint32_t value,
                                             VirtAddr timeout, VirtAddr second_word, std::uint32_t third_value);

} // namespace quire::abi
