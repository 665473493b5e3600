// INT 0x80: the number in EAX becomes a call, and its answer EAX.
#include "kernel/abi/table/dispatch.h"
#include "kernel/machine/upcalls.h"
#include "kernel/process/system_call_answer.h"
#include "kernel/process/userland/userland.h"
#include "kernel/sched/pending_work.h"
#include "kernel/torus/torus.h"

namespace quire {

// Every call's cost begins here: nothing is done that most calls do not need.
void machine::on_system_call(TrapFrame& registers) {
    const std::uint32_t number = registers.eax;
    Process& process = this_torus()->userland->processes.current();
    registers.eax = static_cast<std::uint32_t>(abi::dispatch(process, registers, number));
    if (system_call_answer::is_restart(registers.eax)) {
        cpu_local->pending_work.ask(pending_work::signal);
    }
}

} // namespace quire
