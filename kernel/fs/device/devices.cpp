// Devices without hardware.
#include "kernel/fs/device/devices.h"

#include "kernel/fs/vfs/file_system.h"

#include <algorithm>
#include <array>

namespace quire {

namespace {

constexpr std::uint32_t memory_devices = 1; // Linux's major number of all of these

// What is written is looked at by nobody, and need not even be there, as on Linux.
std::uint32_t swallow(IoBuffer& buffer) {
    return buffer.left();
}

} // namespace

FileStatus Device::status() {
    FileStatus status = Inode::status();
    status.size = 0; // where seeking relative to the end starts is no file's size
    status.device_id = device_id_;
    return status;
}

Result<void> Device::set_permissions(std::uint32_t permissions) {
    mode_ = (mode_ & mode::kind) | (permissions & mode::permissions);
    return {};
}

NullDevice::NullDevice(FileSystem& file_system, std::uint32_t number, Inode& directory)
    : Device(file_system, number, directory, "null", device_number(memory_devices, 3)) {}

Result<std::uint32_t> NullDevice::read(File&, IoBuffer&, std::uint64_t) {
    return 0U;
}

Result<std::uint32_t> NullDevice::write(File&, IoBuffer& buffer, std::uint64_t) {
    return swallow(buffer);
}

ZeroDevice::ZeroDevice(FileSystem& file_system, std::uint32_t number, Inode& directory, Taking taking)
    : Device(file_system, number, directory, taking == Taking::everything ? "zero" : "full",
             device_number(memory_devices, taking == Taking::everything ? 5 : 7)),
      taking_(taking) {}

Result<std::uint32_t> ZeroDevice::read(File&, IoBuffer& buffer, std::uint64_t) {
    return buffer.outcome(buffer.put_zeros(buffer.left()));
}

Result<std::uint32_t> ZeroDevice::write(File&, IoBuffer& buffer, std::uint64_t) {
    return taking_ == Taking::everything ? Result<std::uint32_t>(swallow(buffer)) : fail(Error::no_space);
}

// Mapped, it is anonymous memory.
Result<MemoryObject*> ZeroDevice::pages() {
    return taking_ == Taking::everything ? Result<MemoryObject*>(nullptr) : fail(Error::no_device);
}

RandomDevice::RandomDevice(FileSystem& file_system, std::uint32_t number, Inode& directory, std::string_view name,
                           std::uint32_t device_id)
    : Device(file_system, number, directory, name, device_id) {}

Result<std::uint32_t> RandomDevice::read(File&, IoBuffer& buffer, std::uint64_t) {
    std::uint32_t moved = 0;
    while (buffer.left() != 0 && !buffer.failed()) {
        std::array<std::uint32_t, 16> words{};
        std::generate(words.begin(), words.end(), [this] { return file_system().services.random_word(); });
        moved += buffer.put(std::as_bytes(std::span(words)));
    }
    return buffer.outcome(moved);
}

Result<std::uint32_t> RandomDevice::write(File&, IoBuffer& buffer, std::uint64_t) {
    return swallow(buffer);
}

} // namespace quire
