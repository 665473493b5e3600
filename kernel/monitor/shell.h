// The shell: reads lines, runs the commands in them, and says what became of it. It owns the console, the history and
// what commands remember; the torus that they work on is given to it.
#pragma once

#include "kernel/monitor/commands/command.h"
#include "kernel/monitor/commands/completion.h"
#include "kernel/monitor/console/console.h"
#include "kernel/monitor/console/display.h"
#include "kernel/monitor/editor/line_editor.h"

#include <array>
#include <string_view>

namespace quire {

// Runs the commands in `line`, separated by ';', one after the other, whatever became of those before. True if every
// one of them succeeded.
bool run_line(Context& context, std::string_view line);

class Shell {
public:
    // `version` is what the command of that name says.
    Shell(Torus& torus, std::string_view version);
    Shell(const Shell&) = delete;
    Shell& operator=(const Shell&) = delete;

    // No colours, no questions to the terminal.
    void stay_plain() { terminal_.stay_plain(); }
    // Finds out, within a moment, what the terminal can show. For what is printed before the first prompt; run() asks
    // by itself, without waiting.
    void ask_terminal();
    // Runs commands as if they were typed. True if every one succeeded.
    bool run_commands(std::string_view line);
    // Prompts for commands and runs them, for ever.
    [[noreturn]] void run();

    [[nodiscard]] Sink& out() { return terminal_; }

private:
    [[nodiscard]] Context context();
    bool answered(const Key& position);
    void read_line();
    [[nodiscard]] Prompt prompt();

    Torus* torus_;
    std::string_view version_;
    ShellConsole console_;
    Display terminal_{console_};
    History history_;
    CommandCompleter completer_;
    LineEditor editor_{terminal_, history_, completer_};
    Session session_{};
    std::array<char, 32> prompt_text_{};
};

} // namespace quire
