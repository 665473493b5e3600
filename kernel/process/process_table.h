// All processes of a torus, found by id, group or one after the other; and what they share: the scheduler, kernel
// stacks, limits for new ones.
#pragma once

#include "kernel/memory/heap/shrinker.h"
#include "kernel/memory/paging/kernel_stacks.h"
#include "kernel/process/futex.h"
#include "kernel/process/process.h"
#include "kernel/process/unknown_calls.h"
#include "kernel/sched/scheduler.h"

#include <array>
#include <cstdint>

namespace quire {

class Memory;
class Terminal;
class Userland;
class DeathReporter;

class ProcessTable {
public:
    static constexpr std::uint32_t most_ids = 32768;

private:
    Memory* memory_;
    Userland* userland_;
    Process kernel_;

public:
    // Both must outlive it.
    ProcessTable(Memory& memory, Userland& userland);
    ~ProcessTable();
    ProcessTable(const ProcessTable&) = delete;
    ProcessTable& operator=(const ProcessTable&) = delete;

    // The process with this id, zombies included; null where there is none. O(1) on average.
    [[nodiscard]] Process* find(std::uint32_t id) const;
    // Whether any process is in this group, or session.
    [[nodiscard]] bool group_exists(std::uint32_t group) const;
    // Calls visit(Process&) for each process but the kernel, in the order they were made. They may not end meanwhile.
    template <class Visitor> void for_each(Visitor&& visit) const {
        for (Process* each = all_.front(); each != nullptr;) {
            Process* const next = All::next(*each);
            visit(*each);
            each = next;
        }
    }
    [[nodiscard]] std::uint32_t count() const { return count_; }
    [[nodiscard]] std::uint64_t made() const { return made_; }
    // The id given last.
    [[nodiscard]] std::uint32_t last_id() const { return last_id_; }

    // A new, empty process with an id of its own. Errors: would_block (no id is left), out_of_memory.
    [[nodiscard]] Result<Process*> make();
    // Forgets a process that has ended, and frees its kernel stack and itself. It must not be the current one.
    void remove(Process& process);
    // The same for one that nobody will ask about, as soon as it is not the current one.
    void remove_later(Process& process);
    // Stacks, pages of the heap and the like that are kept ready for more processes become free memory. O(those).
    void give_back_unused();
    // Does what remove_later() put off.
    void reap();

    [[nodiscard]] Process& kernel() { return kernel_; }
    // The process that runs now; the kernel where none does.
    [[nodiscard]] Process& current() const { return static_cast<Process&>(*scheduler.current().owner); }
    [[nodiscard]] Memory& memory() const { return *memory_; }
    // What the processes run on, for whoever stands above it.
    [[nodiscard]] Userland& userland() const { return *userland_; }

    KernelStacks stacks;
    Scheduler scheduler;
    FutexTable futexes;
    UnknownCalls unknown_calls;
    std::uint32_t most_processes = most_ids - 1;
    Shrinker* caches = nullptr; // of files
    // The terminal that they use, and who tells all about a program's own fault (null: one sentence is enough), for
    // what the kernel has to say.
    const Terminal* console = nullptr;
    const DeathReporter* death_reporter = nullptr;
    std::uint32_t alarms_set = 0; // how many processes may have one: at least as many as have

private:
    using All = List<Process, &Process::table_link>;
    using Bucket = List<Process, &Process::hash_link>;
    static constexpr std::uint32_t bucket_count = 256;

    [[nodiscard]] Bucket& bucket(std::uint32_t id) { return buckets_[id % bucket_count]; }
    [[nodiscard]] Result<std::uint32_t> next_free_id();
    [[nodiscard]] Result<void*> room_for_process();

    All all_;
    Process* to_reap_ = nullptr; // a process that has ended; there is at most one, for the next one to run buries it
    void* spare_ = nullptr;      // room for a process, where one was: a page of the heap is quick to keep, slow to find
    std::array<Bucket, bucket_count> buckets_{};
    std::uint32_t last_id_ = 0;
    std::uint32_t count_ = 0;
    std::uint64_t made_ = 0;
};

} // namespace quire
