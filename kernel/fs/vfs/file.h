// An open file: an inode, a position in it and how it was opened. Descriptors of one or several processes share it and
// count themselves as its holders; the last one closes it.
#pragma once

#include "kernel/fs/vfs/inode.h"
#include "kernel/fs/vfs/open_flags.h"
#include "kernel/lib/ref.h"
#include "kernel/lib/result.h"

#include <cstdint>

namespace quire {

class File {
public:
    // Opens `inode` with Linux's flags (O_RDONLY … O_PATH; those of the path walk, such as O_CREAT, mean nothing here).
    // Errors: out_of_memory; text_busy (to write to a program that runs); read_only; is_directory; what the inode says.
    [[nodiscard]] static Result<Ref<File>> open(Inode& inode, std::uint32_t flags);
    File(Inode& inode, std::uint32_t flags); // by open() only
    File(const File&) = delete;
    File& operator=(const File&) = delete;

    void retain() { ++references_; }
    void release();

    [[nodiscard]] Inode& inode() const { return *inode_; }
    // As fcntl(F_GETFL) tells: access mode and status flags.
    [[nodiscard]] std::uint32_t flags() const { return flags_; }
    // As fcntl(F_SETFL): changes O_APPEND, O_NONBLOCK, O_NOATIME, of a pipe O_DIRECT, and no others.
    void set_flags(std::uint32_t flags);
    [[nodiscard]] bool readable() const { return readable_; }
    [[nodiscard]] bool writable() const { return writable_; }
    [[nodiscard]] bool is_path() const { return (flags_ & open_flag::path) != 0; }
    // O_NOATIME was not asked for.
    [[nodiscard]] bool notes_reading() const { return (flags_ & open_flag::no_access_time) == 0; }
    [[nodiscard]] bool direct() const { return (flags_ & open_flag::direct) != 0; }
    [[nodiscard]] bool nonblocking() const { return (flags_ & open_flag::nonblocking) != 0; }

    // At the file's own position, which moves on. Errors: bad_descriptor (not opened for that); the inode's.
    Result<std::uint32_t> read(IoBuffer& buffer);
    Result<std::uint32_t> write(IoBuffer& buffer);
    // At `offset`; the position stays. Errors: also not_seekable.
    Result<std::uint32_t> read_at(IoBuffer& buffer, std::uint64_t offset);
    Result<std::uint32_t> write_at(IoBuffer& buffer, std::uint64_t offset);
    // Shortens a write at `offset`, of one byte at least, to what the caller's limit of sizes, and O_LARGEFILE, allow.
    // For inodes that keep what is written. Error: too_big_file, where that is nothing.
    Result<void> limit_write(IoBuffer& buffer, std::uint64_t offset) const;
    // The new position. `whence`: SEEK_SET, SEEK_CUR, SEEK_END, SEEK_DATA, SEEK_HOLE. Errors: bad_descriptor,
    // not_seekable, invalid_argument, overflow, no_other_end (SEEK_DATA and SEEK_HOLE behind the end).
    Result<std::uint64_t> seek(std::int64_t distance, std::uint32_t whence);
    // Bytes. Errors: invalid_argument (not open for writing, or no regular file), bad_descriptor (O_PATH); the inode's.
    Result<void> truncate(std::uint64_t size);
    // fallocate with Linux's mode. Errors: bad_descriptor, not_supported, no_space, too_big_file, no_device.
    Result<void> allocate(std::uint32_t how, std::uint64_t offset, std::uint64_t size);
    // The entries of a directory from the position on, which moves. Errors: bad_descriptor, not_directory; not_found in
    // one that was removed.
    Result<void> list(DirectoryVisitor& visitor);
    // ioctl. Errors: bad_descriptor (O_PATH), not_terminal; the inode's.
    Result<std::uint32_t> control(std::uint32_t request, const ControlArgument& argument);
    // Which of POLLIN, POLLOUT, … hold now; inode().changes() is woken when that may have changed.
    [[nodiscard]] std::uint32_t ready() const { return inode_->ready(*this); }

    [[nodiscard]] std::uint64_t position() const { return position_; }
    // For the inode's use, from opened() to closed().
    void* private_data = nullptr;

private:
    Result<std::uint32_t> checked_read(IoBuffer& buffer, std::uint64_t offset);
    Result<std::uint32_t> checked_write(IoBuffer& buffer, std::uint64_t offset);

    Ref<Inode> inode_;
    std::uint64_t position_ = 0;
    std::uint32_t flags_;
    std::uint32_t references_ = 1;
    bool readable_, writable_;
    bool seekable_;        // the inode is
    bool opened_ = false;  // closed() is to be called
    bool writing_ = false; // end_writing() is
};

} // namespace quire
