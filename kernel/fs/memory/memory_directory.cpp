// Directories of memory file systems. Each operation makes what it needs first and then changes entries, which cannot
// fail.
#include "kernel/fs/memory/memory_directory.h"

#include "kernel/fs/memory/memory_file_system.h"
#include "kernel/fs/vfs/path_text.h"
#include "kernel/memory/heap/object.h"

#include <algorithm>
#include <array>

namespace quire {

MemoryDirectory::MemoryDirectory(MemoryFileSystem& file_system, std::uint32_t number, std::uint32_t permissions)
    : MemoryInode(file_system, number, mode::directory | permissions), next_position_(first_position) {}

FileStatus MemoryDirectory::status() {
    constexpr std::uint64_t bytes_per_entry = 20; // as Linux's tmpfs says
    FileStatus status = MemoryInode::status();
    status.size = (first_position + entries_.count()) * bytes_per_entry;
    return status;
}

Result<MemoryEntry*> MemoryDirectory::find(std::string_view name) const {
    MemoryEntry* const entry = home().names_.find(number(), name);
    return entry != nullptr ? Result<MemoryEntry*>(entry) : fail(Error::not_found);
}

Result<Ref<Inode>> MemoryDirectory::lookup(std::string_view name) {
    const Result<MemoryEntry*> entry = find(name);
    return entry ? Result<Ref<Inode>>(Ref<Inode>(*(*entry)->inode)) : fail(entry.error());
}

// An entry of a free name, not in the directory yet. Errors: exists; not_found where the directory was removed.
Result<MemoryEntry*> MemoryDirectory::make_entry(std::string_view name) const {
    if (links == 0) {
        return fail(Error::not_found);
    }
    return find(name) ? fail(Error::exists) : home().make_entry(name);
}

// The entry names `inode` from now on, whose count the caller passes on.
void MemoryDirectory::put_in(MemoryEntry& entry, MemoryInode& inode) {
    entry.directory = this;
    entry.position = next_position_++;
    entries_.push_back(entry);
    home().names_.insert(entry);
    set_name(entry, inode);
    links += inode.is_directory() ? 1U : 0U;
    was_modified();
}

// The inode is known by the entry from now on.
void MemoryDirectory::set_name(MemoryEntry& entry, MemoryInode& inode) {
    if (inode.known_by != nullptr && inode.known_by->former) {
        const Ref<Inode> directory = Ref<Inode>::adopt(inode.known_by->directory);
        home().free_entry(inode.known_by);
    }
    entry.inode = &inode;
    inode.known_by = &entry;
}

// The entry is out of the directory; it stays its inode's, as the name it had, or goes.
void MemoryDirectory::take_out(MemoryEntry& entry) {
    entries_.erase(entry);
    home().names_.erase(entry);
    links -= entry.inode->is_directory() ? 1U : 0U;
    was_modified();
}

Result<Ref<Inode>> MemoryDirectory::create(std::string_view name, const NewInode& what) {
    const Result<MemoryEntry*> entry = make_entry(name);
    if (!entry) {
        return fail(entry.error());
    }
    const Result<MemoryInode*> inode = home().make(what);
    if (!inode) {
        home().free_entry(*entry);
        return fail(inode.error());
    }
    MemoryInode& made = **inode;
    made.links = made.is_directory() ? 2 : 1;
    put_in(**entry, made);
    return Ref<Inode>(made);
}

Result<Ref<Inode>> MemoryDirectory::create_nameless(std::uint32_t permissions, bool linkable) {
    if (links == 0) {
        return fail(Error::not_found);
    }
    std::array<char, 12> text{}; // "#123", as Linux calls it
    BufferSink name(text);
    print(name, "#{}", home().next_number());
    const Result<MemoryFile*> made = home().make_nameless(name.text(), permissions, this);
    if (!made) {
        return fail(made.error());
    }
    (*made)->may_be_linked = linkable;
    return Ref<Inode>::adopt(*made);
}

Result<void> MemoryDirectory::link(std::string_view name, Inode& file) {
    const Result<MemoryEntry*> entry = make_entry(name);
    if (!entry) {
        return fail(entry.error());
    }
    auto& inode = static_cast<MemoryInode&>(file);
    inode.retain();
    put_in(**entry, inode);
    ++inode.links;
    inode.may_be_linked = false; // once removed, it is removed
    inode.was_changed();
    return {};
}

Result<void> MemoryDirectory::unlink(std::string_view name) {
    const Result<MemoryEntry*> entry = find(name);
    if (!entry) {
        return fail(entry.error());
    }
    if ((*entry)->inode->is_directory()) {
        return fail(Error::is_directory);
    }
    take_out(**entry);
    drop(**entry);
    return {};
}

Result<void> MemoryDirectory::remove_directory(std::string_view name) {
    const Result<MemoryEntry*> entry = find(name);
    if (!entry) {
        return fail(entry.error());
    }
    if (!(*entry)->inode->is_directory()) {
        return fail(Error::not_directory);
    }
    if (!static_cast<MemoryDirectory*>((*entry)->inode)->entries_.empty()) {
        return fail(Error::not_empty);
    }
    take_out(**entry);
    drop(**entry);
    return {};
}

// The entry is out of its directory, and its inode has one name less. The entry stays as the inode's former name where
// it was known by it, and holds the directory so that the path can still be told.
void MemoryDirectory::drop(MemoryEntry& entry) {
    MemoryInode& inode = *entry.inode;
    inode.links = inode.is_directory() ? 0 : inode.links - 1;
    inode.was_changed();
    if (inode.known_by == &entry) {
        entry.former = true;
        entry.directory->retain();
    } else {
        home().free_entry(&entry);
    }
    inode.release();
}

Result<void> MemoryDirectory::can_replace(const MemoryInode& inode, const MemoryInode& by) {
    if (by.is_directory() && !inode.is_directory()) {
        return fail(Error::not_directory);
    }
    if (!by.is_directory() && inode.is_directory()) {
        return fail(Error::is_directory);
    }
    const bool full = inode.is_directory() && !static_cast<const MemoryDirectory&>(inode).entries_.empty();
    return full ? fail(Error::not_empty) : Result<void>{};
}

Result<void> MemoryDirectory::rename(std::string_view name, Inode& to_directory, std::string_view to_name,
                                     RenameMode mode) {
    if (!to_directory.is_directory()) {
        return fail(Error::not_directory);
    }
    auto& to = static_cast<MemoryDirectory&>(to_directory);
    const Result<MemoryEntry*> from_entry = find(name);
    if (!from_entry) {
        return fail(from_entry.error());
    }
    MemoryEntry& from = **from_entry;
    MemoryInode& inode = *from.inode;
    const Result<MemoryEntry*> there = to.find(to_name);
    if (there && (*there)->inode == &inode) {
        return {}; // two names of one file: nothing to do, as POSIX has it
    }
    if (there && mode == RenameMode::exchange) {
        exchange(from, **there);
        return {};
    }
    if (there) {
        if (mode == RenameMode::keep) {
            return fail(Error::exists);
        }
        if (const Result<void> possible = can_replace(*(*there)->inode, inode); !possible) {
            return possible;
        }
    }
    const Result<MemoryEntry*> made = to.links != 0 ? home().make_entry(to_name) : fail(Error::not_found);
    if (!made) {
        return fail(made.error());
    }
    if (there) {
        to.take_out(**there);
        to.drop(**there);
    }
    take_out(from);
    to.put_in(**made, inode);
    home().free_entry(&from);
    inode.was_changed();
    return {};
}

// The two entries' inodes change places.
void MemoryDirectory::exchange(MemoryEntry& one, MemoryEntry& other) {
    MemoryInode& first = *one.inode;
    MemoryInode& second = *other.inode;
    const auto count = [](MemoryEntry& entry, std::uint32_t by) {
        entry.directory->links += entry.inode->is_directory() ? by : 0;
    };
    count(one, ~0U); // one less
    count(other, ~0U);
    one.inode = &second;
    other.inode = &first;
    first.known_by = &other;
    second.known_by = &one;
    count(one, 1);
    count(other, 1);
    one.directory->was_modified();
    other.directory->was_modified();
    first.was_changed();
    second.was_changed();
}

Result<void> MemoryDirectory::list(std::uint64_t& position, DirectoryVisitor& visitor) {
    if (links == 0) {
        return fail(Error::not_found);
    }
    was_read();
    Inode* const above = covers() != nullptr ? covers()->parent() : parent();
    if (!visit_dots(position, number(), above != nullptr ? above->number() : number(), visitor)) {
        return {};
    }
    for (const MemoryEntry* each = entries_.front(); each != nullptr; each = Entries::next(*each)) {
        if (each->position < position) {
            continue;
        }
        if (!visitor.visit({.name = each->name(),
                            .inode = each->inode->number(),
                            .mode = each->inode->mode(),
                            .position = each->position + 1})) {
            return {};
        }
        position = each->position + 1;
    }
    return {};
}

Inode* MemoryDirectory::destroy() {
    Inode* const directory = home().forget(*this);
    KernelHeap& heap = file_system().memory.heap;
    destroy_object(heap, this);
    return directory;
}

} // namespace quire
