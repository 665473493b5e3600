// Running programs: exec, and the first program of a session.
#pragma once

#include "kernel/lib/result.h"
#include "kernel/process/process.h"

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace quire {

class Userland;

// Texts with their terminating NULs, one after the other, as a new stack holds them.
struct ArgumentBlock {
    std::span<const char> arguments; // each ends with a NUL
    std::uint32_t argument_count = 0;
    std::span<const char> environment;
    std::uint32_t environment_count = 0;
};

// Replaces the program that `process` runs; it goes on in the new one when it next returns to ring 3. Scripts ("#!")
// are started through their interpreter. Errors leave it as it was: what the path walk gives, no_access,
// not_executable, too_many_arguments, too_many_links (interpreters of interpreters), out_of_memory, text in a file
// being written: text_busy. In `process`'s own context: it must be the current one, or one that has not run yet.
Result<void> exec_program(Process& process, std::string_view path, const ArgumentBlock& block);

// Makes a process that runs `path` with the console as its terminal, in a group and session of its own, and starts
// it. The kernel is its parent.
[[nodiscard]] Result<Process*> start_program(Userland& userland, std::string_view path, const ArgumentBlock& block);

// The path of an interpreter.
struct InterpreterPath {
    std::array<char, 256> text{};
    [[nodiscard]] std::string_view view() const { return text.data(); }
};
// Which file the program at `path` cannot do without and has not: the interpreter that it names, a script in its first
// line, or that one's. Nothing where all are there, or the program itself is not. For telling why it did not start.
[[nodiscard]] std::optional<InterpreterPath> missing_interpreter_of(Userland& userland, std::string_view path);

} // namespace quire
