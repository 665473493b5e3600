// The double fault's handler: rebuilds from the interrupted task's saved state the TrapFrame that every other exception
// finds on its stack, asks the kernel, and puts the answer where the processor will load it from.
#include "arch/x86/cpu/hardware.h"
#include "arch/x86/cpu/registers.h"
#include "arch/x86/traps/attempt.h"
#include "kernel/machine/upcalls.h"

namespace quire::machine {

namespace {

TrapFrame frame_of(const TaskState& task) {
    return {
        .fault_address = read_cr2(), // of the page fault that could not be delivered, if it was one
        .gs = task.gs,
        .fs = task.fs,
        .es = task.es,
        .ds = task.ds,
        .edi = task.edi,
        .esi = task.esi,
        .ebp = task.ebp,
        .esp_at_pushad = task.esp - TrapFrame::pushed_above_pushad,
        .ebx = task.ebx,
        .edx = task.edx,
        .ecx = task.ecx,
        .eax = task.eax,
        .vector = vector::double_fault,
        .error_code = 0,
        .eip = task.eip,
        .cs = task.cs,
        .eflags = task.eflags,
        .user_esp = task.esp,
        .user_ss = task.ss,
    };
}

// Makes the interrupted task go on in the innermost attempt() instead of where it stopped.
void unwind(TaskState& task, const TrapFrame& frame) {
    task.esp = unwind_target(frame);
    task.eip = reinterpret_cast<std::uint32_t>(&resume_after_task_switch);
    task.eflags = eflags::reserved_one;
    task.cs = selector::kernel_code;
    task.ss = task.ds = task.es = task.fs = task.gs = selector::kernel_data;
}

} // namespace

} // namespace quire::machine

extern "C" void handle_double_fault() {
    using namespace quire::machine;
    TaskState& task = cpu_local->hardware->descriptors.interrupted_task();
    TrapFrame frame = frame_of(task);
    if (on_trap(frame) == TrapAction::unwind) {
        unwind(task, frame);
    }
}
