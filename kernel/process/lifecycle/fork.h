// Making processes from processes: fork, vfork and clone, which differ in what parent and child share.
#pragma once

#include "kernel/lib/result.h"
#include "kernel/process/process.h"

#include <cstdint>
#include <optional>

namespace quire {

struct ForkOptions {
    bool share_space = false;   // CLONE_VM
    bool share_files = false;   // CLONE_FILES
    bool share_context = false; // CLONE_FS
    bool wait_for_exec = false; // CLONE_VFORK: the parent waits until the child calls exec or ends
    bool same_parent = false;   // CLONE_PARENT; the exit signal, too, is the parent's then
    std::uint32_t exit_signal = signal_number::child;
    std::uint32_t stack = 0;       // the child's ESP; 0: as the parent's
    std::uint32_t parent_word = 0; // CLONE_PARENT_SETTID: where the child's id is written, in the parent
    std::uint32_t child_word = 0;  // CLONE_CHILD_SETTID: the same in the child
    std::uint32_t clear_word = 0;  // CLONE_CHILD_CLEARTID
    std::optional<machine::ThreadSegments> thread_segments; // CLONE_SETTLS
};

// Makes a child of the current process, which returns from its system call with 0. Returns the child's id.
// Errors: would_block (RLIMIT_NPROC, or no id is left), out_of_memory; then there is no child.
[[nodiscard]] Result<std::uint32_t> fork_process(Process& parent, const ForkOptions& options);

// The parent that waits for a vfork goes on.
void finish_vfork(Process& process);

} // namespace quire
