// Exceptions, page faults that were served aside: a program's becomes the signal that Linux sends for it; the kernel's
// own is reported, as much as was asked for, and comes out of the attempt. Where nobody attempted it the kernel goes on
// after a breakpoint and ends after anything else.
#include "kernel/machine/upcalls.h"
#include "kernel/process/send_signal.h"
#include "kernel/process/userland/userland.h"
#include "kernel/torus/torus.h"
#include "kernel/trap/kernel_trap.h"

namespace quire {

namespace {

void count(const machine::TrapFrame& trap, Counters& counters) {
    if (trap.vector == machine::vector::page_fault) {
        ++counters.page_faults;
    } else {
        ++counters.other_exceptions;
    }
}

struct ExceptionSignal {
    std::uint32_t vector, number;
    std::int32_t code;
    bool with_address; // of the instruction
};
constexpr std::int32_t divide_by_zero = 1, illegal_operand = 2, trace_trap = 2;

// Linux, arch/x86/kernel/traps.c.
constexpr auto exception_signals = std::to_array<ExceptionSignal>({
    {machine::vector::divide_error, signal_number::arithmetic, divide_by_zero, true},
    {machine::vector::debug, signal_number::trap, trace_trap, true},
    {machine::vector::breakpoint, signal_number::trap, signal_code::kernel, false},
    {machine::vector::overflow, signal_number::segmentation, signal_code::kernel, false},
    {machine::vector::bound, signal_number::segmentation, signal_code::kernel, false},
    {machine::vector::invalid_opcode, signal_number::illegal, illegal_operand, true},
    {machine::vector::no_device, signal_number::arithmetic, signal_code::kernel, false},
    {machine::vector::segment_not_present, signal_number::bus, signal_code::kernel, false},
    {machine::vector::stack_segment, signal_number::bus, signal_code::kernel, false},
    {machine::vector::x87, signal_number::arithmetic, 0, true},
    {machine::vector::simd, signal_number::arithmetic, 0, true},
    {machine::vector::alignment, signal_number::bus, signal_code::misaligned_address, false},
});

// Several may have been raised at once: the first of this order counts. Linux, arch/x86/kernel/fpu/core.c.
std::int32_t float_code(std::uint32_t raised) {
    namespace exception = machine::float_exception;
    constexpr std::int32_t zero_divide = 3, overflow = 4, underflow = 5, inexact = 6, invalid = 7; // FPE_FLT…
    struct Meaning {
        std::uint32_t exceptions;
        std::int32_t code;
    };
    for (const Meaning& each :
         {Meaning{exception::invalid, invalid}, Meaning{exception::zero_divide, zero_divide},
          Meaning{exception::overflow, overflow}, Meaning{exception::underflow | exception::denormal, underflow},
          Meaning{exception::precision, inexact}}) {
        if ((raised & each.exceptions) != 0) {
            return each.code;
        }
    }
    return 0;
}

// An exception that a program raised.
void raise_for_exception(Process& process, const machine::TrapFrame& trap) {
    SignalInfo info{.number = signal_number::segmentation,
                    .code = signal_code::kernel,
                    .trap = static_cast<std::uint16_t>(trap.vector),
                    .error_code = trap.error_code};
    for (const ExceptionSignal& each : exception_signals) {
        if (each.vector == trap.vector) {
            info.number = each.number;
            info.code = each.code;
            info.address = each.with_address ? trap.eip : 0;
        }
    }
    if (trap.vector == machine::vector::x87 || trap.vector == machine::vector::simd) {
        info.code = float_code(machine::raised_float_exceptions(trap.vector));
    }
    force_signal(process, info);
}

} // namespace

machine::TrapAction machine::on_trap(TrapFrame& trap) {
    Torus* const torus = this_torus();
    if (torus != nullptr) {
        count(trap, torus->counters);
    }
    if (trap.from_user() && torus != nullptr) {
        raise_for_exception(torus->userland->processes.current(), trap);
        return TrapAction::resume;
    }
    const bool expected = attempting() && cpu_local->reports == 0;
    if (expected && torus != nullptr && torus->trap_report == TrapReport::none) {
        return TrapAction::unwind;
    }
    report_kernel_trap(trap, torus);
    if (expected) {
        return TrapAction::unwind;
    }
    if (trap.vector == vector::breakpoint || trap.vector == vector::debug) {
        return TrapAction::resume;
    }
    end_after_kernel_trap(trap);
}

} // namespace quire
