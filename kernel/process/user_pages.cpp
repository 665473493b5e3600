// The wait for a page.
#include "kernel/process/user_pages.h"

#include "kernel/machine/cpu.h"
#include "kernel/memory/memory.h"
#include "kernel/process/process_table.h"
#include "kernel/sched/pending_work.h"

#include <utility>

namespace quire {

namespace {

// A page request's waiter that makes a thread ready.
class ThreadPageWaiter final : public PageWaiter {
public:
    void page_came() override {
        came_ = true;
        queue.wake();
    }
    [[nodiscard]] bool came() const { return came_; }

    WaitQueue queue;

private:
    bool came_ = false;
};

} // namespace

Result<void> wait_for_page(Process& process) {
    Memory& memory = process.table->memory();
    Scheduler& scheduler = process.table->scheduler;
    const Frame frame = memory.requests.awaited();
    memory.pinned.pin(scheduler.current().pins, frame); // before the wait: when the page has come, others may run first
    Result<void> waited;
    if (PageRequest* const request = memory.requests.find(frame)) {
        ThreadPageWaiter waiter;
        request->add(waiter);
        waited = scheduler.wait_killable(waiter.queue);
        if (!waiter.came()) {
            request->remove(waiter);
        }
    } else {
        // It has come already, or memory had run out, and those who were ended for it have to run once more.
        scheduler.yield();
        waited = scheduler.current().owner->is_killed() ? fail(Error::interrupted) : Result<void>();
    }
    machine::cpu_local->pending_work.ask(pending_work::pins); // after the wait: others take what was asked for
    return waited;
}

Error short_copy_error() {
    return std::exchange(machine::cpu_local->copy_stalled, false) ? Error::must_wait : Error::bad_address;
}

bool wait_after_short_copy(Process& process) {
    return short_copy_error() == Error::must_wait && wait_for_page(process).has_value();
}

} // namespace quire
