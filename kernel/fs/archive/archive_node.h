// A file, directory, symbolic link or other entry of the boot archive. It is there from boot on and never changes; its
// bytes stay in the archive, in memory or on a disk; but what a link on a disk leads to is kept in memory, so that a
// walk along a path never waits.
#pragma once

#include "kernel/fs/archive/archive_memory.h"
#include "kernel/fs/archive/archive_pages.h"
#include "kernel/fs/vfs/inode.h"
#include "kernel/memory/heap/object.h"

#include <cstdint>
#include <string_view>

namespace quire {

class ArchiveFileSystem;

class ArchiveNode final : public Inode {
public:
    // What the archive says of it.
    struct Contents {
        std::uint32_t mode = 0, modified = 0, links = 1;
        std::uint32_t data = 0, size = 0; // bytes, from the archive's start
        ArchiveDisk* disk = nullptr;      // where that lies; null: in memory
        char* target = nullptr;           // of a link on a disk, `size` bytes on the kernel heap
    };
    ArchiveNode(ArchiveFileSystem& file_system, std::uint32_t number, ArchiveNode* parent, std::string_view name,
                const Contents& contents);
    ~ArchiveNode() = default;

    [[nodiscard]] FileStatus status() override;
    Result<Ref<Inode>> lookup(std::string_view name) override;
    Result<void> list(std::uint64_t& position, DirectoryVisitor& visitor) override;
    [[nodiscard]] Inode* parent() override { return parent_; }
    [[nodiscard]] std::string_view name() override { return name_; }
    Result<std::uint32_t> read_link(std::span<char> target) override;
    Result<std::uint32_t> read(File& file, IoBuffer& buffer, std::uint64_t offset) override;
    [[nodiscard]] bool seekable() const override { return is_regular() || is_directory(); }
    [[nodiscard]] std::uint64_t size() override { return contents_.size; }
    Result<MemoryObject*> pages() override;
    // They are made again for who asks next. Nobody else may have them.
    void forget_pages();

    // For the table of names.
    [[nodiscard]] std::uint32_t directory_number() const { return parent_->number(); }
    ArchiveNode* next_in_bucket = nullptr;

private:
    friend class ArchiveFileSystem;

    [[nodiscard]] ArchiveFileSystem& archive() const;
    [[nodiscard]] Result<ArchivePages*> archive_pages();
    [[nodiscard]] Result<std::uint32_t> read_stored(IoBuffer& buffer, std::uint32_t start, std::uint32_t bytes);
    void add_child(ArchiveNode& child);
    // Another entry of the same name came later. Not once it was mapped or read.
    void replace(const Contents& contents);
    [[nodiscard]] Inode* destroy() override { return nullptr; } // never: the tree has a reference

    ArchiveNode* parent_;
    std::string_view name_; // in memory behind the object
    Contents contents_;
    ArchivePages* pages_ = nullptr; // once somebody mapped it, or read it from a disk

    // Of a directory: its entries, in the archive's order.
    ArchiveNode* first_child_ = nullptr;
    ArchiveNode* last_child_ = nullptr;
    ArchiveNode* next_sibling_ = nullptr;
    std::uint32_t position_ = 0; // among its siblings
};

} // namespace quire
