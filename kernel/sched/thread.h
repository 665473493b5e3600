// A thread: a kernel stack, and what the processor was doing on it. The scheduler knows threads only; whom a thread
// works for is its owner's business: a process, whose program the thread runs in ring 3, or the kernel itself.
#pragma once

#include "kernel/lib/list.h"
#include "kernel/machine/user.h"
#include "kernel/memory/frames/page_pins.h"

#include <cstddef>
#include <cstdint>

namespace quire {

class Scheduler;
struct Thread;

enum class ThreadState : std::uint8_t {
    ready,   // runs, or stands in the queue of those who could
    blocked, // waits for an event, a time or a signal
    stopped, // until resume_stopped(): a process that SIGSTOP stopped
    ended,   // never runs again
};

// What a blocked thread waits for, for people.
enum class WaitsFor : std::uint8_t {
    event, // a signal, input, a child, a time …
    page,  // a page that is on its way
    room,  // a frame, or a disk that takes one more order
    disk,  // what it asked a block device for
};

class ThreadOwner {
public:
    // The thread is about to run: memory, segments and floating-point registers become its own, and ring 3 is
    // interrupted onto its stack from now on.
    virtual void enter(Thread& thread) = 0;
    // Whether there is something that ends an interruptible wait: a signal to be delivered.
    [[nodiscard]] virtual bool interrupts_waits() const = 0;
    // Whether there is something that ends a killable wait, and the owner with it.
    [[nodiscard]] virtual bool is_killed() const = 0;

protected:
    ~ThreadOwner() = default;
};

struct Thread {
    // Whether it runs a program in ring 3, or only the kernel, which uses no floating point.
    enum class Kind : std::uint8_t { kernel, user };

    Thread(Scheduler& its_scheduler, ThreadOwner& its_owner, Kind kind)
        : scheduler(&its_scheduler), owner(&its_owner), keeps_fpu(kind == Kind::user) {}
    Thread(const Thread&) = delete;
    Thread& operator=(const Thread&) = delete;

    Scheduler* scheduler;
    ThreadOwner* owner;
    bool keeps_fpu; // its floating-point registers are saved when another runs
    ThreadState state = ThreadState::ready;
    bool interruptible = false; // blocked in a way that a signal ends
    bool killable = false;      // blocked in a way that only a signal ends that ends the owner
    WaitsFor waits_for = WaitsFor::event;
    bool deadline_passed = false;
    bool preferred = false; // it was made ready by a device, in front of those who were ready before

    std::byte* kernel_stack_top = nullptr; // null: the boot stack
    machine::Context saved{};              // while it does not run
    ListLink<Thread> run_link;
    PagePins pins; // pages that it waited for and is about to use

    // Of ring 3.
    machine::ThreadSegments segments{};
    machine::FpuState fpu; // while it does not run

    // What it waits for, where that is a time: nanoseconds of the monotonic clock; 0: none.
    std::uint64_t deadline = 0;
    // Its place in Deadlines.
    struct Later {
        Thread* first = nullptr;  // of those whose time comes later
        Thread* next = nullptr;   // sibling
        Thread* before = nullptr; // the sibling before it; of the first the thread above
    } later;

    // What it used: ticks sampled by the timer interrupt, and how often it gave the processor up.
    std::uint64_t user_ticks = 0, system_ticks = 0;
    std::uint32_t voluntary_switches = 0, involuntary_switches = 0;
};

} // namespace quire
