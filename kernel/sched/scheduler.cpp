// Switching between processes, and waking them when their time has come.
#include "kernel/sched/scheduler.h"

#include "kernel/lib/panic.h"
#include "kernel/machine/cpu.h"
#include "kernel/machine/devices.h"
#include "kernel/process/process_table.h"
#include "kernel/sched/pending_work.h"
#include "kernel/torus/torus.h"

#include <algorithm>

namespace quire {

// ---- Who is ready

void Scheduler::make_ready(Process& process) {
    if (process.state != ProcessState::blocked) {
        return;
    }
    process.state = ProcessState::ready;
    // One that waits in run_another() for something to happen is current still; it sees that it is ready.
    if (&process != current_) {
        ready_.push_back(process);
    }
}

void Scheduler::interrupt(Process& process) {
    if (process.state == ProcessState::blocked &&
        (process.interruptible || (process.killable && process.signals.fatal() != 0))) {
        make_ready(process);
    }
}

void Scheduler::add(Process& process) {
    process.state = ProcessState::ready;
    ready_.push_back(process);
}

std::uint32_t Scheduler::running() const {
    const bool busy = current_ != kernel_ && current_->state == ProcessState::ready;
    return ready_count() + (busy ? 1 : 0);
}

// ---- Switching

// The machine keeps the stack; what else is the process's own is changed here.
void Scheduler::switch_to(Process& next) {
    Process& previous = *current_;
    current_ = &next;
    ++switches_;
    if (&next != kernel_) {
        machine::set_kernel_stack(next.kernel_stack_top);
        machine::load_thread_segments(next.thread_segments);
        next.space->load();
        if (next.signals.deliverable() != 0) {
            machine::cpu_local->pending_work.ask(pending_work::signal);
        }
    } else {
        kernel_->table->memory().directory.load(); // the shell's commands look at the kernel's own
    }
    if (&previous != kernel_ && previous.state != ProcessState::zombie) {
        machine::save_fpu(previous.fpu);
    }
    if (&next != kernel_) {
        machine::restore_fpu(next.fpu);
    }
    machine::switch_context(previous.saved, next.saved);
}

// Comes back when the current process runs again: after others did, or because it became ready while nobody could run.
// Then it is in no queue: make_ready() puts none there that is current.
void Scheduler::run_another() {
    while (true) {
        if (current_->state == ProcessState::ready && !ready_.contains(*current_)) {
            return;
        }
        if (Process* const next = ready_.pop_front()) {
            if (next != current_) {
                switch_to(*next);
            }
            return;
        }
        // Interrupts are off between looking and sleeping, so that nothing can come in between and be slept over.
        const machine::InterruptGuard guard;
        if (pending_ticks_ == 0) {
            machine::wait_for_interrupt();
        }
        machine::enable_interrupts();
        safe_point_work(TicksGoTo::idle);
    }
}

void Scheduler::yield() {
    if (ready_.empty()) {
        return;
    }
    ready_.push_back(*current_);
    run_another();
}

void Scheduler::leave() {
    run_another();
    panic("a process that has ended ran again");
}

// ---- Waiting

Result<void> Scheduler::wait_woken(std::uint64_t deadline) {
    Process& process = *current_;
    if (process.signals.deliverable() != 0) {
        return fail(Error::interrupted);
    }
    if (deadline != no_deadline) {
        add_deadline(process, deadline);
    }
    process.deadline_passed = false;
    process.interruptible = true;
    process.state = ProcessState::blocked;
    ++process.times.voluntary_switches;
    run_another();
    process.interruptible = false;
    if (process.deadline != 0) {
        remove_deadline(process);
    }
    return process.deadline_passed ? fail(Error::timed_out) : Result<void>();
}

Result<void> Scheduler::wait(WaitQueue& queue, std::uint64_t deadline) {
    Waiter waiter(*current_);
    queue.add(waiter);
    const Result<void> waited = wait_woken(deadline);
    if (waiter.woken) {
        return {};
    }
    queue.remove(waiter);
    if (!waited) {
        return waited;
    }
    return current_->signals.deliverable() != 0 ? fail(Error::interrupted) : Result<void>();
}

Result<void> Scheduler::wait_killable(WaitQueue& queue) {
    Waiter waiter(*current_);
    queue.add(waiter);
    current_->killable = true;
    while (!waiter.woken && current_->signals.fatal() == 0) {
        current_->state = ProcessState::blocked;
        ++current_->times.voluntary_switches;
        run_another();
    }
    current_->killable = false;
    queue.remove(waiter);
    return waiter.woken ? Result<void>() : fail(Error::interrupted);
}

void Scheduler::wait_stopped() {
    current_->state = ProcessState::stopped;
    run_another();
}

void Scheduler::resume_stopped(Process& process) {
    if (process.state == ProcessState::stopped) {
        process.state = ProcessState::blocked;
        make_ready(process);
    }
}

void Scheduler::idle_once() {
    safe_point_work(TicksGoTo::idle);
    if (!ready_.empty()) {
        yield();
        return;
    }
    const machine::InterruptGuard guard;
    if (pending_ticks_ == 0) {
        machine::wait_for_interrupt();
    }
}

// ---- Time

void Scheduler::safe_point(bool user) {
    const bool tick = pending_ticks_ != 0;
    safe_point_work(user ? TicksGoTo::user : TicksGoTo::system);
    if (tick && !ready_.empty()) {
        ++current_->times.involuntary_switches;
        yield();
    }
}

void Scheduler::safe_point_work(TicksGoTo where) {
    const bool tick = pending_ticks_ != 0;
    if (tick) {
        account_ticks(where);
        expire_deadlines();
    }
    if (work_ != nullptr) {
        work_->at_safe_point(tick);
    }
}

void Scheduler::account_ticks(TicksGoTo where) {
    std::uint32_t ticks = 0;
    {
        const machine::InterruptGuard guard;
        ticks = pending_ticks_;
        pending_ticks_ = 0;
    }
    switch (where) {
    case TicksGoTo::user:
        current_->times.user_ticks += ticks;
        ticks_used_.user += ticks;
        break;
    case TicksGoTo::system:
        current_->times.system_ticks += ticks;
        ticks_used_.system += ticks;
        break;
    case TicksGoTo::idle: ticks_used_.idle += ticks; break;
    }
    load_.pass(ticks, running());
}

void Scheduler::add_deadline(Process& process, std::uint64_t deadline) {
    process.deadline = deadline;
    Process* before = deadlines_.front();
    while (before != nullptr && before->deadline <= deadline) {
        before = Deadlines::next(*before);
    }
    deadlines_.insert_before(process, before);
}

void Scheduler::remove_deadline(Process& process) {
    deadlines_.erase(process);
    process.deadline = 0;
}

void Scheduler::expire_deadlines() {
    Process* first = deadlines_.front();
    if (first == nullptr) {
        return;
    }
    const std::uint64_t now = machine::nanoseconds();
    while (first != nullptr && first->deadline <= now) {
        remove_deadline(*first);
        first->deadline_passed = true;
        make_ready(*first);
        first = deadlines_.front();
    }
}

} // namespace quire
