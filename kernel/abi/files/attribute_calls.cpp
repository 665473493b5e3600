// chmod, chown, utimes. See status_calls.h. Checks and their order: Linux 6.1 fs/open.c, fs/utimes.c.
#include "kernel/abi/files/path_argument.h"
#include "kernel/abi/files/stat_calls.h"
#include "kernel/abi/uapi.h"
#include "kernel/abi/user_memory.h"
#include "kernel/fs/vfs/file_system.h"

#include <optional>
#include <utility>

namespace quire::abi {

using Last = Namespace::LastLink;

// ---- chmod

Result<void> set_mode_at(Process& process, Descriptor directory, UserText path, FileMode mode) {
    const auto file = find_file(process, directory, path, Last::follow);
    return file ? (*file)->set_permissions(std::to_underlying(mode) & mode::permissions) : fail(file.error());
}

Result<void> set_mode(Process& process, UserText path, FileMode mode) {
    return set_mode_at(process, working_directory_descriptor, path, mode);
}

Result<void> set_descriptor_mode(Process& process, Descriptor descriptor, FileMode mode) {
    const auto file = open_file_at(process, descriptor);
    return file ? (*file)->inode().set_permissions(std::to_underlying(mode) & mode::permissions) : fail(file.error());
}

// ---- chown

namespace {

constexpr std::uint32_t nobody = ~std::uint32_t{0}; // the owner stays

[[nodiscard]] constexpr std::uint32_t widened(std::uint32_t id) {
    constexpr std::uint32_t nobody_16 = 0xFFFF;
    return (id & nobody_16) == nobody_16 ? nobody : id & nobody_16;
}

Result<void> give(Inode& file, std::uint32_t user, std::uint32_t group) {
    const auto wanted = [](std::uint32_t id) { return id != nobody ? std::optional(id) : std::nullopt; };
    return file.set_owner(wanted(user), wanted(group));
}

Result<void> give_path(Process& process, Descriptor directory, UserText path, Last last, bool empty_allowed,
                       std::uint32_t user, std::uint32_t group) {
    const auto file = find_file(process, directory, path, last, empty_allowed);
    return file ? give(**file, user, group) : fail(file.error());
}

} // namespace

Result<void> set_owner(Process& process, UserText path, std::uint32_t user, std::uint32_t group) {
    return give_path(process, working_directory_descriptor, path, Last::follow, false, user, group);
}
Result<void> set_owner_16(Process& process, UserText path, std::uint32_t user, std::uint32_t group) {
    return set_owner(process, path, widened(user), widened(group));
}
Result<void> set_link_owner(Process& process, UserText path, std::uint32_t user, std::uint32_t group) {
    return give_path(process, working_directory_descriptor, path, Last::keep, false, user, group);
}
Result<void> set_link_owner_16(Process& process, UserText path, std::uint32_t user, std::uint32_t group) {
    return set_link_owner(process, path, widened(user), widened(group));
}
Result<void> set_descriptor_owner(Process& process, Descriptor descriptor, std::uint32_t user, std::uint32_t group) {
    const auto file = open_file_at(process, descriptor);
    return file ? give((*file)->inode(), user, group) : fail(file.error());
}
Result<void> set_descriptor_owner_16(Process& process, Descriptor descriptor, std::uint32_t user, std::uint32_t group) {
    return set_descriptor_owner(process, descriptor, widened(user), widened(group));
}

Result<void> set_owner_at(Process& process, Descriptor directory, UserText path, std::uint32_t user,
                          std::uint32_t group, Bits flags) {
    const std::uint32_t given = std::to_underlying(flags);
    if ((given & ~std::uint32_t{AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH}) != 0) {
        return fail(Error::invalid_argument);
    }
    const Last last = (given & AT_SYMLINK_NOFOLLOW) != 0 ? Last::keep : Last::follow;
    return give_path(process, directory, path, last, (given & AT_EMPTY_PATH) != 0, user, group);
}

// ---- utimes

namespace {

// Instead of nanoseconds; include/uapi has no names for them. man 2 utimensat.
constexpr std::int64_t nanoseconds_now = (1 << 30) - 1, nanoseconds_omit = (1 << 30) - 2;
constexpr std::int64_t nanoseconds_in_second = 1'000'000'000, nanoseconds_in_microsecond = 1000;

using TimePair = std::array<Timespec64, 2>; // accessed, modified

[[nodiscard]] bool is_valid(const Timespec64& time) {
    return time.nanoseconds == nanoseconds_now || time.nanoseconds == nanoseconds_omit ||
           (time.nanoseconds >= 0 && time.nanoseconds < nanoseconds_in_second);
}

[[nodiscard]] std::optional<Timestamp> stamp_of(const Timespec64& time, const Timestamp& now) {
    if (time.nanoseconds == nanoseconds_omit) {
        return std::nullopt;
    }
    if (time.nanoseconds == nanoseconds_now) {
        return now;
    }
    return Timestamp{.seconds = time.seconds, .nanoseconds = static_cast<std::uint32_t>(time.nanoseconds)};
}

Result<void> set_times(Inode& file, const std::optional<TimePair>& times) {
    const Timestamp now = file.file_system().services.now();
    if (!times) {
        return file.set_times({.accessed = now, .modified = now});
    }
    if (!is_valid((*times)[0]) || !is_valid((*times)[1])) {
        return fail(Error::invalid_argument);
    }
    return file.set_times({.accessed = stamp_of((*times)[0], now), .modified = stamp_of((*times)[1], now)});
}

// A null path is the file of the descriptor itself.
Result<void> set_times_of(Process& process, Descriptor directory, UserText path, const std::optional<TimePair>& times,
                          std::uint32_t flags) {
    if (times && (*times)[0].nanoseconds == nanoseconds_omit && (*times)[1].nanoseconds == nanoseconds_omit) {
        return {};
    }
    if (path.address == VirtAddr() && directory != working_directory_descriptor) {
        if (flags != 0) {
            return fail(Error::invalid_argument);
        }
        const auto file = open_file_at(process, directory);
        return file ? set_times((*file)->inode(), times) : fail(file.error());
    }
    if ((flags & ~std::uint32_t{AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH}) != 0) {
        return fail(Error::invalid_argument);
    }
    const auto file = find_file_by_flags(process, directory, path, flags);
    return file ? set_times(**file, times) : fail(file.error());
}

// Reads the program's two times, if it gave any, and turns each into the wide form.
template <class Pair, class Widen> Result<std::optional<TimePair>> read_times(UserPointer<Pair> from, Widen&& widen) {
    if (from.is_null()) {
        return std::optional<TimePair>();
    }
    const auto given = read_value(from);
    if (!given) {
        return fail(given.error());
    }
    return std::optional<TimePair>(widen(*given));
}

Result<void> set_times_in_microseconds(Process& process, Descriptor directory, UserText path,
                                       UserPointer<TimevalPair> pointer) {
    const auto widen = [](const Timeval& time) {
        const bool valid = time.microseconds >= 0 && time.microseconds < 1'000'000;
        return Timespec64{.seconds = time.seconds,
                          .nanoseconds = valid ? time.microseconds * nanoseconds_in_microsecond : -1};
    };
    const auto times = read_times(pointer, [&](const TimevalPair& given) {
        return TimePair{widen(given.accessed), widen(given.modified)};
    });
    if (!times) {
        return fail(times.error());
    }
    const std::optional<TimePair>& wanted = *times;
    if (wanted && ((*wanted)[0].nanoseconds < 0 || (*wanted)[1].nanoseconds < 0)) {
        return fail(Error::invalid_argument);
    }
    return set_times_of(process, directory, path, wanted, 0);
}

} // namespace

Result<void> set_times_seconds(Process& process, UserText path, UserPointer<UTimes> pointer) {
    const auto times = read_times(pointer, [](const UTimes& given) {
        return TimePair{Timespec64{.seconds = given.accessed}, Timespec64{.seconds = given.modified}};
    });
    return times ? set_times_of(process, working_directory_descriptor, path, *times, 0) : fail(times.error());
}

Result<void> set_times_microseconds(Process& process, UserText path, UserPointer<TimevalPair> times) {
    return set_times_in_microseconds(process, working_directory_descriptor, path, times);
}

Result<void> set_times_microseconds_at(Process& process, Descriptor directory, UserText path,
                                       UserPointer<TimevalPair> times) {
    return set_times_in_microseconds(process, directory, path, times);
}

Result<void> set_times_at(Process& process, Descriptor directory, UserText path,
                          UserPointer<std::array<Timespec, 2>> pointer, Bits flags) {
    const auto widen = [](const Timespec& time) {
        return Timespec64{.seconds = time.seconds, .nanoseconds = time.nanoseconds};
    };
    const auto times = read_times(pointer, [&](const std::array<Timespec, 2>& given) {
        return TimePair{widen(given[0]), widen(given[1])};
    });
    return times ? set_times_of(process, directory, path, *times, std::to_underlying(flags)) : fail(times.error());
}

Result<void> set_times_at_64(Process& process, Descriptor directory, UserText path,
                             UserPointer<std::array<Timespec64, 2>> pointer, Bits flags) {
    const auto times = read_times(pointer, [](const TimePair& given) { return given; });
    return times ? set_times_of(process, directory, path, *times, std::to_underlying(flags)) : fail(times.error());
}

} // namespace quire::abi
