// Directories and symbolic links that the kernel makes at boot and that never change: /dev, and what leads from there
// elsewhere. They live as long as the kernel.
#pragma once

#include "kernel/fs/vfs/inode.h"
#include "kernel/lib/static_vector.h"

#include <cstdint>
#include <string_view>

namespace quire {

// Entries of a fixed directory that are others from time to time, behind its own.
class DirectoryExtension {
public:
    // Error: not_found.
    virtual Result<Ref<Inode>> lookup(std::string_view name) = 0;
    // As Inode::list(); positions are larger than FixedDirectory::most_entries and two more.
    virtual void list(std::uint64_t& position, DirectoryVisitor& visitor) = 0;

protected:
    constexpr ~DirectoryExtension() = default;
};

class FixedDirectory final : public Inode {
public:
    static constexpr std::size_t most_entries = 24;

    // `name` in `parent`, or a file system's root.
    FixedDirectory(FileSystem& file_system, std::uint32_t number, Inode* parent = nullptr, std::string_view name = {})
        : Inode(file_system, number, mode::directory | 0755), parent_(parent), name_(name) {}
    ~FixedDirectory() = default;

    // One more entry; the directory holds `inode` from now on. `name` must outlive it. There must be room.
    void add(std::string_view name, Inode& inode);

    // From now on it has these entries, too. Once.
    void extend(DirectoryExtension& extension) { extension_ = &extension; }

    [[nodiscard]] FileStatus status() override;
    Result<Ref<Inode>> lookup(std::string_view name) override;
    Result<void> list(std::uint64_t& position, DirectoryVisitor& visitor) override;
    [[nodiscard]] bool seekable() const override { return true; }
    [[nodiscard]] Inode* parent() override { return parent_; }
    [[nodiscard]] std::string_view name() override { return name_; }

private:
    struct Entry {
        std::string_view name;
        Inode* inode = nullptr;
    };
    [[nodiscard]] Inode* destroy() override { return nullptr; }

    Inode* parent_;
    std::string_view name_;
    StaticVector<Entry, most_entries> entries_;
    DirectoryExtension* extension_ = nullptr;
};

// A symbolic link in a fixed directory.
class FixedLink final : public Inode {
public:
    FixedLink(FileSystem& file_system, std::uint32_t number, std::string_view target)
        : Inode(file_system, number, mode::symbolic_link | 0777), target_(target) {}
    ~FixedLink() = default;

    [[nodiscard]] std::uint64_t size() override { return target_.size(); }
    Result<std::uint32_t> read_link(std::span<char> target) override;

private:
    [[nodiscard]] Inode* destroy() override { return nullptr; }

    std::string_view target_;
};

} // namespace quire
