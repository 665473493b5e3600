// Getting locks, waiting for them, and telling of them. Linux 6.1 fs/locks.c is the measure.
#include "kernel/fs/locks/file_locks.h"

#include "kernel/fs/vfs/file.h"
#include "kernel/fs/vfs/file_services.h"
#include "kernel/fs/vfs/file_system.h"
#include "kernel/fs/vfs/file_table.h"
#include "kernel/memory/heap/object.h"

namespace quire {

// ---- One file's

void FileLocks::closed(const FileTable& table) {
    drop(&table);
}

void FileLocks::closed(const File& file) {
    drop(&file);
}

void FileLocks::drop(const void* owner) {
    const bool ranges = ranges_.drop(owner);
    const bool whole = whole_.drop(owner);
    if (ranges || whole) {
        changes_.wake();
        table_->drop_if_empty(*this);
    }
}

// ---- All

FileLocks* LockTable::locks_of(const Inode& inode) {
    return static_cast<FileLocks*>(inode.locks); // there are no others
}

Result<FileLocks*> LockTable::enter(Inode& inode) {
    if (inode.locks == nullptr) {
        const Result<FileLocks*> made = make_object<FileLocks>(*heap_, *this, *heap_, inode);
        if (!made) {
            return fail(Error::no_locks);
        }
        inode.locks = *made;
        files_.push_back(**made);
    }
    FileLocks* const locks = locks_of(inode);
    ++locks->users_;
    return locks;
}

void LockTable::leave(FileLocks& locks) {
    --locks.users_;
    drop_if_empty(locks);
}

void LockTable::drop_if_empty(FileLocks& locks) {
    if (locks.users_ == 0 && locks.ranges_.empty() && locks.whole_.empty()) {
        locks.inode_->locks = nullptr;
        files_.erase(locks);
        destroy_object(*heap_, &locks);
    }
}

Result<void> LockTable::lock(Inode& inode, const LockRequest& request, bool may_wait) {
    const Result<FileLocks*> locks = enter(inode);
    if (!locks) {
        return fail(locks.error());
    }
    if (request.kind == LockKind::whole) {
        const OwnedLocks* const own = (*locks)->whole_.of(request.owner.who);
        if (own != nullptr && own->at_or_behind(0)->exclusive != request.exclusive) {
            (*locks)->whole_.drop(request.owner.who);
            (*locks)->changes_.wake();
        }
    }
    const Result<void> locked = lock_or_wait(**locks, request, may_wait);
    leave(**locks);
    return locked;
}

Result<void> LockTable::lock_or_wait(FileLocks& locks, const LockRequest& request, bool may_wait) {
    RecordLocks& others = locks.of_kind(request.kind);
    while (true) {
        const auto conflict = others.conflict(request.owner.who, request.range, request.exclusive);
        if (!conflict) {
            break;
        }
        if (!may_wait) {
            return fail(Error::would_block);
        }
        if (request.kind == LockKind::record && would_deadlock(request, conflict->owner->who)) {
            return fail(Error::deadlock);
        }
        if (const Result<void> woken = wait(locks, request); !woken) {
            return fail(Error::restart);
        }
    }
    if (!others.lock(request.owner, request.range, request.exclusive)) {
        return fail(Error::no_locks);
    }
    if (!request.exclusive) {
        locks.changes_.wake(); // it may have been exclusive before
    }
    return {};
}

Result<void> LockTable::wait(FileLocks& locks, const LockRequest& request) {
    Waiting waiting{.request = &request, .locks = &locks, .link = {}};
    waiting_.push_back(waiting);
    const Result<void> woken = services_->wait(locks.changes_);
    waiting_.erase(waiting);
    return woken;
}

// Whether `holder` waits, by way of others, for the one who asks. As far as Linux looks: a chain of ten. Locks of open
// files have no part in it, for any process may end them. What each waits for is looked up, not kept: it may have
// been unlocked since, with the waiter not yet run.
bool LockTable::would_deadlock(const LockRequest& request, const void* holder) const {
    constexpr unsigned longest_chain = 10;
    for (unsigned links = 0; links < longest_chain; ++links) {
        const Waiting* waiting = waiting_.front();
        while (waiting != nullptr &&
               (waiting->request->kind != LockKind::record || waiting->request->owner.who != holder)) {
            waiting = Waiters::next(*waiting);
        }
        if (waiting == nullptr) {
            return false;
        }
        const LockRequest& wish = *waiting->request;
        const auto conflict = waiting->locks->ranges_.conflict(holder, wish.range, wish.exclusive);
        if (!conflict) {
            return false;
        }
        holder = conflict->owner->who;
        if (holder == request.owner.who) {
            return true;
        }
    }
    return false;
}

Result<void> LockTable::unlock(Inode& inode, const LockRequest& request) {
    FileLocks* const locks = locks_of(inode);
    if (locks == nullptr) {
        return {};
    }
    if (!locks->of_kind(request.kind).unlock(request.owner.who, request.range)) {
        return fail(Error::no_locks);
    }
    locks->changes_.wake();
    drop_if_empty(*locks);
    return {};
}

std::optional<LockTable::Holder> LockTable::find_conflict(Inode& inode, const LockRequest& request) {
    FileLocks* const locks = locks_of(inode);
    if (locks == nullptr) {
        return std::nullopt;
    }
    const auto conflict = locks->of_kind(request.kind).conflict(request.owner.who, request.range, request.exclusive);
    if (!conflict) {
        return std::nullopt;
    }
    return Holder{.owner = *conflict->owner, .range = conflict->lock->range, .exclusive = conflict->lock->exclusive};
}

// ---- /proc/locks

namespace {

struct Line {
    std::uint32_t number;
    bool waits;
    bool whole;
};

void print_lock(Sink& sink, const Line& line, Inode& inode, const LockOwner& owner, LockRange range, bool exclusive) {
    const std::uint32_t device = inode.file_system().device();
    const std::string_view kind = line.whole ? "FLOCK " : owner.process < 0 ? "OFDLCK" : "POSIX ";
    print(sink, "{}: {}{} ADVISORY  {} {} {:02x}:{:02x}:{} ", line.number, line.waits ? "-> " : "", kind,
          exclusive ? "WRITE" : "READ", owner.process, device >> 8, device & 0xFF, inode.number());
    if (range.last == LockRange::end_of_file) {
        print(sink, "{} EOF\n", range.first);
    } else {
        print(sink, "{} {}\n", range.first, range.last);
    }
}

} // namespace

// Those who wait for the lock `blocking` on the file.
void LockTable::print_waiting(Sink& sink, const FileLocks& locks, std::uint32_t number, const void* blocking) const {
    for (const Waiting* each = waiting_.front(); each != nullptr; each = Waiters::next(*each)) {
        const LockRequest& wish = *each->request;
        if (each->locks != &locks) {
            continue;
        }
        const RecordLocks& held = wish.kind == LockKind::whole ? locks.whole_ : locks.ranges_;
        const auto conflict = held.conflict(wish.owner.who, wish.range, wish.exclusive);
        if (conflict && conflict->lock == blocking) {
            print_lock(sink, {.number = number, .waits = true, .whole = wish.kind == LockKind::whole}, *locks.inode_,
                       wish.owner, wish.range, wish.exclusive);
        }
    }
}

void LockTable::print(Sink& sink) const {
    std::uint32_t number = 0;
    for (const FileLocks* file = files_.front(); file != nullptr; file = Files::next(*file)) {
        for (const bool whole : {false, true}) {
            const RecordLocks& locks = whole ? file->whole_ : file->ranges_;
            locks.for_each([&](const LockOwner& owner, const RecordLock& lock) {
                print_lock(sink, {.number = ++number, .waits = false, .whole = whole}, *file->inode_, owner, lock.range,
                           lock.exclusive);
                print_waiting(sink, *file, number, &lock);
            });
        }
    }
}

} // namespace quire
