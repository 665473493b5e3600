// Splitting, merging and finding the locks on a file.
#include "kernel/fs/locks/record_locks.h"

#include "kernel/memory/heap/object.h"

namespace quire {

// ---- One owner's

OwnedLocks::~OwnedLocks() {
    while (RecordLock* const lock = order_.front()) {
        remove(*lock);
    }
}

RecordLock* OwnedLocks::at_or_behind(std::uint64_t position) const {
    RecordLock* found = nullptr;
    for (RecordLock* each = locks_.root(); each != nullptr;) {
        const bool ends_before = each->range.last < position;
        found = ends_before ? found : each;
        each = ends_before ? Locks::right(*each) : Locks::left(*each);
    }
    return found;
}

// Whether a lock would be left on both sides of the range.
bool OwnedLocks::splits(LockRange range) const {
    const RecordLock* const lock = at_or_behind(range.first);
    return lock != nullptr && lock->range.first < range.first && lock->range.last > range.last;
}

// No lock has a byte of the range any more. Where one is split, `rest` becomes its second part; else it is null.
void OwnedLocks::carve_out(LockRange range, RecordLock* rest) {
    for (RecordLock* lock = at_or_behind(range.first); lock != nullptr && lock->range.first <= range.last;) {
        RecordLock* const behind = next(*lock);
        const LockRange was = lock->range;
        if (was.first < range.first) {
            lock->range.last = range.first - 1;
            if (rest != nullptr) {
                rest->range = {range.last + 1, was.last};
                rest->exclusive = lock->exclusive;
                insert(*rest);
            }
        } else if (was.last > range.last) {
            lock->range.first = range.last + 1;
        } else {
            remove(*lock);
        }
        lock = behind;
    }
}

void OwnedLocks::insert(RecordLock& lock) {
    RecordLock* const after = at_or_behind(lock.range.first);
    locks_.insert_between(lock, after != nullptr ? Order::previous(*after) : order_.back(), after);
    order_.insert_before(lock, after);
}

void OwnedLocks::remove(RecordLock& lock) {
    locks_.erase(lock);
    order_.erase(lock);
    destroy_object(*heap_, &lock);
}

Result<void> OwnedLocks::lock(LockRange range, bool exclusive) {
    const RecordLock* const there = at_or_behind(range.first);
    if (there != nullptr && there->exclusive == exclusive && there->range.first <= range.first &&
        there->range.last >= range.last) {
        return {};
    }
    const Result<RecordLock*> made = make_object<RecordLock>(*heap_);
    if (!made) {
        return fail(made.error());
    }
    RecordLock* rest = nullptr;
    if (splits(range)) {
        const Result<RecordLock*> second = make_object<RecordLock>(*heap_);
        if (!second) {
            destroy_object(*heap_, *made);
            return fail(second.error());
        }
        rest = *second;
    }
    carve_out(range, rest);
    // Neighbours of the same kind become one with it.
    RecordLock* const before = range.first != 0 ? at_or_behind(range.first - 1) : nullptr;
    if (before != nullptr && before->range.last == range.first - 1 && before->exclusive == exclusive) {
        range.first = before->range.first;
        remove(*before);
    }
    RecordLock* const after = at_or_behind(range.last);
    if (after != nullptr && after->range.first == range.last + 1 && after->exclusive == exclusive) {
        range.last = after->range.last;
        remove(*after);
    }
    (*made)->range = range;
    (*made)->exclusive = exclusive;
    insert(**made);
    return {};
}

Result<void> OwnedLocks::unlock(LockRange range) {
    RecordLock* rest = nullptr;
    if (splits(range)) {
        const Result<RecordLock*> made = make_object<RecordLock>(*heap_);
        if (!made) {
            return fail(made.error());
        }
        rest = *made;
    }
    carve_out(range, rest);
    return {};
}

bool OwnedLocks::consistent() const {
    const RecordLock* before = nullptr;
    for (const RecordLock* each = order_.front(); each != nullptr; each = next(*each)) {
        const bool merged = before == nullptr || before->range.last + 1 < each->range.first ||
                            (before->range.last + 1 == each->range.first && before->exclusive != each->exclusive);
        if (each->range.first > each->range.last || !merged || at_or_behind(each->range.first) != each) {
            return false;
        }
        before = each;
    }
    return locks_.balanced();
}

// ---- A file's

RecordLocks::~RecordLocks() {
    while (OwnedLocks* const owned = owners_.pop_front()) {
        destroy_object(*heap_, owned);
    }
}

std::optional<RecordLocks::Conflict> RecordLocks::conflict(const void* owner, LockRange range, bool exclusive) const {
    for (const OwnedLocks* each = owners_.front(); each != nullptr; each = Owners::next(*each)) {
        if (each->owner.who == owner) {
            continue;
        }
        for (const RecordLock* lock = each->at_or_behind(range.first);
             lock != nullptr && lock->range.first <= range.last; lock = OwnedLocks::next(*lock)) {
            if (exclusive || lock->exclusive) {
                return Conflict{.owner = &each->owner, .lock = lock};
            }
        }
    }
    return std::nullopt;
}

OwnedLocks* RecordLocks::of(const void* owner) const {
    OwnedLocks* each = owners_.front();
    while (each != nullptr && each->owner.who != owner) {
        each = Owners::next(*each);
    }
    return each;
}

Result<void> RecordLocks::lock(const LockOwner& owner, LockRange range, bool exclusive) {
    OwnedLocks* owned = of(owner.who);
    if (owned == nullptr) {
        const Result<OwnedLocks*> made = make_object<OwnedLocks>(*heap_, *heap_, owner);
        if (!made) {
            return fail(made.error());
        }
        owned = *made;
        owners_.push_back(*owned);
    }
    const Result<void> locked = owned->lock(range, exclusive);
    drop_if_empty(*owned);
    return locked;
}

Result<void> RecordLocks::unlock(const void* owner, LockRange range) {
    OwnedLocks* const owned = of(owner);
    if (owned == nullptr) {
        return {};
    }
    const Result<void> unlocked = owned->unlock(range);
    drop_if_empty(*owned);
    return unlocked;
}

void RecordLocks::drop_if_empty(OwnedLocks& owned) {
    if (owned.empty()) {
        owners_.erase(owned);
        destroy_object(*heap_, &owned);
    }
}

bool RecordLocks::drop(const void* owner) {
    OwnedLocks* const owned = of(owner);
    if (owned == nullptr) {
        return false;
    }
    owners_.erase(*owned);
    destroy_object(*heap_, owned);
    return true;
}

} // namespace quire
