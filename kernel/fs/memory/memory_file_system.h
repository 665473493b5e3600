// A file system in memory (tmpfs), for what programs write: /tmp, /run, /dev/shm. It owns the table of names and counts
// what its files take; pages are frames of class Owner::shared, names and inodes are on the kernel heap.
#pragma once

#include "kernel/fs/memory/memory_directory.h"
#include "kernel/fs/memory/memory_file.h"
#include "kernel/fs/memory/memory_inode.h"
#include "kernel/fs/vfs/file_system.h"
#include "kernel/fs/vfs/name_table.h"

#include <cstdint>
#include <string_view>

namespace quire {

// The pages that all files in memory may take, and those that they take: they come out of the same memory, however many
// file systems it is mounted as.
struct FilePages {
    std::uint32_t of_ram = 0; // so many, and half as many as fit on all swap areas
    std::uint32_t used = 0;
};

class MemoryFileSystem final : public FileSystem {
public:
    // An empty one, whose files take their pages out of `pages`, and with `permissions` for its root. Error:
    // out_of_memory.
    [[nodiscard]] static Result<MemoryFileSystem*> create(Memory& memory, FileServices& services, std::uint32_t device,
                                                          FilePages& pages, std::uint32_t permissions);
    MemoryFileSystem(Memory& its_memory, FileServices& its_services, std::uint32_t device,
                     FilePages& pages); // by create() only
    ~MemoryFileSystem() = default;

    [[nodiscard]] MemoryDirectory& root() const { return *root_; }
    [[nodiscard]] FileSystemStatus status() override;
    // An empty regular file that is in no directory, or that was in `directory`, known as `name`. Errors:
    // out_of_memory, no_space.
    [[nodiscard]] Result<MemoryFile*> make_nameless(std::string_view name, std::uint32_t permissions,
                                                    MemoryDirectory* directory);
    // What the next inode's number will be.
    [[nodiscard]] std::uint32_t next_number() const { return last_number_ + 1; }

    // Pages that its files take.
    [[nodiscard]] std::uint32_t used_pages() const { return used_pages_; }
    [[nodiscard]] std::uint32_t inodes() const { return inodes_; }

private:
    friend class MemoryDirectory;
    friend class MemoryFile;
    friend class MemoryFifo;
    friend class MemoryInode;
    friend class MemoryLink;

    // A new inode of any kind. Errors: out_of_memory, no_space, not_permitted (a device).
    [[nodiscard]] Result<MemoryInode*> make(const NewInode& what);
    [[nodiscard]] Result<MemoryEntry*> make_entry(std::string_view name);
    void free_entry(MemoryEntry* entry);
    // The inode is about to end. Returns the directory that its former name held, for release(); or null.
    [[nodiscard]] Inode* forget(MemoryInode& inode);

    // One more page for a file. Error: no_space.
    [[nodiscard]] Result<void> charge_page();
    // Pages that all memory file systems together may have now. O(swap areas).
    [[nodiscard]] std::uint32_t most_pages() const { return pages_->of_ram + memory.pager.swap.pages() / 2; }
    void discharge_pages(std::uint32_t count) {
        used_pages_ -= count;
        pages_->used -= count;
    }

    NameTable<MemoryEntry> names_;
    MemoryDirectory* root_ = nullptr;
    FilePages* pages_;
    std::uint32_t used_pages_ = 0;
    std::uint32_t inodes_ = 0; // there are
    std::uint32_t last_number_ = 0;
};

} // namespace quire
