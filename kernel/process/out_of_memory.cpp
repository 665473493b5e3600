// When no frame is left for a page that a program may rightly use, a process must go: the one whose end helps most.
#include "kernel/memory/address_space.h"
#include "kernel/process/notice.h"
#include "kernel/process/process_life.h"
#include "kernel/process/torus.h"
#include "kernel/process/user_trap.h"

namespace quire {

namespace {

// Frames that come free when the process ends: its pages that nobody else maps, and its page tables.
std::uint32_t frames_held(const Process& process) {
    if (!process.space) {
        return 0;
    }
    const SpaceStatistics memory = process.space->statistics();
    return memory.resident - memory.shared + memory.tables - memory.shared_tables;
}

} // namespace

bool end_the_largest(ProcessTable& table) {
    Process* largest = nullptr;
    std::uint32_t most = 0;
    table.for_each([&](Process& each) {
        const bool leaving = each.ending || (each.signals.pending() & signal_bit(signal_number::kill)) != 0;
        const std::uint32_t held = leaving ? 0 : frames_held(each);
        if (held > most) {
            most = held;
            largest = &each;
        }
    });
    if (largest == nullptr) {
        return false;
    }
    Notice notice;
    print(notice, "out of memory: process {} ({}) is ended, which gives back {} pages ({}), more than any other\n",
          largest->id, largest->title(), most, ByteCount{std::uint64_t{most} * page_size});
    static_cast<void>(send_signal(*largest, {.number = signal_number::kill, .code = signal_code::kernel}));
    if (largest != &table.scheduler.current()) {
        // It will never run in ring 3 again, so its memory need not wait until it has its turn.
        largest->space->clear();
    }
    return true;
}

} // namespace quire
