// The names and sentences of the errors.
#include "kernel/lib/result.h"

#include <array>
#include <cstddef>

namespace quire {

namespace {

struct Wording {
    Error error;
    std::string_view name, sentence;
};

// In the order of the errors.
constexpr auto wordings = std::to_array<Wording>({
    {Error::out_of_memory, "out of memory", "nothing of the wanted kind is free"},
    {Error::limit_reached, "limit reached", "memory is left, but this owner has used up its share"},
    {Error::too_large, "too large", "the size overflows or is more than could ever be given"},
    {Error::invalid_argument, "invalid argument", "the argument makes no sense here"},
    {Error::misaligned, "misaligned", "the address does not lie on the boundary it must lie on"},
    {Error::out_of_range, "out of range", "the address or number is beyond what there is"},
    {Error::double_free, "double free", "it was given back before"},
    {Error::reserved, "reserved", "the frame is no usable RAM or was set aside at boot"},
    {Error::foreign, "foreign", "it was never handed out here"},
    {Error::interior, "interior", "the pointer is inside a block, not at its start"},
    {Error::not_free, "not free", "it is in use"},
    {Error::not_mapped, "not mapped", "no present entry translates the page"},
    {Error::already_mapped, "already mapped", "the page is translated already"},
    {Error::large_page, "large page", "the page is part of a 4 MiB page, which is one piece"},
    {Error::overflow, "overflow", "the counter is at its maximum"},
    {Error::not_supported, "not supported", "this machine or build lacks it"},
    {Error::malformed, "malformed", "the input does not follow its format"},
    {Error::truncated, "truncated", "the input ends too early"},
    {Error::not_permitted, "not permitted", "nobody may do that here"},
    {Error::no_access, "no access", "its mode, or how it was opened, forbids it"},
    {Error::not_found, "not found", "there is nothing of that name"},
    {Error::exists, "exists", "there is one of that name already"},
    {Error::not_directory, "not a directory", "a directory is needed where something else stands"},
    {Error::is_directory, "is a directory", "it is a directory, which this cannot be done to"},
    {Error::not_empty, "not empty", "the directory still has entries"},
    {Error::read_only, "read-only", "the file system cannot be written to"},
    {Error::cross_device, "cross-device", "the two names are in different file systems"},
    {Error::name_too_long, "name too long", "the name or path is longer than any can be"},
    {Error::too_many_links, "too many links", "the symbolic links lead on and on"},
    {Error::bad_descriptor, "bad descriptor", "no open file has that number, or it was opened for something else"},
    {Error::too_many_files, "too many files", "no file descriptor is left"},
    {Error::no_space, "no space", "the file system is full"},
    {Error::no_locks, "no locks", "there is no memory for one more lock"},
    {Error::deadlock, "deadlock", "each would wait for the other"},
    {Error::too_big_file, "file too big", "the file would be larger than any can be"},
    {Error::not_seekable, "not seekable", "it has no position"},
    {Error::not_terminal, "not a terminal", "it does not know that request"},
    {Error::no_device, "no device", "it cannot do that"},
    {Error::no_other_end, "no other end", "nothing is there at the other end"},
    {Error::broken_pipe, "broken pipe", "nobody reads from the other end"},
    {Error::would_block, "would block", "it cannot be done at once"},
    {Error::interrupted, "interrupted", "a signal came first"},
    {Error::restart, "restart", "a signal came first, and the call may be repeated"},
    {Error::restart_unless_handled, "restart unless handled",
     "a signal came first, and the call may be repeated if nobody handled it"},
    {Error::restart_where_it_was, "restart where it was",
     "a signal without a handler came first, and the call goes on"},
    {Error::timed_out, "timed out", "the time was up first"},
    {Error::busy, "busy", "it is in use in a way that excludes this"},
    {Error::text_busy, "text busy", "the file is a program that runs"},
    {Error::bad_address, "bad address", "the program may not use memory at that address"},
    {Error::no_process, "no process", "there is no such process"},
    {Error::no_child, "no child", "there is no child to wait for"},
    {Error::not_executable, "not executable", "it is no program that can be run here"},
    {Error::too_many_arguments, "too many arguments", "they do not fit a new program's stack"},
    {Error::input_output, "input/output", "the device failed"},
    {Error::must_wait, "must wait", "a page that is needed is still on its way"},
    {Error::no_system_call, "no system call", "the kernel does not have it"},
});

static_assert([] {
    for (std::size_t at = 0; at < wordings.size(); ++at) {
        if (static_cast<std::size_t>(wordings[at].error) != at) {
            return false;
        }
    }
    return wordings.back().error == last_error;
}());

} // namespace

std::string_view name_of(Error error) {
    return wordings[static_cast<std::size_t>(error)].name;
}

std::string_view explain(Error error) {
    return wordings[static_cast<std::size_t>(error)].sentence;
}

} // namespace quire
