// Time, and the way back to ring 3.
#include "kernel/machine/cpu.h"
#include "kernel/machine/upcalls.h"
#include "kernel/process/lifecycle/out_of_memory.h"
#include "kernel/process/signals/signal_delivery.h"
#include "kernel/process/system_call_answer.h"
#include "kernel/process/user_pages.h"
#include "kernel/process/userland/userland.h"
#include "kernel/sched/pending_work.h"
#include "kernel/torus/torus.h"

#include <algorithm>
#include <utility>

namespace quire {

// What is due is looked at when ring 3 is about to go on, or when nobody can run.
void machine::on_tick() {
    Torus* const torus = this_torus();
    if (torus != nullptr && torus->userland != nullptr) {
        torus->userland->processes.scheduler.tick();
        cpu_local->pending_work.ask(pending_work::tick);
    }
}

void machine::on_disk_interrupt() {
    Torus* const torus = this_torus();
    if (torus != nullptr && torus->userland != nullptr) {
        torus->userland->processes.scheduler.device_interrupt();
        cpu_local->pending_work.ask(pending_work::device);
    }
}

namespace {

// Whether a call is over that was refused for want of memory.
bool was_refused(machine::TrapFrame& trap) {
    return trap.vector == machine::vector::system_call && trap.eax == system_call_answer::no_memory &&
           system_call_number(trap) != no_system_call;
}

// Memory is short: pages are put out. A call that was refused for it has changed nothing, and is made again once there
// is room. Nobody knows how much it wants, and others take of what becomes free: each time, twice as much is put out.
[[gnu::noinline]] void keep_room(Process& process, machine::TrapFrame& trap) {
    constexpr std::uint8_t most_repeats = 24; // 2^(24 - 8) times what a fault needs is more than all memory
    constexpr std::uint8_t repeats_alike = 8;
    Pager& pager = process.table->memory().pager;
    const bool refused = std::exchange(process.refused_a_frame, false) && was_refused(trap);
    if (!refused || process.repeats_for_room == most_repeats) {
        process.repeats_for_room = 0;
        may_fail(pager.make_room(pager.room_wanted()).any()); // what cannot be done now is tried again
        return;
    }
    const std::uint32_t doublings = std::max(process.repeats_for_room, repeats_alike) - repeats_alike;
    const Reclaimer::Room room = put_pages_out(*process.table, Pager::room_for_a_fault << doublings);
    if (room == Reclaimer::Room::none) {
        return;
    }
    if (room == Reclaimer::Room::later) {
        may_fail(wait_for_page(process)); // who is killed meanwhile does not get there
    }
    ++process.repeats_for_room;
    trap.eax = system_call_number(trap);
    trap.eip -= system_call_instruction_size;
}

} // namespace

void machine::on_return_to_user(TrapFrame& trap) {
    ProcessTable& table = this_torus()->userland->processes;
    Process& process = table.current();
    cpu_local->pending_work.take_all(); // what comes up from here on is asked about again
    table.scheduler.safe_point(trap.vector - vector::first_irq < vector::irq_count);
    if (table.userland().take_room_wanted() || process.refused_a_frame) {
        keep_room(process, trap);
    }
    deliver_signals(process, trap);
    // Last, for what the program is about to touch must still be there; where more is asked for, this is called again.
    if (process.thread.pins.any() && !cpu_local->pending_work.asked()) {
        process.thread.pins.release();
    }
}

} // namespace quire
