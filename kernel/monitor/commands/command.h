// What a command of the shell is, and what it is given to work with. Commands stand in tables, one a subject
// (commands_memory.cpp and so on); help, completion, suggestions and the running of them all read those tables.
#pragma once

#include "kernel/memory/heap/heap_types.h"
#include "kernel/monitor/console/display.h"
#include "kernel/monitor/console/keyboard.h"
#include "kernel/monitor/editor/history.h"
#include "kernel/monitor/editor/line_editor.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace quire {

struct Process;
struct Torus;
struct CommandGroup;

// What commands remember from one call to the next.
struct Session {
    HeapMark leaks_since; // `leaks` tells of blocks allocated after it
};

// All that a command may touch.
struct Context {
    Torus& torus;
    Display& out;
    Keyboard& keys;
    const History& history;
    std::span<const CommandGroup> groups;
    Session& session;
    std::string_view version; // of this kernel, for people
};

enum class Outcome : std::uint8_t { done, failed };

// The words after the command's name.
using Arguments = std::span<const std::string_view>;

struct Command {
    std::string_view name{};
    std::string_view arguments{}; // as help shows them and completion reads them: "on|off [PID]" (completion.h)
    std::string_view summary{};   // one line
    std::size_t least_arguments = 0, most_arguments = 0;
    // Does it. There are as many arguments as may be.
    Outcome (*run)(Context& context, Arguments arguments) = nullptr;
    std::string_view details{}; // what `help COMMAND` says after that
    bool paged = false;         // it may print more than a screen holds: a person is asked at the end of each
};

// Commands of one subject, under a heading.
struct CommandGroup {
    std::string_view title;
    std::span<const Command> (*commands)() = nullptr;
};

// The command called `name`, or null.
[[nodiscard]] const Command* find_command(std::span<const CommandGroup> groups, std::string_view name);

// Every command there is.
[[nodiscard]] std::span<const CommandGroup> all_commands();

// The tables, each in its own file.
[[nodiscard]] std::span<const Command> memory_commands();
[[nodiscard]] std::span<const Command> paging_commands();
[[nodiscard]] std::span<const Command> pager_commands();
[[nodiscard]] std::span<const Command> heap_commands();
[[nodiscard]] std::span<const Command> process_commands();
[[nodiscard]] std::span<const Command> checking_commands();
[[nodiscard]] std::span<const Command> machine_commands();
[[nodiscard]] std::span<const Command> shell_commands();

// Says why a command cannot do what it was told: "peek: …" in the colour of failures. Returns Outcome::failed.
template <class... Args>
Outcome refuse(Context& context, FormatString<std::type_identity_t<Args>...> why, const Args&... arguments) {
    context.out.write(context.out.paint(Ink::bad));
    print(context.out, why, arguments...);
    print(context.out, "{}\n", context.out.paint(Ink::plain));
    return Outcome::failed;
}

// The number that `word` is, below 2^32. Otherwise says that it is no `what` ("address", "count") and what one looks
// like, and gives nothing.
[[nodiscard]] std::optional<std::uint32_t> number_argument(Context& context, std::string_view word,
                                                           std::string_view what);

// The same for an address, which may also look as this kernel prints it: P:00100000 where it is physical, c0100123
// (8 hexadecimal digits) in either case.
[[nodiscard]] std::optional<std::uint32_t> address_argument(Context& context, std::string_view word,
                                                            std::string_view what);
// The process that `word` names by its id; says so and gives null where there is none.
[[nodiscard]] Process* process_argument(Context& context, std::string_view word);

// Whether Ctrl-C was pressed. Other keys that were pressed are lost: whoever asks is busy with something else.
[[nodiscard]] bool interrupted(Context& context);

} // namespace quire
