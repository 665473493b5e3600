// fcntl's commands for locks on files, for who serves fcntl.
#pragma once

#include "kernel/abi/arguments.h"
#include "kernel/lib/result.h"
#include "kernel/process/process.h"

#include <cstdint>
#include <optional>

namespace quire::abi {

struct LockCommand {
    enum class What : std::uint8_t { ask, set, set_waiting } what;
    bool wide = true; // struct flock64
    bool of_open_file = false;
};

// What F_SETLK and its like ask for; nothing for other commands.
[[nodiscard]] std::optional<LockCommand> lock_command(std::uint32_t command);

// Serves it, for the open file behind `descriptor`, with the structure at `place`.
[[nodiscard]] Result<std::uint32_t> control_lock(Process& process, Descriptor descriptor, File& file,
                                                 LockCommand command, VirtAddr place);

} // namespace quire::abi
