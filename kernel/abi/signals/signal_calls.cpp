// sigaction, sigprocmask, sigsuspend and so on: a process's own signals. See signal_calls.h. Checks and their order:
// Linux 6.1 kernel/signal.c, arch/x86/kernel/signal.c.
#include "kernel/abi/signals/signal_calls.h"

#include "kernel/abi/time/clock.h"
#include "kernel/abi/uapi.h"
#include "kernel/abi/user_memory.h"
#include "kernel/process/process_table.h"
#include "kernel/process/send_signal.h"
#include "kernel/process/signals/signal_frame.h"
#include "kernel/process/system_call_answer.h"
#include "kernel/process/user_pages.h"
#include "kernel/sched/pending_work.h"

#include <utility>

namespace quire::abi {

namespace {

[[nodiscard]] bool is_signal(std::uint32_t number) {
    return number >= 1 && number <= signal_count;
}

// A mask that was changed may let a pending signal through.
void set_mask(Process& process, SignalSet mask) {
    process.signals.blocked = mask & ~unblockable;
    if (process.signals.deliverable() != 0) {
        machine::cpu_local->pending_work.ask(pending_work::signal);
    }
}

} // namespace

// ---- Actions

namespace {

[[nodiscard]] SignalAction action_of(const NewSignalAction& given) {
    return {.handler = given.handler, .flags = given.flags, .restorer = given.restorer, .mask = given.mask};
}
[[nodiscard]] SignalAction action_of(const OldSignalAction& given) {
    return {.handler = given.handler, .flags = given.flags, .restorer = given.restorer, .mask = given.mask};
}
[[nodiscard]] NewSignalAction shaped(const SignalAction& action, const NewSignalAction& /*which*/) {
    return {.handler = action.handler, .flags = action.flags, .restorer = action.restorer, .mask = action.mask};
}
[[nodiscard]] OldSignalAction shaped(const SignalAction& action, const OldSignalAction& /*which*/) {
    return {.handler = action.handler,
            .mask = static_cast<std::uint32_t>(action.mask),
            .flags = action.flags,
            .restorer = action.restorer};
}

// What is pending and now ignored is forgotten: POSIX asks for it.
void put_action(Process& process, std::uint32_t number, SignalAction action) {
    action.mask &= ~unblockable;
    process.signals.action(number) = action;
    if (process.signals.ignores(number)) {
        process.signals.discard(signal_bit(number));
    }
}

template <class Shape>
Result<void> change_action(Process& process, std::uint32_t number, UserPointer<Shape> place,
                           UserPointer<Shape> before) {
    SignalAction wanted;
    if (!place.is_null()) {
        const auto given = read_value(place);
        if (!given) {
            return fail(given.error());
        }
        wanted = action_of(*given);
    }
    if (!is_signal(number) || (!place.is_null() && (signal_bit(number) & unblockable) != 0)) {
        return fail(Error::invalid_argument);
    }
    const SignalAction old = process.signals.action(number);
    if (!place.is_null()) {
        put_action(process, number, wanted);
    }
    return before.is_null() ? Result<void>() : write_value(before, shaped(old, Shape{}));
}

} // namespace

Result<void> set_action(Process& process, SignalCode signal, UserPointer<NewSignalAction> action,
                        UserPointer<NewSignalAction> before, std::uint32_t set_size) {
    if (set_size != signal_set_size) {
        return fail(Error::invalid_argument);
    }
    return change_action(process, std::to_underlying(signal), action, before);
}

Result<void> set_action_old(Process& process, SignalCode signal, UserPointer<OldSignalAction> action,
                            UserPointer<OldSignalAction> before) {
    return change_action(process, std::to_underlying(signal), action, before);
}

Result<std::uint32_t> set_handler(Process& process, SignalCode signal, VirtAddr handler) {
    const std::uint32_t number = std::to_underlying(signal);
    if (!is_signal(number) || (signal_bit(number) & unblockable) != 0) {
        return fail(Error::invalid_argument);
    }
    const std::uint32_t before = process.signals.action(number).handler;
    put_action(process, number,
               {.handler = handler.value(), .flags = SignalAction::reset_hand | SignalAction::no_defer});
    return before;
}

// ---- The alternate stack

namespace {

constexpr std::uint32_t on_stack = SS_ONSTACK, disabled = SS_DISABLE, auto_disarm = SS_AUTODISARM;

[[nodiscard]] SignalStack described(const AlternateStack& stack, bool in_use) {
    const std::uint32_t state = stack.size == 0 ? disabled : in_use ? on_stack : 0;
    return {.start = stack.start, .flags = static_cast<std::int32_t>(state | stack.flags), .size = stack.size};
}

// Errors: not_permitted (the stack is in use), invalid_argument (flags), out_of_memory (too small).
Result<AlternateStack> alternate_of(const SignalStack& given, bool in_use) {
    if (in_use) {
        return fail(Error::not_permitted);
    }
    const auto flags = static_cast<std::uint32_t>(given.flags);
    const std::uint32_t mode = flags & ~auto_disarm;
    if (mode != 0 && mode != on_stack && mode != disabled) {
        return fail(Error::invalid_argument);
    }
    if (mode == disabled) {
        return AlternateStack{.flags = flags & auto_disarm};
    }
    constexpr std::uint32_t least = MINSIGSTKSZ;
    if (given.size < least) {
        return fail(Error::out_of_memory);
    }
    return AlternateStack{.start = given.start, .size = given.size, .flags = flags & auto_disarm};
}

} // namespace

Result<void> set_alternate_stack(Process& process, machine::TrapFrame& registers, UserPointer<SignalStack> place,
                                 UserPointer<SignalStack> before) {
    AlternateStack& stack = process.signals.alternate;
    // With SS_AUTODISARM the stack is set aside while it is used, and so never in use.
    const bool in_use = stack.flags == 0 && stack.contains(registers.user_esp);
    const SignalStack old = described(stack, in_use);
    if (!place.is_null()) {
        const auto given = read_value(place);
        if (!given) {
            return fail(given.error());
        }
        const auto wanted = alternate_of(*given, in_use);
        if (!wanted) {
            return fail(wanted.error());
        }
        stack = *wanted;
    }
    return before.is_null() ? Result<void>() : write_value(before, old);
}

// ---- The mask

namespace {

Result<SignalSet> masked(SignalSet blocked, std::uint32_t how, SignalSet set) {
    switch (how) {
    case SIG_BLOCK: return blocked | set;
    case SIG_UNBLOCK: return blocked & ~set;
    case SIG_SETMASK: return set;
    default: return fail(Error::invalid_argument);
    }
}

} // namespace

Result<void> change_mask(Process& process, std::uint32_t how, UserPointer<WideSet> set, UserPointer<WideSet> before,
                         std::uint32_t set_size) {
    if (set_size != signal_set_size) {
        return fail(Error::invalid_argument);
    }
    const SignalSet old = process.signals.blocked;
    if (!set.is_null()) {
        const auto given = read_value(set);
        if (!given) {
            return fail(given.error());
        }
        const auto mask = masked(old, how, given->bits & ~unblockable);
        if (!mask) {
            return fail(mask.error());
        }
        set_mask(process, *mask);
    }
    return before.is_null() ? Result<void>() : write_value(before, {.bits = old});
}

// Only the first 32 signals: the others stay as they are.
Result<void> change_mask_old(Process& process, std::uint32_t how, UserPointer<std::uint32_t> set,
                             UserPointer<std::uint32_t> before) {
    const SignalSet old = process.signals.blocked;
    if (!set.is_null()) {
        const auto given = read_value(set);
        if (!given) {
            return fail(given.error());
        }
        constexpr SignalSet high = ~SignalSet{0} << 32;
        const SignalSet kept = how == SIG_SETMASK ? old & high : 0;
        const auto mask = masked(old, how, kept | (*given & ~unblockable));
        if (!mask) {
            return fail(mask.error());
        }
        set_mask(process, *mask);
    }
    return before.is_null() ? Result<void>() : write_value(before, static_cast<std::uint32_t>(old));
}

std::uint32_t get_mask_oldest(Process& process) {
    return static_cast<std::uint32_t>(process.signals.blocked);
}

std::uint32_t set_mask_oldest(Process& process, std::uint32_t mask) {
    const std::uint32_t old = get_mask_oldest(process);
    set_mask(process, mask);
    return old;
}

Result<void> pending_signals(Process& process, UserPointer<std::uint32_t> into, std::uint32_t set_size) {
    if (set_size > signal_set_size) {
        return fail(Error::invalid_argument);
    }
    const SignalSet pending = process.signals.pending() & process.signals.blocked;
    return write_memory(into.address, std::as_bytes(std::span(&pending, 1)).first(set_size));
}

Result<void> pending_signals_old(Process& process, UserPointer<std::uint32_t> into) {
    return pending_signals(process, into, sizeof(std::uint32_t));
}

// ---- Waiting

namespace {

// Until a signal is there that is not blocked.
Result<void> wait_for_any(Process& process) {
    while (process.table->scheduler.wait_woken()) {
    }
    return fail(Error::restart_unless_handled);
}

Result<void> suspend_with(Process& process, SignalSet mask) {
    TemporaryMask temporary(process);
    temporary.install(mask);
    const auto waited = wait_for_any(process);
    temporary.finish(true);
    return waited;
}

} // namespace

Result<void> suspend(Process& process, UserPointer<WideSet> mask, std::uint32_t set_size) {
    if (set_size != signal_set_size) {
        return fail(Error::invalid_argument);
    }
    const auto given = read_value(mask);
    return given ? suspend_with(process, given->bits) : fail(given.error());
}

Result<void> suspend_old(Process& process, std::uint32_t /*unused_1*/, std::uint32_t /*unused_2*/, std::uint32_t mask) {
    return suspend_with(process, mask);
}

Result<void> pause(Process& process) {
    return wait_for_any(process);
}

namespace {

[[nodiscard]] SignalDetails details_of(const SignalInfo& info) {
    SignalDetails details{.number = static_cast<std::int32_t>(info.number), .error = info.error, .code = info.code};
    const bool fault = (signal_bit(info.number) & synchronous) != 0 && info.code > 0;
    details.fields[0] = fault ? info.address : info.sender;
    details.fields[1] = fault ? 0 : info.user;
    details.fields[2] = fault ? 0 : info.value;
    return details;
}

// Takes a pending signal of `set`, or waits for one. Errors: would_block, interrupted.
Result<SignalInfo> take_signal(Process& process, SignalSet set, std::optional<std::uint64_t> span) {
    Signals& signals = process.signals;
    const std::uint64_t deadline = deadline_after(span);
    while (true) {
        const SignalInfo info = signals.take(set);
        if (info.number != 0) {
            return info;
        }
        if (span == 0U) {
            return fail(Error::would_block);
        }
        // While it waits, those it waits for are blocked in the eyes of whoever delivers: it takes them itself.
        const SignalSet blocked = std::exchange(signals.blocked, signals.blocked | set);
        process.awaited = set;
        const auto waited = process.table->scheduler.wait_woken(deadline);
        process.awaited = 0;
        signals.blocked = blocked;
        if (!waited && (signals.pending() & set) == 0) {
            return fail(waited.error() == Error::timed_out ? Error::would_block : Error::interrupted);
        }
    }
}

template <class Time>
Result<std::uint32_t> wait_for_signal_until(Process& process, UserPointer<WideSet> set, UserPointer<SignalDetails> into,
                                            UserPointer<Time> timeout, std::uint32_t set_size) {
    if (set_size != signal_set_size) {
        return fail(Error::invalid_argument);
    }
    const auto wanted = read_value(set);
    if (!wanted) {
        return fail(wanted.error());
    }
    const auto span = read_span(timeout);
    if (!span) {
        return fail(span.error());
    }
    const auto info = take_signal(process, wanted->bits & ~unblockable, *span);
    if (!info) {
        return fail(info.error());
    }
    if (!into.is_null()) {
        if (const auto told = write_value(into, details_of(*info)); !told) {
            return fail(told.error());
        }
    }
    return info->number;
}

} // namespace

Result<std::uint32_t> wait_for_signal(Process& process, UserPointer<WideSet> set, UserPointer<SignalDetails> into,
                                      UserPointer<Timespec> timeout, std::uint32_t set_size) {
    return wait_for_signal_until(process, set, into, timeout, set_size);
}

Result<std::uint32_t> wait_for_signal_64(Process& process, UserPointer<WideSet> set, UserPointer<SignalDetails> into,
                                         UserPointer<Timespec64> timeout, std::uint32_t set_size) {
    return wait_for_signal_until(process, set, into, timeout, set_size);
}

// ---- sigreturn

namespace {

std::int32_t leave_handler(Process& process, machine::TrapFrame& registers, SignalFrameKind kind) {
    SignalSet mask = 0;
    const auto popped = retry_while_pages_come(
        process, [&] { return pop_signal_frame(registers, kind, mask, process.signals.alternate); });
    system_call_number(registers) = no_system_call;
    if (!popped) {
        force_signal(process, {.number = signal_number::segmentation, .code = signal_code::kernel});
        return 0;
    }
    set_mask(process, mask);
    return static_cast<std::int32_t>(registers.eax);
}

} // namespace

std::int32_t return_from_handler(Process& process, machine::TrapFrame& registers) {
    return leave_handler(process, registers, SignalFrameKind::plain);
}

std::int32_t return_from_handler_with_information(Process& process, machine::TrapFrame& registers) {
    return leave_handler(process, registers, SignalFrameKind::with_information);
}

} // namespace quire::abi
