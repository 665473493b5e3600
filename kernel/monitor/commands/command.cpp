// What all commands share: finding one by name, and reading arguments.
#include "kernel/monitor/commands/command.h"

#include "kernel/lib/number.h"
#include "kernel/process/userland/userland.h"
#include "kernel/torus/torus.h"

#include <algorithm>
#include <array>

namespace quire {

namespace {

constexpr auto groups_in_order = std::to_array<CommandGroup>({
    CommandGroup{.title = "Memory", .commands = memory_commands},
    CommandGroup{.title = "Address translation", .commands = paging_commands},
    CommandGroup{.title = "Page replacement", .commands = pager_commands},
    CommandGroup{.title = "Kernel heap", .commands = heap_commands},
    CommandGroup{.title = "Processes", .commands = process_commands},
    CommandGroup{.title = "Tests and trouble", .commands = checking_commands},
    CommandGroup{.title = "Machine", .commands = machine_commands},
    CommandGroup{.title = "Shell", .commands = shell_commands},
});

constexpr bool is_hexadecimal(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

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

std::optional<std::uint32_t> address_argument(Context& context, std::string_view word, std::string_view what) {
    constexpr std::string_view physical = "P:";
    constexpr std::size_t digits = 8;
    std::string_view printed = word;
    if (printed.starts_with(physical)) {
        printed.remove_prefix(physical.size());
    }
    const bool is_printed = printed.size() == digits && std::all_of(printed.begin(), printed.end(), is_hexadecimal);
    if (!is_printed) {
        return number_argument(context, word, what);
    }
    std::array<char, digits + 2> prefixed{'0', 'x'};
    std::copy(printed.begin(), printed.end(), prefixed.begin() + 2);
    return number_argument(context, {prefixed.data(), prefixed.size()}, what);
}

Process* process_argument(Context& context, std::string_view word) {
    const std::optional<std::uint32_t> id = number_argument(context, word, "process id");
    if (!id) {
        return nullptr;
    }
    Userland* const userland = context.torus.userland;
    Process* const process = *id == 0 || userland == nullptr ? nullptr : userland->processes.find(*id);
    if (process == nullptr) {
        refuse(context, "There is no process {}. \"ps\" lists those there are.", *id);
    }
    return process;
}

bool interrupted(Context& context) {
    while (true) {
        const std::optional<Key> key = context.keys.poll();
        if (!key || key->kind == Key::Kind::interrupt) {
            return key.has_value();
        }
    }
}

} // namespace quire
