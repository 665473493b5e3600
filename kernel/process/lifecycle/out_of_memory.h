// What happens when a page that a program may rightly have finds no frame: what is only kept goes first, then
// processes. Everybody who shares an address space is ended with it, by SIGKILL. How gladly a process is ended is its
// adjustment's to say: Linux's /proc/PID/oom_score_adj, from -1000 (never) to 1000 (first); man 5 proc.
#pragma once

#include "kernel/memory/space/fault.h"
#include "kernel/memory/space/reclaim.h"
#include "kernel/process/process_table.h"

#include <cstdint>

namespace quire {

inline constexpr std::int16_t never_ended = -1000, ended_first = 1000; // Process::out_of_memory_adjustment

// Frees what is kept only to be quicker: copies of files' pages that nothing maps, free pages of the kernel heap. False
// where there was none.
bool reclaim_caches(ProcessTable& table);

// Puts so many pages out at least to swap areas, where there are some.
Reclaimer::Room put_pages_out(ProcessTable& table, std::uint32_t at_least);

// Makes memory free by the end of processes, and says so: those that are killed already, then those whose end gives
// back most, then, where nobody else may be ended, the current one. True where memory may be free now; false where the
// current process is to end first. Each time there are fewer left to end. O(pages of all processes).
bool oom_kill(ProcessTable& table);

// Does for the process what AddressSpace::handle_fault() does; where memory has run out, frees some. Never
// out_of_memory unless the process is the one to end.
[[nodiscard]] FaultOutcome handle_fault_reclaiming(Process& process, VirtAddr address, FaultAccess access);

// How likely it is that this one is ended: 0 (never) to some 1,300. /proc/PID/oom_score.
[[nodiscard]] std::uint32_t out_of_memory_score(const Process& process);
// Sets the adjustment, also of those who share the address space: they are ended together. A vfork child's is its own.
void set_out_of_memory_adjustment(Process& process, std::int16_t adjustment);

} // namespace quire
