// The locks on one file: who has locked which bytes of it, shared or exclusively. Each owner's locks are ranges that do
// not overlap; they are split and merged as fcntl(2) says. Nothing here waits or wakes; file_locks.h does.
#pragma once

#include "kernel/lib/list.h"
#include "kernel/lib/result.h"
#include "kernel/lib/tree.h"
#include "kernel/memory/heap/kernel_heap.h"

#include <cstdint>
#include <optional>

namespace quire {

// Bytes of a file, from the first to the last.
struct LockRange {
    static constexpr std::uint64_t end_of_file = 0x7FFFFFFF'FFFFFFFF; // however far it grows; Linux's OFFSET_MAX
    std::uint64_t first = 0, last = end_of_file;
    friend constexpr bool operator==(const LockRange&, const LockRange&) = default;
};

struct RecordLock {
    LockRange range;
    bool exclusive = false;
    TreeLink<RecordLock> link;
    ListLink<RecordLock> in_order;
};

// Whose locks they are. Several processes can own locks together; `process` is the one that is told to who asks.
struct LockOwner {
    const void* who = nullptr;
    std::int32_t process = 0; // -1: an open file
};

// All that one owner has locked of the file: in order, without overlaps, and two that touch differ in kind.
class OwnedLocks {
public:
    OwnedLocks(KernelHeap& heap, const LockOwner& its_owner) : owner(its_owner), heap_(&heap) {}
    OwnedLocks(const OwnedLocks&) = delete;
    OwnedLocks& operator=(const OwnedLocks&) = delete;
    ~OwnedLocks();

    [[nodiscard]] bool empty() const { return locks_.root() == nullptr; }
    // The first lock that ends at `position` or behind it; null where there is none. O(log n).
    [[nodiscard]] RecordLock* at_or_behind(std::uint64_t position) const;
    [[nodiscard]] static RecordLock* next(const RecordLock& lock) { return Order::next(lock); }
    // Locks the range, or makes it what it is not yet, shared or exclusive; unlocks it. Error: out_of_memory; then
    // nothing has changed. O(log n + locks that end).
    Result<void> lock(LockRange range, bool exclusive);
    Result<void> unlock(LockRange range);
    // Order and merging are right, and the tree is balanced. O(n).
    [[nodiscard]] bool consistent() const;

    LockOwner owner;
    ListLink<OwnedLocks> in_file;

private:
    static bool sum_up_nothing(RecordLock&) { return false; }
    using Locks = Tree<RecordLock, &RecordLock::link, sum_up_nothing>;
    using Order = List<RecordLock, &RecordLock::in_order>;

    [[nodiscard]] bool splits(LockRange range) const;
    void carve_out(LockRange range, RecordLock* rest);
    void insert(RecordLock& lock);
    void remove(RecordLock& lock);

    KernelHeap* heap_;
    Locks locks_;
    Order order_; // the same ones: a neighbour is one step away
};

class RecordLocks {
public:
    explicit RecordLocks(KernelHeap& heap) : heap_(&heap) {}
    RecordLocks(const RecordLocks&) = delete;
    RecordLocks& operator=(const RecordLocks&) = delete;
    ~RecordLocks();

    [[nodiscard]] bool empty() const { return owners_.empty(); }
    // A lock of somebody else's that is in the way of `owner`'s wish.
    struct Conflict {
        const LockOwner* owner;
        const RecordLock* lock;
    };
    // The one that Linux tells of: of the first owner, the first lock. O(owners × log n); for a shared wish also the
    // shared locks in the range.
    [[nodiscard]] std::optional<Conflict> conflict(const void* owner, LockRange range, bool exclusive) const;
    // The owner's own locks; null where it has none. O(owners).
    [[nodiscard]] OwnedLocks* of(const void* owner) const;

    // As OwnedLocks does it. Nothing is in the way: see conflict(). Error: out_of_memory.
    Result<void> lock(const LockOwner& owner, LockRange range, bool exclusive);
    Result<void> unlock(const void* owner, LockRange range);
    // All of an owner's end. Whether there were any.
    bool drop(const void* owner);

    // Calls visit(const LockOwner&, const RecordLock&) for each, in order.
    template <class Visitor> void for_each(Visitor&& visit) const {
        for (const OwnedLocks* each = owners_.front(); each != nullptr; each = Owners::next(*each)) {
            for (const RecordLock* lock = each->at_or_behind(0); lock != nullptr; lock = OwnedLocks::next(*lock)) {
                visit(each->owner, *lock);
            }
        }
    }

private:
    using Owners = List<OwnedLocks, &OwnedLocks::in_file>;
    void drop_if_empty(OwnedLocks& owned);

    KernelHeap* heap_;
    Owners owners_;
};

} // namespace quire
