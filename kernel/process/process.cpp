// What a process says of itself.
#include "kernel/process/process.h"

#include "kernel/machine/cpu.h"
#include "kernel/memory/memory.h"
#include "kernel/process/process_table.h"
#include "kernel/sched/pending_work.h"

#include <algorithm>

namespace quire {

void Process::set_name(std::string_view title) {
    const std::size_t length = std::min(title.size(), name.size() - 1);
    const auto end = std::copy_n(title.begin(), length, name.begin());
    std::fill(end, name.end(), '\0');
}

void apply_limits(const Process& process, AddressSpace& space) {
    const auto in_pages = [&](std::size_t which) {
        const std::uint64_t bytes = process.soft_limit(which);
        return bytes >= std::uint64_t{SpaceLimits::unlimited} * page_size
                   ? SpaceLimits::unlimited
                   : static_cast<std::uint32_t>(bytes / page_size);
    };
    // RLIMIT_MEMLOCK binds nobody: there is one user, who may do everything (CAP_IPC_LOCK; man 2 mlock).
    space.limits = {.address_space = in_pages(limit::address_space),
                    .data = in_pages(limit::data),
                    .stack = in_pages(limit::stack),
                    .locked = SpaceLimits::unlimited};
}

ProcessTimes Process::usage() const {
    ProcessTimes sum = times;
    sum.user_ticks += thread.user_ticks;
    sum.system_ticks += thread.system_ticks;
    sum.voluntary_switches += thread.voluntary_switches;
    sum.involuntary_switches += thread.involuntary_switches;
    if (space) {
        const FaultCounts& faults = space->faults();
        sum.major_faults += faults.of(FaultOutcome::arrived);
        sum.minor_faults += faults.served_faults() - faults.of(FaultOutcome::arrived);
    }
    return sum;
}

void Process::enter(Thread& entering) {
    if (!entering.keeps_fpu) {
        table->memory().directory.load(); // the monitor, whose commands look at the kernel's own tables
        return;
    }
    machine::set_kernel_stack(entering.kernel_stack_top);
    machine::load_thread_segments(entering.segments);
    space->load();
    machine::restore_fpu(entering.fpu);
    if (signals.deliverable() != 0) {
        machine::cpu_local->pending_work.ask(pending_work::signal);
    }
}

} // namespace quire
