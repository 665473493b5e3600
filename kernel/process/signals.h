// Signals of one process: what is pending, what is blocked and what is to be done. Sending adds to the pending ones;
// delivery happens when the process is about to return to ring 3 (signals/signal_delivery.h). Numbers, flags and codes
// are Linux's (UAPI <asm/signal.h>, <asm-generic/siginfo.h>); this file knows no user memory.
#pragma once

#include "kernel/fs/device/signal_number.h"
#include "kernel/lib/list.h"
#include "kernel/lib/result.h"

#include <array>
#include <cstdint>

namespace quire {

inline constexpr std::uint32_t signal_count = 64;

// A set of signals: bit N - 1 is signal N, as in Linux's sigset_t.
using SignalSet = std::uint64_t;
[[nodiscard]] constexpr SignalSet signal_bit(std::uint32_t number) {
    return SignalSet{1} << (number - 1);
}
inline constexpr SignalSet unblockable = signal_bit(signal_number::kill) | signal_bit(signal_number::stop);
// Those that a fault of the process itself raises: delivered before any other.
inline constexpr SignalSet synchronous = signal_bit(signal_number::illegal) | signal_bit(signal_number::trap) |
                                         signal_bit(signal_number::bus) | signal_bit(signal_number::arithmetic) |
                                         signal_bit(signal_number::segmentation) |
                                         signal_bit(signal_number::system_call);

// siginfo_t without its padding: what there is depends on the code.
struct SignalInfo {
    std::uint32_t number = 0;
    std::int32_t error = 0;
    std::int32_t code = 0;        // si_code: SI_USER 0, SI_KERNEL 0x80, SI_QUEUE -1, SI_TKILL -6, SEGV_MAPERR 1, …
    std::uint32_t sender = 0;     // si_pid, or the child's id
    std::uint32_t user = 0;       // si_uid
    std::uint32_t value = 0;      // si_value, or the child's si_status
    std::uint32_t address = 0;    // si_addr of a fault
    std::uint16_t trap = 0;       // the exception's vector, of a fault: for the frame, not in siginfo
    bool unreadable = false;      // SIGBUS: the page is there, but its disk did not give it back; not in siginfo
    std::uint32_t error_code = 0; // the processor's error code
};
namespace signal_code {
inline constexpr std::int32_t user = 0, kernel = 0x80, queue = -1, timer = -2, thread_kill = -6;
inline constexpr std::int32_t not_mapped = 1, no_access = 2;               // SEGV_MAPERR, SEGV_ACCERR
inline constexpr std::int32_t misaligned_address = 1, no_such_address = 2; // BUS_ADRALN, BUS_ADRERR
inline constexpr std::int32_t child_exited = 1, child_killed = 2, child_dumped = 3, child_trapped = 4,
                              child_stopped = 5, child_continued = 6; // CLD_…
} // namespace signal_code

// What sigaction sets. Linux's struct k_sigaction of i386.
struct SignalAction {
    static constexpr std::uint32_t by_default = 0, ignored = 1; // SIG_DFL, SIG_IGN
    // SA_… flags
    static constexpr std::uint32_t no_child_stop = 1, no_child_wait = 2, with_information = 4,
                                   has_restorer = 0x04000000, on_alternate_stack = 0x08000000, restart = 0x10000000,
                                   no_defer = 0x40000000, reset_hand = 0x80000000;
    std::uint32_t handler = by_default;
    std::uint32_t flags = 0;
    std::uint32_t restorer = 0;
    SignalSet mask = 0;
};

// What sigaltstack sets; size 0 is none.
struct AlternateStack {
    std::uint32_t start = 0, size = 0;
    std::uint32_t flags = 0; // SS_AUTODISARM as given

