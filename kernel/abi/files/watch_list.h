// Several open files watched at once for what can be done with them: what poll and select wait with.
#pragma once

#include "kernel/abi/heap_block.h"
#include "kernel/fs/vfs/file.h"
#include "kernel/lib/ref.h"
#include "kernel/lib/result.h"
#include "kernel/process/process.h"
#include "kernel/sched/wait_queue.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace quire::abi {

// One of them, held open as long as it is watched.
struct Watched {
    Watched(Process& process, File& its_file, std::uint32_t its_events)
        : file(its_file), events(its_events), waiter(process.thread) {}

    Ref<File> file;
    std::uint32_t events;    // POLLIN and so on, that are waited for
    std::uint32_t ready = 0; // those of them that hold
    Waiter waiter;
};

class WatchList {
public:
    explicit WatchList(Process& process) : process_(&process) {}
    ~WatchList();
    WatchList(const WatchList&) = delete;
    WatchList& operator=(const WatchList&) = delete;

    // Makes room. Error: out_of_memory.
    Result<void> reserve(std::uint32_t most);
    // There must be room.
    void add(File& file, std::uint32_t events);
    [[nodiscard]] std::span<Watched> all() const { return {watched_, count_}; }

    // Waits until one of them is ready, or nothing may be waited for any more, and returns how many are: 0 where the
    // time was up. `already`: something else is there to be told, so that nothing is waited for. `span`: nanoseconds, 0
    // only looks, none is for ever. Errors: restart_unless_handled. O(watched) each time one of them changes.
    Result<std::uint32_t> wait(bool already, std::optional<std::uint64_t> span);

private:
    std::uint32_t look();
    Result<void> sleep(std::uint64_t deadline);

    Process* process_;
    HeapBlock<std::byte> memory_;
    Watched* watched_ = nullptr;
    std::uint32_t count_ = 0;
};

} // namespace quire::abi
