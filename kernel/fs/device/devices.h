// What all devices in /dev have in common, and those that are no hardware: /dev/null, zero, full, random. Each of these
// is one object for the life of the kernel.
#pragma once

#include "kernel/fs/vfs/inode.h"

#include <cstdint>
#include <string_view>

namespace quire {

// A device by name in /dev: a character device, unless `mode` says otherwise.
class Device : public Inode {
public:
    [[nodiscard]] FileStatus status() final;
    [[nodiscard]] Inode* parent() final { return directory_; }
    [[nodiscard]] std::string_view name() override { return name_; }
    // Permissions and owners of devices are root's business; there is nobody else.
    Result<void> set_permissions(std::uint32_t permissions) final;
    Result<void> set_owner(std::optional<std::uint32_t>, std::optional<std::uint32_t>) final { return {}; }
    Result<void> set_times(const NewTimes&) final { return {}; }

protected:
    Device(FileSystem& file_system, std::uint32_t number, Inode& directory, std::string_view name,
           std::uint32_t device_id, std::uint32_t its_mode = mode::character_device | 0666)
        : Inode(file_system, number, its_mode), directory_(&directory), name_(name), device_id_(device_id) {}
    ~Device() = default;

    [[nodiscard]] Inode* destroy() override { return nullptr; }

private:
    Inode* directory_;
    std::string_view name_;
    std::uint32_t device_id_;
};

// Takes everything, gives nothing.
class NullDevice final : public Device {
public:
    NullDevice(FileSystem& file_system, std::uint32_t number, Inode& directory);
    Result<std::uint32_t> read(File& file, IoBuffer& buffer, std::uint64_t offset) override;
    Result<std::uint32_t> write(File& file, IoBuffer& buffer, std::uint64_t offset) override;
    [[nodiscard]] bool seekable() const override { return true; }
    [[nodiscard]] bool positions_mean_nothing() const override { return true; }
};

// Zeros without end; /dev/full takes nothing.
class ZeroDevice final : public Device {
public:
    enum class Taking : std::uint8_t { everything, nothing };
    ZeroDevice(FileSystem& file_system, std::uint32_t number, Inode& directory, Taking taking);
    Result<std::uint32_t> read(File& file, IoBuffer& buffer, std::uint64_t offset) override;
    Result<std::uint32_t> write(File& file, IoBuffer& buffer, std::uint64_t offset) override;
    [[nodiscard]] bool seekable() const override { return true; }
    [[nodiscard]] bool positions_mean_nothing() const override { return true; }
    Result<MemoryObject*> pages() override;

private:
    Taking taking_;
};

// Bytes that nobody can guess from outside: as good as FileServices::random_word().
class RandomDevice final : public Device {
public:
    RandomDevice(FileSystem& file_system, std::uint32_t number, Inode& directory, std::string_view name,
                 std::uint32_t device_id);
    Result<std::uint32_t> read(File& file, IoBuffer& buffer, std::uint64_t offset) override;
    Result<std::uint32_t> write(File& file, IoBuffer& buffer, std::uint64_t offset) override;
    [[nodiscard]] bool seekable() const override { return true; }
    [[nodiscard]] bool positions_mean_nothing() const override { return true; }
};

} // namespace quire
