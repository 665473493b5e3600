// The system calls that tell what a file or a file system is, and that set what can be set of it: stat, statx, statfs,
// chmod, chown, utimes, getdents.
#pragma once

#include "kernel/abi/arguments.h"
#include "kernel/abi/structures.h"
#include "kernel/lib/result.h"
#include "kernel/process/process.h"

#include <array>
#include <cstdint>

namespace quire::abi {

// ---- stat, in its four shapes. Errors beside the path's: overflow (a number does not fit the shape).
[[nodiscard]] Result<void> status_oldest(Process& process, UserText path, UserPointer<OldStat> into);
[[nodiscard]] Result<void> link_status_oldest(Process& process, UserText path, UserPointer<OldStat> into);
[[nodiscard]] Result<void> descriptor_status_oldest(Process& process, Descriptor descriptor, UserPointer<OldStat> into);
[[nodiscard]] Result<void> status(Process& process, UserText path, UserPointer<Stat> into);
[[nodiscard]] Result<void> link_status(Process& process, UserText path, UserPointer<Stat> into);
[[nodiscard]] Result<void> descriptor_status(Process& process, Descriptor descriptor, UserPointer<Stat> into);
[[nodiscard]] Result<void> status_64(Process& process, UserText path, UserPointer<Stat64> into);
[[nodiscard]] Result<void> link_status_64(Process& process, UserText path, UserPointer<Stat64> into);
[[nodiscard]] Result<void> descriptor_status_64(Process& process, Descriptor descriptor, UserPointer<Stat64> into);
[[nodiscard]] Result<void> status_at(Process& process, Descriptor directory, UserText path, UserPointer<Stat64> into,
                                     Bits flags);
[[nodiscard]] Result<void> status_extended(Process& process, Descriptor directory, UserText path, Bits flags, Bits mask,
                                           UserPointer<Statx> into);

// ---- statfs
[[nodiscard]] Result<void> system_status(Process& process, UserText path, UserPointer<Statfs> into);
[[nodiscard]] Result<void> descriptor_system_status(Process& process, Descriptor descriptor, UserPointer<Statfs> into);
[[nodiscard]] Result<void> system_status_64(Process& process, UserText path, std::uint32_t size,
                                            UserPointer<Statfs64> into);
[[nodiscard]] Result<void> descriptor_system_status_64(Process& process, Descriptor descriptor, std::uint32_t size,
                                                       UserPointer<Statfs64> into);

// ---- chmod, chown. An owner of -1 stays; 16-bit owners have their own -1.
[[nodiscard]] Result<void> set_mode(Process& process, UserText path, FileMode mode);
[[nodiscard]] Result<void> set_mode_at(Process& process, Descriptor directory, UserText path, FileMode mode);
[[nodiscard]] Result<void> set_descriptor_mode(Process& process, Descriptor descriptor, FileMode mode);
[[nodiscard]] Result<void> set_owner(Process& process, UserText path, std::uint32_t user, std::uint32_t group);
[[nodiscard]] Result<void> set_owner_16(Process& process, UserText path, std::uint32_t user, std::uint32_t group);
[[nodiscard]] Result<void> set_link_owner(Process& process, UserText path, std::uint32_t user, std::uint32_t group);
[[nodiscard]] Result<void> set_link_owner_16(Process& process, UserText path, std::uint32_t user, std::uint32_t group);
[[nodiscard]] Result<void> set_descriptor_owner(Process& process, Descriptor descriptor, std::uint32_t user,
                                                std::uint32_t group);
[[nodiscard]] Result<void> set_descriptor_owner_16(Process& process, Descriptor descriptor, std::uint32_t user,
                                                   std::uint32_t group);
[[nodiscard]] Result<void> set_owner_at(Process& process, Descriptor directory, UserText path, std::uint32_t user,
                                        std::uint32_t group, Bits flags);

// ---- utimes. No times are now.
[[nodiscard]] Result<void> set_times_seconds(Process& process, UserText path, UserPointer<UTimes> times);
[[nodiscard]] Result<void> set_times_microseconds(Process& process, UserText path, UserPointer<TimevalPair> times);
[[nodiscard]] Result<void> set_times_microseconds_at(Process& process, Descriptor directory, UserText path,
                                                     UserPointer<TimevalPair> times);
[[nodiscard]] Result<void> set_times_at(Process& process, Descriptor directory, UserText path,
                                        UserPointer<std::array<Timespec, 2>> times, Bits flags);
[[nodiscard]] Result<void> set_times_at_64(Process& process, Descriptor directory, UserText path,
                                           UserPointer<std::array<Timespec64, 2>> times, Bits flags);

// ---- getdents: bytes written; 0 at the end
[[nodiscard]] Result<std::uint32_t> list_directory(Process& process, Descriptor descriptor, VirtAddr into,
                                                   std::uint32_t bytes);
[[nodiscard]] Result<std::uint32_t> list_directory_64(Process& process, Descriptor descriptor, VirtAddr into,
                                                      std::uint32_t bytes);

} // namespace quire::abi
