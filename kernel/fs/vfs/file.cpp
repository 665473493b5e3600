// Open files: what the way a file was opened permits, and its position.
#include "kernel/fs/vfs/file.h"

#include "kernel/fs/vfs/file_system.h"
#include "kernel/memory/heap/object.h"
#include "kernel/sched/no_waiting.h"

#include <algorithm>
#include <asm/fcntl.h>
#include <linux/fs.h>

namespace quire {

static_assert(open_flag::access_mode == O_ACCMODE && open_flag::read_only == O_RDONLY &&
              open_flag::write_only == O_WRONLY && open_flag::read_write == O_RDWR && open_flag::create == O_CREAT &&
              open_flag::exclusive == O_EXCL && open_flag::no_controlling_terminal == O_NOCTTY &&
              open_flag::truncate == O_TRUNC && open_flag::append == O_APPEND && open_flag::nonblocking == O_NONBLOCK &&
              open_flag::data_synchronous == O_DSYNC && open_flag::asynchronous == FASYNC &&
              open_flag::direct == O_DIRECT && open_flag::large_file == O_LARGEFILE &&
              open_flag::directory == O_DIRECTORY && open_flag::no_follow == O_NOFOLLOW &&
              open_flag::no_access_time == O_NOATIME && open_flag::close_on_exec == O_CLOEXEC &&
              open_flag::synchronous == O_SYNC && open_flag::path == O_PATH && open_flag::temporary == O_TMPFILE);

namespace {

// Flags that concern opening, not the open file.
constexpr std::uint32_t flags_of_opening = open_flag::create | open_flag::exclusive |
                                           open_flag::no_controlling_terminal | open_flag::truncate |
                                           open_flag::close_on_exec;
constexpr std::uint32_t flags_of_paths = open_flag::path | open_flag::directory | open_flag::no_follow;
constexpr std::uint32_t changeable_flags =
    open_flag::append | open_flag::nonblocking | open_flag::asynchronous | open_flag::no_access_time;

bool opened_for(std::uint32_t flags, std::uint32_t wanted) {
    const std::uint32_t access = flags & open_flag::access_mode;
    return (access == wanted || access == open_flag::read_write) && (flags & open_flag::path) == 0;
}

Result<void> check_kind(Inode& inode, std::uint32_t flags) {
    const bool writes = (flags & open_flag::access_mode) != open_flag::read_only;
    if (inode.is_link()) {
        return fail(Error::too_many_links);
    }
    if (inode.is_directory() && writes) {
        return fail(Error::is_directory);
    }
    // What a read-only file system's devices and pipes do is not in the file system.
    if (inode.is_regular() && writes && inode.file_system().read_only()) {
        return fail(Error::read_only);
    }
    if (inode.is_regular() && (flags & open_flag::large_file) == 0 && inode.size() > largest_small_file_size) {
        return fail(Error::overflow);
    }
    return {};
}

} // namespace

// Of O_RDONLY, O_WRONLY, O_RDWR; 3 is neither.
File::File(Inode& inode, std::uint32_t flags)
    : inode_(inode), flags_(flags), readable_(opened_for(flags, open_flag::read_only)),
      writable_(opened_for(flags, open_flag::write_only)), seekable_(inode.seekable()) {}

Result<Ref<File>> File::open(Inode& inode, std::uint32_t flags) {
    KernelHeap& heap = inode.file_system().memory.heap;
    if ((flags & open_flag::path) != 0) {
        return adopt(make_object<File>(heap, inode, flags & flags_of_paths));
    }
    if (const Result<void> fits = check_kind(inode, flags); !fits) {
        return fail(fits.error());
    }
    Result<Ref<File>> file = adopt(make_object<File>(heap, inode, flags & ~flags_of_opening));
    if (!file) {
        return file;
    }
    if ((*file)->writable()) {
        if (const Result<void> writing = inode.begin_writing(); !writing) {
            return fail(writing.error());
        }
        (*file)->writing_ = true;
    }
    if (const Result<void> accepted = inode.opened(**file, flags); !accepted) {
        return fail(accepted.error());
    }
    (*file)->opened_ = true;
    return file;
}

void File::release() {
    if (--references_ != 0) {
        return;
    }
    if (inode_->locks != nullptr) {
        inode_->locks->closed(*this);
    }
    if (opened_) {
        inode_->closed(*this);
    }
    if (writing_) {
        inode_->end_writing();
    }
    KernelHeap& heap = inode_->file_system().memory.heap;
    destroy_object(heap, this);
}

void File::set_flags(std::uint32_t flags) {
    const std::uint32_t changeable = changeable_flags | (inode_->pipe() != nullptr ? open_flag::direct : 0);
    flags_ = (flags_ & ~changeable) | (flags & changeable);
}

Result<std::uint32_t> File::read(IoBuffer& buffer) {
    const Result<std::uint32_t> moved = checked_read(buffer, position_);
    if (moved && seekable_) {
        position_ += *moved;
    }
    return moved;
}

Result<std::uint32_t> File::write(IoBuffer& buffer) {
    if (!seekable_) {
        return checked_write(buffer, 0);
    }
    const std::uint64_t start = (flags_ & open_flag::append) != 0 ? inode_->size() : position_;
    const Result<std::uint32_t> moved = checked_write(buffer, start);
    if (moved && *moved != 0) {
        position_ = start + *moved;
    }
    return moved;
}

Result<std::uint32_t> File::read_at(IoBuffer& buffer, std::uint64_t offset) {
    if (!seekable_) {
        return fail(is_path() ? Error::bad_descriptor : Error::not_seekable);
    }
    return checked_read(buffer, offset);
}

// O_APPEND wins over the offset, as on Linux.
Result<std::uint32_t> File::write_at(IoBuffer& buffer, std::uint64_t offset) {
    if (!seekable_) {
        return fail(is_path() ? Error::bad_descriptor : Error::not_seekable);
    }
    return checked_write(buffer, (flags_ & open_flag::append) != 0 ? inode_->size() : offset);
}

Result<std::uint32_t> File::checked_read(IoBuffer& buffer, std::uint64_t offset) {
    if (!readable()) {
        return fail(Error::bad_descriptor);
    }
    if (buffer.failed()) {
        return fail(Error::bad_address);
    }
    return inode_->read(*this, buffer, offset);
}

Result<std::uint32_t> File::checked_write(IoBuffer& buffer, std::uint64_t offset) {
    if (!writable()) {
        return fail(Error::bad_descriptor);
    }
    if (buffer.failed()) {
        return fail(Error::bad_address);
    }
    return inode_->write(*this, buffer, offset);
}

// As Linux 6.1 mm/filemap.c, generic_write_check_limits.
Result<void> File::limit_write(IoBuffer& buffer, std::uint64_t offset) const {
    FileServices& services = inode_->file_system().services;
    const std::uint64_t limit = services.file_size_limit();
    if (offset >= limit) {
        services.file_would_be_too_large();
        return fail(Error::too_big_file);
    }
    const bool large = (flags_ & open_flag::large_file) != 0;
    const std::uint64_t end = std::min(limit, large ? largest_file_size : largest_small_file_size);
    if (offset >= end) {
        return fail(Error::too_big_file);
    }
    buffer.shorten(static_cast<std::uint32_t>(std::min<std::uint64_t>(buffer.left(), end - offset)));
    return {};
}

Result<std::uint64_t> File::seek(std::int64_t distance, std::uint32_t whence) {
    if (is_path()) {
        return fail(Error::bad_descriptor);
    }
    if (!seekable_) {
        return fail(Error::not_seekable);
    }
    if (inode_->positions_mean_nothing()) {
        return 0U;
    }
    const std::uint64_t size = inode_->size();
    std::uint64_t base = 0;
    switch (whence) {
    case SEEK_SET: break;
    case SEEK_CUR: base = position_; break;
    case SEEK_END: base = size; break;
    case SEEK_DATA:
    case SEEK_HOLE: {
        const auto offset = static_cast<std::uint64_t>(distance);
        if (distance < 0 || offset >= size) {
            return fail(Error::no_other_end);
        }
        const Result<std::uint64_t> found = whence == SEEK_DATA ? inode_->find_data(offset) : inode_->find_hole(offset);
        if (!found) {
            return found;
        }
        base = *found;
        distance = 0;
        break;
    }
    default: return fail(Error::invalid_argument);
    }
    // Two's complement: below zero, and beyond the largest file, are both out of range.
    const std::uint64_t target = base + static_cast<std::uint64_t>(distance);
    if (target > largest_file_size) {
        return fail(Error::invalid_argument);
    }
    position_ = target;
    return target;
}

Result<void> File::truncate(std::uint64_t size) {
    if (is_path()) {
        return fail(Error::bad_descriptor);
    }
    if (!writable() || !inode_->is_regular()) {
        return fail(Error::invalid_argument);
    }
    const Result<void> allowed = inode_->check_growth(size);
    return allowed ? inode_->truncate(size) : allowed;
}

Result<void> File::allocate(std::uint32_t how, std::uint64_t offset, std::uint64_t size) {
    if (!writable()) {
        return fail(Error::bad_descriptor);
    }
    if (size == 0 || offset > largest_file_size || size > largest_file_size) {
        return fail(Error::invalid_argument);
    }
    if (!inode_->is_regular()) {
        return fail((inode_->mode() & mode::kind) == mode::fifo ? Error::not_seekable : Error::no_device);
    }
    if (size > largest_file_size - offset) {
        return fail(Error::too_big_file);
    }
    const Result<void> allowed = inode_->check_growth(offset + size);
    return allowed ? inode_->allocate(how, offset, size) : allowed;
}

Result<void> File::list(DirectoryVisitor& visitor) {
    if (is_path()) {
        return fail(Error::bad_descriptor);
    }
    const NoWaiting guard; // while the entries are walked through
    return inode_->list(position_, visitor);
}

Result<std::uint32_t> File::control(std::uint32_t request, const ControlArgument& argument) {
    if (is_path()) {
        return fail(Error::bad_descriptor);
    }
    return inode_->control(*this, request, argument);
}

} // namespace quire
