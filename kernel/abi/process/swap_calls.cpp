// swapon and swapoff. See swap_calls.h.
#include "kernel/abi/process/swap_calls.h"

#include "kernel/abi/files/path_argument.h"
#include "kernel/process/notice.h"
#include "kernel/process/userland/userland.h"

#include <utility>

namespace quire::abi {

namespace {

// Linux 6.1, include/linux/swap.h: which the headers for programs lack.
constexpr std::uint32_t priority_mask = 0x7FFF, prefer = 0x8000, discard_flags = 0x70000;
constexpr std::uint32_t known_flags = priority_mask | prefer | discard_flags;

Result<BlockDevice*> find_device(Process& process, UserText path) {
    const Result<Ref<Inode>> inode = find_file(process, working_directory_descriptor, path);
    if (!inode) {
        return fail(inode.error());
    }
    const FileStatus status = (*inode)->status();
    if ((status.mode & mode::kind) != mode::block_device) {
        return fail(Error::invalid_argument);
    }
    const BlockDevices& devices = process.table->userland().block_devices;
    for (BlockDevice* each = devices.first(); each != nullptr; each = BlockDevices::next(*each)) {
        if (device_number(each->number().major, each->number().minor) == status.device_id) {
            return each;
        }
    }
    return fail(Error::no_other_end);
}

} // namespace

Result<void> swap_on(Process& process, UserText path, Bits flags) {
    const std::uint32_t given = std::to_underlying(flags);
    if ((given & ~known_flags) != 0) {
        return fail(Error::invalid_argument);
    }
    const Result<BlockDevice*> device = find_device(process, path);
    if (!device) {
        return fail(device.error());
    }
    std::optional<std::int32_t> priority;
    if ((given & prefer) != 0) {
        priority = static_cast<std::int32_t>(given & priority_mask);
    }
    Userland& userland = process.table->userland();
    return userland.swap_on(**device, priority);
}

Result<void> swap_off(Process& process, UserText path) {
    const Result<BlockDevice*> device = find_device(process, path);
    return device ? process.table->userland().swap_areas.remove(**device, process) : fail(device.error());
}

} // namespace quire::abi
