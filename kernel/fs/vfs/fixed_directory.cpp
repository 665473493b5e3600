// Looking into directories that never change.
#include "kernel/fs/vfs/fixed_directory.h"

#include "kernel/fs/vfs/path_text.h"
#include "kernel/lib/panic.h"

#include <algorithm>

namespace quire {

void FixedDirectory::add(std::string_view name, Inode& inode) {
    ensure(entries_.push_back({name, &inode}), "a directory made at boot has room for what is put into it");
}

FileStatus FixedDirectory::status() {
    FileStatus status = Inode::status();
    status.links = 2;
    for (const Entry& entry : entries_) {
        status.links += entry.inode->is_directory() ? 1U : 0U;
    }
    return status;
}

Result<Ref<Inode>> FixedDirectory::lookup(std::string_view name) {
    for (const Entry& entry : entries_) {
        if (entry.name == name) {
            return Ref<Inode>(*entry.inode);
        }
    }
    return extension_ != nullptr ? extension_->lookup(name) : fail(Error::not_found);
}

Result<void> FixedDirectory::list(std::uint64_t& position, DirectoryVisitor& visitor) {
    const std::uint32_t above =
        covers() != nullptr && covers()->parent() != nullptr ? covers()->parent()->number() : number();
    if (!visit_dots(position, number(), above, visitor)) {
        return {};
    }
    while (position < first_position + entries_.size()) {
        const Entry& entry = entries_[static_cast<std::size_t>(position - first_position)];
        if (!visitor.visit({.name = entry.name,
                            .inode = entry.inode->number(),
                            .mode = entry.inode->mode(),
                            .position = position + 1})) {
            return {};
        }
        ++position;
    }
    if (extension_ != nullptr) {
        extension_->list(position, visitor);
    }
    return {};
}

Result<std::uint32_t> FixedLink::read_link(std::span<char> target) {
    const std::size_t size = std::min(target.size(), target_.size());
    std::copy_n(target_.begin(), size, target.begin());
    return static_cast<std::uint32_t>(size);
}

} // namespace quire
