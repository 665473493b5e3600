// How processes begin and end: fork, exec, exit, wait, and the signals between them. What a system call needs beyond
// translating its arguments.
#pragma once

#include "kernel/lib/result.h"
#include "kernel/process/process.h"
#include "kernel/process/process_table.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace quire {

class Programs;

// ---- fork

struct ForkOptions {
    bool share_space = false;   // CLONE_VM
    bool share_files = false;   // CLONE_FILES
    bool share_context = false; // CLONE_FS
    bool wait_for_exec = false; // CLONE_VFORK: the parent waits until the child calls exec or ends
    bool same_parent = false;   // CLONE_PARENT; the exit signal, too, is the parent's then
    std::uint32_t exit_signal = signal_number::child;
    std::uint32_t stack = 0;       // the child's ESP; 0: as the parent's
    std::uint32_t parent_word = 0; // CLONE_PARENT_SETTID: where the child's id is written, in the parent
    std::uint32_t child_word = 0;  // CLONE_CHILD_SETTID: the same in the child
    std::uint32_t clear_word = 0;  // CLONE_CHILD_CLEARTID
    std::optional<machine::ThreadSegments> thread_segments; // CLONE_SETTLS
};

// Makes a child of the current process, which returns from its system call with 0. Returns the child's id.
// Errors: would_block (RLIMIT_NPROC, or no id is left), out_of_memory; then there is no child.
[[nodiscard]] Result<std::uint32_t> fork_process(Process& parent, const ForkOptions& options);

// ---- exec

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
[[nodiscard]] Result<Process*> start_program(Programs& programs, std::string_view path, const ArgumentBlock& block);

// The path of an interpreter.
struct InterpreterPath {
    std::array<char, 256> text{};
    [[nodiscard]] std::string_view view() const { return text.data(); }
};
// Which file the program at `path` cannot do without and has not: the interpreter that it names, a script in its first
// line, or that one's. Nothing where all are there, or the program itself is not. For telling why it did not start.
[[nodiscard]] std::optional<InterpreterPath> missing_interpreter_of(Programs& programs, std::string_view path);

// ---- exit, wait

// Ends the current process; never comes back.
[[noreturn]] void exit_process(Process& process, ProcessStatus status);

struct WaitRequest {
    // Which children: any; the one with `id`; those of group `id`.
    enum class Which : std::uint8_t { any, process, group } which = Which::any;
    std::uint32_t id = 0;
    // Those whose end is told by SIGCHLD; those of clone that tell it otherwise or not at all (__WCLONE); both
    // (__WALL).
    enum class Kind : std::uint8_t { usual, clones, all } kind = Kind::all;
    bool exited = true, stopped = false, continued = false; // WEXITED, WSTOPPED / WUNTRACED, WCONTINUED
    bool no_hang = false;                                   // WNOHANG
    bool no_reap = false;                                   // WNOWAIT
};
struct WaitAnswer {
    std::uint32_t id = 0; // 0: no_hang, and none has changed
    ProcessStatus status;
    ProcessTimes times{};
};
// Waits for a child of `parent` to change. Errors: no_child, restart (a signal came first).
[[nodiscard]] Result<WaitAnswer> wait_for_child(Process& parent, const WaitRequest& request);

// ---- signals

// Sends a signal; nothing where the receiver ignores it. Errors: would_block (a realtime signal with no room).
Result<void> send_signal(Process& receiver, const SignalInfo& info);
// To each process of a group. Error: no_process where there is none.
Result<void> signal_group(ProcessTable& table, std::uint32_t group, const SignalInfo& info);
// A fault of the process itself: cannot be blocked or ignored; where it is, the process ends.
void force_signal(Process& process, const SignalInfo& info);
// Before returning to ring 3: delivers what is deliverable; may end or stop the process. Restarts a system call that a
// signal interrupted.
void deliver_signals(Process& process, machine::TrapFrame& registers);

// What a system call that waited puts into EAX when a signal came first, before deliver_signals() settles it. Never
// seen by a program. The values are Linux's own internal ones (-ERESTARTSYS, -ERESTARTNOHAND, -ERESTART_RESTARTBLOCK,
// -EINTR).
namespace system_call_answer {
inline constexpr auto restart = static_cast<std::uint32_t>(-512), // repeated, unless a handler without SA_RESTART ran
    restart_unless_handled = static_cast<std::uint32_t>(-514),    // repeated only where no handler ran
    restart_where_it_was = static_cast<std::uint32_t>(-516),      // the same, as restart_syscall: Process::continuation
    interrupted = static_cast<std::uint32_t>(-4);
[[nodiscard]] inline bool is_restart(std::uint32_t answer) {
    return answer >= restart_where_it_was && answer <= restart;
}
} // namespace system_call_answer

// The number of the call that is being made, kept in the frame's slot for an error code, for EAX gets the answer. A
// call that sets all registers (sigreturn, exec) leaves no_system_call there: there is nothing to repeat.
inline constexpr std::uint32_t no_system_call = ~std::uint32_t{0};
[[nodiscard]] inline std::uint32_t& system_call_number(machine::TrapFrame& registers) {
    return registers.error_code;
}

} // namespace quire
