// What the files need of the rest of the kernel, and no more: to wait, to know the time, and to know who is asking.
// The kernel's processes provide it; so does a test, without any.
#pragma once

#include "kernel/fs/vfs/file_status.h"
#include "kernel/lib/result.h"

#include <cstdint>

namespace quire {

class WaitQueue;

class FileServices {
public:
    // Who makes the call that is being served.
    struct Caller {
        std::uint32_t process = 0, group = 0, session = 0;
    };

    // Waits until somebody wakes `queue`, or until `deadline` (nanoseconds since boot, 0: none). Whoever returns looks
    // again whether what it waited for is there. Errors: interrupted (a signal is there to be delivered), timed_out.
    virtual Result<void> wait(WaitQueue& queue, std::uint64_t deadline = 0) = 0;

    [[nodiscard]] virtual Timestamp now() = 0;             // by the calendar
    [[nodiscard]] virtual std::uint64_t uptime() = 0;      // nanoseconds since boot
    [[nodiscard]] virtual std::uint32_t random_word() = 0; // for /dev/urandom
    [[nodiscard]] virtual Caller caller() = 0;
    // Whether a signal that stops would not stop the caller, because it blocks or ignores it.
    [[nodiscard]] virtual bool caller_ignores(std::uint32_t signal) = 0;
    // How many bytes a file may have that the caller makes larger (RLIMIT_FSIZE); and what it gets for trying
    // (SIGXFSZ).
    [[nodiscard]] virtual std::uint64_t file_size_limit() = 0;
    virtual void file_would_be_too_large() = 0;
    // The terminal may have room again for what was typed and waits.
    virtual void input_has_room() = 0;
    // Sends a signal to each process of a group.
    virtual void signal_group(std::uint32_t group, std::uint32_t signal) = 0;

protected:
    constexpr ~FileServices() = default;
};

} // namespace quire
