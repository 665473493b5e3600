// Commands about the shell itself.
#include "kernel/monitor/commands/command.h"

#include <algorithm>
#include <array>

namespace quire {

namespace {

constexpr std::size_t usage_width = 26;

// A command with its arguments, padded to a column.
void print_usage(Display& out, const Command& command) {
    const std::size_t length = command.name.size() + (command.arguments.empty() ? 0 : 1 + command.arguments.size());
    print(out, "  {}{}{}", out.paint(Ink::strong), command.name, out.paint(Ink::plain));
    print(out, "{}{}", command.arguments.empty() ? "" : " ", command.arguments);
    for (std::size_t column = std::min(length, usage_width - 1); column < usage_width; ++column) {
        out.write(" ");
    }
}

Outcome help_with(Context& context, std::string_view name) {
    const Command* command = find_command(context.groups, name);
    if (command == nullptr) {
        return refuse(context, "There is no command \"{}\".", name);
    }
    print_usage(context.out, *command);
    print(context.out, "{}\n", command->summary);
    if (!command->details.empty()) {
        print(context.out, "\n{}\n", command->details);
    }
    return Outcome::done;
}

Outcome help(Context& context, Arguments arguments) {
    if (!arguments.empty()) {
        return help_with(context, arguments[0]);
    }
    Display& out = context.out;
    for (const CommandGroup& group : context.groups) {
        print(out, "{}{}{}\n", out.paint(Ink::notice), group.title, out.paint(Ink::plain));
        for (const Command& command : group.commands()) {
            print_usage(out, command);
            print(out, "{}\n", command.summary);
        }
    }
    print(out, "\n\"help COMMAND\" tells more. Tab completes, arrows recall, ';' separates.\n"
               "Numbers: 4096, 0x1000, 64K, 16M, 1G.\n");
    return Outcome::done;
}

Outcome echo(Context& context, Arguments arguments) {
    std::string_view separator;
    for (const std::string_view word : arguments) {
        print(context.out, "{}{}", separator, word);
        separator = " ";
    }
    context.out.write("\n");
    return Outcome::done;
}

Outcome history(Context& context, Arguments) {
    for (std::size_t age = context.history.count(); age > 0; --age) {
        print(context.out, "{:4}  {}\n", context.history.count() - age + 1, context.history.line(age - 1));
    }
    return Outcome::done;
}

Outcome clear(Context& context, Arguments) {
    context.out.clear();
    return Outcome::done;
}

Outcome version(Context& context, Arguments) {
    print(context.out, "Quire {}\n", context.version);
    return Outcome::done;
}

constexpr std::size_t any_number = 64;

constexpr auto commands = std::to_array<Command>({
    Command{.name = "help",
            .arguments = "[COMMAND]",
            .summary = "lists the commands, or tells more about one",
            .most_arguments = 1,
            .run = help,
            .paged = true},
    Command{.name = "history", .summary = "the lines typed before", .run = history, .paged = true},
    Command{.name = "clear", .summary = "an empty screen", .run = clear},
    Command{.name = "echo",
            .arguments = "[WORD ...]",
            .summary = "prints its words",
            .most_arguments = any_number,
            .run = echo},
    Command{.name = "version", .summary = "which kernel this is", .run = version},
});

} // namespace

std::span<const Command> shell_commands() {
    return commands;
}

} // namespace quire
