// What the inodes of one file system have in common: its number, its type, whether it may be written to, and the
// memory it lives in.
#pragma once

#include "kernel/fs/vfs/file_services.h"
#include "kernel/fs/vfs/file_status.h"
#include "kernel/memory/memory.h"

#include <cstdint>
#include <string_view>

namespace quire {

class FileSystem {
public:
    FileSystem(Memory& its_memory, FileServices& its_services, std::uint32_t device, std::string_view type,
               bool read_only)
        : memory(its_memory), services(its_services), device_(device), type_(type), read_only_(read_only),
          born_(its_services.now()) {}
    FileSystem(const FileSystem&) = delete;
    FileSystem& operator=(const FileSystem&) = delete;

    [[nodiscard]] std::uint32_t device() const { return device_; }
    [[nodiscard]] std::string_view type() const { return type_; } // "tmpfs" and so on, as in /proc/mounts
    [[nodiscard]] bool read_only() const { return read_only_; }
    // When it was made: what files without times of their own tell.
    [[nodiscard]] Timestamp born() const { return born_; }
    [[nodiscard]] virtual FileSystemStatus status() = 0;

    Memory& memory;
    FileServices& services;

protected:
    ~FileSystem() = default;

private:
    std::uint32_t device_;
    std::string_view type_;
    bool read_only_;
    Timestamp born_;
};

} // namespace quire
