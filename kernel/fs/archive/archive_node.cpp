// What can be done with an entry of the boot archive.
#include "kernel/fs/archive/archive_node.h"

#include "kernel/fs/archive/archive_file_system.h"
#include "kernel/fs/vfs/path_text.h"
#include "kernel/sched/no_waiting.h"

#include <algorithm>
#include <utility>

namespace quire {

ArchiveNode::ArchiveNode(ArchiveFileSystem& file_system, std::uint32_t number, ArchiveNode* parent,
                         std::string_view name, const Contents& contents)
    : Inode(file_system, number, contents.mode), parent_(parent), name_(name), contents_(contents) {}

ArchiveFileSystem& ArchiveNode::archive() const {
    return static_cast<ArchiveFileSystem&>(file_system());
}

void ArchiveNode::add_child(ArchiveNode& child) {
    (last_child_ != nullptr ? last_child_->next_sibling_ : first_child_) = &child;
    child.position_ = last_child_ != nullptr ? last_child_->position_ + 1 : 0;
    last_child_ = &child;
    contents_.links += child.is_directory() ? 1U : 0U;
}

void ArchiveNode::replace(const Contents& contents) {
    const std::uint32_t links = contents_.links;
    must_succeed(archive().memory.heap.free(contents_.target));
    contents_ = contents;
    contents_.links = links;
    mode_ = contents.mode;
}

FileStatus ArchiveNode::status() {
    FileStatus status = Inode::status();
    status.links = contents_.links;
    status.size = contents_.size;
    status.blocks = (std::uint64_t{contents_.size} + 511) / 512;
    status.accessed = status.modified = status.changed = status.born = {.seconds = contents_.modified};
    return status;
}

Result<Ref<Inode>> ArchiveNode::lookup(std::string_view name) {
    if (!is_directory()) {
        return fail(Error::not_directory);
    }
    ArchiveNode* const found = archive().find(*this, name);
    return found != nullptr ? Result<Ref<Inode>>(Ref<Inode>(*found)) : fail(Error::not_found);
}

Result<void> ArchiveNode::list(std::uint64_t& position, DirectoryVisitor& visitor) {
    if (!is_directory()) {
        return fail(Error::not_directory);
    }
    const std::uint32_t parent_number = parent_ != nullptr ? parent_->number() : number();
    if (!visit_dots(position, number(), parent_number, visitor)) {
        return {};
    }
    for (const ArchiveNode* each = first_child_; each != nullptr; each = each->next_sibling_) {
        const std::uint64_t its_position = first_position + each->position_;
        if (its_position < position) {
            continue;
        }
        if (!visitor.visit(
                {.name = each->name_, .inode = each->number(), .mode = each->mode(), .position = its_position + 1})) {
            return {};
        }
        position = its_position + 1;
    }
    return {};
}

Result<std::uint32_t> ArchiveNode::read_link(std::span<char> target) {
    if (!is_link()) {
        return fail(Error::invalid_argument);
    }
    const auto bytes = std::min(static_cast<std::uint32_t>(target.size()), contents_.size);
    if (contents_.target != nullptr) {
        std::copy_n(contents_.target, bytes, target.begin());
    } else {
        archive().bytes().read(contents_.data, std::as_writable_bytes(target.first(bytes)));
    }
    return bytes;
}

Result<std::uint32_t> ArchiveNode::read(File&, IoBuffer& buffer, std::uint64_t offset) {
    if (!is_regular()) {
        return fail(is_directory() ? Error::is_directory : Error::invalid_argument);
    }
    if (offset >= contents_.size) {
        return 0U;
    }
    const auto start = static_cast<std::uint32_t>(offset);
    const std::uint32_t bytes = std::min(buffer.left(), contents_.size - start);
    if (contents_.disk != nullptr) {
        return read_stored(buffer, start, bytes);
    }
    std::uint32_t moved = 0;
    archive().bytes().visit(contents_.data + start, bytes, [&](std::span<const std::byte> part) {
        const std::uint32_t done = buffer.put(part);
        moved += done;
        return done == part.size();
    });
    return buffer.outcome(moved);
}

// What lies on a disk is read through the pages that mappings see, too.
Result<std::uint32_t> ArchiveNode::read_stored(IoBuffer& buffer, std::uint32_t start, std::uint32_t bytes) {
    const Result<ArchivePages*> pages = archive_pages();
    if (!pages) {
        return fail(pages.error());
    }
    const NoWaiting guard; // a page that is mapped is nobody else's to drop
    Memory& memory = archive().memory;
    std::uint32_t moved = 0;
    while (moved < bytes && !buffer.failed()) {
        const std::uint32_t offset = start + moved, in_page = offset % page_size;
        const Result<Frame> frame = archive().content((*pages)->stored_page(offset / page_size));
        if (!frame) {
            return archive().stopped(buffer, frame.error(), moved);
        }
        const HeldPage held(memory.pinned, *frame); // a fault in the program's memory may want some
        const TemporaryMapping mapping = memory.physical.map_temporarily(*frame);
        moved += buffer.put({mapping.data() + in_page, std::min(bytes - moved, page_size - in_page)});
    }
    return buffer.outcome(moved);
}

Result<MemoryObject*> ArchiveNode::pages() {
    const Result<ArchivePages*> pages = is_regular() ? archive_pages() : fail(Error::no_device);
    return pages ? Result<MemoryObject*>(*pages) : fail(pages.error());
}

Result<ArchivePages*> ArchiveNode::archive_pages() {
    if (pages_ == nullptr) {
        ArchiveFileSystem& system = archive();
        const Result<ArchivePages*> made =
            ArchivePages::create(system.memory, system.bytes(), contents_.disk, *this, contents_.data, contents_.size);
        if (!made) {
            return fail(made.error());
        }
        pages_ = *made;
        system.mapped_.push_back(*pages_);
    }
    return pages_;
}

void ArchiveNode::forget_pages() {
    std::exchange(pages_, nullptr)->release();
}

} // namespace quire
