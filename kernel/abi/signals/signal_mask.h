// A process's signal mask, replaced while one call waits: ppoll, pselect6, rt_sigsuspend.
#pragma once

#include "kernel/abi/arguments.h"
#include "kernel/abi/structures.h"
#include "kernel/lib/result.h"
#include "kernel/process/process.h"

#include <cstdint>

namespace quire::abi {

// What a program passes as the size of its signal sets.
inline constexpr std::uint32_t signal_set_size = 8;
struct WideSet { // sigset_t, aligned as on i386
    Wide bits = 0;
};

class TemporaryMask {
public:
    explicit TemporaryMask(Process& process) : process_(&process) {}

    // From now on `mask` is blocked. Without one (null) nothing changes. Errors: invalid_argument (size), bad_address.
    Result<void> install(UserPointer<WideSet> mask, std::uint32_t size);
    void install(SignalSet mask);
    // The call is over. Where it gave way to a signal, that is delivered under the temporary mask, and the old one
    // comes back afterwards; otherwise it comes back now.
    void finish(bool gave_way);

private:
    Process* process_;
    bool installed_ = false;
};

} // namespace quire::abi
