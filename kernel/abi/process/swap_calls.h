// The system calls that give the kernel disks to put pages on: swapon, swapoff.
#pragma once

#include "kernel/abi/arguments.h"
#include "kernel/lib/result.h"
#include "kernel/process/process.h"

namespace quire::abi {

// man 2 swapon. Errors beside those of the path: invalid_argument (no block device; not prepared by mkswap, which the
// console is told more of; swapoff: no swap area), busy, out_of_memory, input_output.
[[nodiscard]] Result<void> swap_on(Process& process, UserText path, Bits flags);
[[nodiscard]] Result<void> swap_off(Process& process, UserText path);

} // namespace quire::abi
