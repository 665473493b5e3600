// Running a program for whoever sits at the console: finding it, passing words to it, and giving it the console until
// it ends or stops.
#pragma once

#include "kernel/lib/result.h"
#include "kernel/process/exec/exec.h"
#include "kernel/process/process.h"
#include "kernel/process/userland/userland.h"

#include <optional>
#include <span>
#include <string_view>

namespace quire {

// How a program in the foreground came to give the console back.
struct ProgramResult {
    std::uint32_t id = 0;
    ProcessStatus status;
    bool stopped = false; // ^Z: it can go on
};

// Where programs are kept: a program's name without '/' is looked for in these, one after the other.
[[nodiscard]] std::span<const std::string_view> program_folders();

// Starts the program words[0] with the words as arguments; a name without '/' is looked for where programs are kept
// (/bin, /usr/bin, /sbin, /usr/sbin). Errors: not_found, no_access, not_executable, too_many_arguments, out_of_memory.
[[nodiscard]] Result<Process*> start_words(Userland& userland, std::span<const std::string_view> words);

// Where start_words() said not_found: the interpreter that the program wants and that is not there, if it is only that.
[[nodiscard]] std::optional<InterpreterPath> missing_interpreter(Userland& userland, std::string_view name);

// Asks the console's terminal for its size and waits for the answer, no longer than a quarter of a second. For the
// program that is the first to have the console. One that does not answer is not asked any more.
void ask_for_size(Userland& userland);

// Gives the console to `process`, which the kernel started, until it ends or stops.
[[nodiscard]] ProgramResult wait_in_foreground(Userland& userland, Process& process);

// A program that had the console, was stopped, and has ended since; nothing where there is none. It is then forgotten.
[[nodiscard]] std::optional<ProgramResult> take_ended(Userland& userland);

// "exited with status 3", "killed by signal 11 (SIGSEGV)", "stopped".
void print_to(Sink& sink, const ProgramResult& result);

} // namespace quire
