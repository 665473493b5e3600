// Waiting for words of memory. See futex.h.
#include "kernel/process/futex.h"

#include "kernel/memory/space/address_space.h"
#include "kernel/process/process_table.h"

namespace quire {

FutexKey futex_key(const AddressSpace& space, VirtAddr address, bool is_private) {
    const Page page = Page::containing(address);
    const Region* const region = is_private ? nullptr : space.find(page);
    if (region == nullptr || !region->traits.shared || region->object == nullptr) {
        return {.object = &space, .place = address.value()};
    }
    return {.object = region->object,
            .place = (std::uint64_t{region->object_index(page)} << page_shift) + address.offset_in_page()};
}

// The key that a waiter is found by says which bucket it is in, also after it was moved.
FutexTable::Bucket& FutexTable::bucket(const FutexKey& key) {
    const auto object = reinterpret_cast<std::uintptr_t>(key.object);
    constexpr unsigned word_shift = 2, object_shift = 6;
    return buckets_[((object >> object_shift) ^ (key.place >> word_shift)) % bucket_count];
}

// Not inlined: the compiler cannot see that whoever wakes a waiter takes it out, and would warn of it.
void FutexTable::stand_in_line(FutexWaiter& waiter) {
    bucket(waiter.key).push_back(waiter);
}

Result<void> FutexTable::wait(Process& process, const FutexKey& key, std::uint32_t bits, std::uint64_t deadline) {
    FutexWaiter waiter{.process = &process, .key = key, .bits = bits, .link = {}};
    stand_in_line(waiter);
    Result<void> waited;
    while (!waiter.woken && waited) {
        waited = process.table->scheduler.wait_woken(deadline);
    }
    if (waiter.woken) {
        return {};
    }
    bucket(waiter.key).erase(waiter);
    return waited;
}

std::uint32_t FutexTable::wake(const FutexKey& key, std::uint32_t most, std::uint32_t bits) {
    std::uint32_t woken = 0;
    Bucket& waiters = bucket(key);
    for (FutexWaiter* each = waiters.front(); each != nullptr && woken < most;) {
        FutexWaiter* const next = Bucket::next(*each);
        if (each->key == key && (each->bits & bits) != 0) {
            waiters.erase(*each);
            each->woken = true;
            each->process->table->scheduler.make_ready(each->process->thread);
            ++woken;
        }
        each = next;
    }
    return woken;
}

std::uint32_t FutexTable::requeue(const FutexKey& from, const FutexKey& to, std::uint32_t most) {
    std::uint32_t moved = 0;
    Bucket& waiters = bucket(from);
    for (FutexWaiter* each = waiters.front(); each != nullptr && moved < most;) {
        FutexWaiter* const next = Bucket::next(*each);
        if (each->key == from) {
            waiters.erase(*each);
            each->key = to;
            stand_in_line(*each);
            ++moved;
        }
        each = next;
    }
    return moved;
}

} // namespace quire
