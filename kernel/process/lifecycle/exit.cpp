// How processes end, and how their parents hear of it.
#include "kernel/process/lifecycle/exit.h"

#include "kernel/lib/panic.h"
#include "kernel/machine/user_memory.h"
#include "kernel/memory/memory.h"
#include "kernel/process/lifecycle/fork.h"
#include "kernel/process/process_table.h"
#include "kernel/process/send_signal.h"
#include "kernel/process/user_pages.h"

namespace quire {

namespace {

// Children go to the kernel, which asks nobody how they end.
void give_children_away(Process& process) {
    Process& heir = process.table->kernel();
    while (Process* const child = process.children.pop_front()) {
        child->parent = &heir;
        heir.children.push_back(*child);
        if (child->parent_death_signal != 0) {
            // A realtime signal that finds no room is lost.
            may_fail(send_signal(*child, {.number = child->parent_death_signal}));
        }
        child->reap_when_dead = true;
        if (child->is_zombie) {
            process.table->remove(*child);
        }
    }
}

// What a parent can learn from wait4 is added to what it learnt before. getrusage(2), RUSAGE_CHILDREN.
void add_times(ProcessTimes& to, const ProcessTimes& child) {
    to.children_user_ticks += child.user_ticks + child.children_user_ticks;
    to.children_system_ticks += child.system_ticks + child.children_system_ticks;
    to.children_minor_faults += child.minor_faults + child.children_minor_faults;
    to.children_major_faults += child.major_faults + child.children_major_faults;
}

// Whether the parent wants no zombie: it ignores SIGCHLD, or said so. sigaction(2), SA_NOCLDWAIT.
bool parent_never_waits(const Process& child) {
    const SignalAction& action = child.parent->signals.action(signal_number::child);
    return child.exit_signal == signal_number::child && child.parent->id != 0 &&
           (action.handler == SignalAction::ignored || (action.flags & SignalAction::no_child_wait) != 0);
}

void tell_parent_of_end(Process& process) {
    Process& parent = *process.parent;
    if (parent_never_waits(process)) {
        process.reap_when_dead = true;
    }
    if (process.exit_signal != 0 && process.exit_signal <= signal_count && parent.id != 0) {
        const bool killed = process.status.was_killed();
        const std::int32_t kill_code = process.status.dumped() ? signal_code::child_dumped : signal_code::child_killed;
        // A realtime signal that finds no room is lost; the parent can ask all the same.
        may_fail(send_signal(parent, child_signal(process, killed ? kill_code : signal_code::child_exited,
                                                  killed ? process.status.signal() : process.status.status())));
    }
    parent.child_changed.wake();
}

} // namespace

void clear_thread_word(Process& process) {
    const VirtAddr word(process.clear_on_exit);
    process.clear_on_exit = 0;
    if (word == VirtAddr() || !process.space || process.space->holders() < 2) {
        return;
    }
    if (retry_short_access(process, [&] { return machine::store_user_word(word, 0); })) {
        // There may be nobody.
        static_cast<void>(process.table->futexes.wake(futex_key(*process.space, word, false), 1));
    }
}

void exit_process(Process& process, ProcessStatus status) {
    ensure(&process == &process.table->current(), "a process ends by itself");
    process.ending = true;
    process.status = status;
    clear_thread_word(process);
    release_resources(process);
    finish_vfork(process);
    give_children_away(process);
    process.is_zombie = true;
    tell_parent_of_end(process);
    if (process.reap_when_dead) {
        process.table->remove_later(process);
    }
    process.table->scheduler.leave();
}

// ---- wait

namespace {

bool is_wanted(const Process& child, const WaitRequest& request) {
    using Kind = WaitRequest::Kind;
    const bool is_clone = child.exit_signal != signal_number::child;
    if (request.kind != Kind::all && is_clone != (request.kind == Kind::clones)) {
        return false;
    }
    switch (request.which) {
    case WaitRequest::Which::any: return true;
    case WaitRequest::Which::process: return child.id == request.id;
    case WaitRequest::Which::group: return child.group == request.id;
    }
    return false;
}

// What there is to tell of a child now; marks it as told.
std::optional<ProcessStatus> news_of(Process& child, const WaitRequest& request) {
    if (child.is_zombie) {
        return request.exited && !child.reap_when_dead ? std::optional(child.status) : std::nullopt;
    }
    if (request.stopped && child.thread.state == ThreadState::stopped && !child.stop_reported) {
        child.stop_reported = !request.no_reap;
        return ProcessStatus::stopped(child.stop_signal);
    }
    if (request.continued && !child.continue_reported) {
        child.continue_reported = !request.no_reap;
        return ProcessStatus::continued();
    }
    return std::nullopt;
}

WaitAnswer answer_for(Process& parent, Process& child, ProcessStatus status, const WaitRequest& request) {
    const WaitAnswer answer{.id = child.id, .status = status, .times = child.usage()};
    if (child.is_zombie && !request.no_reap) {
        add_times(parent.times, answer.times);
        parent.table->remove(child);
    }
    return answer;
}

} // namespace

Result<WaitAnswer> wait_for_child(Process& parent, const WaitRequest& request) {
    using Children = decltype(parent.children);
    while (true) {
        bool any = false;
        for (Process* child = parent.children.front(); child != nullptr; child = Children::next(*child)) {
            if (!is_wanted(*child, request)) {
                continue;
            }
            any = any || !child->reap_when_dead || !child->is_zombie;
            if (const auto status = news_of(*child, request)) {
                return answer_for(parent, *child, *status, request);
            }
        }
        if (!any) {
            return fail(Error::no_child);
        }
        if (request.no_hang) {
            return WaitAnswer{};
        }
        if (const auto waited = parent.table->scheduler.wait(parent.child_changed); !waited) {
            return fail(Error::restart);
        }
    }
}

} // namespace quire
