// read, write and their kin. See transfer_calls.h. The order of checks is that of Linux 6.1 fs/read_write.c.
#include "kernel/abi/transfer_calls.h"

#include "kernel/abi/file_access.h"
#include "kernel/abi/heap_block.h"
#include "kernel/abi/uapi.h"
#include "kernel/abi/user_memory.h"
#include "kernel/process/process_life.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

namespace quire::abi {

namespace {

using uapi::__kernel_rwf_t; // the type of the RWF_ macros

enum class Way : std::uint8_t { read, write };

[[nodiscard]] bool allows(const File& file, Way way) {
    return way == Way::read ? file.readable() : file.writable();
}

// Who writes to a pipe that nobody reads any more gets SIGPIPE, too.
Result<std::uint32_t> with_signal(Process& process, Result<std::uint32_t> written) {
    if (!written && written.error() == Error::broken_pipe) {
        static_cast<void>(
            send_signal(process, {.number = signal_number::pipe, .code = signal_code::user, .sender = process.id}));
    }
    return written;
}

// At the file's own position, or at `offset`.
Result<std::uint32_t> move(Process& process, File& file, Way way, IoBuffer& buffer,
                           std::optional<std::uint64_t> offset) {
    if (way == Way::read) {
        return offset ? file.read_at(buffer, *offset) : file.read(buffer);
    }
    return with_signal(process, offset ? file.write_at(buffer, *offset) : file.write(buffer));
}

// One piece of memory. Errors beside the file's: bad_descriptor, bad_address, invalid_argument (half of all or more).
Result<std::uint32_t> transfer(Process& process, File& file, Way way, VirtAddr start, std::uint32_t bytes,
                               std::optional<std::uint64_t> offset) {
    if (!allows(file, way)) {
        return fail(Error::bad_descriptor);
    }
    if (!is_linux_range(start, bytes)) {
        return fail(Error::bad_address);
    }
    if (static_cast<std::int32_t>(bytes) < 0) {
        return fail(Error::invalid_argument);
    }
    IoBuffer buffer(start, std::min(bytes, most_bytes_moved));
    return move(process, file, way, buffer, offset);
}

Result<std::uint32_t> transfer_at(Process& process, Way way, Descriptor descriptor, VirtAddr start, std::uint32_t bytes,
                                  std::int64_t offset) {
    if (offset < 0) {
        return fail(Error::invalid_argument);
    }
    const auto file = open_file_at(process, descriptor);
    if (!file) {
        return fail(file.error());
    }
    if (!(*file)->inode().seekable()) {
        return fail(Error::not_seekable);
    }
    return transfer(process, **file, way, start, bytes, static_cast<std::uint64_t>(offset));
}

// The array of struct iovec, copied: a few on the stack, more on the heap.
class Pieces {
public:
    Pieces() = default;
    Pieces(const Pieces&) = delete;
    Pieces& operator=(const Pieces&) = delete;

    // Errors: invalid_argument (too many, or one that is too long), bad_address, out_of_memory.
    Result<void> read(VirtAddr from, std::uint32_t count) {
        if (count > UIO_MAXIOV) {
            return fail(Error::invalid_argument);
        }
        pieces_ = std::span(few_).first(std::min<std::size_t>(count, few_.size()));
        if (count > few_.size()) {
            many_ = HeapBlock<IoPiece>(count);
            if (!many_) {
                return fail(Error::out_of_memory);
            }
            pieces_ = many_.all();
        }
        if (const auto copied = read_memory(from, std::as_writable_bytes(pieces_)); !copied) {
            return copied;
        }
        return check();
    }
    [[nodiscard]] std::span<const IoPiece> all() const { return pieces_; }

private:
    // As Linux, all lengths before any address; together they are no more than one call moves.
    Result<void> check() {
        if (std::any_of(pieces_.begin(), pieces_.end(),
                        [](const IoPiece& piece) { return static_cast<std::int32_t>(piece.size) < 0; })) {
            return fail(Error::invalid_argument);
        }
        std::uint32_t left = most_bytes_moved;
        for (IoPiece& piece : pieces_) {
            if (!is_linux_range(piece.start, piece.size)) {
                return fail(Error::bad_address);
            }
            piece.size = std::min(piece.size, left);
            left -= piece.size;
        }
        return {};
    }

