// The page fault's main road, from the processor to the address space and back; and the signals that exceptions become.
#include "kernel/trap/user_trap.h"

#include "kernel/machine/devices.h"
#include "kernel/machine/upcalls.h"
#include "kernel/memory/paging/layout.h"
#include "kernel/memory/space/reclaim.h"
#include "kernel/process/lifecycle/out_of_memory.h"
#include "kernel/process/lifecycle/process_life.h"
#include "kernel/process/userland/programs.h"
#include "kernel/torus/torus.h"

namespace quire {

namespace {

// The signal for a page fault that cannot be resolved. Linux, arch/x86/mm/fault.c: SEGV_MAPERR where no region is,
// SEGV_ACCERR where its protection forbids it, SIGBUS beyond the end of what is mapped.
SignalInfo signal_for(FaultOutcome outcome, VirtAddr address, const machine::TrapFrame& trap, std::uint32_t code) {
    SignalInfo info{.number = signal_number::segmentation,
                    .code = signal_code::not_mapped,
                    .address = address.value(),
                    .trap = trap.vector,
                    .error_code = code};
    switch (outcome) {
    case FaultOutcome::protection_error: info.code = signal_code::no_access; break;
    case FaultOutcome::past_end:
    case FaultOutcome::device_error:
        info.number = signal_number::bus;
        info.code = signal_code::no_such_address;
        break;
    default: break;
    }
    return info;
}

// Who gives memory to a process that has a fault and finds none: first whatever is only kept to be quicker, then the
// processes, one after the other, but none when the one that asks is to end itself.
class ProcessReclaimer final : public Reclaimer {
public:
    explicit ProcessReclaimer(Process& process) : process_(process) {}

    bool give_back_kept() override { return give_back_what_is_kept(*process_.table); }
    bool end_one() override {
        return !process_.ending && !process_.signals.killed() && end_the_largest(*process_.table);
    }

private:
    Process& process_;
};

// The address that a program knows what it touched by: an instruction is fetched through the mirror of its code.
VirtAddr as_program_sees(VirtAddr address, const machine::TrapFrame& trap) {
    constexpr std::uint32_t longest_instruction = 15; // bytes; Intel SDM vol. 2A §2.3.11
    const Area& mirror = area(AreaKind::user_executable);
    const VirtAddr unmirrored(address.value() - mirror.first.value());
    const bool fetched = mirror.contains(address) && unmirrored.value() - trap.eip < longest_instruction;
    return fetched ? unmirrored : address;
}

constexpr std::uint32_t fault_code_write = 2; // Intel SDM vol. 3A §4.7

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

} // namespace

void raise_for_exception(Process& process, const machine::TrapFrame& trap) {
    SignalInfo info{.number = signal_number::segmentation,
                    .code = signal_code::kernel,
                    .trap = trap.vector,
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

bool machine::on_page_fault(VirtAddr address, std::uint32_t error_code, TrapFrame& trap) {
    Torus* const torus = this_torus();
    if (torus == nullptr || torus->programs == nullptr) {
        return false;
    }
    Process& process = torus->programs->processes.scheduler.current();
    if (!process.space) {
        return false;
    }
    const bool user = trap.from_user();
    const bool write = (error_code & fault_code_write) != 0;
    ProcessReclaimer reclaimer(process);
    // Never out_of_memory unless the process is the one to end.
    const FaultOutcome outcome = resolve_reclaiming(*process.space, address, {.write = write, .user = user}, reclaimer);
    if (resolved(outcome)) {
        return true;
    }
    if (user && outcome != FaultOutcome::out_of_memory) {
        force_signal(process, signal_for(outcome, as_program_sees(address, trap), trap, error_code));
    }
    return user;
}

void machine::on_return_to_user(TrapFrame& trap) {
    ProcessTable& table = this_torus()->programs->processes;
    Process& process = table.scheduler.current();
    cpu_local->attention.take_all(); // what comes up from here on is asked about again
    table.scheduler.safe_point(trap.vector - vector::first_irq < vector::irq_count);
    deliver_signals(process, trap);
}

} // namespace quire
