// Proves that processes and memory agree: who has ended has left nothing behind.
#include "kernel/torus/audit.h"

#include "kernel/process/userland/userland.h"
#include "kernel/torus/torus.h"

namespace quire {

namespace {

void audit_process(const Process& process, AuditReport& report) {
    const bool ended = process.is_zombie;
    report.check(process.table->find(process.id) == &process, "process {} is not found by its id", process.id);
    report.check(process.parent != nullptr && process.parent->children.contains(process),
                 "process {} is no child of its parent", process.id);
    report.check(process.thread.kernel_stack_top != nullptr, "process {} has no kernel stack", process.id);
    report.check(ended || (process.space && process.files && process.context), "process {} lacks what it runs in",
                 process.id);
    report.check(!ended || (!process.space && !process.files && !process.context),
                 "process {} has ended and still holds something", process.id);
}

// The eighth of the rules that always hold: with the last process, all that processes had is free again, but for pages
// that are still on their way.
void audit_nothing_left(const Memory& memory, const ProcessTable& processes, AuditReport& report) {
    const FrameStatistics frames = memory.frames.statistics();
    report.check(frames.of(Owner::anonymous) <= memory.requests.pending(),
                 "no process is left, but {} anonymous frames are", frames.of(Owner::anonymous));
    const std::uint32_t stacks = processes.stacks.ready() + processes.scheduler.kernel_threads();
    report.check(frames.of(Owner::stack) == stacks * KernelStacks::stack_pages,
                 "no process is left, but {} frames of kernel stacks are", frames.of(Owner::stack));
}

} // namespace

void audit_torus(const Torus& torus, AuditReport& report) {
    torus.memory.audit(report);
    if (torus.userland == nullptr) {
        return;
    }
    const ProcessTable& processes = torus.userland->processes;
    processes.stacks.audit(report);
    std::uint32_t counted = 0;
    processes.for_each([&](const Process& each) {
        audit_process(each, report);
        ++counted;
    });
    report.check(counted == processes.count(), "{} processes are known, {} are counted", counted, processes.count());
    report.check(processes.stacks.in_use() == counted + processes.scheduler.kernel_threads(),
                 "{} processes have {} kernel stacks", counted,
                 processes.stacks.in_use() - processes.scheduler.kernel_threads());
    report.check(processes.scheduler.deadlines().in_order(), "threads that wait for a time are in order");
    if (counted == 0) {
        audit_nothing_left(torus.memory, processes, report);
    }
}

} // namespace quire
