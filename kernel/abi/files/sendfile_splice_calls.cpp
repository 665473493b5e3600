// sendfile and copy_file_range: bytes from one open file to another. See transfer_calls.h. The order of checks is that
// of Linux 6.1 fs/read_write.c.
#include "kernel/abi/files/file_access.h"
#include "kernel/abi/files/transfer_calls.h"
#include "kernel/abi/heap_block.h"
#include "kernel/abi/uapi.h"
#include "kernel/abi/user_memory.h"
#include "kernel/process/whole_transfer.h"

#include <algorithm>
#include <optional>
#include <utility>

namespace quire::abi {

namespace {

// Copies up to `bytes` bytes from `from_offset` on, which moves on with what was written. What has been moved before
// something goes wrong counts.
Result<std::uint32_t> copy(Process& process, File& from, std::uint64_t& from_offset, File& to, std::uint64_t* to_offset,
                           std::uint32_t bytes) {
    const HeapBlock<std::byte> block(page_size); // for what is on its way
    if (!block) {
        return fail(Error::out_of_memory);
    }
    std::uint32_t done = 0;
    while (done < bytes) {
        IoBuffer in(block.all().first(std::min(bytes - done, page_size)));
        const auto read = move_rest(process, in, from.read_at(in, from_offset),
                                    [&](std::uint32_t sum) { return from.read_at(in, from_offset + sum); });
        if (!read || *read == 0) {
            return done != 0 || read ? Result<std::uint32_t>(done) : fail(read.error());
        }
        IoBuffer out(block.all().first(*read));
        const auto write = [&](std::uint32_t sum) {
            return tell_broken_pipe(process, to_offset != nullptr ? to.write_at(out, *to_offset + sum) : to.write(out));
        };
        const auto written = move_rest(process, out, write(0), write);
        if (!written) {
            return done != 0 ? Result<std::uint32_t>(done) : fail(written.error());
        }
        from_offset += *written;
        if (to_offset != nullptr) {
            *to_offset += *written;
        }
        done += *written;
        if (*written < *read) {
            break;
        }
    }
    return done;
}

// sendfile, with the offset already read; where there is none, the file's own is used and moved.
Result<std::uint32_t> send(Process& process, Descriptor to, Descriptor from, std::optional<std::int64_t>& offset,
                           std::uint32_t bytes) {
    const auto source = open_file_at(process, from);
    if (!source || !(*source)->readable()) {
        return fail(Error::bad_descriptor);
    }
    if (!(*source)->inode().seekable()) {
        return fail(offset ? Error::not_seekable : Error::invalid_argument);
    }
    if ((offset && *offset < 0) || static_cast<std::int32_t>(bytes) < 0) {
        return fail(Error::invalid_argument);
    }
    const auto target = open_file_at(process, to);
    if (!target || !(*target)->writable()) {
        return fail(Error::bad_descriptor);
    }
    if (((*target)->flags() & O_APPEND) != 0) {
        return fail(Error::invalid_argument);
    }
    std::uint64_t position = offset ? static_cast<std::uint64_t>(*offset) : (*source)->position();
    const auto sent = copy(process, **source, position, **target, nullptr, std::min(bytes, most_bytes_moved));
    if (!sent) {
        return sent;
    }
    if (offset) {
        *offset = static_cast<std::int64_t>(position);
    } else {
        // What has no position stays without.
        may_fail((*source)->seek(static_cast<std::int64_t>(position), SEEK_SET));
    }
    return sent;
}

template <class Offset>
Result<std::uint32_t> send_with(Process& process, Descriptor to, Descriptor from, UserPointer<Offset> place,
                                std::uint32_t bytes) {
    std::optional<std::int64_t> offset;
    if (!place.is_null()) {
        const auto given = read_value(place);
        if (!given) {
            return fail(given.error());
        }
        offset = *given;
    }
    const auto sent = send(process, to, from, offset, bytes);
    if (sent && offset) {
        if (const auto told = write_value(place, static_cast<Offset>(*offset)); !told) {
            return fail(told.error());
        }
    }
    return sent;
}

} // namespace

Result<std::uint32_t> send_file(Process& process, Descriptor to, Descriptor from, UserPointer<std::int32_t> offset,
                                std::uint32_t bytes) {
    return send_with(process, to, from, offset, bytes);
}

Result<std::uint32_t> send_file_64(Process& process, Descriptor to, Descriptor from, UserPointer<std::int64_t> offset,
                                   std::uint32_t bytes) {
    return send_with(process, to, from, offset, bytes);
}

namespace {

// One side of copy_file_range: where it starts, and where that is told.
struct Side {
    FileInUse file;
    UserPointer<std::int64_t> place;
    std::uint64_t position;

    Result<void> settle() {
        if (!place.is_null()) {
            return write_value(place, static_cast<std::int64_t>(position));
        }
        may_fail(file->seek(static_cast<std::int64_t>(position), SEEK_SET)); // what has no position stays without
        return {};
    }
};

Result<Side> side(Process& process, Descriptor descriptor, UserPointer<std::int64_t> place) {
    auto file = open_file_at(process, descriptor);
    if (!file) {
        return fail(file.error());
    }
    std::uint64_t position = (*file)->position();
    if (!place.is_null()) {
        const auto given = read_value(place);
        if (!given) {
            return fail(given.error());
        }
        position = static_cast<std::uint64_t>(*given);
    }
    return Side{.file = *std::move(file), .place = place, .position = position};
}

// Linux 6.1 fs/read_write.c, generic_copy_file_checks and generic_file_rw_checks.
Result<void> may_copy(const Side& from, const Side& to, std::uint32_t bytes) {
    if (from.file->inode().is_directory() || to.file->inode().is_directory()) {
        return fail(Error::is_directory);
    }
    if (!from.file->inode().is_regular() || !to.file->inode().is_regular()) {
        return fail(Error::invalid_argument);
    }
    if (!from.file->readable() || !to.file->writable() || (to.file->flags() & O_APPEND) != 0) {
        return fail(Error::bad_descriptor);
    }
    const auto negative = [](std::uint64_t position) { return static_cast<std::int64_t>(position) < 0; };
    if (negative(from.position) || negative(to.position)) {
        return fail(Error::invalid_argument);
    }
    const bool overlap = &from.file->inode() == &to.file->inode() && from.position < to.position + bytes &&
                         to.position < from.position + bytes;
    return overlap ? fail(Error::invalid_argument) : Result<void>();
}

} // namespace

Result<std::uint32_t> copy_file_range(Process& process, Descriptor from, UserPointer<std::int64_t> from_offset,
                                      Descriptor to, UserPointer<std::int64_t> to_offset, std::uint32_t bytes,
                                      Bits flags) {
    auto source = side(process, from, from_offset);
    if (!source) {
        return fail(source.error());
    }
    auto target = side(process, to, to_offset);
    if (!target) {
        return fail(target.error());
    }
    if (flags != Bits{}) {
        return fail(Error::invalid_argument);
    }
    if (const auto allowed = may_copy(*source, *target, bytes); !allowed) {
        return fail(allowed.error());
    }
    const auto copied = copy(process, *source->file, source->position, *target->file, &target->position,
                             std::min(bytes, most_bytes_moved));
    if (copied) {
        for (Side* const each : {&*source, &*target}) {
            if (const auto told = each->settle(); !told) {
                return fail(told.error());
            }
        }
    }
    return copied;
}

} // namespace quire::abi
