// Paths: from a name to the file that it names, over mount points and symbolic links, as Linux walks them; and
// everything that is done by name. It owns a reference to the root directory and nothing else.
#pragma once

#include "kernel/fs/vfs/file.h"
#include "kernel/fs/vfs/inode.h"
#include "kernel/lib/ref.h"
#include "kernel/lib/result.h"

#include <cstdint>
#include <span>
#include <string_view>

namespace quire {

// In all functions: `start` is the directory that a relative path starts from (the working directory, or that of an
// openat family's descriptor); `path` is without its final zero. Modes are after umask. Errors, all of them: not_found
// (also an empty path), not_directory, name_too_long, too_many_links, out_of_memory, and no_access where a directory
// is not one to be searched. Cost: a lookup for each part of the path.
class Namespace {
public:
    // What happens to a symbolic link in the path's last place.
    enum class LastLink : std::uint8_t { follow, keep };

    explicit Namespace(Inode& root) : root_(root) {}

    [[nodiscard]] Inode& root() const { return *root_; }

    // The file that `path` names.
    [[nodiscard]] Result<Ref<Inode>> find(Inode& start, std::string_view path, LastLink last = LastLink::follow) const;

    // Opens, with all of Linux's flags; creates with `permissions` where O_CREAT says so. Errors: also exists,
    // is_directory, too_many_links (O_NOFOLLOW), read_only, text_busy, no_device, and what opening the file gives.
    [[nodiscard]] Result<Ref<File>> open(Inode& start, std::string_view path, std::uint32_t flags,
                                         std::uint32_t permissions = 0) const;

    // mkdir, mknod and symlink: what the last part of the path is to name. Errors: also exists, read_only, no_space.
    Result<void> create(Inode& start, std::string_view path, const NewInode& what) const;
    // Another name for `file`. Errors: also exists, cross_device, not_permitted, read_only.
    Result<void> link(Inode& file, Inode& start, std::string_view path) const;
    // Errors: also is_directory, busy, read_only.
    Result<void> unlink(Inode& start, std::string_view path) const;
    // Errors: also not_empty, busy, read_only, invalid_argument (the path ends in ".").
    Result<void> remove_directory(Inode& start, std::string_view path) const;
    // Errors: also cross_device, exists, is_directory, not_empty, busy, read_only, invalid_argument.
    Result<void> rename(Inode& from_start, std::string_view from, Inode& to_start, std::string_view to,
                        RenameMode mode) const;

    // The path of a file from the root, into `buffer`, which it ends up at the end of; " (deleted)" behind it where it
    // has no name any more, and the name alone for what was never in a directory ("pipe:[17]"). Errors: name_too_long.
    // O(depth).
    [[nodiscard]] Result<std::string_view> path_of(Inode& file, std::span<char> buffer) const;

private:
    class Walk;

    // What the walk's last part names, created if nothing does. For O_CREAT.
    [[nodiscard]] static Result<Ref<Inode>> find_or_create(Walk& walk, std::uint32_t flags, std::uint32_t permissions);
    // Walks to a name that is free, and may be taken.
    static Result<void> to_new_name(Walk& walk, std::string_view path, bool directory);
    static Result<void> check_rename(Walk& from, Walk& to, RenameMode mode);

    Ref<Inode> root_;
};

} // namespace quire
