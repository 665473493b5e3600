// The system calls that name files by paths: open, mkdir, rename, unlink, chdir, access and so on. Each of the older
// ones is the newer one with the working directory as its start.
#pragma once

#include "kernel/abi/arguments.h"
#include "kernel/abi/structures.h"
#include "kernel/lib/result.h"
#include "kernel/process/process.h"

#include <cstdint>

namespace quire::abi {

[[nodiscard]] Result<std::uint32_t> open_path(Process& process, UserText path, OpenFlags flags, FileMode mode);
[[nodiscard]] Result<std::uint32_t> open_path_at(Process& process, Descriptor directory, UserText path, OpenFlags flags,
                                                 FileMode mode);
[[nodiscard]] std::int32_t open_path_how(Process& process, Descriptor directory, UserText path,
                                         UserPointer<OpenHow> how, std::uint32_t size);
[[nodiscard]] Result<std::uint32_t> create_file(Process& process, UserText path, FileMode mode);

[[nodiscard]] Result<void> make_directory(Process& process, UserText path, FileMode mode);
[[nodiscard]] Result<void> make_directory_at(Process& process, Descriptor directory, UserText path, FileMode mode);
[[nodiscard]] Result<void> make_node(Process& process, UserText path, FileMode mode, std::uint32_t device);
[[nodiscard]] Result<void> make_node_at(Process& process, Descriptor directory, UserText path, FileMode mode,
                                        std::uint32_t device);
[[nodiscard]] Result<void> make_link(Process& process, UserText old_path, UserText new_path);
[[nodiscard]] Result<void> make_link_at(Process& process, Descriptor old_directory, UserText old_path,
                                        Descriptor new_directory, UserText new_path, Bits flags);
[[nodiscard]] Result<void> make_symbolic_link(Process& process, UserText target, UserText path);
[[nodiscard]] Result<void> make_symbolic_link_at(Process& process, UserText target, Descriptor directory,
                                                 UserText path);
[[nodiscard]] Result<std::uint32_t> read_symbolic_link(Process& process, UserText path, VirtAddr into,
                                                       std::int32_t bytes);
[[nodiscard]] Result<std::uint32_t> read_symbolic_link_at(Process& process, Descriptor directory, UserText path,
                                                          VirtAddr into, std::int32_t bytes);
[[nodiscard]] Result<void> remove_file(Process& process, UserText path);
[[nodiscard]] Result<void> remove_directory(Process& process, UserText path);
[[nodiscard]] Result<void> remove_at(Process& process, Descriptor directory, UserText path, Bits flags);
[[nodiscard]] Result<void> rename_path(Process& process, UserText from, UserText to);
[[nodiscard]] Result<void> rename_path_at(Process& process, Descriptor from_directory, UserText from,
                                          Descriptor to_directory, UserText to);
[[nodiscard]] Result<void> rename_path_with_flags(Process& process, Descriptor from_directory, UserText from,
                                                  Descriptor to_directory, UserText to, Bits flags);
[[nodiscard]] Result<void> truncate_path(Process& process, UserText path, std::int32_t size);
[[nodiscard]] Result<void> truncate_path_64(Process& process, UserText path, std::int64_t size);

[[nodiscard]] Result<void> change_directory(Process& process, UserText path);
[[nodiscard]] Result<void> change_directory_to(Process& process, Descriptor directory);
// The length of the path with its NUL; ERANGE has no Error.
[[nodiscard]] std::int32_t working_directory(Process& process, VirtAddr into, std::uint32_t bytes);
[[nodiscard]] std::uint32_t set_umask(Process& process, FileMode mask);

[[nodiscard]] Result<void> check_access(Process& process, UserText path, std::uint32_t wanted);
[[nodiscard]] Result<void> check_access_at(Process& process, Descriptor directory, UserText path, std::uint32_t wanted);
[[nodiscard]] Result<void> check_access_with_flags(Process& process, Descriptor directory, UserText path,
                                                   std::uint32_t wanted, Bits flags);

} // namespace quire::abi
