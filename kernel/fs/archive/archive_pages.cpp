// Pages of the boot archive's files: in place or copied.
#include "kernel/fs/archive/archive_pages.h"

#include "kernel/fs/archive/archive_disk.h"
#include "kernel/fs/archive/archive_node.h"
#include "kernel/fs/vfs/file_system.h"
#include "kernel/fs/vfs/path_text.h"
#include "kernel/lib/panic.h"
#include "kernel/memory/heap/object.h"

#include <algorithm>

namespace quire {

namespace {

// Whether the bytes behind the file's end are zeros up to its page's end, so that even the last page can stay where it
// is. They are some neighbour's in the archive, or padding.
bool rest_of_page_is_zero(const ArchiveMemory& archive, std::uint32_t end) {
    const std::uint32_t rest = (page_size - archive.address(end).offset_in_page()) % page_size;
    if (!archive.contains(end, rest)) {
        return false;
    }
    bool zero = true;
    archive.visit(end, rest, [&](std::span<const std::byte> part) {
        for (const std::byte each : part) {
            zero = zero && each == std::byte{0};
        }
        return zero;
    });
    return zero;
}

std::uint32_t pages_in_place(const ArchiveMemory& archive, std::uint32_t offset, std::uint32_t size) {
    if (!archive.address(offset).page_aligned()) {
        return 0;
    }
    return rest_of_page_is_zero(archive, offset + size) ? pages_for(size) : size / page_size;
}

} // namespace

ArchivePages::ArchivePages(Memory& memory, const ArchiveMemory& archive, ArchiveDisk* disk, ArchiveNode& node,
                           std::uint32_t offset, std::uint32_t size)
    : memory_(&memory), archive_(&archive), disk_(disk), node_(&node), offset_(offset), size_(size),
      pages_(pages_for(size)), first_copied_(disk == nullptr ? pages_in_place(archive, offset, size) : 0),
      copies_(memory, memory.pager, *this, Owner::file) {}

Result<ArchivePages*> ArchivePages::create(Memory& memory, const ArchiveMemory& archive, ArchiveDisk* disk,
                                           ArchiveNode& node, std::uint32_t offset, std::uint32_t size) {
    return make_object<ArchivePages>(memory.heap, memory, archive, disk, node, offset, size);
}

Result<ObjectPage> ArchivePages::page(std::uint32_t index, bool for_write) {
    static_cast<void>(for_write); // nobody opens these files for writing
    if (index >= pages_) {
        return fail(Error::out_of_range);
    }
    if (disk_ != nullptr) {
        const Result<Frame> stored = stored_page(index);
        return stored ? Result<ObjectPage>(ObjectPage{*stored}) : fail(stored.error());
    }
    const std::uint32_t start = offset_ + index * page_size;
    if (in_place(index)) {
        return ObjectPage{Frame::containing(archive_->address(start))};
    }
    const bool is_new = !copies_.has(index);
    const Result<Frame> frame = copies_.get_uncleared(index);
    if (!frame) {
        return fail(frame.error());
    }
    if (is_new) {
        const std::uint32_t bytes = std::min(page_size, size_ - index * page_size);
        const TemporaryMapping mapping = memory_->physical.map_temporarily(*frame);
        archive_->read(start, mapping.bytes().first(bytes));
        std::memset(mapping.data() + bytes, 0, page_size - bytes);
    }
    return ObjectPage{*frame};
}

Result<Frame> ArchivePages::stored_page(std::uint32_t index) {
    if (!copies_.has(index)) {
        if (const Result<void> begun = begin_read(index); !begun) {
            return fail(begun.error());
        }
    }
    return copies_.get_uncleared(index);
}

// The page is on its way then, and so may be pages behind it.
Result<void> ArchivePages::begin_read(std::uint32_t index) {
    if (failed_ == index) {
        failed_ = none;
        return fail(Error::input_output);
    }
    ArchiveDisk::Read* const read = disk_->take();
    if (read == nullptr) {
        memory_->requests.answer_must_wait_for_room();
        return fail(Error::must_wait);
    }
    const std::uint32_t offset = offset_ + index * page_size;
    const std::uint32_t wanted = one_by_one_ ? 1 : std::min(disk_->pages_to_read(offset), pages_ - index);
    while (read->count() < wanted) {
        const std::uint32_t next = index + read->count();
        if (next != index && (copies_.has(next) || !memory_->pager.may_read_ahead())) {
            break;
        }
        const Result<Frame> frame = copies_.get_uncleared(next);
        if (!frame && next == index) {
            disk_->give_back(*read);
            return fail(frame.error());
        }
        if (!frame) {
            break; // a touch tries again
        }
        read->add(memory_->pager, *frame);
    }
    disk_->pages_are_read(offset, read->count());
    disk_->start(*read, *this, index, offset, std::min(read->count() * page_size, size_ - index * page_size));
    return {};
}

void ArchivePages::read_failed(std::uint32_t first, std::uint32_t count) {
    one_by_one_ = one_by_one_ || count > 1;
    failed_ = count > 1 ? failed_ : first;
    unmap_pages(first, count, PrivateCopies::stay);
    copies_.drop(first, count);
}

bool ArchivePages::resident(std::uint32_t index) const {
    return index < pages_ && (in_place(index) || copies_.in_memory(index));
}

void ArchivePages::print_name(Sink& sink) const {
    print_path(sink, *node_);
}

ObjectIdentity ArchivePages::identity() const {
    return {.device = node_->file_system().device(), .inode = node_->number()};
}

void ArchivePages::destroy() {
    destroy_object(memory_->heap, this);
}

} // namespace quire
