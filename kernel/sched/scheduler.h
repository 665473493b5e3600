// Who runs. Round robin among the ready, a tick at a time, but those first who waited for a device; the kernel itself
// is never preempted, so that nothing here needs a lock. Timers, console input and what else the outside brings is
// looked at in safe points only: on the way back to ring 3, and when nobody can run. It knows threads, and no process.
#pragma once

#include "kernel/lib/list.h"
#include "kernel/lib/result.h"
#include "kernel/sched/deadlines.h"
#include "kernel/sched/load_average.h"
#include "kernel/sched/pressure.h"
#include "kernel/sched/thread.h"
#include "kernel/sched/wait_queue.h"

#include <cstdint>

namespace quire {

// Ticks by what they were used for.
struct TicksUsed {
    std::uint64_t user = 0, system = 0, idle = 0;
};

// What is done at a safe point beside the scheduler's own timers: disks, input from the console, …
class SafePointWork {
public:
    // `tick`: the timer has ticked since the last one. What is due by the clock is looked at then only, so that it
    // takes no more than its part of each tick, however much there is. Returns whether somebody may be ready now who
    // waited for a device: then a program that was interrupted lets him run first, for he may have more to do for it.
    virtual bool at_safe_point(bool tick) = 0;

protected:
    constexpr ~SafePointWork() = default;
};

class Scheduler {
public:
    static constexpr std::uint64_t no_deadline = 0;

    // `boot` runs now, on the boot stack. When nobody can run, the idle thread does, on the stack that ends at
    // `idle_stack`; it works for `kernel`.
    Scheduler(Thread& boot, ThreadOwner& kernel, std::byte* idle_stack);
    Scheduler(const Scheduler&) = delete;
    Scheduler& operator=(const Scheduler&) = delete;

    // Time lost by waiting for memory and disks. Whoever waits for these says so here.
    Pressure pressure;

    [[nodiscard]] Thread& current() const { return *current_; }
    [[nodiscard]] std::byte* idle_stack() const { return idle_.kernel_stack_top; }
    void set_safe_point_work(SafePointWork& work) { work_ = &work; }

    // Lets the others run first; comes back at once where there are none. O(1).
    void yield();
    // Waits in `queue` until woken. Errors: interrupted where a signal is there to be delivered (it may have been
    // before); timed_out where the deadline (nanoseconds of the monotonic clock) came first.
    Result<void> wait(WaitQueue& queue, std::uint64_t deadline = no_deadline);
    // The same without a queue of its own: the caller has put waiters where it likes and takes them out afterwards.
    // Waits until one of them is woken.
    Result<void> wait_woken(std::uint64_t deadline = no_deadline);
    // The same, where no signal counts but one that ends the process. Error: interrupted.
    Result<void> wait_killable(WaitQueue& queue);
    // Until resume_stopped(). Others run.
    void wait_stopped();
    void resume_stopped(Thread& thread);
    // Until others have run or, where nobody could, the processor has slept until an interrupt: for the monitor while
    // it waits for a key.
    void wait_for_event();

    // The thread can run again. Nothing where it can already. O(1).
    void make_ready(Thread& thread);
    // While one of these lives, those who are made ready have waited for a device: they go in front of the others,
    // which is where a thread belongs that uses little of its tick and keeps a disk at work. Unless that has kept the
    // others waiting: the last most_preferred_ticks ticks all met such threads.
    class DeviceService {
    public:
        explicit DeviceService(Scheduler& scheduler);
        ~DeviceService() { scheduler_->serves_device_ = false; }
        DeviceService(const DeviceService&) = delete;
        DeviceService& operator=(const DeviceService&) = delete;

    private:
        Scheduler* scheduler_;
    };
    static constexpr std::uint32_t most_preferred_ticks = 4;
    // A signal came for its owner: what the thread waits for interruptibly is over.
    void interrupt(Thread& thread);
    // Never comes back: the current thread has ended and the next one runs.
    [[noreturn]] void leave();

    // A new thread, its stack prepared, is made known; ready to run.
    void add(Thread& thread);
    // The same for a thread of the kernel's own: it begins with body(argument) on the stack that ends at `stack`, and
    // never returns from there.
    void start(Thread& thread, std::byte* stack, void (*body)(void*), void* argument);

    // From the timer interrupt: only remembers.
    void tick() { pending_ticks_ = pending_ticks_ + 1; }
    // From a device's interrupt: only remembers that the next safe point is not to be slept over.
    void device_interrupt() { device_waits_ = true; }
    // What is due: ticks, timers, console, devices. Then, where the current thread has had its tick and others wait,
    // they run; so do they where a device interrupted ring 3 and has something for one of them. `user`: the interrupted
    // code was ring 3's.
    void safe_point(bool user);

    [[nodiscard]] std::uint32_t ready_count() const { return static_cast<std::uint32_t>(ready_.count()); }
    // The kernel's own, the idle one too, each on a stack of its own.
    [[nodiscard]] std::uint32_t kernel_threads() const { return kernel_threads_; }
    [[nodiscard]] std::uint64_t switches() const { return switches_; }
    // How many run or could, the kernel's own threads aside, now and on average.
    [[nodiscard]] std::uint32_t running() const;
    [[nodiscard]] const LoadAverage& load() const { return load_; }
    // What became of all ticks so far. They never count back.
    [[nodiscard]] const TicksUsed& ticks_used() const { return ticks_used_; }
    [[nodiscard]] const Deadlines& deadlines() const { return deadlines_; }

private:
    void switch_to(Thread& next);
    enum class TicksGoTo : std::uint8_t { user, system, idle };
    bool safe_point_work(TicksGoTo where);
    void prefer(Thread& thread);
    void run_another();
    void account_ticks(TicksGoTo where);
    void expire_deadlines();
    [[noreturn]] void idle();

    Thread idle_;
    Thread* current_;
    Thread* waits_for_event_ = nullptr;
    List<Thread, &Thread::run_link> ready_; // all that could run but the current one, longest waiting first
    Deadlines deadlines_;
    SafePointWork* work_ = nullptr;
    volatile std::uint32_t pending_ticks_ = 0;
    volatile bool device_waits_ = false;
    bool serves_device_ = false;
    Thread* first_ordinary_ = nullptr;  // of those who are ready; while a device is served
    std::uint32_t preferred_ticks_ = 0; // in a row that met a preferred thread
    std::uint64_t switches_ = 0;
    std::uint32_t kernel_threads_ = 1;
    TicksUsed ticks_used_;
    LoadAverage load_;
};

} // namespace quire
