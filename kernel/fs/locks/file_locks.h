// Locks on files, as fcntl and flock give them: advice among programs that ask, and no bar to any read or write. Record
// locks belong to a descriptor table and end when it closes any descriptor of the file; locks of open files, and
// flock's, belong to the open file. LockTable has all of them, and those who wait for one.
#pragma once

#include "kernel/fs/locks/record_locks.h"
#include "kernel/fs/vfs/inode.h"
#include "kernel/lib/format.h"
#include "kernel/lib/list.h"
#include "kernel/sched/wait_queue.h"

#include <cstdint>
#include <optional>

namespace quire {

class File;
class FileServices;
class FileTable;
class Inode;
class LockTable;

// Which of Linux's three kinds. Record locks and those of open files exclude each other; flock's are for themselves.
enum class LockKind : std::uint8_t { record, open_file, whole };

struct LockRequest {
    LockKind kind = LockKind::record;
    LockOwner owner; // a FileTable for record locks, else a File
    LockRange range{};
    bool exclusive = false;
};

// The locks on one file. There while there are any, or somebody waits for one.
class FileLocks final : public InodeLocks {
public:
    FileLocks(LockTable& table, KernelHeap& heap, Inode& inode)
        : ranges_(heap), whole_(heap), table_(&table), inode_(&inode) {}
    FileLocks(const FileLocks&) = delete;
    FileLocks& operator=(const FileLocks&) = delete;
    ~FileLocks() = default;

    void closed(const FileTable& table) override;
    void closed(const File& file) override;

private:
    friend class LockTable;
    [[nodiscard]] RecordLocks& of_kind(LockKind kind) { return kind == LockKind::whole ? whole_ : ranges_; }
    void drop(const void* owner);

    RecordLocks ranges_, whole_;
    WaitQueue changes_;
    std::uint32_t users_ = 0; // calls that have it in hand
    LockTable* table_;
    Inode* inode_;
    ListLink<FileLocks> link_;
};

class LockTable {
public:
    LockTable(KernelHeap& heap, FileServices& services) : heap_(&heap), services_(&services) {}
    LockTable(const LockTable&) = delete;
    LockTable& operator=(const LockTable&) = delete;

    // Locks; where somebody else's lock is in the way, it waits, if it may. An owner's locks of before give way to what
    // it asks for; flock's end even where the new one is not to be had. Errors: would_block, deadlock (record locks
    // only), restart (a signal came first), no_locks (there is no memory).
    Result<void> lock(Inode& inode, const LockRequest& request, bool may_wait);
    // Error: no_locks, where a lock would have to be split.
    Result<void> unlock(Inode& inode, const LockRequest& request);
    // What would be in the way, if anything is.
    struct Holder {
        LockOwner owner;
        LockRange range;
        bool exclusive = false;
    };
    [[nodiscard]] static std::optional<Holder> find_conflict(Inode& inode, const LockRequest& request);

    // /proc/locks.
    void print(Sink& sink) const;

private:
    friend class FileLocks;
    struct Waiting {
        const LockRequest* request = nullptr;
        FileLocks* locks = nullptr;
        ListLink<Waiting> link;
    };
    using Files = List<FileLocks, &FileLocks::link_>;
    using Waiters = List<Waiting, &Waiting::link>;

    // The file's, made if need be, and in use until leave().
    [[nodiscard]] static FileLocks* locks_of(const Inode& inode);
    [[nodiscard]] Result<FileLocks*> enter(Inode& inode);
    void leave(FileLocks& locks);
    void drop_if_empty(FileLocks& locks);
    Result<void> lock_or_wait(FileLocks& locks, const LockRequest& request, bool may_wait);
    Result<void> wait(FileLocks& locks, const LockRequest& request);
    [[nodiscard]] bool would_deadlock(const LockRequest& request, const void* holder) const;
    void print_waiting(Sink& sink, const FileLocks& locks, std::uint32_t number, const void* blocking) const;

    KernelHeap* heap_;
    FileServices* services_;
    Files files_;
    Waiters waiting_;
};

} // namespace quire
