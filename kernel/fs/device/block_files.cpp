// Looking up block devices in /dev, and listing them.
#include "kernel/fs/device/block_files.h"

#include "kernel/fs/vfs/file_system.h"
#include "kernel/memory/heap/object.h"

namespace quire {

void BlockFiles::show(BlockDevices& devices) {
    devices_ = &devices;
    devices.observer = this;
    directory_->extend(*this);
}

BlockSpecial* BlockFiles::find(const BlockDevice& device) const {
    BlockSpecial* file = looked_up_.front();
    while (file != nullptr && file->device() != &device) {
        file = LookedUp::next(*file);
    }
    return file;
}

Result<Ref<Inode>> BlockFiles::lookup(std::string_view name) {
    BlockDevice* const device = devices_->find(name);
    if (device == nullptr) {
        return fail(Error::not_found);
    }
    if (BlockSpecial* const known = find(*device)) {
        return Ref<Inode>(*known);
    }
    FileSystem& system = directory_->file_system();
    const Result<BlockSpecial*> file =
        make_object<BlockSpecial>(system.memory.heap, system, *directory_, *devices_, *device);
    if (!file) {
        return fail(file.error());
    }
    looked_up_.push_back(**file); // which holds it
    return Ref<Inode>(**file);
}

// The position is the device's inode number, which grows with its own.
void BlockFiles::list(std::uint64_t& position, DirectoryVisitor& visitor) {
    for (const BlockDevice* each = devices_->first(); each != nullptr; each = BlockDevices::next(*each)) {
        const std::uint32_t number = BlockSpecial::inode_number(*each);
        if (number < position) {
            continue;
        }
        if (!visitor.visit(
                {.name = each->name(), .inode = number, .mode = mode::block_device, .position = number + 1ULL})) {
            return;
        }
        position = number + 1ULL;
    }
}

void BlockFiles::device_ends(BlockDevice& device) {
    if (BlockSpecial* const file = find(device)) {
        looked_up_.erase(*file);
        file->device_ends();
        file->release();
    }
}

} // namespace quire
