// The books of pending signals.
#include "kernel/process/signals.h"

#include <algorithm>
#include <bit>

namespace quire {

namespace {

constexpr auto names = std::to_array<const char*>({
    "SIGHUP",  "SIGINT",    "SIGQUIT", "SIGILL",   "SIGTRAP", "SIGABRT", "SIGBUS",  "SIGFPE",
    "SIGKILL", "SIGUSR1",   "SIGSEGV", "SIGUSR2",  "SIGPIPE", "SIGALRM", "SIGTERM", "SIGSTKFLT",
    "SIGCHLD", "SIGCONT",   "SIGSTOP", "SIGTSTP",  "SIGTTIN", "SIGTTOU", "SIGURG",  "SIGXCPU",
    "SIGXFSZ", "SIGVTALRM", "SIGPROF", "SIGWINCH", "SIGIO",   "SIGPWR",  "SIGSYS",
});

constexpr SignalSet ignored_by_default =
    signal_bit(signal_number::child) | signal_bit(signal_number::urgent) | signal_bit(signal_number::window);
constexpr SignalSet stops_by_default = signal_bit(signal_number::stop) | signal_bit(signal_number::terminal_stop) |
                                       signal_bit(signal_number::terminal_input) |
                                       signal_bit(signal_number::terminal_output);

constexpr bool is_realtime(std::uint32_t number) {
    return number >= signal_number::first_realtime;
}

} // namespace

DefaultAction default_action(std::uint32_t number) {
    if (number == signal_number::proceed) {
        return DefaultAction::proceed;
    }
    if ((signal_bit(number) & ignored_by_default) != 0) {
        return DefaultAction::ignore;
    }
    return (signal_bit(number) & stops_by_default) != 0 ? DefaultAction::stop : DefaultAction::terminate;
}

const char* signal_name(std::uint32_t number) {
    return number >= 1 && number <= names.size() ? names[number - 1] : "a realtime signal";
}

Result<void> Signals::add(const SignalInfo& info, std::uint64_t most) {
    if (!is_realtime(info.number)) {
        if ((pending_ & signal_bit(info.number)) == 0) {
            standard_.kept[info.number - 1] = KeptSignal::of(info);
            pending_ |= signal_bit(info.number);
        }
        return {};
    }
    const bool room = queued_count_ < std::min<std::uint64_t>(most, most_queued);
    if (!room && info.code != signal_code::user && info.code != signal_code::kernel) {
        return fail(Error::would_block);
    }
    if (room) {
        queued_.kept[queued_count_++] = KeptSignal::of(info);
    }
    pending_ |= signal_bit(info.number);
    return {};
}

SignalInfo Signals::take(SignalSet wanted) {
    const SignalSet candidates = pending_ & wanted;
    if (candidates == 0) {
        return {};
    }
    SignalSet first = candidates;
    for (const SignalSet before_others : {signal_bit(signal_number::kill), synchronous}) {
        if ((candidates & before_others) != 0) {
            first = candidates & before_others;
            break;
        }
    }
    const auto number = static_cast<std::uint32_t>(std::countr_zero(first)) + 1;
    if (!is_realtime(number)) {
        pending_ &= ~signal_bit(number);
        return standard_.kept[number - 1].info();
    }
    KeptSignal* const end = queued_.kept.data() + queued_count_;
    const auto is_it = [&](const KeptSignal& each) { return each.number == number; };
    KeptSignal* const found = std::find_if(queued_.kept.data(), end, is_it);
    if (found == end) { // there was no room for it
        pending_ &= ~signal_bit(number);
        return {.number = number};
    }
    const SignalInfo taken = found->info();
    std::copy(found + 1, end, found);
    --queued_count_;
    if (std::none_of(found, end - 1, is_it)) {
        pending_ &= ~signal_bit(number);
    }
    return taken;
}

void Signals::discard(SignalSet these) {
    pending_ &= ~these;
    KeptSignal* const end =
        std::remove_if(queued_.kept.data(), queued_.kept.data() + queued_count_,
                       [&](const KeptSignal& each) { return (these & signal_bit(each.number)) != 0; });
    queued_count_ = static_cast<std::uint32_t>(end - queued_.kept.data());
}

bool Signals::ignores(std::uint32_t number) const {
    if ((signal_bit(number) & unblockable) != 0) {
        return false;
    }
    const std::uint32_t handler = action(number).handler;
    return handler == SignalAction::ignored ||
           (handler == SignalAction::by_default && default_action(number) == DefaultAction::ignore);
}

std::uint32_t Signals::fatal() const {
    if (killed()) {
        return signal_number::kill;
    }
    for (SignalSet left = deliverable() & ~dumps_core; left != 0; left &= left - 1) {
        const auto number = static_cast<std::uint32_t>(std::countr_zero(left)) + 1;
        if (action(number).handler == SignalAction::by_default && default_action(number) == DefaultAction::terminate) {
            return number;
        }
    }
    return 0;
}

void Signals::copy_to_child(Signals& child) const {
    child.actions_ = actions_;
    child.blocked = blocked;
    child.alternate = alternate;
}

void Signals::reset_for_exec() {
    for (SignalAction& each : actions_) {
        each = {.handler = each.handler == SignalAction::ignored ? SignalAction::ignored : SignalAction::by_default};
    }
    alternate = {};
}

} // namespace quire
