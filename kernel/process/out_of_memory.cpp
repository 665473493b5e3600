// When no frame is left for a page that a program may rightly use, a process must go: the one whose end helps most.
#include "kernel/lib/panic.h"
#include "kernel/memory/address_space.h"
#include "kernel/process/notice.h"
#include "kernel/process/process_life.h"
#include "kernel/process/programs.h"
#include "kernel/process/torus.h"
#include "kernel/process/user_trap.h"

namespace quire {

namespace {

struct Holding {
    std::uint32_t own = 0;    // frames that come free when the process ends: pages that nobody else maps, page tables
    std::uint32_t shared = 0; // pages that another maps, too

    // What is shared comes free only with the last sharer, so it counts by half: of a family that holds the memory
    // together one member after the other goes, and not a bystander.
    [[nodiscard]] std::uint32_t weight() const { return own + shared / 2; }
};

Holding holding_of(const Process& process) {
    if (!process.space) {
        return {};
    }
    const SpaceStatistics memory = process.space->statistics();
    return {memory.resident - memory.shared + memory.tables - memory.shared_tables, memory.shared};
}

} // namespace

bool give_back_what_is_kept(ProcessTable& table) {
    Torus& torus = table.torus();
    return torus.programs->files().give_back_unused() + torus.memory.heap.trim() != 0;
}

bool end_the_largest(ProcessTable& table) {
    Process* largest = nullptr;
    Holding most;
    table.for_each([&](Process& each) {
        const bool leaving = each.ending || (each.signals.pending() & signal_bit(signal_number::kill)) != 0;
        const Holding held = leaving ? Holding{} : holding_of(each);
        if (held.weight() > most.weight()) {
            most = held;
            largest = &each;
        }
    });
    if (largest == nullptr) {
        return false;
    }
    Notice notice;
    print(notice, "out of memory: process {} ({}) is ended, for it holds most: {} pages ({}) of its own, {} shared\n",
          largest->id, largest->title(), most.own, ByteCount{std::uint64_t{most.own} * page_size}, most.shared);
    must_succeed(send_signal(*largest, {.number = signal_number::kill, .code = signal_code::kernel}));
    if (largest != &table.scheduler.current()) {
        // It will never run in ring 3 again, so its memory need not wait until it has its turn.
        largest->space->clear();
    }
    return true;
}

} // namespace quire
