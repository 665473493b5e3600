// A place to come back to when something traps: the machine's part of attempt(). Checkpoints lie on the stack of the
// attempt() they belong to and form a chain, innermost first.
#pragma once

#include "kernel/machine/trap.h"

#include <cstdint>

namespace quire::machine {

struct Checkpoint {
    Checkpoint* outer = nullptr;
    std::uint32_t resume_esp = 0; // where attempt.asm saved the registers that a function must preserve
    TrapFrame trap{};             // what trapped, once something did
};

// Copies `frame` to the innermost checkpoint and gives ESP to come out there. An attempt() must be under way.
[[nodiscard]] std::uint32_t unwind_target(const TrapFrame& frame);

} // namespace quire::machine

extern "C" {
// Runs body(argument) after saving the callee's registers and EFLAGS, and where they lie in *resume_esp. True if it was
// left by unwind_attempt, false if it returned. attempt.asm.
bool run_attempt(std::uint32_t* resume_esp, void (*body)(void*), void* argument);
// Comes out of the run_attempt that set `resume_esp`.
[[noreturn]] void unwind_attempt(std::uint32_t resume_esp);
// The same as a place to jump to: ESP is resume_esp already, and a hardware task switch has set CR0.TS.
void resume_after_task_switch();
}
