// The page fault's main road, from the processor to the address space and back. machine::on_page_fault() is what
// arch/x86/traps/isr.asm calls (kernel/machine/upcalls.h).
#include "kernel/machine/trap.h"
#include "kernel/machine/upcalls.h"
#include "kernel/memory/paging/layout.h"
#include "kernel/memory/space/reclaim.h"
#include "kernel/process/lifecycle/out_of_memory.h"
#include "kernel/process/send_signal.h"
#include "kernel/process/userland/userland.h"
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

    bool reclaim_caches() override { return quire::reclaim_caches(*process_.table); }
    bool kill_one() override { return !process_.ending && !process_.signals.killed() && oom_kill(*process_.table); }

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
    const bool user = trap.from_user();
    const bool write = (error_code & fault_code_write) != 0;
    ProcessReclaimer reclaimer(process);
    // Never out_of_memory unless the process is the one to end.
    const FaultOutcome outcome = handle_fault_reclaiming(*process.space, address, {.write = write}, reclaimer);
    if (served(outcome)) {
        return true;
    }
    if (user && outcome != FaultOutcome::out_of_memory) {
        force_signal(process, signal_for(outcome, as_program_sees(address, trap), trap, error_code));
    }
    return user;
}

} // namespace quire
