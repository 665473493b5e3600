// lseek, ftruncate, fallocate, fsync and advice about files: see descriptor_calls.h. The order of checks is that of
// Linux 6.1 fs/read_write.c, fs/open.c, fs/sync.c and mm/fadvise.c.
#include "kernel/abi/files/descriptor_calls.h"
#include "kernel/abi/files/file_access.h"
#include "kernel/abi/uapi.h"
#include "kernel/abi/user_memory.h"

#include <limits>

namespace quire::abi {

namespace {

constexpr std::uint32_t last_whence = SEEK_HOLE;

Result<std::uint64_t> seek_in(Process& process, Descriptor descriptor, std::int64_t distance, std::uint32_t whence) {
    const auto file = open_file_at(process, descriptor);
    if (!file) {
        return fail(file.error());
    }
    if (whence > last_whence) {
        return fail(Error::invalid_argument);
    }
    return (*file)->seek(distance, whence);
}

} // namespace

Result<std::uint32_t> seek(Process& process, Descriptor descriptor, std::int32_t distance, std::uint32_t whence) {
    const auto position = seek_in(process, descriptor, distance, whence);
    if (!position) {
        return fail(position.error());
    }
    if (*position > std::numeric_limits<std::int32_t>::max()) {
        return fail(Error::overflow);
    }
    return static_cast<std::uint32_t>(*position);
}

Result<void> seek_64(Process& process, Descriptor descriptor, std::uint32_t high, std::uint32_t low,
                     UserPointer<std::int64_t> place, std::uint32_t whence) {
    const auto distance = static_cast<std::int64_t>(std::uint64_t{high} << 32 | low);
    const auto position = seek_in(process, descriptor, distance, whence);
    if (!position) {
        return fail(position.error());
    }
    return write_value(place, static_cast<std::int64_t>(*position));
}

Result<void> truncate_file_64(Process& process, Descriptor descriptor, std::int64_t size) {
    if (size < 0) {
        return fail(Error::invalid_argument);
    }
    const auto file = open_file_at(process, descriptor);
    if (!file) {
        return fail(file.error());
    }
    return (*file)->truncate(static_cast<std::uint64_t>(size));
}

Result<void> truncate_file(Process& process, Descriptor descriptor, std::int32_t size) {
    return truncate_file_64(process, descriptor, size);
}

Result<void> allocate_file(Process& process, Descriptor descriptor, Bits mode, std::int64_t offset, std::int64_t size) {
    const auto file = open_file_at(process, descriptor);
    if (!file) {
        return fail(file.error());
    }
    if (offset < 0 || size <= 0) {
        return fail(Error::invalid_argument);
    }
    return (*file)->allocate(static_cast<std::uint32_t>(mode), static_cast<std::uint64_t>(offset),
                             static_cast<std::uint64_t>(size));
}

// ---- fsync and so on

Result<void> sync_file(Process& process, Descriptor descriptor) {
    const auto file = open_file_at(process, descriptor);
    if (!file) {
        return fail(file.error());
    }
    Inode& inode = (*file)->inode();
    const bool keeps = inode.is_regular() || inode.is_directory() || inode.is_block_device();
    return keeps ? inode.synchronize() : fail(Error::invalid_argument);
}

Result<void> sync_file_system(Process& process, Descriptor descriptor) {
    const auto file = open_file_at(process, descriptor);
    return file ? Result<void>() : fail(file.error());
}

Result<void> sync_file_part(Process& process, Descriptor descriptor, std::int64_t offset, std::int64_t size,
                            Bits flags) {
    constexpr std::uint32_t known = SYNC_FILE_RANGE_WAIT_BEFORE | SYNC_FILE_RANGE_WRITE | SYNC_FILE_RANGE_WAIT_AFTER;
    const auto file = open_file_at(process, descriptor);
    if (!file) {
        return fail(file.error());
    }
    const bool overflows = size > std::numeric_limits<std::int64_t>::max() - offset;
    if ((static_cast<std::uint32_t>(flags) & ~known) != 0 || offset < 0 || size < 0 || overflows) {
        return fail(Error::invalid_argument);
    }
    const Inode& inode = (*file)->inode();
    const bool has_pages = inode.is_regular() || inode.is_directory() || inode.is_link() || inode.is_block_device();
    return has_pages ? Result<void>() : fail(Error::not_seekable);
}

Result<void> sync_all(Process& /*process*/) {
    return {};
}

Result<void> read_ahead(Process& process, Descriptor descriptor, std::int64_t /*offset*/, std::uint32_t /*bytes*/) {
    const auto file = open_file_at(process, descriptor);
    if (!file || !(*file)->readable()) {
        return fail(Error::bad_descriptor);
    }
    return (*file)->inode().is_regular() ? Result<void>() : fail(Error::invalid_argument);
}

Result<void> advise_file_64(Process& process, Descriptor descriptor, std::int64_t /*offset*/, std::int64_t bytes,
                            std::uint32_t advice) {
    constexpr std::uint32_t last_advice = 5; // POSIX_FADV_NOREUSE; UAPI <linux/fadvise.h>
    const auto file = open_file_at(process, descriptor);
    if (!file) {
        return fail(file.error());
    }
    if (((*file)->inode().mode() & mode::kind) == mode::fifo) {
        return fail(Error::not_seekable);
    }
    return bytes < 0 || advice > last_advice ? fail(Error::invalid_argument) : Result<void>();
}

Result<void> advise_file(Process& process, Descriptor descriptor, std::int64_t offset, std::uint32_t bytes,
                         std::uint32_t advice) {
    return advise_file_64(process, descriptor, offset, bytes, advice);
}

} // namespace quire::abi
