// The page fault's main road, from the processor to the address space and back. machine::on_page_fault() is what
// arch/x86/traps/isr.asm calls (kernel/machine/upcalls.h).
#include "kernel/machine/cpu.h"
#include "kernel/machine/trap.h"
#include "kernel/machine/upcalls.h"
#include "kernel/memory/paging/layout.h"
#include "kernel/process/lifecycle/out_of_memory.h"
#include "kernel/process/send_signal.h"
#include "kernel/process/user_pages.h"
#include "kernel/process/userland/userland.h"
#include "kernel/torus/torus.h"

namespace quire {

namespace {

// The signal for a page fault that cannot be resolved. Linux, arch/x86/mm/fault.c: SEGV_MAPERR where no region is,
// SEGV_ACCERR where its protection forbids it, SIGBUS beyond the end of what is mapped, and where it cannot be read.
SignalInfo signal_for(FaultOutcome outcome, VirtAddr address, const machine::TrapFrame& trap, std::uint32_t code) {
    SignalInfo info{.number = signal_number::segmentation,
                    .code = signal_code::not_mapped,
                    .address = address.value(),
                    .trap = static_cast<std::uint16_t>(trap.vector),
                    .unreadable = outcome == FaultOutcome::device_error,
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

// The address that a program knows what it touched by: an instruction is fetched through the mirror of its code.
VirtAddr as_program_sees(VirtAddr address, const machine::TrapFrame& trap) {
    constexpr std::uint32_t longest_instruction = 15; // bytes; Intel SDM vol. 2A §2.3.11
    const Area& mirror = area(AreaKind::user_executable);
    const VirtAddr unmirrored(address.value() - mirror.first.value());
    const bool fetched = mirror.contains(address) && unmirrored.value() - trap.eip < longest_instruction;
    return fetched ? unmirrored : address;
}

constexpr std::uint32_t fault_code_write = 2; // Intel SDM vol. 3A §4.7

// A fault that was not served at once. Whether the access is to be made again, or, in ring 3, has been answered.
[[gnu::noinline]] bool wait_or_refuse(Process& process, FaultOutcome outcome, VirtAddr address,
                                      std::uint32_t error_code, const machine::TrapFrame& trap) {
    const FaultAccess access{.write = (error_code & fault_code_write) != 0};
    if (outcome == FaultOutcome::out_of_memory) {
        outcome = handle_fault_reclaiming(process, address, access);
    }
    if (served(outcome)) {
        return true;
    }
    if (!trap.from_user()) {
        // Where memory has run out and another was ended for it, there will be some.
        machine::cpu_local->copy_stalled =
            outcome == FaultOutcome::must_wait ||
            (outcome == FaultOutcome::out_of_memory && !process.signals.killed() && !process.ending);
        return false;
    }
    while (outcome == FaultOutcome::must_wait) {
        if (!wait_for_page(process)) {
            return true; // it is killed, and does not get there
        }
        outcome = handle_fault_reclaiming(process, address, access);
    }
    if (!served(outcome) && outcome != FaultOutcome::out_of_memory) {
        force_signal(process, signal_for(outcome, as_program_sees(address, trap), trap, error_code));
    }
    return true;
}

} // namespace

bool machine::on_page_fault(VirtAddr address, std::uint32_t error_code, TrapFrame& trap) {
    Torus* const torus = this_torus();
    if (torus == nullptr || torus->userland == nullptr) {
        return false;
    }
    Process& process = torus->userland->processes.current();
    if (!process.space) {
        return false;
    }
    const bool write = (error_code & fault_code_write) != 0;
    const FaultOutcome outcome = process.space->handle_fault(address, {.write = write});
    return served(outcome) || wait_or_refuse(process, outcome, address, error_code, trap);
}

} // namespace quire