    [[nodiscard]] bool contains(std::uint32_t stack_pointer) const { return stack_pointer - start - 1 < size; }
};

// What becomes of a signal whose action is the default. signal(7).
enum class DefaultAction : std::uint8_t { terminate, ignore, stop, proceed };
[[nodiscard]] DefaultAction default_action(std::uint32_t number);
// Those that end a process with a core dump by default.
inline constexpr SignalSet dumps_core =
    signal_bit(signal_number::quit) | signal_bit(signal_number::illegal) | signal_bit(signal_number::trap) |
    signal_bit(signal_number::abort) | signal_bit(signal_number::bus) | signal_bit(signal_number::arithmetic) |
    signal_bit(signal_number::segmentation) | signal_bit(signal_number::processor_time) |
    signal_bit(signal_number::file_size) | signal_bit(signal_number::system_call);
// "SIGSEGV"; "SIGRT5" for realtime signals.
[[nodiscard]] const char* signal_name(std::uint32_t number);

// What is kept of a pending signal, as small as can be, for each process has room for many: a fault has no sender, and
// who was sent something touched nothing.
struct KeptSignal {
    [[nodiscard]] static KeptSignal of(const SignalInfo& info) {
        const bool fault = info.address != 0 || info.error_code != 0 || info.trap != 0;
        return {.number = static_cast<std::uint8_t>(info.number),
                .trap = static_cast<std::uint8_t>(info.trap),
                .fault = fault,
                .unreadable = info.unreadable,
                .error = info.error,
                .code = info.code,
                .sender_or_address = fault ? info.address : info.sender,
                .user_or_error_code = fault ? info.error_code : info.user,
                .value = info.value};
    }
    [[nodiscard]] SignalInfo info() const {
        return {.number = number,
                .error = error,
                .code = code,
                .sender = fault ? 0 : sender_or_address,
                .user = fault ? 0 : user_or_error_code,
                .value = value,
                .address = fault ? sender_or_address : 0,
                .trap = trap,
                .unreadable = unreadable,
                .error_code = fault ? user_or_error_code : 0};
    }

    std::uint8_t number, trap;
    bool fault, unreadable;
    std::int32_t error, code;
    std::uint32_t sender_or_address, user_or_error_code, value;
};

// Room for N signals. Making it writes nothing, for a fork makes two of these: what is read was put there before.
template <std::size_t N> union SignalRoom {
    SignalRoom() {} // NOLINT(modernize-use-equals-default): that would fill all of it
    std::array<KeptSignal, N> kept;
};

class Signals {
public:
    // How many can queue: the largest RLIMIT_SIGPENDING. Standard signals need no room: each is pending or not.
    static constexpr std::uint32_t most_queued = 32;

    // Adds a signal to the pending ones: a standard one that is pending already is lost, as Linux has it; up to `most`
    // realtime ones queue up. Where there is no room for another, one of kill() is pending all the same, and only what
    // would be known of it is lost. Error: would_block, for any other. O(1). Linux, kernel/signal.c,
    // __send_signal_locked().
    Result<void> add(const SignalInfo& info, std::uint64_t most = most_queued);
    // Takes out the next pending signal among `wanted`: SIGKILL, then faults, then the lowest number. Number 0: none.
    [[nodiscard]] SignalInfo take(SignalSet wanted);
    // Pending signals among `these` are forgotten.
    void discard(SignalSet these);

    [[nodiscard]] SignalSet pending() const { return pending_; }
    [[nodiscard]] std::uint32_t queued() const { return queued_count_; }
    [[nodiscard]] SignalSet deliverable() const { return pending_ & ~blocked; }
    // SIGKILL has come: the process runs no further instruction of ring 3.
    [[nodiscard]] bool killed() const { return (pending_ & signal_bit(signal_number::kill)) != 0; }
    // SIGKILL, or another signal that has come and will end the process without a core dump; 0: none. It ends a
    // killable wait, as on Linux (kernel/signal.c, complete_signal()).
    [[nodiscard]] std::uint32_t fatal() const;
    // Whether the signal would change nothing if it came: ignored by action or by default.
    [[nodiscard]] bool ignores(std::uint32_t number) const;

    [[nodiscard]] SignalAction& action(std::uint32_t number) { return actions_[number - 1]; }
    [[nodiscard]] const SignalAction& action(std::uint32_t number) const { return actions_[number - 1]; }

    // For fork's child: actions, mask and alternate stack stay, nothing is pending.
    void copy_to_child(Signals& child) const;
    // For exec: caught signals go back to their default, ignored ones stay, the alternate stack goes.
    void reset_for_exec();

    SignalSet blocked = 0;
    AlternateStack alternate{};
    // The mask to come back to after sigsuspend and its like, once a handler has run.
    SignalSet saved_mask = 0;
    bool restore_mask = false;

private:
    SignalSet pending_ = 0;
    std::array<SignalAction, signal_count> actions_{};
    SignalRoom<signal_number::first_realtime - 1> standard_; // set where pending
    SignalRoom<most_queued> queued_;                         // realtime ones, oldest first
    std::uint32_t queued_count_ = 0;
};

} // namespace quire
