// What all commands share: finding one by name, and reading arguments.
#include "kernel/shell/command.h"

#include "kernel/lib/number.h"

#include <array>

namespace quire {

namespace {

constexpr auto groups_in_order = std::to_array<CommandGroup>({
    CommandGroup{.title = "Memory", .commands = memory_commands},
    CommandGroup{.title = "Address translation", .commands = paging_commands},
    CommandGroup{.title = "Kernel heap", .commands = heap_commands},
    CommandGroup{.title = "Processes", .commands = process_commands},
    CommandGroup{.title = "Tests and trouble", .commands = checking_commands},
    CommandGroup{.title = "Machine", .commands = machine_commands},
    CommandGroup{.title = "Shell", .commands = shell_commands},
});

} // namespace

std::span<const CommandGroup> all_commands() {
    return groups_in_order;
}

const Command* find_command(std::span<const CommandGroup> groups, std::string_view name) {
    for (const CommandGroup& group : groups) {
        for (const Command& command : group.commands()) {
            if (command.name == name) {
                return &command;
            }
        }
    }
    return nullptr;
}

std::optional<std::uint32_t> number_argument(Context& context, std::string_view word, std::string_view what) {
    const Result<std::uint32_t> number = parse_number_32(word);
    if (number) {
        return *number;
    }
    if (number.error() == Error::too_large) {
        refuse(context, "\"{}\" is too large for a 32-bit {}.", word, what);
    } else {
        refuse(context, "\"{}\" is no {}. Numbers look like 4096, 0x1000, 64K or 16M.", word, what);
    }
    return std::nullopt;
}

bool interrupted(Context& context) {
    while (const std::optional<Key> key = context.keys.poll()) {
        if (key->kind == Key::Kind::interrupt) {
            return true;
        }
    }
    return false;
}

} // namespace quire
