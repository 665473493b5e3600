// Errors as values: the reasons an operation of the kernel can be refused, and Result<T>, which is a value or one of
// them. A refused operation has changed nothing.
#pragma once

#include <concepts>
#include <cstdint>
#include <expected>
#include <string_view>

namespace quire {

// Every reason has a name (name_of) and one sentence (explain).
enum class Error : std::uint8_t {
    out_of_memory,    // no frame, run or block of the wanted kind is free
    limit_reached,    // free memory is left, but not for this owner
    too_large,        // the size overflows or exceeds what could ever be given
    invalid_argument, // zero where something is needed, an alignment that is no power of two, …
    misaligned,       // an address that must lie on a page or block boundary does not
    out_of_range,     // an address or number beyond what there is
    double_free,      // what is given back is free already
    reserved,         // the frame is not RAM, or was never the allocator's to hand out
    foreign,          // what is given back was never handed out here
    interior,         // the pointer is inside a block, not at its start
    not_free,         // what should be taken is in use
    not_mapped,       // no present entry translates the page
    already_mapped,   // the page is translated already
    large_page,       // the page is part of a 4 MiB page, which is mapped and unmapped as a whole
    overflow,         // a counter is at its maximum
    not_supported,    // the machine or this build lacks it
    malformed,        // input that does not follow its format
    truncated,        // input that ends too early

    // Programs, files and what they wait for. Each is what Linux's error of the like name means.
    not_permitted,          // EPERM: nobody may
    no_access,              // EACCES: the file's mode, or how it was opened, forbids it
    not_found,              // ENOENT: no file of that name
    exists,                 // EEXIST: there is one already
    not_directory,          // ENOTDIR
    is_directory,           // EISDIR
    not_empty,              // ENOTEMPTY: a directory with entries
    read_only,              // EROFS
    cross_device,           // EXDEV: a link or rename between file systems
    name_too_long,          // ENAMETOOLONG
    too_many_links,         // ELOOP: symbolic links that lead in circles
    bad_descriptor,         // EBADF
    too_many_files,         // EMFILE: no descriptor is left
    no_space,               // ENOSPC
    no_locks,               // ENOLCK: no memory for one more
    deadlock,               // EDEADLK: who waits for whom would go in a circle
    too_big_file,           // EFBIG
    not_seekable,           // ESPIPE
    not_terminal,           // ENOTTY: an ioctl for something else
    no_device,              // ENODEV: the file cannot do that, such as be mapped
    no_other_end,           // ENXIO: nothing is at the other end, such as a reader of a pipe with a name
    broken_pipe,            // EPIPE: nobody reads any more
    would_block,            // EAGAIN: now would be too early
    interrupted,            // EINTR: a signal came first, and the call is not to be repeated
    restart,                // a signal came first; the call is repeated where its handler allows it (SA_RESTART)
    restart_unless_handled, // the same where only a signal without a handler lets it be repeated
    restart_where_it_was,   // the same; it then goes on as the process's continuation says, and does not begin anew
    timed_out,              // ETIMEDOUT
    busy,                   // EBUSY
    text_busy,              // ETXTBSY: a program that runs is not written to
    bad_address,            // EFAULT
    no_process,             // ESRCH
    no_child,               // ECHILD
    not_executable,         // ENOEXEC: no program that can be run here
    too_many_arguments,     // E2BIG: for a new program's stack
    input_output,           // EIO: the device failed
    must_wait,              // a page is on its way: who may wait does so, and tries again. No program sees it
    no_system_call,         // ENOSYS
};

inline constexpr Error last_error = Error::no_system_call;

[[nodiscard]] std::string_view name_of(Error error);
[[nodiscard]] std::string_view explain(Error error);

// A value or the reason why there is none. The compiler refuses code that drops one without a look: a class marked
// [[nodiscard]] asks more of callers than a function that is, for no function that returns it can forget the mark.
template <class T> class [[nodiscard]] Result : public std::expected<T, Error> {
public:
    using std::expected<T, Error>::expected;

    // What std::expected compares it compares as itself; these say it again for what derives from it.
    [[nodiscard]] friend constexpr bool operator==(const Result& one, const Result& other) {
        return static_cast<const std::expected<T, Error>&>(one) == static_cast<const std::expected<T, Error>&>(other);
    }
    [[nodiscard]] friend constexpr bool operator==(const Result& one, const std::unexpected<Error>& other) {
        return !one.has_value() && one.error() == other.error();
    }
    template <class Value>
    requires std::convertible_to<const Value&, T>
    [[nodiscard]] friend constexpr bool operator==(const Result& one, const Value& value) {
        return one.has_value() && *one == value;
    }
};

// For a caller that goes on alike whether it worked or not. Why that is right stands beside the call.
template <class T> constexpr void may_fail(const Result<T>& /*result*/) {}
constexpr void may_fail(bool /*succeeded*/) {}

[[nodiscard]] constexpr std::unexpected<Error> fail(Error error) {
    return std::unexpected<Error>(error);
}

} // namespace quire
