// attempt(): running something that may trap, and coming out of it when it did.
#include "arch/x86/traps/attempt.h"

#include "arch/x86/cpu/hardware.h"
#include "kernel/machine/upcalls.h"

namespace quire::machine {

std::optional<TrapFrame> attempt(void (*body)(void*), void* argument) {
    Hardware& hardware = *cpu_local->hardware;
    Checkpoint checkpoint{.outer = hardware.innermost_attempt};
    hardware.innermost_attempt = &checkpoint;
    const bool trapped = run_attempt(&checkpoint.resume_esp, body, argument);
    hardware.innermost_attempt = checkpoint.outer;
    return trapped ? std::optional(checkpoint.trap) : std::nullopt;
}

bool attempting() {
    return cpu_local->hardware->innermost_attempt != nullptr;
}

std::uint32_t unwind_target(const TrapFrame& frame) {
    Checkpoint* const checkpoint = cpu_local->hardware->innermost_attempt;
    if (checkpoint == nullptr) {
        on_broken_invariant("a trap is unwound only inside attempt()");
    }
    checkpoint->trap = frame;
    return checkpoint->resume_esp;
}

} // namespace quire::machine
