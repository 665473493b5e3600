// The system calls about who a process is: its id and its relations, users and groups, capabilities, names. There is
// one user, 0, who may do everything, and nobody can become another.
#pragma once

#include "kernel/abi/arguments.h"
#include "kernel/abi/structures.h"
#include "kernel/lib/result.h"
#include "kernel/process/process.h"

#include <array>
#include <cstdint>

namespace quire::abi {

[[nodiscard]] inline std::uint32_t process_id(Process& process) {
    return process.id;
}
[[nodiscard]] std::uint32_t parent_id(Process& process);

[[nodiscard]] std::uint32_t own_group(Process& process);
[[nodiscard]] Result<std::uint32_t> group_of(Process& process, std::int32_t id);
[[nodiscard]] Result<std::uint32_t> session_of(Process& process, std::int32_t id);
[[nodiscard]] Result<void> set_group(Process& process, std::int32_t id, std::int32_t group);
[[nodiscard]] Result<std::uint32_t> begin_session(Process& process);

// Users and groups.
[[nodiscard]] std::uint32_t user_zero(Process& process);
// To user 0 or to none (-1), which is no change; anybody else is not_permitted.
[[nodiscard]] Result<void> become_user(Process& process, std::uint32_t user);
[[nodiscard]] Result<void> become_users(Process& process, std::uint32_t real, std::uint32_t effective);
[[nodiscard]] Result<void> become_three_users(Process& process, std::uint32_t real, std::uint32_t effective,
                                              std::uint32_t saved);
[[nodiscard]] Result<void> three_users(Process& process, UserPointer<std::uint32_t> real,
                                       UserPointer<std::uint32_t> effective, UserPointer<std::uint32_t> saved);
[[nodiscard]] Result<void> three_users_16(Process& process, UserPointer<std::uint16_t> real,
                                          UserPointer<std::uint16_t> effective, UserPointer<std::uint16_t> saved);
// No groups beside the first.
[[nodiscard]] Result<std::uint32_t> more_groups(Process& process, std::int32_t room, VirtAddr into);
[[nodiscard]] Result<void> set_more_groups(Process& process, std::int32_t count, VirtAddr from);

[[nodiscard]] Result<void> capabilities(Process& process, UserPointer<CapabilityHeader> header,
                                        UserPointer<std::array<CapabilityWord, 2>> into);
[[nodiscard]] Result<void> set_capabilities(Process& process, UserPointer<CapabilityHeader> header,
                                            UserPointer<std::array<CapabilityWord, 2>> from);
[[nodiscard]] std::uint32_t set_personality(Process& process, std::uint32_t personality);
[[nodiscard]] Result<std::uint32_t> control_process(Process& process, std::uint32_t what, std::uint32_t second,
                                                    std::uint32_t third, std::uint32_t fourth, std::uint32_t fifth);

} // namespace quire::abi
