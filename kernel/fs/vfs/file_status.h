// What there is to know about a file and about a file system, as plain values: what stat, statx and statfs tell.
#pragma once

#include <cstdint>
#include <string_view>

namespace quire {

// Time since 1970, in UTC.
struct Timestamp {
    std::int64_t seconds = 0;
    std::uint32_t nanoseconds = 0;
};

// A file's mode, as st_mode: what it is, in the bits of `kind`, and the permissions. Linux's <linux/stat.h> hides its
// names for these from whoever uses a C library's headers.
namespace mode {
inline constexpr std::uint32_t kind = 0170000;
inline constexpr std::uint32_t fifo = 0010000;
inline constexpr std::uint32_t character_device = 0020000;
inline constexpr std::uint32_t directory = 0040000;
inline constexpr std::uint32_t block_device = 0060000;
inline constexpr std::uint32_t regular = 0100000;
inline constexpr std::uint32_t symbolic_link = 0120000;
inline constexpr std::uint32_t socket = 0140000;
inline constexpr std::uint32_t permissions = 07777; // with set-user-id and sticky
inline constexpr std::uint32_t any_execute = 0111;
} // namespace mode

// A device's number, packed as Linux's 32-bit stat structures have it for numbers as small as ours.
[[nodiscard]] constexpr std::uint32_t device_number(std::uint32_t major, std::uint32_t minor) {
    return major << 8 | minor;
}

struct FileStatus {
    std::uint32_t device = 0; // which file system
    std::uint32_t inode = 0;
    std::uint32_t mode = 0; // type and permissions
    std::uint32_t links = 1;
    std::uint32_t user = 0, group = 0;
    std::uint32_t device_id = 0; // which device, if it is one
    std::uint64_t size = 0;      // bytes
    std::uint32_t block_size = 4096;
    std::uint64_t blocks = 0; // of 512 bytes, in memory
    Timestamp accessed, modified, changed, born;
};

struct FileSystemStatus {
    std::uint32_t magic = 0;
    std::uint32_t block_size = 4096;
    std::uint64_t blocks = 0, free_blocks = 0; // of block_size
    std::uint64_t files = 0, free_files = 0;
    std::uint32_t longest_name = 255;
    bool read_only = false;
};

} // namespace quire
