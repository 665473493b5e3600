// fork, vfork and clone: a child that has what its parent has, shared or copied. Everything that can fail comes before
// the child is made known.
#include "kernel/process/lifecycle/fork.h"

#include "kernel/machine/devices.h"
#include "kernel/machine/user_memory.h"
#include "kernel/memory/memory.h"
#include "kernel/process/lifecycle/exit.h"
#include "kernel/process/process_table.h"
#include "kernel/process/user_pages.h"

#include <utility>

namespace quire {

namespace {

// Where a child begins: in the kernel, with its parent's registers on its stack.
void begin_in_child(void* argument) {
    Process& child = *static_cast<Process*>(argument);
    child.table->reap();
    machine::enter_user(child.registers());
}

bool has_room_for_another(const Process& parent) {
    const ResourceLimit& most = parent.limits[limit::processes];
    return most.soft == ResourceLimit::unlimited || parent.table->count() < most.soft;
}

// Address space, files and working directory. What was taken before a failure is given back by release_resources.
Result<void> take_resources(Process& child, Process& parent, const ForkOptions& options) {
    child.space = parent.space;
    child.files = parent.files;
    child.context = parent.context;
    child.executable = parent.executable.share();
    if (!options.share_space) {
        child.space = nullptr;
        Result<AddressSpace*> space = parent.space->clone();
        if (!space) {
            return fail(space.error());
        }
        child.space = Ref<AddressSpace>::adopt(*space);
    }
    if (!options.share_files) {
        Result<Ref<FileTable>> files = parent.files->clone();
        if (!files) {
            return fail(files.error());
        }
        child.files = *std::move(files);
    }
    if (!options.share_context) {
        Result<Ref<FileContext>> context = parent.context->clone();
        if (!context) {
            return fail(context.error());
        }
        child.context = *std::move(context);
    }
    return {};
}

// Values, which cannot fail.
void copy_values(Process& child, const Process& parent, const ForkOptions& options) {
    child.group = parent.group;
    child.session = parent.session;
    child.name = parent.name;
    child.limits = parent.limits;
    child.umbrella = parent.umbrella;
    child.nice = parent.nice;
    child.out_of_memory_adjustment = parent.out_of_memory_adjustment;
    child.traced = parent.traced;
    child.dumpable = parent.dumpable;
    child.barriers_registered = parent.barriers_registered;
    child.exit_signal = options.exit_signal;
    child.clear_on_exit = options.clear_word;
    child.thread.segments = options.thread_segments.value_or(parent.thread.segments);
    child.arguments_start = parent.arguments_start;
    child.arguments_end = parent.arguments_end;
    child.environment_start = parent.environment_start;
    child.environment_end = parent.environment_end;
    child.times.started = machine::nanoseconds();
    parent.signals.copy_to_child(child.signals);
    if (options.share_space && !options.wait_for_exec) {
        child.signals.alternate = {}; // clone(2), CLONE_VM without CLONE_VFORK
    }
    machine::save_fpu(child.thread.fpu); // the parent's, which is in the processor now
    child.registers() = parent.registers();
    child.registers().eax = 0;
    if (options.stack != 0) {
        child.registers().user_esp = options.stack;
    }
}

void write_ids(Process& parent, const Process& child, const ForkOptions& options) {
    const std::uint32_t id = child.id;
    if (options.parent_word != 0) {
        const VirtAddr to(options.parent_word);
        // A place that cannot be written to is the program's own loss, as on Linux (kernel/fork.c).
        may_fail(retry_short_access(parent, [&] { return machine::store_user_word(to, id); }));
    }
    if (options.child_word != 0) {
        const VirtAddr to(options.child_word);
        const auto word = std::as_bytes(std::span(&id, 1));
        // The same in the child.
        may_fail(retry_while_pages_come(parent, [&] { return child.space->write(to, word); }));
    }
}

} // namespace

Result<std::uint32_t> fork_process(Process& parent, const ForkOptions& options) {
    ProcessTable& table = *parent.table;
    if (!has_room_for_another(parent)) {
        return fail(Error::would_block);
    }
    const Result<Process*> made = table.make();
    if (!made) {
        return fail(made.error());
    }
    Process& child = **made;
    if (const auto taken = take_resources(child, parent, options); !taken) {
        release_resources(child);
        table.remove(child);
        return fail(taken.error());
    }
    copy_values(child, parent, options);
    if (options.same_parent) {
        child.parent = parent.parent;
        child.exit_signal = parent.exit_signal;                 // Linux, kernel/fork.c
        child.reap_when_dead = child.parent == &table.kernel(); // which waits only for those that it made itself
    } else {
        child.parent = &parent;
    }
    child.parent->children.push_back(child);
    write_ids(parent, child, options);
    machine::prepare_context(child.thread.saved, child.thread.kernel_stack_top, begin_in_child, &child);

    const std::uint32_t id = child.id;
    WaitQueue done;
    if (options.wait_for_exec) {
        child.vfork_done = &done;
    }
    table.scheduler.add(child.thread);
    if (options.wait_for_exec && !table.scheduler.wait_killable(done)) {
        // The child, which has neither ended nor called exec, goes on alone. The parent ends here, before any handler
        // of a signal puts its frame on the stack that the child uses.
        child.vfork_done = nullptr;
        exit_process(parent, ProcessStatus::killed(parent.signals.fatal()));
    }
    return id;
}

void finish_vfork(Process& process) {
    if (process.vfork_done != nullptr) {
        process.vfork_done->wake();
        process.vfork_done = nullptr;
    }
}

void release_resources(Process& process) {
    if (process.space && &process == &process.table->current()) {
        process.table->memory().directory.load();
    }
    process.space = nullptr;
    process.files = nullptr;
    process.context = nullptr;
    process.executable = {};
}

} // namespace quire
