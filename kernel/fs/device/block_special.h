// A block device as a file: /dev/hda and the like. What is read and written goes straight to and from the device,
// through frames of the kernel's (kernel/block/block_buffer.h); nothing is kept of it, so that all who have it open see
// the same. Whoever calls waits for the device.
#pragma once

#include "kernel/block/block_devices.h"
#include "kernel/fs/device/devices.h"
#include "kernel/lib/list.h"

#include <array>
#include <cstdint>

namespace quire {

class BlockSpecial final : public Device {
public:
    BlockSpecial(FileSystem& file_system, Inode& directory, BlockDevices& devices, BlockDevice& device);
    ~BlockSpecial() = default;

    // The number of the inode for that device: no other file in /dev has it.
    [[nodiscard]] static std::uint32_t inode_number(const BlockDevice& device);

    // Null where it is gone.
    [[nodiscard]] const BlockDevice* device() const { return device_; }
    // The device is gone, and nobody has it open; who still holds the file finds nothing behind it.
    void device_ends() { device_ = nullptr; }

    [[nodiscard]] std::string_view name() override { return {name_.data(), name_length_}; }
    // Errors: no_other_end (the device is gone), busy (O_EXCL, and somebody has it for himself).
    Result<void> opened(File& file, std::uint32_t flags) override;
    void closed(File& file) override;
    // Errors: those of Inode, no_space for a write at the end, input_output, interrupted (the caller is killed).
    Result<std::uint32_t> read(File& file, IoBuffer& buffer, std::uint64_t offset) override;
    Result<std::uint32_t> write(File& file, IoBuffer& buffer, std::uint64_t offset) override;
    Result<void> synchronize() override;
    // BLKGETSIZE64 and so on. Errors: also busy and invalid_argument (BLKRRPART), too_big_file (BLKGETSIZE).
    Result<std::uint32_t> control(File& file, std::uint32_t request, const ControlArgument& argument) override;
    [[nodiscard]] bool seekable() const override { return true; }
    [[nodiscard]] std::uint64_t size() override { return device_ != nullptr ? device_->sectors() * sector_size : 0; }

    ListLink<BlockSpecial> link; // in the list of those that were looked up

private:
    class WritersTurn;
    [[nodiscard]] Inode* destroy() override;
    Result<std::uint32_t> read_partitions(const File& file);

    BlockDevices* devices_;
    BlockDevice* device_;
    std::array<char, BlockDevice::longest_name> name_{};
    std::uint8_t name_length_;
    // One writes at a time, for a sector that is written in part is read first.
    bool written_to_ = false;
    WaitQueue next_writer_;
};

} // namespace quire
