// The system calls by which processes begin, end and wait for each other.
#pragma once

#include "kernel/abi/arguments.h"
#include "kernel/abi/structures.h"
#include "kernel/lib/result.h"
#include "kernel/process/process.h"

#include <cstdint>

namespace quire::abi {

// 0 in the child. Threads (CLONE_THREAD, CLONE_SIGHAND) and namespaces are not made: docs/system-calls.md.
// What a call that went on after a signal is called then. Error: interrupted, where a program calls it by itself.
[[nodiscard]] Result<std::uint32_t> restart_call(Process& process);

[[nodiscard]] Result<std::uint32_t> fork(Process& process);
// vfork: the child runs in the parent's memory, and the parent waits until it calls exec or ends.
[[nodiscard]] Result<std::uint32_t> fork_lending_memory(Process& process);
[[nodiscard]] Result<std::uint32_t> clone(Process& process, CloneFlags flags, VirtAddr stack, VirtAddr parent_word,
                                          UserPointer<SegmentDescriptor> thread_segment, VirtAddr child_word);

// Gives the process a descriptor table, or a working directory, of its own again. There are no namespaces to leave, and
// a memory that others run in is not to be copied: invalid_argument. Error: also out_of_memory.
[[nodiscard]] Result<void> unshare(Process& process, CloneFlags flags);

// What the program's stack may hold at most: exec_calls.cpp.
[[nodiscard]] Result<void> execute(Process& process, machine::TrapFrame& registers, UserText path, VirtAddr arguments,
                                   VirtAddr environment);
[[nodiscard]] Result<void> execute_at(Process& process, machine::TrapFrame& registers, Descriptor directory,
                                      UserText path, VirtAddr arguments, VirtAddr environment, Bits flags);

// Never come back.
[[nodiscard]] std::int32_t exit(Process& process, std::uint32_t status);

[[nodiscard]] Result<std::uint32_t> wait_for(Process& process, std::int32_t which, UserPointer<std::uint32_t> status,
                                             Bits options, UserPointer<Usage> usage);
[[nodiscard]] Result<std::uint32_t> wait_for_old(Process& process, std::int32_t which,
                                                 UserPointer<std::uint32_t> status, Bits options);
[[nodiscard]] Result<void> wait_for_id(Process& process, std::uint32_t kind, std::int32_t id,
                                       UserPointer<SignalDetails> into, Bits options, UserPointer<Usage> usage);

// The id; `word` is set to 0, and whoever waits for it as a futex is woken, when the process ends.
[[nodiscard]] std::uint32_t set_thread_word(Process& process, VirtAddr word);
[[nodiscard]] Result<void> set_thread_area(Process& process, UserPointer<SegmentDescriptor> segment);
[[nodiscard]] Result<void> get_thread_area(Process& process, UserPointer<SegmentDescriptor> segment);

// getrusage and times tell what wait adds up.
[[nodiscard]] Usage usage_of(const Process& process, const ProcessTimes& times);

} // namespace quire::abi
