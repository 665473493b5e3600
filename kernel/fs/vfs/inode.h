// A file as the file system knows it, whatever it is: regular file, directory, symbolic link, device, pipe. It counts
// its holders (directory entries, open files, mappings, walks) and ends with the last. What a kind of file cannot do is
// answered here, with the error that Linux gives.
#pragma once

#include "kernel/fs/vfs/file_status.h"
#include "kernel/fs/vfs/io_buffer.h"
#include "kernel/lib/ref.h"
#include "kernel/lib/result.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace quire {

class File;
class FileTable;
class FileSystem;
class Inode;
class MemoryObject;
class Pipe;
class WaitQueue;

inline constexpr std::uint32_t longest_name = 255;  // bytes of one name; NAME_MAX
inline constexpr std::uint32_t longest_path = 4096; // bytes of a path with its final zero; PATH_MAX
inline constexpr std::uint32_t most_links_followed = 40;
inline constexpr std::uint64_t largest_file_size = 0x7FFFFFFF'FFFFFFFF;
// What can be done without O_LARGEFILE ends here: Linux's MAX_NON_LFS.
inline constexpr std::uint64_t largest_small_file_size = 0x7FFFFFFF;

// What poll tells, with Linux's values; compared with Linux's header in inode.cpp.
namespace ready_event {
inline constexpr std::uint32_t readable = 0x0001 | 0x0040; // POLLIN, POLLRDNORM
inline constexpr std::uint32_t writable = 0x0004 | 0x0100; // POLLOUT, POLLWRNORM
inline constexpr std::uint32_t error = 0x0008;             // POLLERR
inline constexpr std::uint32_t hung_up = 0x0010;           // POLLHUP
} // namespace ready_event

// One entry of a directory, as readdir shows it.
struct DirectoryEntry {
    std::string_view name;
    std::uint32_t inode = 0;
    std::uint32_t mode = 0;     // the type bits at least
    std::uint64_t position = 0; // where listing goes on behind it
};

// Takes directory entries one by one.
class DirectoryVisitor {
public:
    // False if there was no room for it: listing ends, and the entry comes first the next time.
    [[nodiscard]] virtual bool visit(const DirectoryEntry& entry) = 0;

protected:
    constexpr ~DirectoryVisitor() = default;
};

// What is to be created.
struct NewInode {
    std::uint32_t mode = 0; // type and permissions; umask is applied already
    std::uint32_t device_id = 0;
    std::string_view target{}; // of a symbolic link
};

// What utimens sets; absent: stays.
struct NewTimes {
    std::optional<Timestamp> accessed{}, modified{};
};

// How rename treats a name that is there already.
enum class RenameMode : std::uint8_t { replace, keep, exchange };

// What is locked of one file: it hears when those who may have locked something are gone.
class InodeLocks {
public:
    // A descriptor of the file is closed: what its table had locked ends. May end this object. O(owners).
    virtual void closed(const FileTable& table) = 0;
    // An open file ends, and its locks with it. May end this object.
    virtual void closed(const File& file) = 0;

protected:
    constexpr ~InodeLocks() = default;
};

class Inode {
public:
    Inode(const Inode&) = delete;
    Inode& operator=(const Inode&) = delete;

    void retain() { ++references_; }
    void release();

    [[nodiscard]] FileSystem& file_system() const { return *file_system_; }
    [[nodiscard]] std::uint32_t number() const { return number_; }
    [[nodiscard]] std::uint32_t mode() const { return mode_; }
    [[nodiscard]] bool is_directory() const { return (mode_ & mode::kind) == mode::directory; }
    [[nodiscard]] bool is_regular() const { return (mode_ & mode::kind) == mode::regular; }
    [[nodiscard]] bool is_block_device() const { return (mode_ & mode::kind) == mode::block_device; }
    [[nodiscard]] bool is_link() const { return (mode_ & mode::kind) == mode::symbolic_link; }

