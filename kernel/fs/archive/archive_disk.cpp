// Pages of an archive that lies on a disk, read.
#include "kernel/fs/archive/archive_disk.h"

#include "kernel/fs/archive/archive_pages.h"
#include "kernel/lib/panic.h"
#include "kernel/memory/heap/object.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace quire {

// ---- Headers

ArchiveWindow::ArchiveWindow(BlockDevice& device, BlockBuffer& buffer)
    : ArchiveSource(static_cast<std::uint32_t>(
                        std::min<std::uint64_t>(device.sectors() * sector_size, ~std::uint32_t{0} - window_size)),
                    true),
      device_(&device), buffer_(&buffer) {}

Result<void> ArchiveWindow::copy(std::uint32_t offset, std::span<std::byte> to) const {
    while (!to.empty()) {
        if (offset < first_ || offset >= end_) {
            if (const Result<void> shown = show(offset); !shown) {
                return shown;
            }
        }
        const std::uint32_t part = std::min(static_cast<std::uint32_t>(to.size()), end_ - offset);
        std::byte* next = to.data();
        buffer_->visit(offset - first_, part, [&](std::span<const std::byte> piece) {
            std::memcpy(next, piece.data(), piece.size());
            next += piece.size();
            return static_cast<std::uint32_t>(piece.size());
        });
        to = to.subspan(part);
        offset += part;
    }
    return {};
}

// The buffer has the bytes from `offset` on, from the beginning of their sector. Where what is behind them cannot be
// read, it has that sector alone: no header may be there.
Result<void> ArchiveWindow::show(std::uint32_t offset) const {
    const std::uint32_t sector = offset / sector_size;
    auto sectors =
        static_cast<std::uint32_t>(std::min<std::uint64_t>(buffer_->size() / sector_size, device_->sectors() - sector));
    Result<void> got = buffer_->read(*device_, sector, sectors);
    if (!got && sectors != 1) {
        sectors = 1;
        got = buffer_->read(*device_, sector, sectors);
    }
    first_ = sector * sector_size;
    end_ = got ? first_ + sectors * sector_size : first_;
    return got;
}

// ---- Pages

Result<ArchiveDisk*> ArchiveDisk::create(Memory& memory, BlockDevice& device) {
    const Result<ArchiveDisk*> made = make_object<ArchiveDisk>(memory.heap, memory, device);
    if (!made) {
        return made;
    }
    for (Read& each : (*made)->reads_) {
        const Result<Frame> spare = memory.frames.allocate(Owner::file);
        if (!spare) {
            destroy_object(memory.heap, *made);
            return fail(spare.error());
        }
        memory.records[*spare].origin = 0; // it stays in memory
        each.disk_ = *made;
        each.spare_ = *spare;
        (*made)->idle_.push_back(each);
    }
    return made;
}

ArchiveDisk::~ArchiveDisk() {
    while (const Read* const read = idle_.pop_front()) {
        must_succeed(memory_->frames.free(read->spare_));
    }
}

std::uint32_t ArchiveDisk::pages_to_read(std::uint32_t offset) {
    run_ = &read_ahead_.touched(SwapSlot::from_raw(offset / page_size));
    return 1 + std::min(run_->pages, most_pages - 1);
}

void ArchiveDisk::pages_are_read(std::uint32_t offset, std::uint32_t pages) {
    if (run_ != nullptr) {
        std::exchange(run_, nullptr)->next = offset / page_size + pages;
    }
}

void ArchiveDisk::start(Read& read, ArchivePages& file, std::uint32_t first_page, std::uint32_t offset,
                        std::uint32_t bytes) {
    file.retain();
    read.file_ = &file;
    read.first_page_ = first_page;
    read.skew_ = offset % sector_size;
    read.bytes_ = bytes;
    read.frames_[read.count_] = read.spare_;
    read.first_sector = offset / sector_size;
    read.sectors = (read.skew_ + bytes + sector_size - 1) / sector_size;
    read.frames = std::span(read.frames_).first(read.count_ + 1);
    must_succeed(device_->submit(read)); // the archive was seen to lie on the disk when its headers were read
}

void ArchiveDisk::completed(Read& read, bool well) {
    ArchivePages& file = *read.file_;
    if (well) {
        put_in_place(read);
    } else {
        file.read_failed(read.first_page_, read.count_);
    }
    const std::uint32_t count = std::exchange(read.count_, 0);
    for (PageRequest& each : std::span(read.pages_).first(count)) {
        memory_->pager.end_stored(each, well);
    }
    give_back(read);
    memory_->requests.room_came();
    file.release();
}

// What was read into the frames from the beginning of a sector on moves to where it belongs.
void ArchiveDisk::put_in_place(const Read& read) {
    for (std::uint32_t at = 0; at < read.count_; ++at) {
        const TemporaryMapping page = memory_->physical.map_temporarily(read.frames_[at]);
        if (read.skew_ != 0) {
            std::memmove(page.data(), page.data() + read.skew_, page_size - read.skew_);
            memory_->physical.read(read.frames_[at + 1], 0, page.bytes().last(read.skew_));
        }
        const std::uint32_t its = std::min(read.bytes_ - at * page_size, page_size);
        std::memset(page.data() + its, 0, page_size - its);
    }
}

} // namespace quire
