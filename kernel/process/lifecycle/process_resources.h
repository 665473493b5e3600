// What a process holds, given back piece by piece: for the files of this folder that begin and end processes.
#pragma once

#include "kernel/process/process.h"

namespace quire {

// Gives back address space, files, working directory and executable; the process's own tables are unloaded first. It
// runs in the kernel from then on.
void release_resources(Process& process);

// Puts the process's resource limits on an address space that is, or will be, its own.
void apply_limits(const Process& process, AddressSpace& space);

// The process leaves its address space. Others in it that wait for the word that set_tid_address named see it become 0.
// man 2 set_tid_address.
void clear_thread_word(Process& process);

// The parent that waits for a vfork goes on.
void finish_vfork(Process& process);

// The parent hears that `process` stopped, or goes on (SIGCHLD, wait4).
void tell_parent_of_stop(Process& process, bool stopped);

} // namespace quire
