// Descriptors: closing, duplicating, fcntl, ioctl, pipes. See descriptor_calls.h. The order of checks is that of Linux
// 6.1 fs/file.c, fs/fcntl.c, fs/ioctl.c, fs/pipe.c and mm/memfd.c.
#include "kernel/abi/files/descriptor_calls.h"

#include "kernel/abi/files/file_access.h"
#include "kernel/abi/files/lock_calls.h"
#include "kernel/abi/structures.h"
#include "kernel/abi/uapi.h"
#include "kernel/abi/user_memory.h"
#include "kernel/fs/pipe/pipe.h"
#include "kernel/lib/panic.h"
#include "kernel/process/user_pages.h"

#include <array>
#include <utility>

namespace quire::abi {

namespace {

[[nodiscard]] constexpr std::uint32_t number_of(Descriptor descriptor) {
    return static_cast<std::uint32_t>(descriptor);
}

} // namespace

Result<void> close_descriptor(Process& process, Descriptor descriptor) {
    return process.files->close(number_of(descriptor));
}

Result<void> close_descriptors(Process& process, std::uint32_t first, std::uint32_t last, Bits flags) {
    constexpr std::uint32_t close_on_exec = 1U << 2; // CLOSE_RANGE_CLOEXEC
    constexpr std::uint32_t unshare = 1U << 1;       // CLOSE_RANGE_UNSHARE
    const std::uint32_t given = std::to_underlying(flags);
    if ((given & ~(close_on_exec | unshare)) != 0 || first > last) {
        return fail(Error::invalid_argument);
    }
    if ((given & unshare) != 0) {
        auto own = FileTable::own(process.files);
        if (!own) {
            return fail(own.error());
        }
        process.files = *std::move(own);
    }
    if ((given & close_on_exec) == 0) {
        process.files->close_range(first, last);
        return {};
    }
    for (std::uint32_t each = process.files->next_open(first); each <= last && each != FileTable::end;
         each = process.files->next_open(each + 1)) {
        must_succeed(process.files->set_close_on_exec(each, true));
    }
    return {};
}

Result<std::uint32_t> duplicate(Process& process, Descriptor descriptor) {
    auto file = process.files->get(number_of(descriptor));
    if (!file) {
        return fail(file.error());
    }
    return process.files->add(*std::move(file), false);
}

namespace {

Result<std::uint32_t> duplicate_to(Process& process, Descriptor from, Descriptor to, bool close_on_exec) {
    if (number_of(to) >= process.files->limit()) {
        return fail(Error::bad_descriptor);
    }
    auto file = process.files->get(number_of(from));
    if (!file) {
        return fail(file.error());
    }
    if (const auto done = process.files->set(number_of(to), *std::move(file), close_on_exec); !done) {
        return fail(done.error());
    }
    return number_of(to);
}

} // namespace

Result<std::uint32_t> duplicate_to(Process& process, Descriptor from, Descriptor to) {
    if (from == to) {
        return process.files->find(number_of(from)) != nullptr ? Result<std::uint32_t>(number_of(to))
                                                               : fail(Error::bad_descriptor);
    }
    return duplicate_to(process, from, to, false);
}

Result<std::uint32_t> duplicate_to_with_flags(Process& process, Descriptor from, Descriptor to, OpenFlags flags) {
    const std::uint32_t given = std::to_underlying(flags);
    if ((given & ~std::uint32_t{O_CLOEXEC}) != 0 || from == to) {
        return fail(Error::invalid_argument);
    }
    return duplicate_to(process, from, to, given != 0);
}

// ---- fcntl

namespace {

Result<std::uint32_t> duplicate_from(Process& process, File& file, std::uint32_t from, bool close_on_exec) {
    if (from >= process.files->limit()) {
        return fail(Error::invalid_argument);
    }
    return process.files->add(Ref<File>(file), close_on_exec, from);
}

Result<std::uint32_t> control_pipe(Pipe* pipe, std::uint32_t command, std::uint32_t argument) {
    if (pipe == nullptr) {
        return fail(Error::bad_descriptor);
    }
    return command == F_GETPIPE_SZ ? pipe->capacity() : pipe->set_capacity(argument);
}

// What fcntl and fcntl64 have in common.
Result<std::uint32_t> control(Process& process, Descriptor descriptor, File& file, std::uint32_t command,
                              std::uint32_t argument) {
    switch (command) {
    case F_DUPFD: return duplicate_from(process, file, argument, false);
    case F_DUPFD_CLOEXEC: return duplicate_from(process, file, argument, true);
    case F_GETFD: {
        const auto closes = process.files->closes_on_exec(number_of(descriptor));
        return closes ? Result<std::uint32_t>(*closes ? FD_CLOEXEC : 0) : fail(closes.error());
    }
    case F_SETFD: {
        const auto set = process.files->set_close_on_exec(number_of(descriptor), (argument & FD_CLOEXEC) != 0);
        return set ? Result<std::uint32_t>(0U) : fail(set.error());
    }
    case F_GETFL: return file.flags();
    case F_SETFL: file.set_flags(argument); return 0U;
    case F_GETOWN:
    case F_SETOWN:
    case F_GETSIG:
    case F_SETSIG: return 0U; // no signal is sent for input
    case F_GET_SEALS: {
        const auto seals = file.inode().seals();
        return seals ? Result<std::uint32_t>(*seals) : fail(Error::invalid_argument);
    }
    case F_ADD_SEALS: {
        if (!file.writable()) {
            return fail(Error::not_permitted);
        }
        const auto sealed = file.inode().add_seals(argument);
        return sealed ? Result<std::uint32_t>(0U) : fail(sealed.error());
    }
    case F_GETPIPE_SZ:
    case F_SETPIPE_SZ: return control_pipe(file.inode().pipe(), command, argument);
    default: return fail(Error::invalid_argument);
    }
}

// What can be asked of a file opened with O_PATH.
[[nodiscard]] bool is_for_paths(std::uint32_t command) {
    return command == F_DUPFD || command == F_DUPFD_CLOEXEC || command == F_GETFD || command == F_SETFD ||
           command == F_GETFL;
}

} // namespace

Result<std::uint32_t> control_descriptor_64(Process& process, Descriptor descriptor, std::uint32_t command,
                                            std::uint32_t argument) {
    const auto file = file_at(process, descriptor);
    if (!file || ((*file)->is_path() && !is_for_paths(command))) {
        return fail(Error::bad_descriptor);
    }
    if (const auto lock = lock_command(command)) {
        return control_lock(process, descriptor, **file, *lock, VirtAddr(argument));
    }
    return control(process, descriptor, **file, command, argument);
}

Result<std::uint32_t> control_descriptor(Process& process, Descriptor descriptor, std::uint32_t command,
                                         std::uint32_t argument) {
    const auto lock = lock_command(command);
    if (lock && lock->wide) {
        return fail(file_at(process, descriptor) ? Error::invalid_argument : Error::bad_descriptor);
    }
    return control_descriptor_64(process, descriptor, command, argument);
}

// ---- ioctl

namespace {

Result<std::uint32_t> set_flag(File& file, std::uint32_t flag, VirtAddr argument) {
    const auto on = read_value<std::int32_t>(argument);
    if (!on) {
        return fail(on.error());
    }
    file.set_flags(*on != 0 ? file.flags() | flag : file.flags() & ~flag);
    return 0U;
}

// FIONREAD of a regular file: bytes from its position to its end.
Result<std::uint32_t> bytes_left(File& file, VirtAddr argument) {
    const std::uint64_t size = file.inode().size();
    const std::uint64_t left = size > file.position() ? size - file.position() : 0;
    const auto told = write_value(argument, static_cast<std::uint32_t>(left));
    return told ? Result<std::uint32_t>(0U) : fail(told.error());
}

} // namespace

Result<std::uint32_t> control_device(Process& process, Descriptor descriptor, Bits request, VirtAddr argument) {
    const auto file = open_file_at(process, descriptor);
    if (!file) {
        return fail(file.error());
    }
    switch (std::to_underlying(request)) {
    case FIOCLEX:
    case FIONCLEX: {
        const bool close = std::to_underlying(request) == FIOCLEX;
        const auto set = process.files->set_close_on_exec(number_of(descriptor), close);
        return set ? Result<std::uint32_t>(0U) : fail(set.error());
    }
    case FIONBIO: return set_flag(**file, O_NONBLOCK, argument);
    case FIOASYNC: return 0U; // no signal is sent for input
    case FIONREAD:
        if ((*file)->inode().is_regular()) {
            return bytes_left(**file, argument);
        }
        break;
    default: break;
    }
    const auto answer = (*file)->control(std::to_underlying(request), ControlArgument(argument.value()));
    // No file changes anything before it has its argument, nor after it has told its answer: the call can be made
    // again.
    return answer == fail(Error::bad_address) ? fail(short_copy_error()) : answer;
}

// ---- pipe, memfd_create

namespace {

// Descriptors for both ends, or for none.
Result<std::array<std::int32_t, 2>> add_ends(FileTable& files, PipeEnds ends, bool close_on_exec) {
    const auto read = files.add(std::move(ends.read), close_on_exec);
    if (!read) {
        return fail(read.error());
    }
    const auto write = files.add(std::move(ends.write), close_on_exec);
    if (!write) {
        must_succeed(files.close(*read));
        return fail(write.error());
    }
    return std::array{static_cast<std::int32_t>(*read), static_cast<std::int32_t>(*write)};
}

} // namespace

Result<void> make_pipe_with_flags(Process& process, UserPointer<std::array<std::int32_t, 2>> ends, OpenFlags flags) {
    const std::uint32_t given = std::to_underlying(flags);
    if ((given & ~std::uint32_t{O_CLOEXEC | O_NONBLOCK | O_DIRECT}) != 0) {
        return fail(Error::invalid_argument);
    }
    auto pipe = files_of(process).make_pipe(given & (O_NONBLOCK | O_DIRECT));
    if (!pipe) {
        return fail(pipe.error());
    }
    const auto numbers = add_ends(*process.files, *std::move(pipe), (given & O_CLOEXEC) != 0);
    if (!numbers) {
        return fail(numbers.error());
    }
    const auto told = write_value(ends, *numbers);
    if (!told) {
        for (const std::int32_t each : *numbers) {
            // Whoever shares the table may have closed it meanwhile.
            may_fail(process.files->close(static_cast<std::uint32_t>(each)));
        }
    }
    return told;
}

Result<void> make_pipe(Process& process, UserPointer<std::array<std::int32_t, 2>> ends) {
    return make_pipe_with_flags(process, ends, OpenFlags{});
}

Result<std::uint32_t> make_memory_file(Process& process, UserText name, Bits flags) {
    const std::uint32_t given = std::to_underlying(flags);
    if ((given & ~std::uint32_t{MFD_CLOEXEC | MFD_ALLOW_SEALING}) != 0) {
        return fail(Error::invalid_argument);
    }
    constexpr std::size_t longest = NAME_MAX - (sizeof("memfd:") - 1);
    std::array<char, longest + 1> buffer{};
    const auto text = read_text(name, buffer);
    if (!text) {
        return fail(text.error() == Error::name_too_long ? Error::invalid_argument : text.error());
    }
    auto file = files_of(process).make_memory_file(*text, (given & MFD_ALLOW_SEALING) != 0 ? Files::Sealing::allowed
                                                                                           : Files::Sealing::forbidden);
    if (!file) {
        return fail(file.error());
    }
    return process.files->add(*std::move(file), (given & MFD_CLOEXEC) != 0);
}

} // namespace quire::abi
