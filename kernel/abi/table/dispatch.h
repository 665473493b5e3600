// From the number of a system call to the function that serves it.
#pragma once

#include "kernel/machine/trap.h"
#include "kernel/process/process.h"

#include <cstdint>

namespace quire::abi {

// Makes the call for the process; returns what EAX becomes. A call that is not there is told once, and ENOSYS.
[[nodiscard]] std::int32_t dispatch(Process& process, machine::TrapFrame& registers, std::uint32_t number);

} // namespace quire::abi
