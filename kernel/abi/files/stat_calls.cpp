// stat, statx, statfs. See status_calls.h. Checks and their order: Linux 6.1 fs/stat.c, fs/statfs.c.
#include "kernel/abi/files/stat_calls.h"

#include "kernel/abi/files/path_argument.h"
#include "kernel/abi/uapi.h"
#include "kernel/abi/user_memory.h"
#include "kernel/fs/vfs/file_system.h"

#include <limits>
#include <utility>

namespace quire::abi {

namespace {

// Whether every value fits the field it goes to, of an old shape.
template <class Field> [[nodiscard]] constexpr bool fits(std::uint64_t value) {
    return value <= static_cast<std::uint64_t>(std::numeric_limits<Field>::max());
}

[[nodiscard]] std::uint32_t seconds_of(const Timestamp& time) {
    return static_cast<std::uint32_t>(time.seconds);
}

Result<OldStat> shape(const FileStatus& from, const OldStat& /*which*/) {
    if (!fits<std::int32_t>(from.size) || !fits<std::uint16_t>(from.inode) || !fits<std::uint16_t>(from.links) ||
        !fits<std::uint16_t>(from.device) || !fits<std::uint16_t>(from.device_id)) {
        return fail(Error::overflow);
    }
    return OldStat{.device = static_cast<std::uint16_t>(from.device),
                   .inode = static_cast<std::uint16_t>(from.inode),
                   .mode = static_cast<std::uint16_t>(from.mode),
                   .links = static_cast<std::uint16_t>(from.links),
                   .user = static_cast<std::uint16_t>(from.user),
                   .group = static_cast<std::uint16_t>(from.group),
                   .device_id = static_cast<std::uint16_t>(from.device_id),
                   .size = static_cast<std::uint32_t>(from.size),
                   .accessed = seconds_of(from.accessed),
                   .modified = seconds_of(from.modified),
                   .changed = seconds_of(from.changed)};
}

Result<Stat> shape(const FileStatus& from, const Stat& /*which*/) {
    if (!fits<std::int32_t>(from.size) || !fits<std::uint16_t>(from.links)) {
        return fail(Error::overflow);
    }
    return Stat{.device = from.device,
                .inode = from.inode,
                .mode = static_cast<std::uint16_t>(from.mode),
                .links = static_cast<std::uint16_t>(from.links),
                .user = static_cast<std::uint16_t>(from.user),
                .group = static_cast<std::uint16_t>(from.group),
                .device_id = from.device_id,
                .size = static_cast<std::uint32_t>(from.size),
                .block_size = from.block_size,
                .blocks = static_cast<std::uint32_t>(from.blocks),
                .accessed = seconds_of(from.accessed),
                .accessed_nanoseconds = from.accessed.nanoseconds,
                .modified = seconds_of(from.modified),
                .modified_nanoseconds = from.modified.nanoseconds,
                .changed = seconds_of(from.changed),
                .changed_nanoseconds = from.changed.nanoseconds};
}

Result<Stat64> shape(const FileStatus& from, const Stat64& /*which*/) {
    return Stat64{.device = from.device,
                  .inode_low = from.inode,
                  .mode = from.mode,
                  .links = from.links,
                  .user = from.user,
                  .group = from.group,
                  .device_id = from.device_id,
                  .size = static_cast<std::int64_t>(from.size),
                  .block_size = from.block_size,
                  .blocks = from.blocks,
                  .accessed = seconds_of(from.accessed),
                  .accessed_nanoseconds = from.accessed.nanoseconds,
                  .modified = seconds_of(from.modified),
                  .modified_nanoseconds = from.modified.nanoseconds,
                  .changed = seconds_of(from.changed),
                  .changed_nanoseconds = from.changed.nanoseconds,
                  .inode = from.inode};
}

template <class Shape> Result<void> tell(Inode& file, UserPointer<Shape> into) {
    const auto shaped = shape(file.status(), Shape{});
    return shaped ? write_value(into, *shaped) : fail(shaped.error());
}

template <class Shape>
Result<void> tell_of_path(Process& process, UserText path, Namespace::LastLink last, UserPointer<Shape> into) {
    const auto found = find_file(process, working_directory_descriptor, path, last);
    return found ? tell(**found, into) : fail(found.error());
}

template <class Shape>
Result<void> tell_of_descriptor(Process& process, Descriptor descriptor, UserPointer<Shape> into) {
    const auto file = file_at(process, descriptor);
    return file ? tell((*file)->inode(), into) : fail(file.error());
}

using Last = Namespace::LastLink;

} // namespace

Result<void> status_oldest(Process& process, UserText path, UserPointer<OldStat> into) {
    return tell_of_path(process, path, Last::follow, into);
}
Result<void> link_status_oldest(Process& process, UserText path, UserPointer<OldStat> into) {
    return tell_of_path(process, path, Last::keep, into);
}
Result<void> descriptor_status_oldest(Process& process, Descriptor descriptor, UserPointer<OldStat> into) {
    return tell_of_descriptor(process, descriptor, into);
}
Result<void> status(Process& process, UserText path, UserPointer<Stat> into) {
    return tell_of_path(process, path, Last::follow, into);
}
Result<void> link_status(Process& process, UserText path, UserPointer<Stat> into) {
    return tell_of_path(process, path, Last::keep, into);
}
Result<void> descriptor_status(Process& process, Descriptor descriptor, UserPointer<Stat> into) {
    return tell_of_descriptor(process, descriptor, into);
}
Result<void> status_64(Process& process, UserText path, UserPointer<Stat64> into) {
    return tell_of_path(process, path, Last::follow, into);
}
Result<void> link_status_64(Process& process, UserText path, UserPointer<Stat64> into) {
    return tell_of_path(process, path, Last::keep, into);
}
Result<void> descriptor_status_64(Process& process, Descriptor descriptor, UserPointer<Stat64> into) {
    return tell_of_descriptor(process, descriptor, into);
}

Result<void> status_at(Process& process, Descriptor directory, UserText path, UserPointer<Stat64> into, Bits flags) {
    constexpr std::uint32_t known = AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT | AT_EMPTY_PATH | AT_STATX_SYNC_TYPE;
    const std::uint32_t given = std::to_underlying(flags);
    if ((given & ~known) != 0) {
        return fail(Error::invalid_argument);
    }
    const auto file = find_file_by_flags(process, directory, path, given);
    return file ? tell(**file, into) : fail(file.error());
}

// ---- statx

namespace {

[[nodiscard]] StatxTime statx_time(const Timestamp& time) {
    return {.seconds = time.seconds, .nanoseconds = time.nanoseconds};
}

// Device numbers are packed as device_number() does it.
[[nodiscard]] constexpr std::uint32_t major_of(std::uint32_t device) {
    return device >> 8;
}
[[nodiscard]] constexpr std::uint32_t minor_of(std::uint32_t device) {
    return device & 0xFF;
}

[[nodiscard]] Statx extended(const FileStatus& from) {
    return {.mask = STATX_BASIC_STATS | STATX_BTIME,
            .block_size = from.block_size,
            .links = from.links,
            .user = from.user,
            .group = from.group,
            .mode = static_cast<std::uint16_t>(from.mode),
            .inode = from.inode,
            .size = from.size,
            .blocks = from.blocks,
            .accessed = statx_time(from.accessed),
            .born = statx_time(from.born),
            .changed = statx_time(from.changed),
            .modified = statx_time(from.modified),
            .device_id_major = major_of(from.device_id),
            .device_id_minor = minor_of(from.device_id),
            .device_major = major_of(from.device),
            .device_minor = minor_of(from.device)};
}

} // namespace

Result<void> status_extended(Process& process, Descriptor directory, UserText path, Bits flags, Bits mask,
                             UserPointer<Statx> into) {
    constexpr std::uint32_t known = AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT | AT_EMPTY_PATH | AT_STATX_SYNC_TYPE;
    const std::uint32_t given = std::to_underlying(flags);
    if ((std::to_underlying(mask) & STATX__RESERVED) != 0 || (given & ~known) != 0 ||
        (given & AT_STATX_SYNC_TYPE) == AT_STATX_SYNC_TYPE) {
        return fail(Error::invalid_argument);
    }
    const auto file = find_file_by_flags(process, directory, path, given);
    return file ? write_value(into, extended((*file)->status())) : fail(file.error());
}

// ---- statfs

namespace {

constexpr std::uint32_t flags_valid = 0x20; // ST_VALID: Linux sets it always; include/linux/statfs.h
constexpr std::uint32_t flag_read_only = 1; // ST_RDONLY

template <class Shape> Result<void> tell_system(FileSystem& system, UserPointer<Shape> into) {
    const FileSystemStatus from = system.status();
    Shape shaped;
    using Count = decltype(shaped.files);
    shaped.type = from.magic;
    shaped.block_size = from.block_size;
    shaped.blocks = static_cast<Count>(from.blocks);
    shaped.free_blocks = static_cast<Count>(from.free_blocks);
    shaped.available_blocks = static_cast<Count>(from.free_blocks);
    shaped.files = static_cast<Count>(from.files);
    shaped.free_files = static_cast<Count>(from.free_files);
    shaped.id = {system.device(), 0};
    shaped.longest_name = from.longest_name;
    shaped.fragment_size = from.block_size;
    shaped.flags = flags_valid | (from.read_only ? flag_read_only : 0);
    return write_value(into, shaped);
}

template <class Shape> Result<void> tell_system_of_path(Process& process, UserText path, UserPointer<Shape> into) {
    const auto file = find_file(process, working_directory_descriptor, path);
    return file ? tell_system((*file)->file_system(), into) : fail(file.error());
}

template <class Shape>
Result<void> tell_system_of_descriptor(Process& process, Descriptor descriptor, UserPointer<Shape> into) {
    const auto file = file_at(process, descriptor);
    return file ? tell_system((*file)->inode().file_system(), into) : fail(file.error());
}

} // namespace

Result<void> system_status(Process& process, UserText path, UserPointer<Statfs> into) {
    return tell_system_of_path(process, path, into);
}
Result<void> descriptor_system_status(Process& process, Descriptor descriptor, UserPointer<Statfs> into) {
    return tell_system_of_descriptor(process, descriptor, into);
}
Result<void> system_status_64(Process& process, UserText path, std::uint32_t size, UserPointer<Statfs64> into) {
    return size == sizeof(Statfs64) ? tell_system_of_path(process, path, into) : fail(Error::invalid_argument);
}
Result<void> descriptor_system_status_64(Process& process, Descriptor descriptor, std::uint32_t size,
                                         UserPointer<Statfs64> into) {
    return size == sizeof(Statfs64) ? tell_system_of_descriptor(process, descriptor, into)
                                    : fail(Error::invalid_argument);
}

} // namespace quire::abi
