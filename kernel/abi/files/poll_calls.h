// poll, select and their kin: waiting until one of several files can be read or written.
#pragma once

#include "kernel/abi/arguments.h"
#include "kernel/abi/signals/signal_mask.h"
#include "kernel/abi/structures.h"
#include "kernel/lib/result.h"
#include "kernel/process/process.h"

#include <cstdint>

namespace quire::abi {

// An array of PollDescriptor. Returns how many have something to tell. Errors: invalid_argument (more than there can be
// descriptors), bad_address, out_of_memory, restart_unless_handled.
[[nodiscard]] Result<std::uint32_t> poll(Process& process, VirtAddr descriptors, std::uint32_t count,
                                         std::int32_t milliseconds);
[[nodiscard]] Result<std::uint32_t> poll_with_mask(Process& process, VirtAddr descriptors, std::uint32_t count,
                                                   UserPointer<Timespec> timeout, UserPointer<WideSet> mask,
                                                   std::uint32_t mask_size);
[[nodiscard]] Result<std::uint32_t> poll_with_mask_64(Process& process, VirtAddr descriptors, std::uint32_t count,
                                                      UserPointer<Timespec64> timeout, UserPointer<WideSet> mask,
                                                      std::uint32_t mask_size);

// Sets of descriptors as bits. Errors: also bad_descriptor. What is left of the timeout is written back.
[[nodiscard]] Result<std::uint32_t> select(Process& process, std::int32_t count, VirtAddr readable, VirtAddr writable,
                                           VirtAddr exceptional, UserPointer<Timeval> timeout);
[[nodiscard]] Result<std::uint32_t> select_old(Process& process, UserPointer<OldSelectArguments> arguments);
[[nodiscard]] Result<std::uint32_t> select_with_mask(Process& process, std::int32_t count, VirtAddr readable,
                                                     VirtAddr writable, VirtAddr exceptional,
                                                     UserPointer<Timespec> timeout, UserPointer<SelectMask> mask);
[[nodiscard]] Result<std::uint32_t> select_with_mask_64(Process& process, std::int32_t count, VirtAddr readable,
                                                        VirtAddr writable, VirtAddr exceptional,
                                                        UserPointer<Timespec64> timeout, UserPointer<SelectMask> mask);

// Whether what is left of a timeout is not written back: STICKY_TIMEOUTS, man 2 personality.
[[nodiscard]] bool keeps_timeouts(const Process& process);

} // namespace quire::abi
