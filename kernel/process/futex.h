// Futexes: processes that wait until somebody says that a word of memory has changed. Nothing is kept of a futex that
// nobody waits for. Which word is meant by an address is found out by the caller; words that are shared by mapping the
// same page of a file or of shared memory are one futex.
#pragma once

#include "kernel/lib/list.h"
#include "kernel/lib/result.h"
#include "kernel/machine/address.h"

#include <array>
#include <cstdint>

namespace quire {

class AddressSpace;
struct Process;

// What makes two words the same: the source whose page it is in and where, or an address space and an address in it.
struct FutexKey {
    const void* object = nullptr;
    std::uint64_t place = 0;

    friend bool operator==(const FutexKey&, const FutexKey&) = default;
};

// The word at `address`, which is aligned. `is_private`: the program promises that it is shared by no mapping. O(log
// n).
[[nodiscard]] FutexKey futex_key(const AddressSpace& space, VirtAddr address, bool is_private);

class FutexTable {
public:
    static constexpr std::uint32_t any_bits = ~std::uint32_t{0};

    FutexTable() = default;
    FutexTable(const FutexTable&) = delete;
    FutexTable& operator=(const FutexTable&) = delete;

    // The current process waits until woken by a wake() that has one of `bits` in common. `deadline`: nanoseconds since
    // boot, 0: none. Errors: interrupted (a signal), timed_out.
    Result<void> wait(Process& process, const FutexKey& key, std::uint32_t bits, std::uint64_t deadline);
    // Wakes up to `most`, first come first served. Returns how many. O(waiters of a bucket).
    std::uint32_t wake(const FutexKey& key, std::uint32_t most, std::uint32_t bits = any_bits);
    // Makes up to `most` waiters wait for another word. Returns how many.
    std::uint32_t requeue(const FutexKey& from, const FutexKey& to, std::uint32_t most);

private:
    struct FutexWaiter {
        Process* process = nullptr;
        FutexKey key;
        std::uint32_t bits = any_bits;
        bool woken = false;
        ListLink<FutexWaiter> link;
    };
    using Bucket = List<FutexWaiter, &FutexWaiter::link>;
    static constexpr std::uint32_t bucket_count = 64;

    [[nodiscard]] Bucket& bucket(const FutexKey& key);
    [[gnu::noinline]] void stand_in_line(FutexWaiter& waiter);

    std::array<Bucket, bucket_count> buckets_{};
};

} // namespace quire
