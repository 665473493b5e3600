// Time, and the way back to ring 3.
#include "kernel/machine/cpu.h"
#include "kernel/machine/upcalls.h"
#include "kernel/process/signals/signal_delivery.h"
#include "kernel/process/userland/userland.h"
#include "kernel/sched/pending_work.h"
#include "kernel/torus/torus.h"

namespace quire {

// What is due is looked at when ring 3 is about to go on, or when nobody can run.
void machine::on_tick() {
    Torus* const torus = this_torus();
    if (torus != nullptr && torus->userland != nullptr) {
        torus->userland->processes.scheduler.tick();
        cpu_local->pending_work.ask(pending_work::tick);
    }
}

void machine::on_return_to_user(TrapFrame& trap) {
    ProcessTable& table = this_torus()->userland->processes;
    Process& process = table.current();
    cpu_local->pending_work.take_all(); // what comes up from here on is asked about again
    table.scheduler.safe_point(trap.vector - vector::first_irq < vector::irq_count);
    deliver_signals(process, trap);
    // Last, for what the program is about to touch must still be there; where more is asked for, this is called again.
    if (process.thread.pins.any() && !cpu_local->pending_work.asked()) {
        process.thread.pins.release();
    }
}

} // namespace quire
