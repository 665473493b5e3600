// A process: an address space, files, signals, family, and a thread that runs its program. A plain record, built
// and ended by the functions of lifecycle/; who runs when is the Scheduler's business.
#pragma once

#include "kernel/fs/vfs/file_context.h"
#include "kernel/fs/vfs/file_table.h"
#include "kernel/fs/vfs/running_file.h"
#include "kernel/lib/list.h"
#include "kernel/lib/ref.h"
#include "kernel/machine/user.h"
#include "kernel/memory/space/address_space.h"
#include "kernel/process/signals.h"
#include "kernel/sched/thread.h"
#include "kernel/sched/wait_queue.h"

#include <array>
#include <cstdint>
#include <string_view>

namespace quire {

class ProcessTable;

// setrlimit's limits. The numbers are Linux's RLIMIT_…
struct ResourceLimit {
    static constexpr std::uint64_t unlimited = ~std::uint64_t{0};
    std::uint64_t soft = unlimited, hard = unlimited;
};
namespace limit {
inline constexpr std::size_t cpu = 0, file_size = 1, data = 2, stack = 3, core = 4, resident = 5, processes = 6,
                             files = 7, locked = 8, address_space = 9, locks = 10, pending_signals = 11,
                             message_queue = 12, nice = 13, realtime_priority = 14, realtime_time = 15, count = 16;
} // namespace limit

// setitimer's ITIMER_REAL, and alarm. Times are nanoseconds of the monotonic clock; 0 is off.
struct IntervalAlarm {
    std::uint64_t expires = 0, interval = 0;
};
// ITIMER_VIRTUAL and ITIMER_PROF, in ticks of time that the process has used; 0 is off. Whoever sets one adds to
// ProcessTable::alarms_set.
struct UsageAlarm {
    std::uint64_t expires = 0, interval = 0;
};

// What a process used. Of its own, what its thread counts itself is added by Process::usage().
struct ProcessTimes {
    std::uint64_t user_ticks = 0, system_ticks = 0; // see Thread
    std::uint64_t children_user_ticks = 0, children_system_ticks = 0;
    std::uint64_t started = 0; // nanoseconds since boot
    std::uint32_t voluntary_switches = 0, involuntary_switches = 0;
    std::uint32_t minor_faults = 0, major_faults = 0; // of children that were waited for, too
    std::uint32_t children_minor_faults = 0, children_major_faults = 0;
    std::uint32_t children_peak_resident = 0; // pages
};

// How a process ended, or what else there is to tell its parent.
struct ProcessStatus {
    // As wait4 gives it: exit status in bits 8–15, or the signal in bits 0–6 (bit 7: core dumped).
    std::uint32_t word = 0;
    [[nodiscard]] static ProcessStatus exited(std::uint32_t status) { return {(status & 0xFF) << 8}; }
    [[nodiscard]] static ProcessStatus killed(std::uint32_t signal, bool dumped = false) {
        return {(signal & 0x7F) | (dumped ? 0x80U : 0U)};
    }
    [[nodiscard]] bool dumped() const { return was_killed() && (word & 0x80) != 0; }
    [[nodiscard]] static ProcessStatus stopped(std::uint32_t signal) { return {(signal & 0xFF) << 8 | 0x7F}; }
    [[nodiscard]] static ProcessStatus continued() { return {0xFFFF}; }
    [[nodiscard]] bool is_stop() const { return (word & 0xFF) == 0x7F; }
    [[nodiscard]] bool was_killed() const { return (word & 0x7F) != 0 && !is_stop(); }
    [[nodiscard]] std::uint32_t signal() const { return word & 0x7F; }
    [[nodiscard]] std::uint32_t status() const { return word >> 8 & 0xFF; }
};

struct Process;

// A call that a signal cut short and that goes on where it was, by restart_syscall, if no handler ran: what does that,
// and what it needs to know.
struct Continuation {
    Result<std::uint32_t> (*go_on)(Process& process) = nullptr;
    std::uint64_t deadline = 0;          // as Scheduler::wait_woken() takes it
    std::uint32_t first = 0, second = 0; // the call's arguments
};

struct Process final : ThreadOwner {
    // Its thread runs on the stack that ends at `stack_top`; null: the boot stack, which is the kernel's own.
    Process(ProcessTable& its_table, Scheduler& scheduler, std::byte* stack_top)
        : table(&its_table),
          thread(scheduler, *this, stack_top != nullptr ? Thread::Kind::user : Thread::Kind::kernel) {
        thread.kernel_stack_top = stack_top;
    }
    ~Process() = default;
    Process(const Process&) = delete;
    Process& operator=(const Process&) = delete;

