// Serving calls by number. See dispatch.h.
#include "kernel/abi/table/dispatch.h"

#include "kernel/abi/table/call_table.h"
#include "kernel/abi/table/strace.h"
#include "kernel/abi/uapi.h"
#include "kernel/process/notice.h"
#include "kernel/process/process_table.h"
#include "kernel/process/system_call_answer.h"

namespace quire::abi {

std::int32_t refuse_unknown(Process& process, machine::TrapFrame& registers) {
    const std::uint32_t number = system_call_number(registers);
    if (process.table->unknown_calls.is_new(number)) {
        const char* const name = call_name(number);
        Notice notice(process.table->console);
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

std::int32_t dispatch(Process& process, machine::TrapFrame& registers, std::uint32_t number) {
    return process.traced ? serve_traced(process, registers, number) : serve(process, registers, number);
}

} // namespace quire::abi
