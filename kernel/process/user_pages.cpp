// The wait for a page.
#include "kernel/process/user_pages.h"

#include "kernel/machine/cpu.h"
#include "kernel/memory/memory.h"
#include "kernel/process/process_table.h"
#include "kernel/sched/pending_work.h"

#include <optional>
#include <utility>

namespace quire {

namespace {

// A page request's waiter that makes a thread ready.
class ThreadPageWaiter final : public PageWaiter {
public:
    ThreadPageWaiter(Scheduler& scheduler, WaitsFor what, bool had_just_gone)
        : thread_(scheduler.current()),
          stall_(scheduler.pressure, {.memory = true, .io = true, .refault = had_just_gone}) {
        thread_.waits_for = what;
    }
    ~ThreadPageWaiter() { thread_.waits_for = WaitsFor::event; }

    void page_came() override {
        came_ = true;
        stall_.end(); // not when the thread runs again, which others may delay
        queue.wake();
    }
    [[nodiscard]] bool came() const { return came_; }

    WaitQueue queue;

private:
    Thread& thread_;
    Stall stall_;
    bool came_ = false;
};

} // namespace

Result<void> wait_for_page(Process& process) {
    Memory& memory = process.table->memory();
    Scheduler& scheduler = process.table->scheduler;
    const std::optional<Frame> frame = memory.requests.awaited();
    if (frame) { // before the wait: when the page has come, others may run first
        memory.pinned.pin(scheduler.current().pins, *frame);
    }
    if (!frame && memory.pager.is_paging() && memory.pager.transfers() == 0) {
        if (memory.pager.make_room(Pager::room_for_a_fault).free_now != 0) {
            return {};
        }
    }
    if (const std::uint32_t wanted = memory.pager.room_wanted(); wanted != 0) { // the disk works meanwhile
        may_fail(memory.pager.make_room(wanted).any()); // what cannot be done now is tried again
    }
    Result<void> waited;
    if (PageRequest* const request = frame ? memory.requests.find(*frame) : nullptr) {
        ThreadPageWaiter waiter(scheduler, WaitsFor::page, request->had_just_gone());
        request->add(waiter);
        waited = scheduler.wait_killable(waiter.queue);
        if (!waiter.came()) {
            request->remove(waiter);
        }
    } else if (!frame && memory.pager.transfers() != 0) { // the end of each makes room
        ThreadPageWaiter waiter(scheduler, WaitsFor::room, false);
        memory.requests.add_for_room(waiter);
        waited = scheduler.wait_killable(waiter.queue);
        if (!waiter.came()) {
            memory.requests.remove_for_room(waiter);
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