    ProcessTable* table;
    std::uint32_t id = 0; // 0: the kernel itself, on the boot stack
    std::uint32_t group = 0, session = 0;
    std::array<char, 16> name{}; // NUL-terminated, as prctl PR_SET_NAME has it
    Thread thread;               // that runs its program
    bool is_zombie = false;      // it has ended; its parent has not asked how

    // Who made it; the kernel (id 0) where nobody did or where that one has ended.
    Process* parent = nullptr;
    ListLink<Process> sibling_link;
    List<Process, &Process::sibling_link> children;
    WaitQueue child_changed; // woken when a child ends, stops or goes on
    ListLink<Process> table_link;
    ListLink<Process> hash_link;

    // What it has. Shared ones are reference counted; null once the process has ended, and for the kernel.
    Ref<AddressSpace> space;
    Ref<FileTable> files;
    Ref<FileContext> context; // working directory and umask
    RunningFile executable;   // the program

    bool traced = false; // strace
    bool ending = false; // exit is under way: no signal interrupts it

    Continuation continuation;

    Signals signals;
    SignalSet awaited = 0; // sigtimedwait waits for these, though they are blocked
    IntervalAlarm real_alarm;
    UsageAlarm virtual_alarm, profile_alarm;

    ProcessStatus status;          // once a zombie
    bool stop_reported = true;     // a stop that wait4 has not told of yet
    bool continue_reported = true; // or a continuation
    std::uint32_t stop_signal = 0;
    std::uint32_t exit_signal = signal_number::child; // what the parent gets; none where it is no signal
    std::uint32_t parent_death_signal = 0;            // prctl PR_SET_PDEATHSIG
    WaitQueue* vfork_done = nullptr;                  // the parent of a vfork waits there until exec or exit
    bool reap_when_dead = false;                      // nobody will wait for it

    std::array<ResourceLimit, limit::count> limits{};
    ProcessTimes times;
    // A call that was refused for want of memory is made again: whether it was, and how often it has been.
    bool refused_a_frame = false;
    std::uint8_t repeats_for_room = 0;
    std::uint32_t clear_on_exit = 0; // set_tid_address: a user word to zero and wake
    std::uint32_t umbrella = 0;      // personality()
    bool dumpable = true;
    bool has_executed = false;        // called exec since it was made: its parent no longer moves it to another group
    bool barriers_registered = false; // membarrier: for the private expedited ones
    std::int32_t nice = 0;
    std::int16_t out_of_memory_adjustment = 0; // from -1000, never ended for want of memory, to 1000, first

    // Where arguments and environment lie in its stack, for /proc.
    std::uint32_t arguments_start = 0, arguments_end = 0, environment_start = 0, environment_end = 0;

    // The registers it entered the kernel with: at the top of its kernel stack.
    [[nodiscard]] machine::TrapFrame& registers() const {
        return *(reinterpret_cast<machine::TrapFrame*>(thread.kernel_stack_top) - 1);
    }
    // What it used so far, its children's part too.
    [[nodiscard]] ProcessTimes usage() const;
    [[nodiscard]] std::string_view title() const { return name.data(); }
    void set_name(std::string_view title);
    // The pages a limit allows; all there are where it is unlimited.
    [[nodiscard]] std::uint64_t soft_limit(std::size_t which) const { return limits[which].soft; }

    // ThreadOwner
    void enter(Thread& thread) override;
    [[nodiscard]] bool interrupts_waits() const override { return signals.deliverable() != 0; }
    [[nodiscard]] bool is_killed() const override { return signals.fatal() != 0; }
};

// Puts the process's resource limits on an address space that is, or will be, its own.
void apply_limits(const Process& process, AddressSpace& space);

} // namespace quire
