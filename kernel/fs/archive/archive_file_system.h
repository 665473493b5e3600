// The root file system: the boot archive, read-only, its files where the loader put them, and the archive on a disk
// that is laid over it, if there is one. It owns a node for each entry and a table that finds them by name; nothing of
// it is ever given up.
#pragma once

#include "kernel/fs/archive/archive_disk.h"
#include "kernel/fs/archive/archive_memory.h"
#include "kernel/fs/archive/archive_node.h"
#include "kernel/fs/archive/archive_pages.h"
#include "kernel/fs/archive/cpio.h"
#include "kernel/fs/vfs/file_system.h"
#include "kernel/fs/vfs/name_table.h"
#include "kernel/lib/format.h"
#include "kernel/lib/list.h"

#include <cstdint>
#include <string_view>

namespace quire {

class ArchiveFileSystem final : public FileSystem {
public:
    // Reads the archive; one of no bytes gives an empty root. What is wrong with it is said to `notes`, a line each,
    // and what could be read is there. Error: out_of_memory. O(entries + bytes of names).
    [[nodiscard]] static Result<ArchiveFileSystem*> create(Memory& memory, FileServices& services,
                                                           ArchiveExtent archive, Sink& notes);
    ArchiveFileSystem(Memory& its_memory, FileServices& its_services, ArchiveExtent archive); // by create() only
    ~ArchiveFileSystem() = default;

    // The archive on `device`, which is claimed for it, joins what is there: of two entries with one name its counts.
    // Once, before anybody has opened a file. Waits. What is wrong with it is said to `notes`; where it is refused,
    // nothing has changed. Errors: malformed (no archive begins there), truncated (its first entry goes past the
    // device's end), out_of_memory, and those of BlockDevice::claim() and BlockBuffer::read().
    [[nodiscard]] Result<void> add_disk(BlockDevice& device, Scheduler& scheduler, Sink& notes);

    [[nodiscard]] ArchiveNode& root() const { return *root_; }
    [[nodiscard]] FileSystemStatus status() override;
    [[nodiscard]] const ArchiveMemory& bytes() const { return bytes_; }

    // The entry of a directory; null where there is none. O(1) on average.
    [[nodiscard]] ArchiveNode* find(const ArchiveNode& directory, std::string_view name) const;
    // The directory of a path such as "/dev/shm", made as far as it lacks: for mount points. Errors: out_of_memory,
    // not_directory.
    [[nodiscard]] Result<ArchiveNode*> make_directory(std::string_view path);

    // Frames of copied pages that nothing maps go back. Returns how many. O(copies).
    std::uint32_t give_back_unused();
    // What files keep for whoever maps them goes, too, where nobody does. No caller of Inode::pages() may be about to.
    void forget_unused();

private:
    friend class ArchiveNode;

    [[nodiscard]] Result<void> prepare(std::uint32_t entries);
    [[nodiscard]] Result<void> add_claimed(BlockDevice& device, Scheduler& scheduler, Sink& notes);
    [[nodiscard]] Result<void> read_all(const ArchiveSource& source, ArchiveDisk* disk, Sink& notes);
    [[nodiscard]] Result<void> add(const CpioEntry& entry, std::string_view path, const ArchiveSource& source,
                                   ArchiveDisk* disk);
    [[nodiscard]] Result<void> keep_target(ArchiveNode::Contents& contents, const ArchiveSource& source) const;
    [[nodiscard]] Result<ArchiveNode*> directory_of(std::string_view path, std::string_view& name);
    [[nodiscard]] Result<ArchiveNode*> directory_in(ArchiveNode& parent, std::string_view name);
    [[nodiscard]] Result<ArchiveNode*> add_node(ArchiveNode* parent, std::string_view name,
                                                const ArchiveNode::Contents& contents);

    ArchiveMemory bytes_;
    NameTable<ArchiveNode> names_;
    ArchiveNode* root_ = nullptr;
    std::uint32_t nodes_ = 0;
    std::uint32_t pages_on_disk_ = 0; // of the archive there
    List<ArchivePages, &ArchivePages::link> mapped_;
};

} // namespace quire
