// /dev: the devices there are, and the names that lead from there to a process's own open files. One object with all of
// them in it but the block devices' files, for the life of the kernel.
#pragma once

#include "kernel/fs/device/block_files.h"
#include "kernel/fs/device/devices.h"
#include "kernel/fs/device/terminal_device.h"
#include "kernel/fs/vfs/file_system.h"
#include "kernel/fs/vfs/fixed_directory.h"

namespace quire {

class DeviceFileSystem final : public FileSystem {
public:
    DeviceFileSystem(Memory& its_memory, FileServices& its_services, Console& console);
    ~DeviceFileSystem() = default;

    [[nodiscard]] FixedDirectory& root() { return root_; }
    // /dev/shm, for something to be mounted on.
    [[nodiscard]] FixedDirectory& shared_memory() { return shared_memory_; }
    [[nodiscard]] TerminalDevice& console() { return console_; }
    // The files of block devices, which are in the root.
    [[nodiscard]] BlockFiles& block_files() { return block_files_; }
    [[nodiscard]] FileSystemStatus status() override;

private:
    FixedDirectory root_;
    NullDevice null_;
    ZeroDevice zero_, full_;
    RandomDevice random_, urandom_;
    TerminalDevice console_, terminal_, serial_;
    FixedLink descriptors_, input_, output_, errors_;
    FixedDirectory shared_memory_;
    BlockFiles block_files_;
};

} // namespace quire
