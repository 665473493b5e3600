// Pages of the boot archive's files: in place or copied.
#include "kernel/fs/archive/archive_pages.h"

#include "kernel/fs/archive/archive_node.h"
#include "kernel/fs/vfs/file_system.h"
#include "kernel/fs/vfs/path_text.h"
#include "kernel/lib/panic.h"
#include "kernel/memory/heap/object.h"

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

ArchivePages::ArchivePages(Memory& memory, const ArchiveMemory& archive, ArchiveNode& node, std::uint32_t offset,
                           std::uint32_t size)
    : memory_(&memory), archive_(&archive), node_(&node), offset_(offset), size_(size), pages_(pages_for(size)),
      first_copied_(pages_in_place(archive, offset, size)), copies_(memory, memory.pager, *this, Owner::file) {}

Result<ArchivePages*> ArchivePages::create(Memory& memory, const ArchiveMemory& archive, ArchiveNode& node,
                                           std::uint32_t offset, std::uint32_t size) {
    return make_object<ArchivePages>(memory.heap, memory, archive, node, offset, size);
}

Result<ObjectPage> ArchivePages::page(std::uint32_t index, bool for_write) {
    static_cast<void>(for_write); // nobody opens these files for writing
    if (index >= pages_) {
        return fail(Error::out_of_range);
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
