// INT 0x80: from the number in EAX to the function that serves it, and its answer back into EAX.
#include "kernel/abi/table/call_table.h"
#include "kernel/abi/table/strace.h"
#include "kernel/abi/uapi.h"
#include "kernel/machine/upcalls.h"
#include "kernel/process/lifecycle/process_life.h"
#include "kernel/process/notice.h"
#include "kernel/process/userland/programs.h"
#include "kernel/sched/attention.h"
#include "kernel/torus/torus.h"

namespace quire {

namespace abi {

std::int32_t refuse_unknown(Process& process, machine::TrapFrame& registers) {
    const std::uint32_t number = system_call_number(registers);
    if (process.table->unknown_calls.is_new(number)) {
        const char* const name = call_name(number);
        Notice notice;
        print(notice, "{} (process {}) makes system call {} ({}), which is not there: ENOSYS\n", process.title(),
              process.id, number, name != nullptr ? name : "not one of Linux's, either");
    }
    return -ENOSYS;
}

namespace {

[[nodiscard]] std::int32_t serve(Process& process, machine::TrapFrame& registers, std::uint32_t number) {
    return (number < call_count ? call_functions[number] : &refuse_unknown)(process, registers);
}

// The same with a line on the console before it or after it.
[[gnu::noinline]] std::int32_t serve_traced(Process& process, machine::TrapFrame& registers, std::uint32_t number) {
    CallTrace trace(process, registers, number);
    const std::int32_t answer = serve(process, registers, number);
    trace.finish(answer);
    return answer;
}

} // namespace

} // namespace abi

// Every call's cost begins here: nothing is done that most calls do not need.
void machine::on_system_call(TrapFrame& registers) {
    const std::uint32_t number = registers.eax;
    Process& process = this_torus()->programs->processes.scheduler.current();
    const std::int32_t answer =
        process.traced ? abi::serve_traced(process, registers, number) : abi::serve(process, registers, number);
    registers.eax = static_cast<std::uint32_t>(answer);
    if (system_call_answer::is_restart(registers.eax)) {
        cpu_local->attention.ask(attention::signal);
    }
}

} // namespace quire
