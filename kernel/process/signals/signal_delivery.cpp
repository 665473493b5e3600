// Delivering signals to the current process on its way back to ring 3: by ending, stopping or a handler's frame on its
// stack; and repeating system calls that a signal cut short.
#include "kernel/process/signals/signal_delivery.h"

#include "kernel/process/lifecycle/death_notice.h"
#include "kernel/process/lifecycle/exit.h"
#include "kernel/process/process_table.h"
#include "kernel/process/send_signal.h"
#include "kernel/process/signals/signal_frame.h"
#include "kernel/process/signals/signal_page.h"
#include "kernel/process/system_call_answer.h"
#include "kernel/process/user_pages.h"

namespace quire {

namespace {

// A process that stopped has told its parent, and waits to be continued.
void stop(Process& process, std::uint32_t number) {
    process.stop_signal = number;
    process.stop_reported = false;
    tell_parent_of_stop(process, true);
    process.table->scheduler.wait_stopped();
}

// Whether a job-control stop counts: in a group without a shell to continue it, it does not. signal(7), setpgid(2).
bool group_is_orphaned(const Process& process) {
    bool orphaned = true;
    process.table->for_each([&](const Process& each) {
        const bool outside = each.group == process.group && each.parent != nullptr &&
                             ((each.parent->id == 0 && !each.reap_when_dead) ||
                              (each.parent->group != each.group && each.parent->session == each.session));
        orphaned = orphaned && !outside;
    });
    return orphaned;
}

// Whether Linux would write a core dump. None is written here, but parents are told what they are told there: the limit
// leaves room for a page (fs/coredump.c).
bool would_dump(const Process& process, std::uint32_t number) {
    return (signal_bit(number) & dumps_core) != 0 && process.dumpable && process.soft_limit(limit::core) >= page_size;
}

void act_by_default(Process& process, const SignalInfo& info, const machine::TrapFrame& registers) {
    switch (default_action(info.number)) {
    case DefaultAction::ignore:
    case DefaultAction::proceed: return;
    case DefaultAction::stop:
        if (info.number == signal_number::stop || !group_is_orphaned(process)) {
            stop(process, info.number);
        }
        return;
    case DefaultAction::terminate:
        explain_death(process, info, registers);
        exit_process(process, ProcessStatus::killed(info.number, would_dump(process, info.number)));
    }
}

// What a system call that gave way to a signal answers: it is repeated where there is no handler, or the handler allows
// it; otherwise it says EINTR; signal(7).
void settle_system_call(machine::TrapFrame& registers, const SignalAction* handler) {
    std::uint32_t& number = system_call_number(registers);
    if (registers.vector != machine::vector::system_call || number == no_system_call) {
        return;
    }
    constexpr std::uint32_t restart_system_call = 0; // UAPI <asm/unistd_32.h>: __NR_restart_syscall
    const bool gave_way = registers.eax == system_call_answer::restart;
    const bool goes_on = registers.eax == system_call_answer::restart_where_it_was;
    const bool gave_way_to_handlers = registers.eax == system_call_answer::restart_unless_handled || goes_on;
    const bool handler_allows = handler == nullptr || (gave_way && (handler->flags & SignalAction::restart) != 0);
    if ((gave_way || gave_way_to_handlers) && handler_allows) {
        registers.eax = goes_on ? restart_system_call : number;
        registers.eip -= system_call_instruction_size;
    } else if (gave_way || gave_way_to_handlers) {
        registers.eax = system_call_answer::interrupted;
    }
    number = no_system_call; // a second signal must not do it again
}

// The restorer of an action that was installed without one. False where there is no room for it.
bool find_way_back(Process& process, SignalAction& action) {
    if ((action.flags & SignalAction::has_restorer) != 0) {
        return true;
    }
    const auto kind = (action.flags & SignalAction::with_information) != 0 ? SignalFrameKind::with_information
                                                                           : SignalFrameKind::plain;
    const Result<VirtAddr> code = signal_return_address(process, kind);
    action.restorer = code ? code->value() : 0;
    return code.has_value();
}

void run_handler(Process& process, const SignalInfo& info, machine::TrapFrame& registers) {
    SignalAction& action = process.signals.action(info.number);
    SignalAction chosen = action;
    settle_system_call(registers, &chosen);
    process.continuation = {};
    const bool has_way_back = find_way_back(process, chosen);
    const SignalSet mask = process.signals.restore_mask ? process.signals.saved_mask : process.signals.blocked;
    process.signals.restore_mask = false;
    const Result<void> pushed = retry_while_pages_come(
        process, [&] { return push_signal_frame(registers, info, chosen, process.signals.alternate, mask); });
    if (!has_way_back || (!pushed && pushed.error() != Error::interrupted)) {
        // No room on its stack, and so no way to tell it.
        exit_process(process, ProcessStatus::killed(signal_number::segmentation));
    }
    process.signals.blocked |= chosen.mask & ~unblockable;
    if ((chosen.flags & SignalAction::no_defer) == 0) {
        process.signals.blocked |= signal_bit(info.number) & ~unblockable;
    }
    if ((chosen.flags & SignalAction::reset_hand) != 0) {
        action.handler = SignalAction::by_default;
    }
}

} // namespace

void deliver_signals(Process& process, machine::TrapFrame& registers) {
    Signals& signals = process.signals;
    while (true) {
        const SignalInfo info = signals.take(~signals.blocked);
        if (info.number == 0) {
            break;
        }
        const std::uint32_t handler = signals.action(info.number).handler;
        if (info.number == signal_number::kill || handler == SignalAction::by_default) {
            act_by_default(process, info, registers);
        } else if (handler != SignalAction::ignored) {
            run_handler(process, info, registers);
        }
    }
    settle_system_call(registers, nullptr);
    if (signals.restore_mask) {
        signals.blocked = signals.saved_mask;
        signals.restore_mask = false;
    }
}

} // namespace quire
