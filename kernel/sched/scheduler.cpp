// Switching between threads, and waking them when their time has come.
#include "kernel/sched/scheduler.h"

#include "kernel/lib/panic.h"
#include "kernel/machine/cpu.h"
#include "kernel/machine/devices.h"

#include <utility>

namespace quire {

Scheduler::Scheduler(Thread& boot, ThreadOwner& kernel, std::byte* idle_stack)
    : idle_(*this, kernel, Thread::Kind::kernel), current_(&boot) {
    idle_.kernel_stack_top = idle_stack;
    machine::prepare_context(
        idle_.saved, idle_stack, [](void* scheduler) { static_cast<Scheduler*>(scheduler)->idle(); }, this, 0);
}

// ---- Who is ready

void Scheduler::make_ready(Thread& thread) {
    if (thread.state == ThreadState::blocked) {
        thread.state = ThreadState::ready;
        if (serves_device_) [[unlikely]] {
            prefer(thread);
            return;
        }
        thread.preferred = false;
        ready_.push_back(thread);
    }
}

[[gnu::noinline]] void Scheduler::prefer(Thread& thread) { // so that the rest is short enough to be inlined
    thread.preferred = true;
    ready_.insert_before(thread, first_ordinary_);
}

Scheduler::DeviceService::DeviceService(Scheduler& scheduler) : scheduler_(&scheduler) {
    scheduler.serves_device_ = scheduler.preferred_ticks_ < most_preferred_ticks;
    scheduler.first_ordinary_ = scheduler.ready_.front();
    while (scheduler.first_ordinary_ != nullptr && scheduler.first_ordinary_->preferred) {
        scheduler.first_ordinary_ = decltype(ready_)::next(*scheduler.first_ordinary_);
    }
}

void Scheduler::interrupt(Thread& thread) {
    if (thread.state == ThreadState::blocked &&
        (thread.interruptible || (thread.killable && thread.owner->is_killed()))) {
        make_ready(thread);
    }
}

void Scheduler::start(Thread& thread, std::byte* stack, void (*body)(void*), void* argument) {
    thread.kernel_stack_top = stack;
    machine::prepare_context(thread.saved, stack, body, argument, 0);
    ++kernel_threads_;
    add(thread);
}

void Scheduler::add(Thread& thread) {
    thread.state = ThreadState::ready;
    ready_.push_back(thread);
}

std::uint32_t Scheduler::running() const {
    const bool busy = current_->keeps_fpu && current_->state == ThreadState::ready;
    return ready_count() + (busy ? 1 : 0);
}

// ---- Switching

// The machine keeps the stack; what else is the thread's own is changed here. The idle thread sees whatever memory the
// one before it saw: it looks at none of a program's.
void Scheduler::switch_to(Thread& next) {
    Thread& previous = *current_;
    current_ = &next;
    ++switches_;
    if (previous.keeps_fpu) {
        machine::save_fpu(previous.fpu);
    }
    if (&next != &idle_) {
        next.owner->enter(next);
    }
    machine::switch_context(previous.saved, next.saved);
}

// Comes back when the current thread, which stands in the queue of the ready or will once it is woken, runs again.
void Scheduler::run_another() {
    ensure(machine::cpu_local->waiting_forbidden == 0, "nothing waits in the middle of a change");
    Thread* const next = ready_.pop_front();
    if (next != current_) {
        switch_to(next != nullptr ? *next : idle_);
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
    current_->state = ThreadState::ended;
    current_->keeps_fpu = false;
    run_another();
    panic("a thread that has ended ran again");
}

// Runs when nobody else can: sleeps until an interrupt and does what that brought.
void Scheduler::idle() {
    pressure.idle_begins();
    while (true) {
        {
            // Interrupts are off between looking and sleeping, so that nothing can come in between and be slept over.
            const machine::InterruptGuard guard;
            if (pending_ticks_ == 0 && !device_waits_) {
                machine::wait_for_interrupt();
            }
        }
        static_cast<void>(safe_point_work(TicksGoTo::idle)); // whoever is ready runs in any case
        if (waits_for_event_ != nullptr) {
            make_ready(*std::exchange(waits_for_event_, nullptr));
        }
        if (!ready_.empty()) {
            pressure.idle_ends();
            run_another();
            pressure.idle_begins();
        }
    }
}

// ---- Waiting

Result<void> Scheduler::wait_woken(std::uint64_t deadline) {
    Thread& thread = *current_;
    if (thread.owner->interrupts_waits()) {
        return fail(Error::interrupted);
    }
    if (deadline != no_deadline) {
        deadlines_.add(thread, deadline);
    }
    thread.pins.release();
    thread.deadline_passed = false;
    thread.interruptible = true;
    thread.state = ThreadState::blocked;
    ++thread.voluntary_switches;
    run_another();
    thread.interruptible = false;
    if (thread.deadline != 0) {
        deadlines_.remove(thread);
    }
    return thread.deadline_passed ? fail(Error::timed_out) : Result<void>();
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
    return current_->owner->interrupts_waits() ? fail(Error::interrupted) : Result<void>();
}

Result<void> Scheduler::wait_killable(WaitQueue& queue) {
    Waiter waiter(*current_);
    queue.add(waiter);
    current_->killable = true;
    while (!waiter.woken && !current_->owner->is_killed()) {
        current_->state = ThreadState::blocked;
        ++current_->voluntary_switches;
        run_another();
    }
    current_->killable = false;
    queue.remove(waiter);
    return waiter.woken ? Result<void>() : fail(Error::interrupted);
}

void Scheduler::wait_stopped() {
    current_->pins.release();
    current_->state = ThreadState::stopped;
    run_another();
}

void Scheduler::resume_stopped(Thread& thread) {
    if (thread.state == ThreadState::stopped) {
        thread.state = ThreadState::blocked;
        make_ready(thread);
    }
}

void Scheduler::wait_for_event() {
    if (!ready_.empty()) {
        yield();
        return;
    }
    current_->pins.release();
    current_->state = ThreadState::blocked;
    waits_for_event_ = current_;
    run_another();
    waits_for_event_ = nullptr; // something else may have made it ready
}

// ---- Time

void Scheduler::safe_point(bool user) {
    const bool tick = pending_ticks_ != 0;
    const bool device_served = safe_point_work(user ? TicksGoTo::user : TicksGoTo::system);
    if ((tick || (device_served && user)) && !ready_.empty()) {
        ++current_->involuntary_switches;
        current_->preferred = false;
        yield();
    }
}

bool Scheduler::safe_point_work(TicksGoTo where) {
    const bool tick = pending_ticks_ != 0;
    device_waits_ = false; // what comes up from here on is looked at the next time
    if (tick) {
        account_ticks(where);
        expire_deadlines();
    }
    return work_ != nullptr && work_->at_safe_point(tick);
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
        current_->user_ticks += ticks;
        ticks_used_.user += ticks;
        break;
    case TicksGoTo::system:
        current_->system_ticks += ticks;
        ticks_used_.system += ticks;
        break;
    case TicksGoTo::idle: ticks_used_.idle += ticks; break;
    }
    preferred_ticks_ = where != TicksGoTo::idle && current_->preferred ? preferred_ticks_ + ticks : 0;
    load_.pass(ticks, running());
}

void Scheduler::expire_deadlines() {
    Thread* first = deadlines_.first();
    if (first == nullptr) {
        return;
    }
    const std::uint64_t now = machine::nanoseconds();
    while (first != nullptr && first->deadline <= now) {
        deadlines_.remove(*first);
        first->deadline_passed = true;
        make_ready(*first);
        first = deadlines_.first();
    }
}

} // namespace quire
