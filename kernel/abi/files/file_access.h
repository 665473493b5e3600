// What calls on files have in common: from a descriptor to an open file, from a path to where it starts, and how many
// bytes one call moves at most.
#pragma once

#include "kernel/abi/arguments.h"
#include "kernel/fs/vfs/file.h"
#include "kernel/fs/vfs/namespace.h"
#include "kernel/lib/ref.h"
#include "kernel/lib/result.h"
#include "kernel/process/process.h"
#include "kernel/process/userland/files.h"

#include <cstdint>
#include <string_view>

namespace quire::abi {

// What one read or write moves at most: Linux's MAX_RW_COUNT.
inline constexpr std::uint32_t most_bytes_moved = 0x7FFFF000;
// Where Linux's programs end on i386. A buffer that reaches beyond is refused before anything is moved; one that
// reaches beyond where ours end is good up to there.
inline constexpr std::uint32_t linux_end_of_user = 0xC0000000;
[[nodiscard]] constexpr bool is_linux_range(VirtAddr start, std::uint32_t bytes) {
    return bytes <= linux_end_of_user && start.value() <= linux_end_of_user - bytes;
}

// An open file while a call uses it: counted only where somebody else could close the descriptor meanwhile.
class FileInUse {
public:
    FileInUse(File& file, bool counted) : file_(&file), counted_(counted) {
        if (counted_) {
            file_->retain();
        }
    }
    FileInUse(FileInUse&& other) noexcept : file_(other.file_), counted_(std::exchange(other.counted_, false)) {}
    FileInUse& operator=(FileInUse&&) = delete;
    ~FileInUse() {
        if (counted_) {
            file_->release();
        }
    }
    [[nodiscard]] File& operator*() const { return *file_; }
    [[nodiscard]] File* operator->() const { return file_; }

private:
    File* file_;
    bool counted_;
};

// Errors: bad_descriptor.
[[nodiscard]] Result<FileInUse> file_at(Process& process, Descriptor descriptor);
// The same for calls that need more than a place in the tree: bad_descriptor for one opened with O_PATH, too.
[[nodiscard]] Result<FileInUse> open_file_at(Process& process, Descriptor descriptor);

// Who writes to a pipe that nobody reads any more gets SIGPIPE beside the error. Returns `written`.
[[nodiscard]] Result<std::uint32_t> tell_broken_pipe(Process& process, Result<std::uint32_t> written);

[[nodiscard]] Files& files_of(const Process& process);
[[nodiscard]] const Namespace& names_of(const Process& process);

// Where a path given to an openat family's call starts. Errors: bad_descriptor, not_directory.
[[nodiscard]] Result<Ref<Inode>> start_of_path(Process& process, Descriptor directory, std::string_view path);

} // namespace quire::abi
