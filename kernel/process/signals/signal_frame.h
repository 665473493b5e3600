// A signal handler's frame on a program's stack, exactly as Linux lays it out for i386, and the way back from it
// (sigreturn). Everything read back is the program's to change, and so nothing in it is believed.
// Linux, arch/x86/kernel/signal_32.c and UAPI <asm/sigcontext.h>, <asm/ucontext.h>.
#pragma once

#include "kernel/lib/result.h"
#include "kernel/machine/trap.h"
#include "kernel/process/signals.h"

namespace quire {

// What the handler returns by is `action`'s restorer, which must be set. Puts a frame on the stack of `registers`, or
// on the alternate stack where `action` asks for it and the program is not on it already, and makes `registers` those
// of the handler's first instruction. `mask` is what sigreturn will set as the blocked signals. SS_AUTODISARM empties
// `alternate` once it is in the frame. The program is the current one, its FPU registers are in the processor. Error:
// bad_address, where there is no stack for it; `registers` are unchanged.
Result<void> push_signal_frame(machine::TrapFrame& registers, const SignalInfo& info, const SignalAction& action,
                               AlternateStack& alternate, SignalSet mask);

enum class SignalFrameKind : std::uint8_t { plain, with_information }; // sigreturn, rt_sigreturn

// Takes the frame that a handler was called with off the stack again: registers, FPU registers, `mask`, and for
// with_information `alternate`. Error: bad_address where it cannot be read; then the program must end.
Result<void> pop_signal_frame(machine::TrapFrame& registers, SignalFrameKind kind, SignalSet& mask,
                              AlternateStack& alternate);

} // namespace quire
