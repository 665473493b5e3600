// Faults that may find no memory; who is ended then, and how.
#include "kernel/process/lifecycle/out_of_memory.h"

#include "kernel/lib/panic.h"
#include "kernel/memory/memory.h"
#include "kernel/memory/space/reclaim.h"
#include "kernel/process/notice.h"
#include "kernel/process/process_table.h"
#include "kernel/process/send_signal.h"

#include <algorithm>

namespace quire {

namespace {

struct Holding {
    std::uint32_t own = 0;    // frames that come free when the space ends: pages that nobody else maps, page tables
    std::uint32_t shared = 0; // pages that another maps, too

    // What is shared comes free only with the last sharer, so it counts by half: of a family that holds the memory
    // together one member after the other goes, and not a bystander.
    [[nodiscard]] std::uint32_t frames() const { return own + shared / 2; }
};

Holding holding_of(const AddressSpace& space) {
    const SpaceStatistics memory = space.statistics();
    return {memory.resident - memory.shared + memory.tables - memory.shared_tables, memory.shared};
}

// A vfork child runs in its parent's memory, which the parent stands for; as on Linux (mm/oom_kill.c).
bool may_be_ended(const Process& process) {
    return process.space && !process.signals.killed() && process.vfork_done == nullptr &&
           process.out_of_memory_adjustment != never_ended;
}

// A thousandth of all memory for each point of the adjustment. Linux, mm/oom_kill.c.
std::int32_t weight_of(const Process& process, const Holding& held) {
    const std::uint32_t ram = process.table->memory().frames.statistics().ram;
    return static_cast<std::int32_t>(held.frames()) +
           process.out_of_memory_adjustment * static_cast<std::int32_t>(ram) / ended_first;
}

// The memory of one that was killed and has not had its turn to end: nobody else loses by it.
bool empty_one_that_ends(ProcessTable& table) {
    bool emptied = false;
    table.for_each([&](Process& each) {
        if (!emptied && each.space && each.signals.killed() && each.space->holders() == 1 &&
            &each != &table.current() && each.space->statistics().regions != 0) {
            each.space->clear();
            emptied = true;
        }
    });
    return emptied;
}

// All that run in the space are killed. None of them comes to ring 3 again, so the memory need not wait until they have
// their turn: the kernel is not preempted and nobody waits inside of an address space, so that it is empty of others
// but for the current process.
bool end_all_in(AddressSpace& space, ProcessTable& table) {
    const Ref<AddressSpace> held(space);
    table.for_each([&](Process& each) {
        if (each.space.get() == &space) {
            must_succeed(send_signal(each, {.number = signal_number::kill, .code = signal_code::kernel}));
        }
    });
    if (table.current().space.get() == &space) {
        return false;
    }
    space.clear();
    return true;
}

} // namespace

bool reclaim_caches(ProcessTable& table) {
    return table.caches->give_back_unused() + table.memory().heap.trim() != 0;
}

Reclaimer::Room put_pages_out(ProcessTable& table, std::uint32_t at_least) {
    Memory& memory = table.memory();
    Pager& pager = memory.pager;
    if (!pager.is_paging()) {
        return Reclaimer::Room::none;
    }
    const Pager::Room room = pager.make_room(std::max(pager.room_wanted(), at_least));
    if (room.free_now != 0) {
        return Reclaimer::Room::now;
    }
    if (room.later == 0 && pager.transfers() == 0) {
        return Reclaimer::Room::none;
    }
    memory.requests.answer_must_wait_for_room();
    return Reclaimer::Room::later;
}

bool oom_kill(ProcessTable& table) {
    if (empty_one_that_ends(table)) {
        return true;
    }
    Process* chosen = nullptr;
    Holding most;
    std::int32_t heaviest = 0;
    table.for_each([&](Process& each) {
        if (!may_be_ended(each)) {
            return;
        }
        const Holding held = holding_of(*each.space);
        const std::int32_t weight = weight_of(each, held);
        if (chosen == nullptr || weight > heaviest) {
            chosen = &each;
            most = held;
            heaviest = weight;
        }
    });
    const Process& ended = chosen != nullptr ? *chosen : table.current();
    Notice notice(table.console);
    print(notice, "out of memory: process {} ({}) is ended, ", ended.id, ended.title());
    if (chosen != nullptr) {
        if (ended.out_of_memory_adjustment == 0) {
            print(notice, "for it holds most");
        } else {
            print(notice, "as an oom_score_adj of {} asks", ended.out_of_memory_adjustment);
        }
        print(notice, ": {} pages ({}) of its own, {} shared\n", most.own,
              ByteCount{std::uint64_t{most.own} * page_size}, most.shared);
    } else {
        print(notice, "for it needs some and nobody else may be\n");
    }
    return end_all_in(*ended.space, table);
}

namespace {

// Who gives memory to a process that has a fault and finds none: first whatever is only kept to be quicker, then pages
// that can be put out, then the processes, one after the other, but none when the one that asks is to end itself.
class ProcessReclaimer final : public Reclaimer {
public:
    explicit ProcessReclaimer(Process& process) : process_(process) {}

    bool reclaim_caches() override { return quire::reclaim_caches(*process_.table); }
    Room put_pages_out() override { return quire::put_pages_out(*process_.table, Pager::room_for_a_fault); }
    bool kill_one() override { return !process_.ending && !process_.signals.killed() && oom_kill(*process_.table); }

private:
    Process& process_;
};

} // namespace

FaultOutcome handle_fault_reclaiming(Process& process, VirtAddr address, FaultAccess access) {
    ProcessReclaimer reclaimer(process);
    return handle_fault_reclaiming(*process.space, address, access, reclaimer);
}

std::uint32_t out_of_memory_score(const Process& process) {
    if (!process.space || process.vfork_done != nullptr || process.out_of_memory_adjustment == never_ended) {
        return 0;
    }
    const auto ram = static_cast<std::int32_t>(process.table->memory().frames.statistics().ram);
    const std::int32_t weight = weight_of(process, holding_of(*process.space));
    return static_cast<std::uint32_t>(std::max((1000 + weight * 1000 / ram) * 2 / 3, 0)); // Linux, fs/proc/base.c
}

void set_out_of_memory_adjustment(Process& process, std::int16_t adjustment) {
    process.out_of_memory_adjustment = adjustment;
    if (!process.space || process.vfork_done != nullptr) {
        return;
    }
    process.table->for_each([&](Process& each) {
        if (each.space.get() == process.space.get() && each.vfork_done == nullptr) {
            each.out_of_memory_adjustment = adjustment;
        }
    });
}

} // namespace quire
