// The first process of a family: made by the kernel, not forked from another.
#include "kernel/fs/device/terminal.h"
#include "kernel/lib/panic.h"
#include "kernel/memory/memory.h"
#include "kernel/process/exec/exec.h"
#include "kernel/process/lifecycle/exit.h"
#include "kernel/process/process_table.h"
#include "kernel/process/userland/userland.h"

#include <utility>

namespace quire {

namespace {

constexpr std::uint64_t default_stack = 8U << 20;  // bytes; as Linux has it
constexpr std::uint64_t default_locked = 8U << 20; // bytes; as Linux since 5.16
constexpr std::uint32_t standard_descriptors = 3;

void set_default_limits(Process& process) {
    process.limits[limit::stack] = {.soft = default_stack};
    process.limits[limit::core] = {.soft = 0};
    process.limits[limit::files] = {.soft = 1024, .hard = FileTable::most_descriptors};
    process.limits[limit::locked] = {.soft = default_locked, .hard = default_locked};
    process.limits[limit::processes] = {.soft = process.table->most_processes, .hard = process.table->most_processes};
    process.limits[limit::pending_signals] = {.soft = Signals::most_queued, .hard = Signals::most_queued};
    process.limits[limit::nice] = {.soft = 0, .hard = 0};
    process.limits[limit::realtime_priority] = {.soft = 0, .hard = 0};
}

// The console for descriptors 0, 1 and 2, and the root as working directory.
Result<void> give_files(Process& process, Userland& userland) {
    KernelHeap& heap = userland.processes.memory().heap;
    Result<Ref<FileTable>> files = FileTable::create(heap);
    if (!files) {
        return fail(files.error());
    }
    process.files = *std::move(files);
    Result<Ref<File>> console = userland.files().open_console();
    if (!console) {
        return fail(console.error());
    }
    for (std::uint32_t number = 0; number < standard_descriptors; ++number) {
        if (const auto added = process.files->add(*console, false); !added) {
            return fail(added.error());
        }
    }
    Result<Ref<FileContext>> context = FileContext::create(heap, userland.files().names().root());
    if (!context) {
        return fail(context.error());
    }
    process.context = *std::move(context);
    return {};
}

void begin_program(void* argument) {
    Process& process = *static_cast<Process*>(argument);
    process.table->reap();
    machine::enter_user(process.registers());
}

} // namespace

Result<Process*> start_program(Userland& userland, std::string_view path, const ArgumentBlock& block) {
    ProcessTable& table = userland.processes;
    const Result<Process*> made = table.make();
    if (!made) {
        return made;
    }
    Process& process = **made;
    set_default_limits(process);
    Result<void> ready = give_files(process, userland);
    if (ready) {
        ready = exec_program(process, path, block);
    }
    if (!ready) {
        release_resources(process);
        table.remove(process);
        return fail(ready.error());
    }
    process.group = process.session = process.id;
    process.parent = &table.kernel();
    table.kernel().children.push_back(process);
    process.traced = table.kernel().traced;
    process.times.started = machine::nanoseconds();
    userland.files().console().session = process.session;
    machine::prepare_context(process.thread.saved, process.thread.kernel_stack_top, begin_program, &process);
    table.scheduler.add(process.thread);
    return &process;
}

} // namespace quire
