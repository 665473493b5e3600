// The system calls about the system as a whole and a process's share of it: limits, usage, scheduling, uname, sysinfo,
// random numbers.
#pragma once

#include "kernel/abi/arguments.h"
#include "kernel/abi/structures.h"
#include "kernel/lib/result.h"
#include "kernel/process/process.h"

#include <cstdint>

namespace quire::abi {

// ---- Limits: `which` is Linux's RLIMIT_…
[[nodiscard]] Result<void> get_limit(Process& process, std::uint32_t which, UserPointer<Limit32> into);
// The same, with numbers that signed programs of old could read.
[[nodiscard]] Result<void> get_limit_old(Process& process, std::uint32_t which, UserPointer<Limit32> into);
[[nodiscard]] Result<void> set_limit(Process& process, std::uint32_t which, UserPointer<Limit32> from);
[[nodiscard]] Result<void> change_limit(Process& process, std::int32_t id, std::uint32_t which,
                                        UserPointer<Limit64> from, UserPointer<Limit64> before);

// ---- Usage
[[nodiscard]] Result<void> get_usage(Process& process, std::int32_t whose, UserPointer<Usage> into);
[[nodiscard]] Result<std::uint32_t> get_clocks(Process& process, UserPointer<ProcessClocks> into);

// ---- Scheduling: round robin, whatever is asked for
[[nodiscard]] std::int32_t yield_processor(Process& process);
[[nodiscard]] Result<std::uint32_t> get_priority(Process& process, std::uint32_t kind, std::int32_t whose);
[[nodiscard]] Result<void> set_priority(Process& process, std::uint32_t kind, std::int32_t whose, std::int32_t nice);
[[nodiscard]] Result<void> add_nice(Process& process, std::int32_t increment);
[[nodiscard]] Result<std::uint32_t> get_scheduler(Process& process, std::int32_t id);
[[nodiscard]] Result<void> set_scheduler(Process& process, std::int32_t id, std::int32_t policy,
                                         UserPointer<std::int32_t> priority);
[[nodiscard]] Result<void> get_parameters(Process& process, std::int32_t id, UserPointer<std::int32_t> priority);
[[nodiscard]] Result<void> set_parameters(Process& process, std::int32_t id, UserPointer<std::int32_t> priority);
[[nodiscard]] Result<std::uint32_t> highest_priority(Process& process, std::int32_t policy);
[[nodiscard]] Result<std::uint32_t> lowest_priority(Process& process, std::int32_t policy);
[[nodiscard]] Result<void> time_slice(Process& process, std::int32_t id, UserPointer<Timespec> into);
[[nodiscard]] Result<void> time_slice_64(Process& process, std::int32_t id, UserPointer<Timespec64> into);
[[nodiscard]] Result<std::uint32_t> get_affinity(Process& process, std::int32_t id, std::uint32_t bytes, VirtAddr into);
[[nodiscard]] Result<void> set_affinity(Process& process, std::int32_t id, std::uint32_t bytes, VirtAddr from);
[[nodiscard]] Result<void> get_processor(Process& process, UserPointer<std::uint32_t> processor,
                                         UserPointer<std::uint32_t> node);

// ---- The system
[[nodiscard]] Result<void> system_name(Process& process, UserPointer<SystemName> into);
[[nodiscard]] Result<void> system_name_old(Process& process, UserPointer<OldSystemName> into);
[[nodiscard]] Result<void> system_name_oldest(Process& process, UserPointer<OldestSystemName> into);
[[nodiscard]] Result<void> system_information(Process& process, UserPointer<SystemInformation> into);
[[nodiscard]] Result<std::uint32_t> random_bytes(Process& process, VirtAddr into, std::uint32_t bytes, Bits flags);
[[nodiscard]] Result<std::uint32_t> memory_barrier(Process& process, std::int32_t command, Bits flags);

} // namespace quire::abi
