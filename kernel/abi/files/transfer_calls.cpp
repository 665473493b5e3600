// read, write and their kin. See transfer_calls.h. The order of checks is that of Linux 6.1 fs/read_write.c.
#include "kernel/abi/files/transfer_calls.h"

#include "kernel/abi/files/file_access.h"
#include "kernel/abi/heap_block.h"
#include "kernel/abi/uapi.h"
#include "kernel/abi/user_memory.h"
#include "kernel/process/whole_transfer.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

namespace quire::abi {

namespace {

using uapi::__kernel_rwf_t; // the type of the RWF_ macros. NOLINT(bugprone-reserved-identifier): Linux named it

enum class Way : std::uint8_t { read, write };

[[nodiscard]] bool allows(const File& file, Way way) {
    return way == Way::read ? file.readable() : file.writable();
}

// At the file's own position, or at `offset`.
Result<std::uint32_t> move(Process& process, File& file, Way way, IoBuffer& buffer,
                           std::optional<std::uint64_t> offset) {
    if (way == Way::read) {
        return offset ? file.read_at(buffer, *offset) : file.read(buffer);
    }
    return tell_broken_pipe(process, offset ? file.write_at(buffer, *offset) : file.write(buffer));
}

// Pages of the program's memory, or of the file's, were on their way, after `moved` bytes or none.
Result<std::uint32_t> go_on(Process& process, File& file, Way way, IoBuffer& buffer, Result<std::uint32_t> moved,
                            std::optional<std::uint64_t> offset) {
    return move_rest(process, buffer, moved, [&](std::uint32_t sum) {
        return move(process, file, way, buffer, offset ? std::optional(*offset + sum) : std::nullopt);
    });
}

// All of it, pages that are on their way included.
Result<std::uint32_t> move_all(Process& process, File& file, Way way, IoBuffer& buffer,
                               std::optional<std::uint64_t> offset) {
    const auto moved = move(process, file, way, buffer, offset);
    return buffer.failed() ? go_on(process, file, way, buffer, moved, offset) : moved;
}

// Whether one piece of memory can be moved to or from `file` at all. Errors: bad_descriptor, bad_address,
// invalid_argument (half of all memory or more).
Result<void> check_transfer(const File& file, Way way, VirtAddr start, std::uint32_t bytes) {
    if (!allows(file, way)) {
        return fail(Error::bad_descriptor);
    }
    if (!is_linux_range(start, bytes)) {
        return fail(Error::bad_address);
    }
    return static_cast<std::int32_t>(bytes) < 0 ? fail(Error::invalid_argument) : Result<void>();
}

// The main road of read and write, by which pipes between processes are as quick as they are.
Result<std::uint32_t> transfer(Process& process, File& file, Way way, VirtAddr start, std::uint32_t bytes) {
    if (const auto checked = check_transfer(file, way, start, bytes); !checked) {
        return fail(checked.error());
    }
    IoBuffer buffer(start, std::min(bytes, most_bytes_moved));
    const auto moved = way == Way::read ? file.read(buffer) : tell_broken_pipe(process, file.write(buffer));
    return buffer.failed() ? go_on(process, file, way, buffer, moved, {}) : moved;
}

Result<std::uint32_t> transfer(Process& process, Way way, Descriptor descriptor, VirtAddr start, std::uint32_t bytes) {
    File* const file = process.files->find(static_cast<std::uint32_t>(descriptor));
    if (file == nullptr) {
        return fail(Error::bad_descriptor);
    }
    if (process.files->shared()) {
        const Ref<File> held(*file); // who shares the table may close it meanwhile
        return transfer(process, *file, way, start, bytes);
    }
    return transfer(process, *file, way, start, bytes);
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
    if (const auto checked = check_transfer(**file, way, start, bytes); !checked) {
        return fail(checked.error());
    }
    IoBuffer buffer(start, std::min(bytes, most_bytes_moved));
    return move_all(process, **file, way, buffer, static_cast<std::uint64_t>(offset));
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
    return move_all(process, **file, way, buffer, offset);
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
    return transfer(process, Way::read, descriptor, into, bytes);
}

Result<std::uint32_t> write_file(Process& process, Descriptor descriptor, VirtAddr from, std::uint32_t bytes) {
    return transfer(process, Way::write, descriptor, from, bytes);
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

} // namespace quire::abi
