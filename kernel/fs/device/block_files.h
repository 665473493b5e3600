// The names in /dev of the block devices that there are just now. Each that was looked up has an inode, which lives
// until the device ends.
#pragma once

#include "kernel/block/block_devices.h"
#include "kernel/fs/device/block_special.h"
#include "kernel/fs/vfs/fixed_directory.h"
#include "kernel/lib/list.h"

namespace quire {

class BlockFiles final : public DirectoryExtension, public BlockDeviceObserver {
public:
    // The files will be in this directory.
    explicit BlockFiles(FixedDirectory& directory) : directory_(&directory) {}
    BlockFiles(const BlockFiles&) = delete;
    BlockFiles& operator=(const BlockFiles&) = delete;

    // From now on these are in the directory. Once; `devices` must outlive it.
    void show(BlockDevices& devices);

    // ---- DirectoryExtension. Error: also out_of_memory.
    Result<Ref<Inode>> lookup(std::string_view name) override;
    void list(std::uint64_t& position, DirectoryVisitor& visitor) override;

    // ---- BlockDeviceObserver
    void device_ends(BlockDevice& device) override;

private:
    using LookedUp = List<BlockSpecial, &BlockSpecial::link>;
    [[nodiscard]] BlockSpecial* find(const BlockDevice& device) const;

    FixedDirectory* directory_;
    BlockDevices* devices_ = nullptr;
    LookedUp looked_up_;
};

} // namespace quire
