// Watching several files. See watch_list.h.
#include "kernel/abi/files/watch_list.h"

#include "kernel/abi/time/clock.h"
#include "kernel/process/process_table.h"

#include <memory>
#include <new>

namespace quire::abi {

WatchList::~WatchList() {
    std::destroy_n(watched_, count_);
}

Result<void> WatchList::reserve(std::uint32_t most) {
    if (most == 0) {
        return {};
    }
    memory_ = HeapBlock<std::byte>(most * sizeof(Watched));
    if (!memory_) {
        return fail(Error::out_of_memory);
    }
    watched_ = reinterpret_cast<Watched*>(memory_.all().data());
    return {};
}

void WatchList::add(File& file, std::uint32_t events) {
    new (watched_ + count_) Watched(*process_, file, events);
    ++count_;
}

std::uint32_t WatchList::look() {
    std::uint32_t found = 0;
    for (Watched& each : all()) {
        each.ready = each.file->ready() & each.events;
        found += each.ready != 0 ? 1 : 0;
    }
    return found;
}

// Stands in all queues at once, and in none afterwards.
Result<void> WatchList::sleep(std::uint64_t deadline) {
    for (Watched& each : all()) {
        if (WaitQueue* const queue = each.file->inode().changes()) {
            each.waiter.woken = false;
            queue->add(each.waiter);
        }
    }
    const auto waited = process_->table->scheduler.wait_woken(deadline);
    for (Watched& each : all()) {
        if (WaitQueue* const queue = each.file->inode().changes()) {
            queue->remove(each.waiter);
        }
    }
    return waited;
}

Result<std::uint32_t> WatchList::wait(bool already, std::optional<std::uint64_t> span) {
    const std::uint64_t deadline = deadline_after(span);
    while (true) {
        const std::uint32_t found = look();
        if (found != 0 || already || span == 0U) {
            return found;
        }
        if (const auto waited = sleep(deadline); !waited) {
            if (waited.error() == Error::timed_out) {
                return look();
            }
            return fail(Error::restart_unless_handled);
        }
    }
}

} // namespace quire::abi
