// What the inodes of one file system have in common: its number, its type, whether it may be written to, and the
// memory it lives in.
#pragma once

#include "kernel/fs/vfs/file_services.h"
#include "kernel/fs/vfs/file_status.h"
#include "kernel/lib/result.h"
#include "kernel/memory/memory.h"

#include <cstdint>
#include <string_view>

namespace quire {

class IoBuffer;

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

    // For files that move bytes to and from pages. The frame of a page, once its content is in it. Errors: `page`'s,
    // and must_wait.
    [[nodiscard]] Result<Frame> content(Result<Frame> page) const;
    // The answer of a transfer that lacks a page. One that has moved something waits for memory, too: programs know
    // files to be read and written as a whole.
    [[nodiscard]] Result<std::uint32_t> stopped(IoBuffer& buffer, Error why, std::uint32_t moved) const;

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
