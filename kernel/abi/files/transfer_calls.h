// The system calls that move bytes between open files and programs, or between two open files.
#pragma once

#include "kernel/abi/arguments.h"
#include "kernel/lib/result.h"
#include "kernel/process/process.h"

#include <cstdint>

namespace quire::abi {

[[nodiscard]] Result<std::uint32_t> read_file(Process& process, Descriptor descriptor, VirtAddr into,
                                              std::uint32_t bytes);
[[nodiscard]] Result<std::uint32_t> write_file(Process& process, Descriptor descriptor, VirtAddr from,
                                               std::uint32_t bytes);
[[nodiscard]] Result<std::uint32_t> read_file_at(Process& process, Descriptor descriptor, VirtAddr into,
                                                 std::uint32_t bytes, std::int64_t offset);
[[nodiscard]] Result<std::uint32_t> write_file_at(Process& process, Descriptor descriptor, VirtAddr from,
                                                  std::uint32_t bytes, std::int64_t offset);

// `pieces` is an array of struct iovec.
[[nodiscard]] Result<std::uint32_t> read_pieces(Process& process, Descriptor descriptor, VirtAddr pieces,
                                                std::uint32_t count);
[[nodiscard]] Result<std::uint32_t> write_pieces(Process& process, Descriptor descriptor, VirtAddr pieces,
                                                 std::uint32_t count);
[[nodiscard]] Result<std::uint32_t> read_pieces_at(Process& process, Descriptor descriptor, VirtAddr pieces,
                                                   std::uint32_t count, std::int64_t offset);
[[nodiscard]] Result<std::uint32_t> write_pieces_at(Process& process, Descriptor descriptor, VirtAddr pieces,
                                                    std::uint32_t count, std::int64_t offset);
// Offset -1 is the file's own position. Of the flags, those that are a hint only are known.
[[nodiscard]] Result<std::uint32_t> read_pieces_with_flags(Process& process, Descriptor descriptor, VirtAddr pieces,
                                                           std::uint32_t count, std::int64_t offset, Bits flags);
[[nodiscard]] Result<std::uint32_t> write_pieces_with_flags(Process& process, Descriptor descriptor, VirtAddr pieces,
                                                            std::uint32_t count, std::int64_t offset, Bits flags);

// A null offset is the file's own position; else it is read there and moves on there.
[[nodiscard]] Result<std::uint32_t> send_file(Process& process, Descriptor to, Descriptor from,
                                              UserPointer<std::int32_t> offset, std::uint32_t bytes);
[[nodiscard]] Result<std::uint32_t> send_file_64(Process& process, Descriptor to, Descriptor from,
                                                 UserPointer<std::int64_t> offset, std::uint32_t bytes);
[[nodiscard]] Result<std::uint32_t> copy_file_range(Process& process, Descriptor from,
                                                    UserPointer<std::int64_t> from_offset, Descriptor to,
                                                    UserPointer<std::int64_t> to_offset, std::uint32_t bytes,
                                                    Bits flags);

} // namespace quire::abi
