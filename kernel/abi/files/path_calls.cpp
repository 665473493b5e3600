// open and its kin, the working directory, access. See path_calls.h. The order of checks is that of Linux 6.1
// fs/open.c, fs/namei.c, fs/d_path.c.
#include "kernel/abi/files/path_calls.h"

#include "kernel/abi/files/path_argument.h"
#include "kernel/abi/heap_block.h"
#include "kernel/abi/uapi.h"
#include "kernel/fs/vfs/file_system.h"

#include <utility>

namespace quire::abi {

// ---- open

namespace {

// What open understands (O_DIRECTORY is a part of O_TMPFILE); openat2 refuses anything else, open drops it. Linux calls
// them VALID_OPEN_FLAGS.
constexpr std::uint32_t known_open_flags = O_ACCMODE | O_CREAT | O_EXCL | O_NOCTTY | O_TRUNC | O_APPEND | O_NONBLOCK |
                                           O_SYNC | FASYNC | O_DIRECT | O_LARGEFILE | O_NOFOLLOW | O_NOATIME |
                                           O_CLOEXEC | O_PATH | O_TMPFILE;
// What is left of them beside O_PATH.
constexpr std::uint32_t flags_with_path = O_DIRECTORY | O_NOFOLLOW | O_PATH | O_CLOEXEC;
constexpr std::uint32_t temporary_file = O_TMPFILE & ~std::uint32_t{O_DIRECTORY};

[[nodiscard]] std::uint32_t permissions_for(const Process& process, std::uint32_t mode) {
    return mode & mode::permissions & ~process.context->umask;
}

Result<std::uint32_t> open(Process& process, Descriptor directory, UserText path, std::uint32_t flags,
                           std::uint32_t mode) {
    if ((flags & O_PATH) != 0) {
        flags &= flags_with_path;
    }
    if ((flags & temporary_file) != 0 &&
        ((flags & O_TMPFILE) != O_TMPFILE || (flags & O_ACCMODE) == O_RDONLY || (flags & O_CREAT) != 0)) {
        return fail(Error::invalid_argument);
    }
    PathArgument where;
    if (const auto read = where.read(process, directory, path); !read) {
        return fail(read.error());
    }
    // Nothing is created that no descriptor is left for.
    if ((flags & O_CREAT) != 0 && process.files->open_count() >= process.files->limit()) {
        return fail(Error::too_many_files);
    }
    auto file = names_of(process).open(where.start(), where.path(), flags, permissions_for(process, mode));
    if (!file) {
        return fail(file.error());
    }
    return process.files->add(*std::move(file), (flags & O_CLOEXEC) != 0);
}

} // namespace

Result<std::uint32_t> open_path(Process& process, UserText path, OpenFlags flags, FileMode mode) {
    return open_path_at(process, working_directory_descriptor, path, flags, mode);
}

Result<std::uint32_t> open_path_at(Process& process, Descriptor directory, UserText path, OpenFlags flags,
                                   FileMode mode) {
    return open(process, directory, path, std::to_underlying(flags) & known_open_flags, std::to_underlying(mode));
}

// A structure that may grow: one longer than what is known has to be zero behind it. Its rules are stricter than
// open's; RESOLVE_… restricts the path walk in ways that are not there.
std::int32_t open_path_how(Process& process, Descriptor directory, UserText path, UserPointer<OpenHow> how,
                           std::uint32_t size) {
    if (size < sizeof(OpenHow)) {
        return -EINVAL;
    }
    const auto given = read_value(how);
    if (!given) {
        return -EFAULT;
    }
    for (std::uint32_t at = sizeof(OpenHow); at < size; ++at) {
        const auto more = read_value<std::uint8_t>(how.address + at);
        if (!more || *more != 0) {
            return more ? -E2BIG : -EFAULT;
        }
    }
    const auto flags = static_cast<std::uint32_t>(given->flags);
    const bool creates = (flags & (O_CREAT | temporary_file)) != 0;
    const bool with_path = (flags & O_PATH) != 0 && (flags & ~flags_with_path) != 0;
    if ((given->flags & ~std::uint64_t{known_open_flags}) != 0 || given->resolve != 0 || with_path ||
        (given->mode & ~std::uint64_t{mode::permissions}) != 0 || (given->mode != 0 && !creates)) {
        return -EINVAL;
    }
    return answer(open(process, directory, path, flags, static_cast<std::uint32_t>(given->mode)));
}

Result<std::uint32_t> create_file(Process& process, UserText path, FileMode mode) {
    return open_path(process, path, OpenFlags(O_CREAT | O_WRONLY | O_TRUNC), mode);
}

Result<void> truncate_path_64(Process& process, UserText path, std::int64_t size) {
    if (size < 0) {
        return fail(Error::invalid_argument);
    }
    const auto found = find_file(process, working_directory_descriptor, path);
    if (!found) {
        return fail(found.error());
    }
    if ((*found)->is_directory()) {
        return fail(Error::is_directory);
    }
    if (!(*found)->is_regular()) {
        return fail(Error::invalid_argument);
    }
    if (const auto allowed = (*found)->begin_writing(); !allowed) {
        return allowed;
    }
    auto done = (*found)->check_growth(static_cast<std::uint64_t>(size));
    if (done) {
        done = (*found)->truncate(static_cast<std::uint64_t>(size));
    }
    (*found)->end_writing();
    return done;
}

Result<void> truncate_path(Process& process, UserText path, std::int32_t size) {
    return truncate_path_64(process, path, size);
}

// ---- The working directory

namespace {

Result<void> enter(Process& process, Inode& directory) {
    if (!directory.is_directory()) {
        return fail(Error::not_directory);
    }
    process.context->working_directory = Ref<Inode>(directory);
    return {};
}

} // namespace

Result<void> change_directory(Process& process, UserText path) {
    const auto found = find_file(process, working_directory_descriptor, path);
    return found ? enter(process, **found) : fail(found.error());
}

Result<void> change_directory_to(Process& process, Descriptor directory) {
    const auto file = file_at(process, directory);
    return file ? enter(process, (*file)->inode()) : fail(file.error());
}

std::int32_t working_directory(Process& process, VirtAddr into, std::uint32_t bytes) {
    Inode& directory = *process.context->working_directory;
    if (directory.unlinked()) {
        return -ENOENT;
    }
    const HeapBlock<char> block(longest_path);
    if (!block) {
        return -ENOMEM;
    }
    const auto path = names_of(process).path_of(directory, block.all());
    if (!path) {
        return -errno_of(path.error());
    }
    const auto size = static_cast<std::uint32_t>(path->size()) + 1;
    if (size > bytes) {
        return -ERANGE;
    }
    constexpr std::uint8_t end = 0;
    const bool told = write_memory(into, std::as_bytes(std::span(*path))) && write_value(into + (size - 1), end);
    return told ? static_cast<std::int32_t>(size) : -EFAULT;
}

std::uint32_t set_umask(Process& process, FileMode mask) {
    return std::exchange(process.context->umask, std::to_underlying(mask) & 0777U);
}

// ---- access

namespace {

constexpr std::uint32_t may_execute = 1, may_write = 2, may_read = 4; // X_OK, W_OK, R_OK

// For user 0, who may do all but run a file that nobody may run, and write where nobody can.
Result<void> check(const Inode& file, std::uint32_t wanted) {
    const std::uint32_t kind = file.mode() & mode::kind;
    const bool on_disk = kind == mode::regular || kind == mode::directory || kind == mode::symbolic_link;
    if ((wanted & may_write) != 0 && on_disk && file.file_system().read_only()) {
        return fail(Error::read_only);
    }
    if ((wanted & may_execute) != 0 && !file.is_directory() && (file.mode() & mode::any_execute) == 0) {
        return fail(Error::no_access);
    }
    return {};
}

} // namespace

Result<void> check_access_with_flags(Process& process, Descriptor directory, UserText path, std::uint32_t wanted,
                                     Bits flags) {
    constexpr std::uint32_t effective_ids = 0x200; // AT_EACCESS, the same bit as AT_REMOVEDIR
    constexpr std::uint32_t known = effective_ids | AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH;
    const std::uint32_t given = std::to_underlying(flags);
    if ((wanted & ~(may_read | may_write | may_execute)) != 0 || (given & ~known) != 0) {
        return fail(Error::invalid_argument);
    }
    const auto found = find_file_by_flags(process, directory, path, given);
    return found ? check(**found, wanted) : fail(found.error());
}

Result<void> check_access_at(Process& process, Descriptor directory, UserText path, std::uint32_t wanted) {
    return check_access_with_flags(process, directory, path, wanted, Bits{});
}

Result<void> check_access(Process& process, UserText path, std::uint32_t wanted) {
    return check_access_with_flags(process, working_directory_descriptor, path, wanted, Bits{});
}

} // namespace quire::abi
