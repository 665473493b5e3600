// The table of errors and errno values.
#include "kernel/abi/errno.h"

#include "kernel/abi/uapi.h"
#include "kernel/machine/cpu.h"
#include "kernel/process/system_call_answer.h"
#include "kernel/sched/pending_work.h"

#include <array>
#include <cstddef>

namespace quire::abi {

namespace {

// Linux's ERESTARTSYS and its like, as whoever delivers signals knows them.
constexpr auto restart_number = -static_cast<std::int32_t>(system_call_answer::restart);
constexpr auto make_again_number = -static_cast<std::int32_t>(system_call_answer::make_again);
constexpr auto restart_where_it_was_number = -static_cast<std::int32_t>(system_call_answer::restart_where_it_was);
constexpr auto restart_unless_handled_number = -static_cast<std::int32_t>(system_call_answer::restart_unless_handled);

struct Pair {
    Error error;
    std::int32_t number;
};

// In the order of the errors.
constexpr auto pairs = std::to_array<Pair>({
    {Error::out_of_memory, ENOMEM},
    {Error::limit_reached, ENOMEM},
    {Error::too_large, ENOMEM},
    {Error::invalid_argument, EINVAL},
    {Error::misaligned, EINVAL},
    {Error::out_of_range, EINVAL},
    {Error::double_free, EINVAL},
    {Error::reserved, EPERM},
    {Error::foreign, EINVAL},
    {Error::interior, EINVAL},
    {Error::not_free, EEXIST},
    {Error::not_mapped, ENOMEM}, // what Linux says of a hole in a range of memory
    {Error::already_mapped, EEXIST},
    {Error::large_page, EINVAL},
    {Error::overflow, EOVERFLOW},
    {Error::not_supported, EOPNOTSUPP},
    {Error::malformed, ENOEXEC},
    {Error::truncated, ENOEXEC},
    {Error::not_permitted, EPERM},
    {Error::no_access, EACCES},
    {Error::not_found, ENOENT},
    {Error::exists, EEXIST},
    {Error::not_directory, ENOTDIR},
    {Error::is_directory, EISDIR},
    {Error::not_empty, ENOTEMPTY},
    {Error::read_only, EROFS},
    {Error::cross_device, EXDEV},
    {Error::name_too_long, ENAMETOOLONG},
    {Error::too_many_links, ELOOP},
    {Error::bad_descriptor, EBADF},
    {Error::too_many_files, EMFILE},
    {Error::no_space, ENOSPC},
    {Error::no_locks, ENOLCK},
    {Error::deadlock, EDEADLK},
    {Error::too_big_file, EFBIG},
    {Error::not_seekable, ESPIPE},
    {Error::not_terminal, ENOTTY},
    {Error::no_device, ENODEV},
    {Error::no_other_end, ENXIO},
    {Error::broken_pipe, EPIPE},
    {Error::would_block, EAGAIN},
    {Error::interrupted, EINTR},
    {Error::restart, restart_number},
    {Error::restart_unless_handled, restart_unless_handled_number},
    {Error::restart_where_it_was, restart_where_it_was_number},
    {Error::timed_out, ETIMEDOUT},
    {Error::busy, EBUSY},
    {Error::text_busy, ETXTBSY},
    {Error::bad_address, EFAULT},
    {Error::no_process, ESRCH},
    {Error::no_child, ECHILD},
    {Error::not_executable, ENOEXEC},
    {Error::too_many_arguments, E2BIG},
    {Error::input_output, EIO},
    {Error::must_wait, make_again_number},
    {Error::no_system_call, ENOSYS},
});

static_assert([] {
    for (std::size_t at = 0; at < pairs.size(); ++at) {
        if (static_cast<std::size_t>(pairs[at].error) != at) {
            return false;
        }
    }
    return pairs.back().error == last_error;
}());

} // namespace

std::int32_t errno_of(Error error) {
    return pairs[static_cast<std::size_t>(error)].number;
}

std::int32_t answer_of_failure(Error error) {
    if (error == Error::out_of_memory) {
        machine::cpu_local->pending_work.ask(pending_work::room);
    }
    return -errno_of(error);
}

// Each is named by its macro, which its value is taken from as well.
#define QUIRE_ERRNO(name)                                                                                              \
    case name: return #name

const char* errno_name(std::int32_t number) {
    switch (number) {
        QUIRE_ERRNO(E2BIG);
        QUIRE_ERRNO(EACCES);
        QUIRE_ERRNO(EAFNOSUPPORT);
        QUIRE_ERRNO(EAGAIN);
        QUIRE_ERRNO(EBADF);
        QUIRE_ERRNO(EBUSY);
        QUIRE_ERRNO(ECHILD);
        QUIRE_ERRNO(EDEADLK);
        QUIRE_ERRNO(EEXIST);
        QUIRE_ERRNO(EFAULT);
        QUIRE_ERRNO(EFBIG);
        QUIRE_ERRNO(EINTR);
        QUIRE_ERRNO(EINVAL);
        QUIRE_ERRNO(EIO);
        QUIRE_ERRNO(EISDIR);
        QUIRE_ERRNO(ELOOP);
        QUIRE_ERRNO(EMFILE);
        QUIRE_ERRNO(ENAMETOOLONG);
        QUIRE_ERRNO(ENODEV);
        QUIRE_ERRNO(ENOENT);
        QUIRE_ERRNO(ENOEXEC);
        QUIRE_ERRNO(ENOLCK);
        QUIRE_ERRNO(ENOMEM);
        QUIRE_ERRNO(ENOSPC);
        QUIRE_ERRNO(ENOSYS);
        QUIRE_ERRNO(ENOTDIR);
        QUIRE_ERRNO(ENOTEMPTY);
        QUIRE_ERRNO(ENOTTY);
        QUIRE_ERRNO(ENXIO);
        QUIRE_ERRNO(EOPNOTSUPP);
        QUIRE_ERRNO(EOVERFLOW);
        QUIRE_ERRNO(EPERM);
        QUIRE_ERRNO(EPIPE);
        QUIRE_ERRNO(ERANGE);
        QUIRE_ERRNO(EROFS);
        QUIRE_ERRNO(ESPIPE);
        QUIRE_ERRNO(ESRCH);
        QUIRE_ERRNO(ETIMEDOUT);
        QUIRE_ERRNO(ETXTBSY);
        QUIRE_ERRNO(EXDEV);
    case restart_number:
    case make_again_number:
    case restart_where_it_was_number:
    case restart_unless_handled_number: return "restart";
    default: return nullptr;
    }
}

#undef QUIRE_ERRNO

} // namespace quire::abi
