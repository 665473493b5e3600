// INT 0x80: the number in EAX becomes a call, and its answer EAX.
#include "kernel/abi/table/dispatch.h"
#include "kernel/machine/upcalls.h"
#include "kernel/process/system_call_answer.h"
#include "kernel/process/user_pages.h"
#include "kernel/process/userland/userland.h"
#include "kernel/sched/pending_work.h"
#include "kernel/torus/torus.h"

namespace quire {

namespace {

// A call that gave way to a signal is settled when that is delivered. One that lacked a page is made again as soon as
// that has come.
[[gnu::noinline]] void prepare_restart(machine::TrapFrame& registers) {
    if (registers.eax == system_call_answer::make_again) {
        Process& process = this_torus()->userland->processes.current();
        may_fail(wait_for_page(process)); // who is killed meanwhile does not get there
        registers.eax = system_call_number(registers);
        registers.eip -= system_call_instruction_size;
    }
    machine::cpu_local->pending_work.ask(pending_work::signal);
}

} // namespace

// Every call's cost begins here: nothing is done that most calls do not need.
void machine::on_system_call(TrapFrame& registers) {
    const std::uint32_t number = registers.eax;
    Process& process = this_torus()->userland->processes.current();
    registers.eax = static_cast<std::uint32_t>(abi::dispatch(process, registers, number));
    if (system_call_answer::is_restart(registers.eax)) [[unlikely]] {
        prepare_restart(registers);
    }
}

} // namespace quire
