// What can be done with an entry of the boot archive.
#include "kernel/fs/archive/archive_node.h"

#include "kernel/fs/archive/archive_file_system.h"
#include "kernel/fs/vfs/path_text.h"

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
    archive().bytes().read(contents_.data, std::as_writable_bytes(target.first(bytes)));
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
    std::uint32_t moved = 0;
    archive().bytes().visit(contents_.data + start, bytes, [&](std::span<const std::byte> part) {
        const std::uint32_t done = buffer.put(part);
        moved += done;
        return done == part.size();
    });
    return buffer.outcome(moved);
}

Result<MemoryObject*> ArchiveNode::pages() {
    if (!is_regular()) {
        return fail(Error::no_device);
    }
    if (pages_ == nullptr) {
        ArchiveFileSystem& system = archive();
        const Result<ArchivePages*> made =
            ArchivePages::create(system.memory, system.bytes(), *this, contents_.data, contents_.size);
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
