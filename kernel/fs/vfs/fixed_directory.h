// Directories and symbolic links that the kernel makes at boot and that never change: /dev, and what leads from there
// elsewhere. They live as long as the kernel.
#pragma once

#include "kernel/fs/vfs/inode.h"
#include "kernel/lib/static_vector.h"

#include <cstdint>
#include <string_view>

namespace quire {

class FixedDirectory final : public Inode {
public:
    static constexpr std::size_t most_entries = 24;

    // `name` in `parent`, or a file system's root.
    FixedDirectory(FileSystem& file_system, std::uint32_t number, Inode* parent = nullptr, std::string_view name = {})
        : Inode(file_system, number, mode::directory | 0755), parent_(parent), name_(name) {}
    ~FixedDirectory() = default;

    // One more entry; the directory holds `inode` from now on. `name` must outlive it. There must be room.
    void add(std::string_view name, Inode& inode);

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
