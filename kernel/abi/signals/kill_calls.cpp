// kill, tkill, tgkill and rt_sigqueueinfo: signals to other processes. See signal_calls.h. Checks and their order:
// Linux 6.1 kernel/signal.c.
#include "kernel/abi/signals/signal_calls.h"
#include "kernel/abi/uapi.h"
#include "kernel/abi/user_memory.h"
#include "kernel/process/process_table.h"
#include "kernel/process/send_signal.h"

#include <limits>
#include <utility>

namespace quire::abi {

namespace {

// Signal 0 is sent to nobody, but all is checked. Errors: invalid_argument (no such signal), would_block.
Result<void> send_to(Process& receiver, const SignalInfo& info) {
    if (info.number > signal_count) {
        return fail(Error::invalid_argument);
    }
    return info.number == 0 ? Result<void>() : send_signal(receiver, info);
}

// To each process that `is_meant`: well done if one of them got it. Errors: no_process where there is none.
template <class Predicate> Result<void> send_to_each(Process& sender, const SignalInfo& info, Predicate&& is_meant) {
    bool sent = false;
    Error error = Error::no_process;
    sender.table->for_each([&](Process& each) {
        if (is_meant(each)) {
            const auto outcome = send_to(each, info);
            sent = sent || outcome.has_value();
            error = outcome ? error : outcome.error();
        }
    });
    return sent ? Result<void>() : fail(error);
}

[[nodiscard]] SignalInfo information(const Process& sender, SignalCode signal, std::int32_t code) {
    return {.number = std::to_underlying(signal), .code = code, .sender = sender.id};
}

Result<Process*> find(const Process& process, std::int32_t id) {
    Process* const found = process.table->find(static_cast<std::uint32_t>(id));
    return found != nullptr && found->id != 0 ? Result<Process*>(found) : fail(Error::no_process);
}

} // namespace

Result<void> send_signal_to(Process& process, std::int32_t whom, SignalCode signal) {
    const SignalInfo info = information(process, signal, signal_code::user);
    if (whom > 0) {
        const auto receiver = find(process, whom);
        return receiver ? send_to(**receiver, info) : fail(receiver.error());
    }
    if (whom == -1) {
        constexpr std::uint32_t first_process = 1; // which Linux spares, too
        return send_to_each(process, info,
                            [&](const Process& each) { return &each != &process && each.id != first_process; });
    }
    if (whom == std::numeric_limits<std::int32_t>::min()) {
        return fail(Error::no_process);
    }
    const std::uint32_t group = whom == 0 ? process.group : static_cast<std::uint32_t>(-whom);
    return send_to_each(process, info, [&](const Process& each) { return each.group == group; });
}

Result<void> send_signal_to_thread(Process& process, std::int32_t thread, SignalCode signal) {
    return send_signal_in_group(process, thread, thread, signal);
}

Result<void> send_signal_in_group(Process& process, std::int32_t leader, std::int32_t thread, SignalCode signal) {
    if (leader <= 0 || thread <= 0) {
        return fail(Error::invalid_argument);
    }
    const auto receiver = find(process, thread);
    if (!receiver || leader != thread) {
        return fail(Error::no_process);
    }
    return send_to(**receiver, information(process, signal, signal_code::thread_kill));
}

namespace {

// The program says what the receiver is told; it may not pretend that the kernel, or kill, had sent it. Errors:
// bad_address, not_permitted, no_process.
Result<void> queue(Process& process, std::int32_t thread, SignalCode signal, UserPointer<SignalDetails> place) {
    const auto details = read_value(place);
    if (!details) {
        return fail(details.error());
    }
    const bool pretends = details->code >= 0 || details->code == signal_code::thread_kill;
    if (pretends && static_cast<std::uint32_t>(thread) != process.id) {
        return fail(Error::not_permitted);
    }
    const auto receiver = find(process, thread);
    if (!receiver) {
        return fail(receiver.error());
    }
    return send_to(**receiver, {.number = std::to_underlying(signal),
                                .error = details->error,
                                .code = details->code,
                                .sender = details->fields[0],
                                .user = details->fields[1],
                                .value = details->fields[2]});
}

} // namespace

Result<void> queue_signal(Process& process, std::int32_t whom, SignalCode signal, UserPointer<SignalDetails> details) {
    return queue(process, whom, signal, details);
}

Result<void> queue_signal_in_group(Process& process, std::int32_t leader, std::int32_t thread, SignalCode signal,
                                   UserPointer<SignalDetails> details) {
    if (leader <= 0 || thread <= 0) {
        return fail(Error::invalid_argument);
    }
    return leader == thread ? queue(process, thread, signal, details) : fail(Error::no_process);
}

} // namespace quire::abi
