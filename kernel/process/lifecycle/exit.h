// How processes end, and how their parents hear of it.
#pragma once

#include "kernel/lib/result.h"
#include "kernel/process/process.h"

#include <cstdint>

namespace quire {

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

// Gives back address space, files, working directory and executable; the process's own tables are unloaded first. It
// runs in the kernel from then on.
void release_resources(Process& process);

// The process leaves its address space. Others in it that wait for the word that set_tid_address named see it become 0.
// man 2 set_tid_address.
void clear_thread_word(Process& process);

} // namespace quire
