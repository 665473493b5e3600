// The system calls for signals: sending them, waiting for them, and what is to be done when they come. Signal sets have
// 32 bits in the oldest calls and 64 in those with rt_ in front.
#pragma once

#include "kernel/abi/arguments.h"
#include "kernel/abi/signals/signal_mask.h"
#include "kernel/abi/structures.h"
#include "kernel/lib/result.h"
#include "kernel/process/process.h"

#include <cstdint>

namespace quire::abi {

[[nodiscard]] Result<void> send_signal_to(Process& process, std::int32_t whom, SignalCode signal);
[[nodiscard]] Result<void> send_signal_to_thread(Process& process, std::int32_t thread, SignalCode signal);
[[nodiscard]] Result<void> send_signal_in_group(Process& process, std::int32_t leader, std::int32_t thread,
                                                SignalCode signal);
[[nodiscard]] Result<void> queue_signal(Process& process, std::int32_t whom, SignalCode signal,
                                        UserPointer<SignalDetails> details);
[[nodiscard]] Result<void> queue_signal_in_group(Process& process, std::int32_t leader, std::int32_t thread,
                                                 SignalCode signal, UserPointer<SignalDetails> details);

[[nodiscard]] Result<void> set_action(Process& process, SignalCode signal, UserPointer<NewSignalAction> action,
                                      UserPointer<NewSignalAction> before, std::uint32_t set_size);
[[nodiscard]] Result<void> set_action_old(Process& process, SignalCode signal, UserPointer<OldSignalAction> action,
                                          UserPointer<OldSignalAction> before);
// signal(): the handler runs once. Returns the handler before.
[[nodiscard]] Result<std::uint32_t> set_handler(Process& process, SignalCode signal, VirtAddr handler);
[[nodiscard]] Result<void> set_alternate_stack(Process& process, machine::TrapFrame& registers,
                                               UserPointer<SignalStack> stack, UserPointer<SignalStack> before);

[[nodiscard]] Result<void> change_mask(Process& process, std::uint32_t how, UserPointer<WideSet> set,
                                       UserPointer<WideSet> before, std::uint32_t set_size);
[[nodiscard]] Result<void> change_mask_old(Process& process, std::uint32_t how, UserPointer<std::uint32_t> set,
                                           UserPointer<std::uint32_t> before);
[[nodiscard]] std::uint32_t get_mask_oldest(Process& process);
[[nodiscard]] std::uint32_t set_mask_oldest(Process& process, std::uint32_t mask);
[[nodiscard]] Result<void> pending_signals(Process& process, UserPointer<std::uint32_t> into, std::uint32_t set_size);
[[nodiscard]] Result<void> pending_signals_old(Process& process, UserPointer<std::uint32_t> into);

// Never 0: they return when a handler has run.
[[nodiscard]] Result<void> suspend(Process& process, UserPointer<WideSet> mask, std::uint32_t set_size);
[[nodiscard]] Result<void> suspend_old(Process& process, std::uint32_t unused_1, std::uint32_t unused_2,
                                       std::uint32_t mask);
[[nodiscard]] Result<void> pause(Process& process);
// The number of the signal taken. Errors: would_block (the time was up), interrupted.
[[nodiscard]] Result<std::uint32_t> wait_for_signal(Process& process, UserPointer<WideSet> set,
                                                    UserPointer<SignalDetails> into, UserPointer<Timespec> timeout,
                                                    std::uint32_t set_size);
[[nodiscard]] Result<std::uint32_t> wait_for_signal_64(Process& process, UserPointer<WideSet> set,
                                                       UserPointer<SignalDetails> into, UserPointer<Timespec64> timeout,
                                                       std::uint32_t set_size);

// Back from a handler: EAX is what it was when the signal came.
[[nodiscard]] std::int32_t return_from_handler(Process& process, machine::TrapFrame& registers);
[[nodiscard]] std::int32_t return_from_handler_with_information(Process& process, machine::TrapFrame& registers);

} // namespace quire::abi
