// Reads and runs commands. See shell.h.
#include "kernel/monitor/shell.h"

#include "kernel/fs/device/terminal.h"
#include "kernel/lib/static_vector.h"
#include "kernel/lib/suggestion.h"
#include "kernel/machine/devices.h"
#include "kernel/monitor/commands/exit_status.h"
#include "kernel/monitor/commands/key_pager.h"
#include "kernel/monitor/commands/run_program.h"
#include "kernel/monitor/editor/tokenizer.h"
#include "kernel/process/userland/userland.h"
#include "kernel/torus/torus.h"

#include <limits>

namespace quire {

namespace {

constexpr std::string_view prompt_word = "quire>";

Outcome say_unknown(Context& context, std::string_view name) {
    Suggestion suggestion{name};
    for (const CommandGroup& group : context.groups) {
        for (const Command& command : group.commands()) {
            suggestion.consider(command.name);
        }
    }
    if (suggestion.best().empty()) {
        return refuse(context, "There is no command \"{}\". \"help\" lists those there are.", name);
    }
    return refuse(context, "There is no command \"{}\". Did you mean \"{}\"?", name, suggestion.best());
}

Outcome run_command(Context& context, std::span<const std::string_view> words) {
    const Command* command = find_command(context.groups, words.front());
    if (command == nullptr) {
        return say_unknown(context, words.front());
    }
    const Arguments arguments = words.subspan(1);
    if (arguments.size() < command->least_arguments || arguments.size() > command->most_arguments) {
        return refuse(context, "usage: {}{}{}", command->name, command->arguments.empty() ? "" : " ",
                      command->arguments);
    }
    KeyPager pager{context};
    if (command->paged) {
        pager.start();
    }
    return command->run(context, arguments);
}

// Stopped programs that were killed since.
void tell_of_ended_jobs(Context& context) {
    if (context.torus.userland == nullptr) {
        return;
    }
    while (true) {
        const std::optional<ProgramResult> ended = take_ended(*context.torus.userland);
        if (!ended) {
            return;
        }
        print(context.out, "process {}: {}\n", ended->id, *ended);
    }
}

} // namespace

bool run_line(Context& context, std::string_view line) {
    Tokenizer words;
    bool all_done = true;
    while (!line.empty()) {
        if (const Result<void> taken = words.take_command(line); !taken) {
            refuse(context, "{}", taken.error() == Error::truncated ? "A quote is not closed." : "That is too long.");
            return false;
        }
        if (!words.all().empty()) {
            all_done = run_command(context, words.all()) == Outcome::done && all_done;
            tell_of_ended_jobs(context);
        }
    }
    return all_done;
}

Shell::Shell(Torus& torus, std::string_view version)
    : torus_(&torus), version_(version), completer_(torus, all_commands()) {}

Context Shell::context() {
    return {.torus = *torus_,
            .out = terminal_,
            .keys = console_,
            .history = history_,
            .groups = all_commands(),
            .session = session_,
            .version = version_};
}

void Shell::ask_terminal() {
    constexpr std::uint32_t patience = 250; // milliseconds between keys; an answer takes a few, even over a network
    StaticVector<Key, 64> typed;
    terminal_.ask();
    while (terminal_.asked()) {
        const std::optional<Key> key = console_.wait(patience);
        if (!key) {
            break;
        }
        if (key->kind == Key::Kind::position) {
            answered(*key);
        } else if (!typed.push_back(*key)) {
            break;
        }
    }
    for (const Key& key : typed) {
        console_.put_back(key);
    }
}

// What the terminal answered to the shell holds for programs, too, and the other way round.
bool Shell::answered(const Key& position) {
    const bool news = terminal_.answered(position);
    if (torus_->userland != nullptr && !terminal_.asked()) {
        Terminal& console = torus_->userland->files().console();
        console.may_be_asked = true;
        console.resize({.rows = static_cast<std::uint16_t>(terminal_.rows()),
                        .columns = static_cast<std::uint16_t>(terminal_.columns())});
    }
    return news;
}

bool Shell::run_commands(std::string_view line) {
    Context all = context();
    const bool all_done = run_line(all, line);
    if (torus_->userland != nullptr && terminal_.in_color()) {
        const Terminal::Size size = torus_->userland->files().console().size;
        terminal_.set_size(size.rows, size.columns);
    }
    return all_done;
}

Prompt Shell::prompt() {
    BufferSink text{prompt_text_};
    print(text, "{}{}{} ", terminal_.paint(Ink::prompt), prompt_word, terminal_.paint(Ink::plain));
    return {.text = text.text(), .width = prompt_word.size() + 1};
}

// Edits until a line is complete; editor_.line() is then the line, empty where it was given up.
void Shell::read_line() {
    constexpr std::uint32_t forever = std::numeric_limits<std::uint32_t>::max();
    editor_.begin(prompt(), terminal_.columns());
    while (true) {
        const std::optional<Key> key = console_.wait(forever);
        if (!key) {
            continue;
        }
        if (key->kind == Key::Kind::position) {
            if (answered(*key)) {
                editor_.redraw(prompt(), terminal_.columns());
            }
            continue;
        }
        switch (editor_.feed(*key)) {
        case LineEditor::Event::line: return;
        case LineEditor::Event::editing: break;
        case LineEditor::Event::interrupted: editor_.begin(prompt(), terminal_.columns()); break;
        case LineEditor::Event::closed: machine::console_flush(); machine::power_off(exit_status::success);
        case LineEditor::Event::clear_screen:
            terminal_.clear();
            terminal_.ask(); // perhaps its size has changed, which is why it is to be cleared
            editor_.redraw(prompt(), terminal_.columns());
            break;
        }
    }
}

void Shell::run() {
    print(terminal_, "\n\"help\" lists the commands, \"demo\" is a tour.\n");
    if (!terminal_.in_color()) {
        terminal_.ask();
    }
    while (true) {
        read_line();
        // The editor's line is the commands' to read until the next one begins. One that fails has said why.
        may_fail(run_commands(editor_.line()));
    }
}

} // namespace quire
