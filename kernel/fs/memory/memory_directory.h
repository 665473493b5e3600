// A directory of a memory file system: entries in the order they were made, each at a position of its own, so that a
// listing goes on where it was whatever is added or removed meanwhile.
#pragma once

#include "kernel/fs/memory/memory_inode.h"

namespace quire {

class MemoryDirectory final : public MemoryInode {
public:
    MemoryDirectory(MemoryFileSystem& file_system, std::uint32_t number, std::uint32_t permissions);
    ~MemoryDirectory() = default;

    [[nodiscard]] FileStatus status() override;
    Result<Ref<Inode>> lookup(std::string_view name) override;
    Result<Ref<Inode>> create(std::string_view name, const NewInode& what) override;
    Result<Ref<Inode>> create_nameless(std::uint32_t permissions, bool linkable) override;
    Result<void> link(std::string_view name, Inode& file) override;
    Result<void> unlink(std::string_view name) override;
    Result<void> remove_directory(std::string_view name) override;
    Result<void> rename(std::string_view name, Inode& to_directory, std::string_view to_name, RenameMode mode) override;
    Result<void> list(std::uint64_t& position, DirectoryVisitor& visitor) override;
    [[nodiscard]] bool seekable() const override { return true; }

private:
    using Entries = List<MemoryEntry, &MemoryEntry::in_directory>;

    [[nodiscard]] Result<MemoryEntry*> find(std::string_view name) const;
    [[nodiscard]] Result<MemoryEntry*> make_entry(std::string_view name) const;
    void put_in(MemoryEntry& entry, MemoryInode& inode);
    void take_out(MemoryEntry& entry);
    void set_name(MemoryEntry& entry, MemoryInode& inode);
    void drop(MemoryEntry& entry);
    static void exchange(MemoryEntry& one, MemoryEntry& other);
    [[nodiscard]] static Result<void> can_replace(const MemoryInode& inode, const MemoryInode& by);
    [[nodiscard]] Inode* destroy() override;

    Entries entries_;
    std::uint64_t next_position_;
};

} // namespace quire
