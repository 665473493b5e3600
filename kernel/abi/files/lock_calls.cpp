// Locks on files: fcntl's commands for them, and flock. See descriptor_calls.h. Checks and their order: Linux 6.1
// fs/locks.c.
#include "kernel/abi/files/lock_calls.h"

#include "kernel/abi/files/file_access.h"
#include "kernel/abi/structures.h"
#include "kernel/abi/uapi.h"
#include "kernel/abi/user_memory.h"

#include <limits>
#include <optional>
#include <utility>

namespace quire::abi {

namespace {

// From a program's struct flock to the bytes it means. Errors: invalid_argument, overflow.
Result<LockRange> range_of(const File& file, const FileLock64& lock) {
    std::uint64_t base = 0;
    switch (lock.whence) {
    case SEEK_SET: break;
    case SEEK_CUR: base = file.position(); break;
    case SEEK_END: base = file.inode().size(); break;
    default: return fail(Error::invalid_argument);
    }
    const std::int64_t from = lock.start;
    const std::int64_t length = lock.length;
    const auto most = static_cast<std::int64_t>(LockRange::end_of_file);
    const auto start_of_file = static_cast<std::int64_t>(base);
    if (from > most - start_of_file) {
        return fail(Error::overflow);
    }
    const std::int64_t first = start_of_file + from;
    if (first < 0) {
        return fail(Error::invalid_argument);
    }
    if (length > 0 && length - 1 > most - first) {
        return fail(Error::overflow);
    }
    if (length < 0 && first + length < 0) {
        return fail(Error::invalid_argument);
    }
    const auto at = static_cast<std::uint64_t>(first);
    const auto bytes = static_cast<std::uint64_t>(length);
    // A negative length means the bytes before: two's complement.
    return length > 0   ? LockRange{.first = at, .last = at + (bytes - 1)}
           : length < 0 ? LockRange{.first = at + bytes, .last = at - 1}
                        : LockRange{.first = at, .last = LockRange::end_of_file};
}

LockRequest request_for(Process& process, File& file, bool of_open_file, LockRange range, bool exclusive) {
    if (of_open_file) {
        return {.kind = LockKind::open_file, .owner = {&file, -1}, .range = range, .exclusive = exclusive};
    }
    return {.kind = LockKind::record,
            .owner = {process.files.get(), static_cast<std::int32_t>(process.id)},
            .range = range,
            .exclusive = exclusive};
}

// F_GETLK and its like.
void tell_conflict(const LockRequest& request, Inode& inode, FileLock64& lock) {
    const auto holder = LockTable::find_conflict(inode, request);
    if (!holder) {
        lock.type = F_UNLCK;
        return;
    }
    const LockRange range = holder->range;
    lock.type = holder->exclusive ? F_WRLCK : F_RDLCK;
    lock.whence = SEEK_SET;
    lock.start = static_cast<std::int64_t>(range.first);
    lock.length = range.last == LockRange::end_of_file ? 0 : static_cast<std::int64_t>(range.last - range.first + 1);
    lock.process = holder->owner.process;
}

Result<void> serve(Process& process, Descriptor descriptor, File& file, LockCommand command, FileLock64& lock) {
    const bool ask = command.what == LockCommand::What::ask;
    const std::int16_t type = lock.type;
    if (type != F_RDLCK && type != F_WRLCK && (type != F_UNLCK || ask)) {
        return fail(Error::invalid_argument);
    }
    const auto range = range_of(file, lock);
    if (!range) {
        return fail(range.error());
    }
    if (!ask && ((type == F_RDLCK && !file.readable()) || (type == F_WRLCK && !file.writable()))) {
        return fail(Error::bad_descriptor);
    }
    if (command.of_open_file && lock.process != 0) {
        return fail(Error::invalid_argument);
    }
    const LockRequest request = request_for(process, file, command.of_open_file, *range, type == F_WRLCK);
    if (ask) {
        tell_conflict(request, file.inode(), lock);
        return {};
    }
    LockTable& locks = files_of(process).locks();
    if (type == F_UNLCK) {
        return locks.unlock(file.inode(), request);
    }
    const auto locked = locks.lock(file.inode(), request, command.what == LockCommand::What::set_waiting);
    // Who shares the table may have closed the descriptor meanwhile, and with it all locks but this one.
    if (locked && !command.of_open_file && process.files->find(static_cast<std::uint32_t>(descriptor)) != &file) {
        may_fail(locks.unlock(file.inode(), request)); // it unlocks what was just locked, and splits nothing
        return fail(Error::bad_descriptor);
    }
    return locked;
}

// The structure of old, widened and narrowed. Error: overflow, where its fields are too small.
FileLock64 widened(const FileLock& lock) {
    return {
        .type = lock.type, .whence = lock.whence, .start = lock.start, .length = lock.length, .process = lock.process};
}
Result<FileLock> narrowed(const FileLock64& lock) {
    constexpr std::int64_t most = std::numeric_limits<std::int32_t>::max();
    const std::int64_t last = lock.length != 0 ? lock.start + (lock.length - 1) : lock.start;
    if (lock.type != F_UNLCK && last > most) {
        return fail(Error::overflow);
    }
    return FileLock{.type = lock.type,
                    .whence = lock.whence,
                    .start = static_cast<std::int32_t>(lock.start),
                    .length = static_cast<std::int32_t>(lock.length),
                    .process = lock.process};
}

Result<FileLock64> read_lock(VirtAddr place, bool wide) {
    if (wide) {
        return read_value<FileLock64>(place);
    }
    const auto lock = read_value<FileLock>(place);
    return lock ? Result<FileLock64>(widened(*lock)) : fail(lock.error());
}

Result<void> write_lock(VirtAddr place, bool wide, const FileLock64& lock) {
    if (wide) {
        return write_value(place, lock);
    }
    const auto old = narrowed(lock);
    return old ? write_value(place, *old) : fail(old.error());
}

} // namespace

Result<std::uint32_t> control_lock(Process& process, Descriptor descriptor, File& file, LockCommand command,
                                   VirtAddr place) {
    auto lock = read_lock(place, command.wide);
    if (!lock) {
        return fail(lock.error());
    }
    auto done = serve(process, descriptor, file, command, *lock);
    if (done && command.what == LockCommand::What::ask) {
        done = write_lock(place, command.wide, *lock);
    }
    return done ? Result<std::uint32_t>(0U) : fail(done.error());
}

std::optional<LockCommand> lock_command(std::uint32_t command) {
    using What = LockCommand::What;
    switch (command) {
    case F_GETLK: return LockCommand{.what = What::ask, .wide = false};
    case F_SETLK: return LockCommand{.what = What::set, .wide = false};
    case F_SETLKW: return LockCommand{.what = What::set_waiting, .wide = false};
    case F_GETLK64: return LockCommand{.what = What::ask};
    case F_SETLK64: return LockCommand{.what = What::set};
    case F_SETLKW64: return LockCommand{.what = What::set_waiting};
    case F_OFD_GETLK: return LockCommand{.what = What::ask, .of_open_file = true};
    case F_OFD_SETLK: return LockCommand{.what = What::set, .of_open_file = true};
    case F_OFD_SETLKW: return LockCommand{.what = What::set_waiting, .of_open_file = true};
    default: return std::nullopt;
    }
}

Result<void> lock_file(Process& process, Descriptor descriptor, Bits operation) {
    const std::uint32_t given = std::to_underlying(operation);
    const std::uint32_t wanted = given & ~std::uint32_t{LOCK_NB};
    if ((given & LOCK_MAND) != 0) {
        return {}; // such locks are no more
    }
    if (wanted != LOCK_SH && wanted != LOCK_EX && wanted != LOCK_UN) {
        return fail(Error::invalid_argument);
    }
    const auto file = open_file_at(process, descriptor);
    if (!file || (wanted != LOCK_UN && !(*file)->readable() && !(*file)->writable())) {
        return fail(Error::bad_descriptor);
    }
    const LockRequest request{.kind = LockKind::whole,
                              .owner = {&**file, static_cast<std::int32_t>(process.id)},
                              .exclusive = wanted == LOCK_EX};
    LockTable& locks = files_of(process).locks();
    Inode& inode = (*file)->inode();
    return wanted == LOCK_UN ? locks.unlock(inode, request) : locks.lock(inode, request, (given & LOCK_NB) == 0);
}

} // namespace quire::abi
