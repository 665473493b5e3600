// Bytes of block devices, from sectors and to sectors. Errors are those of Linux 6.1 block/fops.c and block/ioctl.c.
#include "kernel/fs/device/block_special.h"

#include "kernel/fs/vfs/file.h"
#include "kernel/fs/vfs/file_system.h"
#include "kernel/memory/heap/object.h"

#include <algorithm>
#include <limits>
#include <linux/fs.h>

namespace quire {

namespace {

constexpr std::uint32_t for_root_and_disks = 0660;

// What a program is told of a device that does not answer, as on Linux.
Error error_for_program(Error error) {
    return error == Error::timed_out ? Error::input_output : error;
}

// What a transfer returns that an error ended: what was moved before counts. Nothing more of the program's memory is
// looked at then, of which more may have been taken than was moved.
Result<std::uint32_t> ended_by(Error error, std::uint32_t moved, IoBuffer& buffer) {
    buffer.shorten(0);
    return moved != 0 ? Result<std::uint32_t>(moved) : fail(error_for_program(error));
}

// The largest power of two, up to a page, that the device's size is a multiple of: what Linux's cache begins with.
std::uint32_t block_size(const BlockDevice& device) {
    std::uint32_t sectors = 1;
    while (sectors < sectors_per_page && device.sectors() % (2 * std::uint64_t{sectors}) == 0) {
        sectors *= 2;
    }
    return sectors * sector_size;
}

// Writes bytes of a program to a device. The last frame of the buffer holds a sector that is written in part; the ones
// before it, if there are any, whole sectors.
class SectorWriter {
public:
    SectorWriter(BlockDevice& device, BlockBuffer& space, IoBuffer& from)
        : device_(&device), space_(&space), from_(&from), whole_(space.size() - page_size) {}

    // Moves some of the `bytes` bytes at `offset` and returns how many: fewer than asked for only where the program's
    // memory ends it, or where a sector or the buffer does.
    Result<std::uint32_t> write_some(std::uint64_t offset, std::uint32_t bytes) {
        const std::uint64_t sector = offset / sector_size;
        const auto skip = static_cast<std::uint32_t>(offset % sector_size);
        if (skip != 0 || bytes < sector_size || whole_ == 0) {
            const std::uint32_t count = std::min(bytes, sector_size - skip);
            return change(sector, [&] {
                return space_->visit(whole_ + skip, count, [&](std::span<std::byte> to) { return from_->take(to); });
            });
        }
        return write_whole(sector, std::min(bytes, whole_) / sector_size * sector_size);
    }

private:
    // Where the program's memory ends within a sector, that one is changed in part.
    Result<std::uint32_t> write_whole(std::uint64_t sector, std::uint32_t bytes) {
        const std::uint32_t taken = space_->visit(0, bytes, [&](std::span<std::byte> to) { return from_->take(to); });
        const std::uint32_t sectors = taken / sector_size, rest = taken % sector_size;
        if (sectors != 0) {
            if (const Result<void> written = space_->write(*device_, sector, sectors); !written) {
                return fail(written.error());
            }
        }
        if (rest == 0) {
            return taken;
        }
        const auto copied = change(sector + sectors, [&] {
            return space_->visit(sectors * sector_size, rest, [&](std::span<std::byte> source) {
                return space_->visit(whole_, rest, [&](std::span<std::byte> to) {
                    std::ranges::copy(source, to.begin());
                    return rest;
                });
            });
        });
        return copied ? Result<std::uint32_t>(taken) : copied;
    }

    // Reads a sector, lets change_bytes() change it, which says how many bytes it changed, and writes it back.
    template <class Change> Result<std::uint32_t> change(std::uint64_t sector, Change&& change_bytes) {
        const std::uint32_t frame = whole_ / page_size;
        if (const Result<void> got = space_->read(*device_, sector, 1, frame); !got) {
            return fail(got.error());
        }
        const std::uint32_t changed = change_bytes();
        if (changed == 0) {
            return 0U;
        }
        const Result<void> written = space_->write(*device_, sector, 1, frame);
        return written ? Result<std::uint32_t>(changed) : fail(written.error());
    }

