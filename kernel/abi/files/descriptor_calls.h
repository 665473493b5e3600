// The system calls on descriptors and open files that move no bytes: close, dup, fcntl, ioctl, lseek, pipe, ftruncate,
// fsync and so on.
#pragma once

#include "kernel/abi/arguments.h"
#include "kernel/lib/result.h"
#include "kernel/process/process.h"

#include <array>
#include <cstdint>

namespace quire::abi {

[[nodiscard]] Result<void> close_descriptor(Process& process, Descriptor descriptor);
[[nodiscard]] Result<void> close_descriptors(Process& process, std::uint32_t first, std::uint32_t last, Bits flags);
[[nodiscard]] Result<std::uint32_t> duplicate(Process& process, Descriptor descriptor);
[[nodiscard]] Result<std::uint32_t> duplicate_to(Process& process, Descriptor from, Descriptor to);
[[nodiscard]] Result<std::uint32_t> duplicate_to_with_flags(Process& process, Descriptor from, Descriptor to,
                                                            OpenFlags flags);
// fcntl knows struct flock, fcntl64 struct flock64, too.
[[nodiscard]] Result<std::uint32_t> control_descriptor(Process& process, Descriptor descriptor, std::uint32_t command,
                                                       std::uint32_t argument);
[[nodiscard]] Result<std::uint32_t> control_descriptor_64(Process& process, Descriptor descriptor,
                                                          std::uint32_t command, std::uint32_t argument);
[[nodiscard]] Result<std::uint32_t> control_device(Process& process, Descriptor descriptor, Bits request,
                                                   VirtAddr argument);
// flock.
[[nodiscard]] Result<void> lock_file(Process& process, Descriptor descriptor, Bits operation);

[[nodiscard]] Result<std::uint32_t> seek(Process& process, Descriptor descriptor, std::int32_t distance,
                                         std::uint32_t whence);
[[nodiscard]] Result<void> seek_64(Process& process, Descriptor descriptor, std::uint32_t high, std::uint32_t low,
                                   UserPointer<std::int64_t> position, std::uint32_t whence);

[[nodiscard]] Result<void> make_pipe(Process& process, UserPointer<std::array<std::int32_t, 2>> ends);
[[nodiscard]] Result<void> make_pipe_with_flags(Process& process, UserPointer<std::array<std::int32_t, 2>> ends,
                                                OpenFlags flags);
[[nodiscard]] Result<std::uint32_t> make_memory_file(Process& process, UserText name, Bits flags);

[[nodiscard]] Result<void> truncate_file(Process& process, Descriptor descriptor, std::int32_t size);
[[nodiscard]] Result<void> truncate_file_64(Process& process, Descriptor descriptor, std::int64_t size);
[[nodiscard]] Result<void> allocate_file(Process& process, Descriptor descriptor, Bits mode, std::int64_t offset,
                                         std::int64_t size);
// Files are in memory: what was written is as safe as it will be.
[[nodiscard]] Result<void> sync_file(Process& process, Descriptor descriptor);
[[nodiscard]] Result<void> sync_file_system(Process& process, Descriptor descriptor);
[[nodiscard]] Result<void> sync_file_part(Process& process, Descriptor descriptor, std::int64_t offset,
                                          std::int64_t size, Bits flags);
[[nodiscard]] Result<void> sync_all(Process& process);
[[nodiscard]] Result<void> read_ahead(Process& process, Descriptor descriptor, std::int64_t offset,
                                      std::uint32_t bytes);
[[nodiscard]] Result<void> advise_file(Process& process, Descriptor descriptor, std::int64_t offset,
                                       std::uint32_t bytes, std::uint32_t advice);
[[nodiscard]] Result<void> advise_file_64(Process& process, Descriptor descriptor, std::int64_t offset,
                                          std::int64_t bytes, std::uint32_t advice);

} // namespace quire::abi