    [[nodiscard]] virtual FileStatus status();

    // ---- Attributes. Errors: read_only.
    virtual Result<void> set_permissions(std::uint32_t permissions);
    virtual Result<void> set_owner(std::optional<std::uint32_t> user, std::optional<std::uint32_t> group);
    virtual Result<void> set_times(const NewTimes& times);

    // ---- Directories. Names are neither empty, "." nor ".."; the path walk sees to those. Errors, all of them:
    // not_directory; those that change something: read_only, no_space, out_of_memory, not_found in a directory that was
    // removed.
    // Error: not_found.
    virtual Result<Ref<Inode>> lookup(std::string_view name);
    // Errors: exists, not_permitted (a kind the file system does not keep).
    virtual Result<Ref<Inode>> create(std::string_view name, const NewInode& what);
    // A regular file that will be in the directory, if it is linked to (O_TMPFILE); `linkable`: it may be. Error:
    // not_supported.
    virtual Result<Ref<Inode>> create_nameless(std::uint32_t permissions, bool linkable);
    // Another name for a file of the same file system that is no directory. Errors: exists, not_permitted.
    virtual Result<void> link(std::string_view name, Inode& file);
    // Errors: not_found, is_directory.
    virtual Result<void> unlink(std::string_view name);
    // Errors: not_found, not_directory, not_empty, busy (something is mounted there).
    virtual Result<void> remove_directory(std::string_view name);
    // `to_directory` is of the same file system. Errors: not_found, exists, not_directory, is_directory, not_empty,
    // invalid_argument (a directory into itself), busy.
    virtual Result<void> rename(std::string_view name, Inode& to_directory, std::string_view to_name, RenameMode mode);
    // Visits the entries from `position` on and moves it; 0 is the beginning, "." and ".." come first.
    virtual Result<void> list(std::uint64_t& position, DirectoryVisitor& visitor);
    // The directory it is in (a directory), or that holds the name it is known by; null where there is none. Not
    // counted.
    [[nodiscard]] virtual Inode* parent() { return nullptr; }
    // The last part of its path; for what is in no directory, all there is: "pipe:[17]".
    [[nodiscard]] virtual std::string_view name() { return {}; }
    // Whether its name has been taken away.
    [[nodiscard]] virtual bool unlinked() { return false; }
    // Whether it may get a name all the same.
    [[nodiscard]] virtual bool linkable() { return !unlinked(); }

    // ---- Symbolic links. Copies the target, as much as fits; returns how much. Error: invalid_argument.
    virtual Result<std::uint32_t> read_link(std::span<char> target);
    // A link that leads to a file, not to a path (in /proc/PID/fd): the file; absent for any other.
    virtual Result<Ref<Inode>> follow_directly();