    std::array<IoPiece, 8> few_{};
    HeapBlock<IoPiece> many_;
    std::span<IoPiece> pieces_;
};

Result<std::uint32_t> transfer_pieces(Process& process, Way way, Descriptor descriptor, VirtAddr from,
                                      std::uint32_t count, std::optional<std::int64_t> offset) {
    if (offset && *offset < 0) {
        return fail(Error::invalid_argument);
    }
    const auto file = open_file_at(process, descriptor);
    if (!file) {
        return fail(file.error());
    }
    if (offset && !(*file)->inode().seekable()) {
        return fail(Error::not_seekable);
    }
    Pieces pieces;
    if (const auto read = pieces.read(from, count); !read) {
        return fail(read.error());
    }
    if (!allows(**file, way)) {
        return fail(Error::bad_descriptor);
    }
    IoBuffer buffer(pieces.all());
    if (buffer.left() == 0) {
        return 0U;
    }
    return move(process, **file, way, buffer, offset);
}

Result<std::uint32_t> transfer_pieces_with_flags(Process& process, Way way, Descriptor descriptor, VirtAddr pieces,
                                                 std::uint32_t count, std::int64_t offset, Bits flags) {
    constexpr auto hints = static_cast<std::uint32_t>(RWF_HIPRI | RWF_DSYNC | RWF_SYNC);
    if ((std::to_underlying(flags) & ~hints) != 0) {
        return fail(Error::not_supported);
    }
    return transfer_pieces(process, way, descriptor, pieces, count,
                           offset == -1 ? std::nullopt : std::optional(offset));
}

} // namespace

Result<std::uint32_t> read_file(Process& process, Descriptor descriptor, VirtAddr into, std::uint32_t bytes) {
    const auto file = open_file_at(process, descriptor);
    return file ? transfer(process, **file, Way::read, into, bytes, {}) : fail(file.error());
}

Result<std::uint32_t> write_file(Process& process, Descriptor descriptor, VirtAddr from, std::uint32_t bytes) {
    const auto file = open_file_at(process, descriptor);
    return file ? transfer(process, **file, Way::write, from, bytes, {}) : fail(file.error());
}

Result<std::uint32_t> read_file_at(Process& process, Descriptor descriptor, VirtAddr into, std::uint32_t bytes,
                                   std::int64_t offset) {
    return transfer_at(process, Way::read, descriptor, into, bytes, offset);
}

Result<std::uint32_t> write_file_at(Process& process, Descriptor descriptor, VirtAddr from, std::uint32_t bytes,
                                    std::int64_t offset) {
    return transfer_at(process, Way::write, descriptor, from, bytes, offset);
}

Result<std::uint32_t> read_pieces(Process& process, Descriptor descriptor, VirtAddr pieces, std::uint32_t count) {
    return transfer_pieces(process, Way::read, descriptor, pieces, count, {});
}

Result<std::uint32_t> write_pieces(Process& process, Descriptor descriptor, VirtAddr pieces, std::uint32_t count) {
    return transfer_pieces(process, Way::write, descriptor, pieces, count, {});
}

Result<std::uint32_t> read_pieces_at(Process& process, Descriptor descriptor, VirtAddr pieces, std::uint32_t count,
                                     std::int64_t offset) {
    return transfer_pieces(process, Way::read, descriptor, pieces, count, offset);
}

Result<std::uint32_t> write_pieces_at(Process& process, Descriptor descriptor, VirtAddr pieces, std::uint32_t count,
                                      std::int64_t offset) {
    return transfer_pieces(process, Way::write, descriptor, pieces, count, offset);
}

Result<std::uint32_t> read_pieces_with_flags(Process& process, Descriptor descriptor, VirtAddr pieces,
                                             std::uint32_t count, std::int64_t offset, Bits flags) {
    return transfer_pieces_with_flags(process, Way::read, descriptor, pieces, count, offset, flags);
}

Result<std::uint32_t> write_pieces_with_flags(Process& process, Descriptor descriptor, VirtAddr pieces,
                                              std::uint32_t count, std::int64_t offset, Bits flags) {
    return transfer_pieces_with_flags(process, Way::write, descriptor, pieces, count, offset, flags);
}

// ---- From one file to another

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
        const auto read = from.read_at(in, from_offset);
        if (!read || *read == 0) {
            return done != 0 || read ? Result<std::uint32_t>(done) : fail(read.error());
        }
        IoBuffer out(block.all().first(*read));
        const auto written = to_offset != nullptr ? move(process, to, Way::write, out, *to_offset)
                                                  : move(process, to, Way::write, out, {});
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
        static_cast<void>((*source)->seek(static_cast<std::int64_t>(position), SEEK_SET));
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
        static_cast<void>(file->seek(static_cast<std::int64_t>(position), SEEK_SET));
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
