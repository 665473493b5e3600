// Answers of system calls that no program sees, and the call that is being made.
#pragma once

#include "kernel/machine/trap.h"

#include <cstdint>

namespace quire {

// What a system call that waited puts into EAX when a signal came first, before deliver_signals() settles it. Never
// seen by a program. The values are Linux's own internal ones (-ERESTARTSYS, -ERESTARTNOINTR, -ERESTARTNOHAND,
// -ERESTART_RESTARTBLOCK, -EINTR).
namespace system_call_answer {
inline constexpr auto restart = static_cast<std::uint32_t>(-512), // repeated, unless a handler without SA_RESTART ran
    make_again = static_cast<std::uint32_t>(-513),                // made again at once: a page it needs was on its way
    restart_unless_handled = static_cast<std::uint32_t>(-514),    // repeated only where no handler ran
    restart_where_it_was = static_cast<std::uint32_t>(-516),      // the same, as restart_syscall: Process::continuation
    interrupted = static_cast<std::uint32_t>(-4), no_memory = static_cast<std::uint32_t>(-12); // as errno has them
[[nodiscard]] inline bool is_restart(std::uint32_t answer) {
    return answer >= restart_where_it_was && answer <= restart;
}
} // namespace system_call_answer

// The number of the call that is being made, kept in the frame's slot for an error code, for EAX gets the answer. A
// call that sets all registers (sigreturn, exec) leaves no_system_call there: there is nothing to repeat.
inline constexpr std::uint32_t system_call_instruction_size = 2; // bytes of INT 0x80
inline constexpr std::uint32_t no_system_call = ~std::uint32_t{0};
[[nodiscard]] inline std::uint32_t& system_call_number(machine::TrapFrame& registers) {
    return registers.error_code;
}

} // namespace quire
