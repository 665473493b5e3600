// What the kernel does with an exception: reports it, and goes back to whoever attempted it or, where nobody did,
// panics.
#include "kernel/shell/trap.h"

#include "arch/x86/include/upcalls.h"
#include "kernel/lib/panic.h"
#include "kernel/shell/backtrace.h"
#include "kernel/shell/wire.h"

namespace quire {

std::optional<machine::TrapFrame> attempt(TrapReport, void (*body)(void*), void* argument) {
    return machine::attempt(body, argument);
}

machine::TrapAction machine::on_trap(TrapFrame& frame) {
    if (attempting()) {
        return TrapAction::unwind;
    }
    Wire wire;
    const CodeNames names = CodeNames::linked();
    print(wire, "\n{} ({}), error code {:#x}, address {:#010x}\n  at {}\n  backtrace:\n", exception_name(frame.vector),
          exception_mnemonic(frame.vector), frame.error_code, frame.fault_address,
          CodeAddress{.address = frame.eip, .names = names});
    print_backtrace(wire, walk_stack(ImageStacks(kernel_image()), frame.ebp), names);
    panic("an exception that nobody expected");
}

} // namespace quire
