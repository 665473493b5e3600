// What is in /dev. The device numbers are Linux's (Documentation/admin-guide/devices.txt).
#include "kernel/fs/device/device_file_system.h"

namespace quire {

namespace {

constexpr std::uint32_t device_of_dev = device_number(0, 5);

} // namespace

DeviceFileSystem::DeviceFileSystem(Memory& its_memory, FileServices& its_services, Console& console)
    : FileSystem(its_memory, its_services, device_of_dev, "devtmpfs", false), root_(*this, 1), null_(*this, 2, root_),
      zero_(*this, 3, root_, ZeroDevice::Taking::everything), full_(*this, 4, root_, ZeroDevice::Taking::nothing),
      random_(*this, 5, root_, "random", device_number(1, 8)),
      urandom_(*this, 6, root_, "urandom", device_number(1, 9)),
      console_(*this, 7, root_, "console", device_number(5, 1), console, TerminalDevice::Reach::named),
      terminal_(*this, 8, root_, "tty", device_number(5, 0), console, TerminalDevice::Reach::controlling),
      serial_(*this, 9, root_, "ttyS0", device_number(4, 64), console, TerminalDevice::Reach::named),
      descriptors_(*this, 10, "/proc/self/fd"), input_(*this, 11, "/proc/self/fd/0"),
      output_(*this, 12, "/proc/self/fd/1"), errors_(*this, 13, "/proc/self/fd/2"),
      shared_memory_(*this, 14, &root_, "shm"), block_files_(root_) {
    root_.add("null", null_);
    root_.add("zero", zero_);
    root_.add("full", full_);
    root_.add("random", random_);
    root_.add("urandom", urandom_);
    root_.add("console", console_);
    root_.add("tty", terminal_);
    root_.add("ttyS0", serial_);
    root_.add("fd", descriptors_);
    root_.add("stdin", input_);
    root_.add("stdout", output_);
    root_.add("stderr", errors_);
    root_.add("shm", shared_memory_);
}

FileSystemStatus DeviceFileSystem::status() {
    constexpr std::uint32_t tmpfs_magic = 0x01021994; // TMPFS_MAGIC: devtmpfs is one, on Linux
    return {.magic = tmpfs_magic};
}

} // namespace quire
