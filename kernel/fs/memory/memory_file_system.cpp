// Making and counting what is in a memory file system.
#include "kernel/fs/memory/memory_file_system.h"

#include "kernel/memory/heap/object.h"

#include <algorithm>
#include <cstring>

namespace quire {

MemoryFileSystem::MemoryFileSystem(Memory& its_memory, FileServices& its_services, std::uint32_t device,
                                   FilePages& pages)
    : FileSystem(its_memory, its_services, device, "tmpfs", false), names_(its_memory.heap), pages_(&pages) {}

Result<MemoryFileSystem*> MemoryFileSystem::create(Memory& memory, FileServices& services, std::uint32_t device,
                                                   FilePages& pages, std::uint32_t permissions) {
    const Result<MemoryFileSystem*> made = make_object<MemoryFileSystem>(memory.heap, memory, services, device, pages);
    if (!made) {
        return made;
    }
    if (const Result<void> reserved = (*made)->names_.reserve(0); !reserved) {
        return fail(reserved.error());
    }
    const Result<MemoryInode*> root = (*made)->make({.mode = mode::directory | permissions});
    if (!root) {
        return fail(root.error());
    }
    (*made)->root_ = static_cast<MemoryDirectory*>(*root);
    (*root)->links = 2;
    return made;
}

FileSystemStatus MemoryFileSystem::status() {
    constexpr std::uint32_t tmpfs_magic = 0x01021994; // TMPFS_MAGIC
    return {.magic = tmpfs_magic,
            .blocks = most_pages(),
            .free_blocks = most_pages() - std::min(pages_->used, most_pages()),
            .files = pages_->of_ram,
            .free_files = pages_->of_ram - std::min(inodes_, pages_->of_ram)};
}

Result<MemoryInode*> MemoryFileSystem::make(const NewInode& what) {
    // As many inodes as pages of memory: each takes some, too.
    if (inodes_ >= pages_->of_ram) {
        return fail(Error::no_space);
    }
    const std::uint32_t permissions = what.mode & mode::permissions;
    const std::uint32_t number = ++last_number_;
    const auto as_inode = [this](auto made) -> Result<MemoryInode*> {
        if (!made) {
            return fail(Error::out_of_memory);
        }
        ++inodes_;
        return *made;
    };
    switch (what.mode & mode::kind) {
    case mode::regular: return as_inode(make_object<MemoryFile>(memory.heap, *this, number, permissions));
    case mode::directory: return as_inode(make_object<MemoryDirectory>(memory.heap, *this, number, permissions));
    case mode::fifo: return as_inode(make_object<MemoryFifo>(memory.heap, *this, number, permissions));
    case mode::symbolic_link: {
        const Result<void*> target = memory.heap.allocate(what.target.size());
        if (!target) {
            return fail(Error::out_of_memory);
        }
        std::memcpy(*target, what.target.data(), what.target.size());
        const std::string_view copy(static_cast<const char*>(*target), what.target.size());
        const Result<MemoryInode*> made = as_inode(make_object<MemoryLink>(memory.heap, *this, number, copy));
        if (!made) {
            must_succeed(memory.heap.free(*target));
        }
        return made;
    }
    default: return fail(Error::not_permitted);
    }
}

Result<MemoryFile*> MemoryFileSystem::make_nameless(std::string_view name, std::uint32_t permissions,
                                                    MemoryDirectory* directory) {
    const Result<MemoryEntry*> entry = make_entry(name);
    if (!entry) {
        return fail(entry.error());
    }
    const Result<MemoryInode*> inode = make({.mode = mode::regular | permissions});
    if (!inode) {
        free_entry(*entry);
        return fail(inode.error());
    }
    (*entry)->former = true;
    (*entry)->inode = *inode;
    (*inode)->known_by = *entry;
    if (directory != nullptr) {
        (*entry)->directory = directory;
        directory->retain();
    }
    return static_cast<MemoryFile*>(*inode);
}

Result<MemoryEntry*> MemoryFileSystem::make_entry(std::string_view name) {
    const Result<void*> place = memory.heap.allocate(sizeof(MemoryEntry) + name.size(), alignof(MemoryEntry));
    if (!place) {
        return fail(Error::out_of_memory);
    }
    auto* const entry = ::new (*place) MemoryEntry;
    entry->name_size = static_cast<std::uint32_t>(name.size());
    std::memcpy(entry + 1, name.data(), name.size());
    return entry;
}

void MemoryFileSystem::free_entry(MemoryEntry* entry) {
    must_succeed(memory.heap.free(entry));
}

Inode* MemoryFileSystem::forget(MemoryInode& inode) {
    --inodes_;
    Inode* const directory = inode.parent();
    free_entry(inode.known_by);
    return directory;
}

Result<void> MemoryFileSystem::charge_page() {
    if (pages_->used >= most_pages()) {
        return fail(Error::no_space);
    }
    ++used_pages_;
    ++pages_->used;
    return {};
}

} // namespace quire