    BlockDevice* device_;
    BlockBuffer* space_;
    IoBuffer* from_;
    std::uint32_t whole_; // bytes of the buffer for whole sectors
};

} // namespace

// The right to write, waited for.
class BlockSpecial::WritersTurn {
public:
    explicit WritersTurn(BlockSpecial& file) : file_(&file) {}
    WritersTurn(const WritersTurn&) = delete;
    WritersTurn& operator=(const WritersTurn&) = delete;
    ~WritersTurn() {
        if (taken_) {
            file_->written_to_ = false;
            file_->next_writer_.wake(1);
        }
    }
    // Error: interrupted.
    Result<void> take() {
        while (file_->written_to_) {
            if (const auto waited = file_->devices_->scheduler().wait_killable(file_->next_writer_); !waited) {
                return waited;
            }
        }
        file_->written_to_ = taken_ = true;
        return {};
    }

private:
    BlockSpecial* file_;
    bool taken_ = false;
};

BlockSpecial::BlockSpecial(FileSystem& file_system, Inode& directory, BlockDevices& devices, BlockDevice& device)
    : Device(file_system, inode_number(device), directory, {},
             device_number(device.number().major, device.number().minor), mode::block_device | for_root_and_disks),
      devices_(&devices), device_(&device), name_length_(static_cast<std::uint8_t>(device.name().size())) {
    std::ranges::copy(device.name(), name_.begin());
}

// The others in /dev have small numbers.
std::uint32_t BlockSpecial::inode_number(const BlockDevice& device) {
    constexpr std::uint32_t first = 1U << 16;
    return first + device_number(device.number().major, device.number().minor);
}

Inode* BlockSpecial::destroy() {
    destroy_object(file_system().memory.heap, this);
    return nullptr;
}

// ---- Opening

Result<void> BlockSpecial::opened(File& file, std::uint32_t flags) {
    if (device_ == nullptr) {
        return fail(Error::no_other_end);
    }
    if ((flags & open_flag::exclusive) != 0) {
        if (const Result<void> claimed = device_->claim(); !claimed) {
            return claimed;
        }
        file.private_data = this; // it claimed the device
    }
    device_->opened();
    return {};
}

void BlockSpecial::closed(File& file) {
    device_->closed();
    if (file.private_data != nullptr) {
        device_->release();
    }
}

// ---- Reading and writing

Result<std::uint32_t> BlockSpecial::read(File&, IoBuffer& buffer, std::uint64_t offset) {
    const std::uint64_t end = size();
    if (offset >= end || buffer.left() == 0) {
        return 0U;
    }
    const auto bytes = static_cast<std::uint32_t>(std::min<std::uint64_t>(buffer.left(), end - offset));
    Result<BlockBuffer> space = devices_->make_buffer(offset % sector_size + bytes);
    if (!space) {
        return fail(space.error());
    }
    std::uint32_t moved = 0;
    while (moved < bytes && !buffer.failed()) {
        const std::uint64_t at = offset + moved;
        const auto skip = static_cast<std::uint32_t>(at % sector_size);
        const std::uint32_t count = std::min(bytes - moved, space->size() - skip);
        const std::uint32_t sectors = (skip + count + sector_size - 1) / sector_size;
        if (const Result<void> got = space->read(*device_, at / sector_size, sectors); !got) {
            return ended_by(got.error(), moved, buffer);
        }
        moved += space->visit(skip, count, [&](std::span<std::byte> from) { return buffer.put(from); });
    }
    return buffer.outcome(moved);
}

Result<std::uint32_t> BlockSpecial::write(File& file, IoBuffer& buffer, std::uint64_t offset) {
    const std::uint64_t end = size();
    if (buffer.left() == 0) {
        return 0U;
    }
    if (device_->read_only()) {
        return fail(Error::not_permitted);
    }
    if (offset >= end) {
        return fail(Error::no_space);
    }
    const auto bytes = static_cast<std::uint32_t>(std::min<std::uint64_t>(buffer.left(), end - offset));
    Result<BlockBuffer> space = devices_->make_buffer(std::uint64_t{bytes} + page_size);
    if (!space) {
        return fail(space.error());
    }
    WritersTurn turn(*this);
    if (const Result<void> taken = turn.take(); !taken) {
        return fail(taken.error());
    }
    SectorWriter writer(*device_, *space, buffer);
    std::uint32_t moved = 0;
    while (moved < bytes && !buffer.failed()) {
        const Result<std::uint32_t> now = writer.write_some(offset + moved, bytes - moved);
        if (!now) {
            return ended_by(now.error(), moved, buffer);
        }
        moved += *now;
    }
    if ((file.flags() & open_flag::data_synchronous) != 0 && moved != 0) {
        if (const Result<void> flushed = synchronize(); !flushed) {
            return fail(flushed.error());
        }
    }
    return buffer.outcome(moved);
}

Result<void> BlockSpecial::synchronize() {
    Result<BlockBuffer> space = devices_->make_buffer(0);
    if (!space) {
        return fail(space.error());
    }
    const Result<void> flushed = space->flush(*device_);
    return flushed ? flushed : fail(error_for_program(flushed.error()));
}

// ---- ioctl

Result<std::uint32_t> BlockSpecial::control(File& file, std::uint32_t request, const ControlArgument& argument) {
    const auto answer = [&](auto value) {
        const Result<void> put = argument.put(value);
        return put ? Result<std::uint32_t>(0U) : fail(put.error());
    };
    switch (request) {
    case BLKGETSIZE64: return answer(size());
    case BLKGETSIZE:
        if (device_->sectors() > std::numeric_limits<std::uint32_t>::max()) {
            return fail(Error::too_big_file);
        }
        return answer(static_cast<std::uint32_t>(device_->sectors()));
    case BLKSSZGET: return answer(sector_size);
    case BLKBSZGET: return answer(block_size(*device_));
    case BLKROGET: return answer(static_cast<std::uint32_t>(device_->read_only()));
    case BLKFLSBUF: {
        const Result<void> flushed = synchronize();
        return flushed ? Result<std::uint32_t>(0U) : fail(flushed.error());
    }
    case BLKRRPART: return read_partitions(file);
    default: return fail(Error::not_terminal);
    }
}

Result<std::uint32_t> BlockSpecial::read_partitions(const File& file) {
    using enum BlockDevices::Claim;
    const Result<void> done = devices_->read_partitions(*device_, file.private_data != nullptr ? callers : none);
    return done ? Result<std::uint32_t>(0U) : fail(error_for_program(done.error()));
}

} // namespace quire
