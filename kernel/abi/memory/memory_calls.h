// The system calls that shape a process's address space: brk, mmap and what belongs to them. They check what Linux
// checks before it looks at any mapping, in its order, and turn bytes into pages; AddressSpace does the rest.
#pragma once

#include "kernel/abi/arguments.h"
#include "kernel/abi/structures.h"
#include "kernel/lib/result.h"
#include "kernel/process/process.h"

#include <cstdint>

namespace quire::abi {

// Where the break then is: never an error.
[[nodiscard]] VirtAddr set_break(Process& process, VirtAddr wanted);

[[nodiscard]] Result<VirtAddr> map_memory(Process& process, VirtAddr hint, std::uint32_t bytes, Protection protection,
                                          MapFlags flags, Descriptor descriptor, std::uint32_t first_page);
// mmap as it was first: its arguments lie in memory, and the offset is in bytes.
[[nodiscard]] Result<VirtAddr> map_memory_old(Process& process, UserPointer<OldMapArguments> arguments);
[[nodiscard]] Result<void> unmap_memory(Process& process, VirtAddr start, std::uint32_t bytes);
[[nodiscard]] Result<void> protect_memory(Process& process, VirtAddr start, std::uint32_t bytes, Protection protection);
// Only the key that every page has, -1, is known.
[[nodiscard]] Result<void> protect_memory_with_key(Process& process, VirtAddr start, std::uint32_t bytes,
                                                   Protection protection, std::int32_t key);
[[nodiscard]] Result<VirtAddr> remap_memory(Process& process, VirtAddr start, std::uint32_t old_bytes,
                                            std::uint32_t new_bytes, RemapFlags flags, VirtAddr new_start);
// What remap_file_pages does since Linux 4.0: a new mapping of other pages of the file in the place of the old one.
[[nodiscard]] Result<void> show_file_pages(Process& process, VirtAddr start, std::uint32_t bytes, Protection protection,
                                           std::uint32_t first_page, MapFlags flags);
[[nodiscard]] Result<void> advise_memory(Process& process, VirtAddr start, std::uint32_t bytes, AdviceCode advice);
[[nodiscard]] Result<void> memory_residency(Process& process, VirtAddr start, std::uint32_t bytes, VirtAddr into);
[[nodiscard]] Result<void> sync_memory(Process& process, VirtAddr start, std::uint32_t bytes, SyncFlags flags);
[[nodiscard]] Result<void> lock_memory(Process& process, VirtAddr start, std::uint32_t bytes);
[[nodiscard]] Result<void> lock_memory_with_flags(Process& process, VirtAddr start, std::uint32_t bytes, Bits flags);
[[nodiscard]] Result<void> unlock_memory(Process& process, VirtAddr start, std::uint32_t bytes);
[[nodiscard]] Result<void> lock_all_memory(Process& process, LockFlags flags);
[[nodiscard]] Result<void> unlock_all_memory(Process& process);

} // namespace quire::abi
