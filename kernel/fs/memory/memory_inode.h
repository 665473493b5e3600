// What all inodes of a memory file system (tmpfs) have in common: permissions, owner, times, a count of names, and the
// name they are known by, which outlives its removal for as long as the inode does.
#pragma once

#include "kernel/fs/pipe/pipe.h"
#include "kernel/fs/vfs/inode.h"
#include "kernel/lib/list.h"

#include <cstdint>
#include <optional>
#include <string_view>

namespace quire {

class MemoryDirectory;
class MemoryFileSystem;
class MemoryInode;

// A name in a directory. Its bytes lie in memory behind it.
struct MemoryEntry {
    [[nodiscard]] std::string_view name() const { return {reinterpret_cast<const char*>(this + 1), name_size}; }
    [[nodiscard]] std::uint32_t directory_number() const;

    MemoryDirectory* directory = nullptr; // where it is or was
    MemoryInode* inode = nullptr;
    bool former = false;        // out of its directory, which it holds now; before, it held the inode
    std::uint64_t position = 0; // in the directory's listing
    MemoryEntry* next_in_bucket = nullptr;
    ListLink<MemoryEntry> in_directory;
    std::uint32_t name_size = 0; // bytes
};

class MemoryInode : public Inode {
public:
    [[nodiscard]] FileStatus status() override;
    Result<void> set_permissions(std::uint32_t permissions) final;
    Result<void> set_owner(std::optional<std::uint32_t> user, std::optional<std::uint32_t> group) final;
    Result<void> set_times(const NewTimes& times) final;
    [[nodiscard]] Inode* parent() final;
    [[nodiscard]] std::string_view name() final { return known_by != nullptr ? known_by->name() : std::string_view(); }
    [[nodiscard]] bool unlinked() final { return links == 0; }
    [[nodiscard]] bool linkable() final { return links != 0 || may_be_linked; }

    // For the directories of its file system: how many names it has (a directory has "." and the ".." of those in it,
    // too), and the one it is known by.
    std::uint32_t links = 0;
    bool may_be_linked = false; // without any name (O_TMPFILE)
    MemoryEntry* known_by = nullptr;

    // Notes that content was read: as Linux's relatime does, where it was written or changed since, or once a day.
    void was_read();
    void was_modified();
    void was_changed();

protected:
    MemoryInode(MemoryFileSystem& file_system, std::uint32_t number, std::uint32_t mode);
    ~MemoryInode() = default;

    [[nodiscard]] MemoryFileSystem& home() const;

private:
    std::uint32_t user_ = 0, group_ = 0;
    Timestamp accessed_, modified_, changed_, born_;
};

// A symbolic link. Its target lies in a block of the heap.
class MemoryLink final : public MemoryInode {
public:
    MemoryLink(MemoryFileSystem& file_system, std::uint32_t number, std::string_view target);
    ~MemoryLink() = default;

    [[nodiscard]] std::uint64_t size() override { return target_.size(); }
    Result<std::uint32_t> read_link(std::span<char> target) override;

private:
    [[nodiscard]] Inode* destroy() override;

    std::string_view target_;
};

// A pipe with a name.
class MemoryFifo final : public MemoryInode {
public:
    MemoryFifo(MemoryFileSystem& file_system, std::uint32_t number, std::uint32_t permissions);
    ~MemoryFifo() = default;

    Result<void> opened(File& file, std::uint32_t flags) override;
    void closed(File& file) override;
    Result<std::uint32_t> read(File& file, IoBuffer& buffer, std::uint64_t offset) override;
    Result<std::uint32_t> write(File& file, IoBuffer& buffer, std::uint64_t offset) override;
    [[nodiscard]] std::uint32_t ready(const File& file) override { return pipe_.ready(file); }
    [[nodiscard]] WaitQueue* changes() override { return &pipe_.changes; }
    [[nodiscard]] Pipe* pipe() override { return &pipe_; }

private:
    [[nodiscard]] Inode* destroy() override;

    Pipe pipe_;
};

} // namespace quire
