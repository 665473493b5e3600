// Sending signals: what happens at once, in the receiver's books, whoever runs.
#include "kernel/process/send_signal.h"

#include "kernel/lib/panic.h"
#include "kernel/machine/cpu.h"
#include "kernel/process/process_table.h"
#include "kernel/sched/pending_work.h"

namespace quire {

namespace {

constexpr SignalSet stop_signals = signal_bit(signal_number::stop) | signal_bit(signal_number::terminal_stop) |
                                   signal_bit(signal_number::terminal_input) |
                                   signal_bit(signal_number::terminal_output);

// SIGCONT takes back stops that wait, and a stop takes back a SIGCONT; SIGCONT and SIGKILL wake what is stopped,
// whatever its action. signal(7).
void settle_stops(Process& receiver, std::uint32_t number) {
    if ((signal_bit(number) & stop_signals) != 0) {
        receiver.signals.discard(signal_bit(signal_number::proceed));
    }
    if (number == signal_number::proceed) {
        receiver.signals.discard(stop_signals);
        if (receiver.thread.state == ThreadState::stopped) {
            receiver.continue_reported = false;
            receiver.stop_reported = true;
            tell_parent_of_stop(receiver, false);
        }
    }
    if (number == signal_number::proceed || number == signal_number::kill) {
        receiver.table->scheduler.resume_stopped(receiver.thread);
    }
}

} // namespace

SignalInfo child_signal(const Process& child, std::int32_t code, std::uint32_t status) {
    return {.number = child.exit_signal, .code = code, .sender = child.id, .value = status};
}

Result<void> send_signal(Process& receiver, const SignalInfo& info) {
    if (receiver.id == 0 || receiver.is_zombie || receiver.ending) {
        return {};
    }
    settle_stops(receiver, info.number);
    // One that is pending already is not announced again: who hears of it has heard.
    if ((receiver.signals.pending() & signal_bit(info.number)) != 0 && info.number < signal_number::first_realtime) {
        return {};
    }
    const bool blocked = (receiver.signals.blocked & signal_bit(info.number)) != 0;
    if (!blocked && receiver.signals.ignores(info.number)) {
        return {};
    }
    if (const auto added = receiver.signals.add(info, receiver.soft_limit(limit::pending_signals)); !added) {
        return added;
    }
    Scheduler& scheduler = receiver.table->scheduler;
    if (receiver.signals.deliverable() != 0 || (receiver.signals.pending() & receiver.awaited) != 0) {
        scheduler.interrupt(receiver.thread);
        if (&receiver == &receiver.table->current()) { // another sees it when it runs
            machine::cpu_local->pending_work.ask(pending_work::signal);
        }
    }
    return {};
}

Result<void> signal_group(ProcessTable& table, std::uint32_t group, const SignalInfo& info) {
    bool found = false;
    table.for_each([&](Process& each) {
        if (each.group == group) {
            found = true;
            may_fail(send_signal(each, info)); // a realtime signal finds no room in one: the others get theirs
        }
    });
    return found ? Result<void>() : fail(Error::no_process);
}

// A fault cannot wait: where the process does not want to hear of it, it ends.
void force_signal(Process& process, const SignalInfo& info) {
    SignalAction& action = process.signals.action(info.number);
    const SignalSet bit = signal_bit(info.number);
    if ((process.signals.blocked & bit) != 0 || action.handler == SignalAction::ignored) {
        action.handler = SignalAction::by_default;
        process.signals.blocked &= ~bit;
    }
    process.signals.discard(bit);
    must_succeed(process.signals.add(info)); // those of faults need no room
    machine::cpu_local->pending_work.ask(pending_work::signal);
}

void tell_parent_of_stop(Process& process, bool stopped) {
    Process* const parent = process.parent;
    if (parent == nullptr) {
        return;
    }
    const SignalAction& action = parent->signals.action(signal_number::child);
    if (parent->id != 0 && (action.flags & SignalAction::no_child_stop) == 0) {
        SignalInfo info = child_signal(process, stopped ? signal_code::child_stopped : signal_code::child_continued,
                                       stopped ? process.stop_signal : signal_number::proceed);
        info.number = signal_number::child;
        must_succeed(send_signal(*parent, info));
    }
    parent->child_changed.wake();
}

} // namespace quire
