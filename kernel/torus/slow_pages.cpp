// Pages delayed until the next tick of the clock; until nobody else can run, where that is sooner.
#include "kernel/torus/slow_pages.h"

#include "kernel/lib/panic.h"
#include "kernel/machine/devices.h"
#include "kernel/memory/heap/object.h"
#include "kernel/memory/memory.h"

namespace quire {

SlowPages::SlowPages(ProcessTable& processes, std::uint32_t every)
    : processes_(&processes), thread_(processes.scheduler, processes.kernel(), Thread::Kind::kernel), every_(every) {
    const Result<std::byte*> stack = processes.stacks.allocate();
    ensure(stack.has_value(), "there is memory for the stack of the thread that completes delayed pages");
    processes.scheduler.start(
        thread_, *stack, [](void* pages) { static_cast<SlowPages*>(pages)->work(); }, this);
    processes.memory().requests.set_delay(this);
}

SlowPages::~SlowPages() {
    processes_->memory().requests.set_delay(nullptr);
    complete_all();
    processes_->stacks.free(thread_.kernel_stack_top);
}

bool SlowPages::delays(Frame frame) {
    if (++counted_ < every_) {
        return false;
    }
    Memory& memory = processes_->memory();
    const Result<Delayed*> request = make_object<Delayed>(memory.heap);
    if (!request) {
        return false;
    }
    counted_ = 0;
    memory.requests.begin(**request, frame);
    waiting_.push_back(**request);
    begun_.wake();
    return true;
}

void SlowPages::complete_all() {
    Memory& memory = processes_->memory();
    while (Delayed* const request = waiting_.pop_front()) {
        memory.requests.complete(*request);
        destroy_object(memory.heap, request);
    }
}

// The kernel has no signals, so no wait is ever interrupted.
void SlowPages::work() {
    Scheduler& scheduler = processes_->scheduler;
    while (true) {
        if (waiting_.empty()) {
            must_succeed(scheduler.wait(begun_));
        }
        if (scheduler.ready_count() != 0) { // else sleeping would only take time
            const std::uint64_t next_tick = machine::nanoseconds() + 1;
            ensure(scheduler.wait_woken(next_tick) == fail(Error::timed_out), "nothing but the time ends this wait");
        }
        complete_all();
    }
}

} // namespace quire