    // ---- Content
    // Called as a file is opened, with all of open's flags, and when its last descriptor goes.
    virtual Result<void> opened(File& file, std::uint32_t flags);
    virtual void closed(File& file);
    // Moves bytes at `offset`; where there are no offsets (pipes, terminals), the next ones. May wait, unless the file
    // is O_NONBLOCK. 0 is the end. Errors: bad_address, would_block, restart (a signal came first), invalid_argument
    // (cannot be read or written), is_directory, no_space, too_big_file, broken_pipe, out_of_memory, input_output.
    virtual Result<std::uint32_t> read(File& file, IoBuffer& buffer, std::uint64_t offset);
    virtual Result<std::uint32_t> write(File& file, IoBuffer& buffer, std::uint64_t offset);
    // Bytes. Errors: invalid_argument, read_only, no_space, too_big_file. File::truncate() and its like ask
    // check_growth() first.
    virtual Result<void> truncate(std::uint64_t size);
    virtual Result<void> allocate(std::uint32_t mode, std::uint64_t offset, std::uint64_t size);
    // Whether the caller's limits let the file have so many bytes, or it has them already. Error: too_big_file; the
    // caller gets SIGXFSZ.
    Result<void> check_growth(std::uint64_t bytes);
    // Where the data or the hole begins that `offset`, which is in the file, is in or before; its end is a hole. Error:
    // no_other_end (no data behind it). Unless it is known better, all of a file is data.
    virtual Result<std::uint64_t> find_data(std::uint64_t offset) { return offset; }
    virtual Result<std::uint64_t> find_hole(std::uint64_t /*offset*/) { return size(); }
    // Returns when what was written is where it stays if the power goes (fsync). May wait. Errors: input_output,
    // interrupted, out_of_memory.
    virtual Result<void> synchronize() { return {}; }
    // ioctl. Error: not_terminal for an unknown request.
    virtual Result<std::uint32_t> control(File& file, std::uint32_t request, const ControlArgument& argument);
    // Which ready_events hold now.
    [[nodiscard]] virtual std::uint32_t ready(const File& file);
    // Woken when ready() may have changed; null where it never does.
    [[nodiscard]] virtual WaitQueue* changes() { return nullptr; }
    // Whether it has offsets to seek among.
    [[nodiscard]] virtual bool seekable() const { return false; }
    // Whether seeking, though allowed, leads nowhere, and the position stays 0: devices without an end.
    [[nodiscard]] virtual bool positions_mean_nothing() const { return false; }
    // Where seeking relative to the end starts.
    [[nodiscard]] virtual std::uint64_t size() { return 0; }
    // fcntl's seals, as F_GET_SEALS tells them; nothing where a file cannot be sealed. Sealing has errors:
    // invalid_argument (it cannot be), not_permitted (F_SEAL_SEAL), busy (a mapping writes to it).
    [[nodiscard]] virtual std::optional<std::uint32_t> seals() const { return std::nullopt; }
    virtual Result<void> add_seals(std::uint32_t /*seals*/) { return fail(Error::invalid_argument); }
    // Whether a seal keeps new mappings from writing.
    [[nodiscard]] virtual bool mappings_may_write() const { return true; }
    // The pipe that it is, for fcntl(F_GETPIPE_SZ); null for all others.
    [[nodiscard]] virtual Pipe* pipe() { return nullptr; }
    // Somebody maps it: that counts as reading.
    virtual void was_mapped() {}
    // What regions map; not retained for the caller. Null: anonymous memory (/dev/zero). Error: no_device.
    virtual Result<MemoryObject*> pages();

    // ---- Programs are not written to while they run. Errors: text_busy.
    Result<void> deny_writing();
    void allow_writing();
    Result<void> begin_writing();
    void end_writing();

    // What is locked of it, for file_locks.h; null: nothing.
    InodeLocks* locks = nullptr;

    // ---- Mounts: the root of what is mounted on this directory, and the directory that this root is mounted on.
    [[nodiscard]] Inode* mounted() const { return mounted_; }
    [[nodiscard]] Inode* covers() const { return covers_; }
    // Mounts `root` here. Both must live as long as the kernel runs.
    void mount(Inode& root);

protected:
    // With one holder: whoever made it.
    Inode(FileSystem& file_system, std::uint32_t number, std::uint32_t mode);
    ~Inode() = default;

    // The last holder is gone: ends and frees the object. Returns an inode that it held, for release() to let go, so
    // that a long chain of directories needs no deep stack; or null.
    [[nodiscard]] virtual Inode* destroy() = 0;

    std::uint32_t mode_;

private:
    // Why nothing can be changed in this as a directory.
    [[nodiscard]] Error unchangeable() const;

    FileSystem* file_system_;
    std::uint32_t number_;
    std::uint32_t references_ = 1;
    std::int32_t writers_ = 0; // files open for writing; below zero: programs that run from it
    Inode* mounted_ = nullptr;
    Inode* covers_ = nullptr;
};

} // namespace quire
