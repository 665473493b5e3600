// Commands about processes: which there are, what they have, and making them run, stop and end.
#include "kernel/fs/device/terminal.h"
#include "kernel/lib/panic.h"
#include "kernel/memory/space/address_space.h"
#include "kernel/monitor/commands/command.h"
#include "kernel/monitor/commands/run_program.h"
#include "kernel/monitor/editor/tokenizer.h"
#include "kernel/monitor/report/program_report.h"
#include "kernel/monitor/report/table_text.h"
#include "kernel/process/lifecycle/out_of_memory.h"
#include "kernel/process/send_signal.h"
#include "kernel/process/userland/userland.h"
#include "kernel/torus/torus.h"

#include <algorithm>
#include <array>

namespace quire {

namespace {

ByteCount pages(std::uint32_t count) {
    return {std::uint64_t{count} * page_size};
}

std::string_view word_for(WaitsFor what) {
    switch (what) {
    case WaitsFor::event: break;
    case WaitsFor::page: return "page";
    case WaitsFor::room: return "room";
    case WaitsFor::disk: return "disk";
    }
    return "waits";
}

std::string_view word_for(const Process& process) {
    switch (process.thread.state) {
    case ThreadState::ready: return "ready";
    case ThreadState::blocked: return word_for(process.thread.waits_for);
    case ThreadState::stopped: return "stopped";
    case ThreadState::ended: break;
    }
    return "ended";
}

// ---- ps

Outcome ps(Context& context, Arguments) {
    Display& out = context.out;
    print_title(out, "  PID  PPID  GROUP  STATE      TIME  RESIDENT  NAME");
    context.torus.userland->processes.for_each([&](const Process& each) {
        const std::uint64_t ticks = each.usage().user_ticks + each.usage().system_ticks;
        const std::uint32_t resident = each.space ? each.space->statistics().resident : 0;
        print(out, "{:5} {:5}  {:5}  {:<7} {:5}.{:02} ", each.id, each.parent != nullptr ? each.parent->id : 0,
              each.group, word_for(each), ticks / machine::ticks_per_second, ticks % machine::ticks_per_second);
        print(out, "{:>9}  {}\n", pages(resident), each.title());
    });
    return Outcome::done;
}

// ---- maps

void print_backing(Sink& out, const Region& region) {
    if (region.object != nullptr) {
        region.object->print_name(out);
    } else {
        print(out, "[{}]", region.traits.kind == RegionKind::mapping ? "anonymous" : name_of(region.traits.kind));
    }
}

Outcome maps(Context& context, Arguments arguments) {
    const Process* const process = process_argument(context, arguments[0]);
    if (process == nullptr) {
        return Outcome::failed;
    }
    if (!process->space) {
        return refuse(context, "Process {} has ended: it has no memory any more.", process->id);
    }
    Display& out = context.out;
    print_title(out, "FROM        TO          SIZE       ACCESS  RESIDENT  SHARED   BACKING");
    process->space->for_each_region([&](const Region& region) {
        const PageCounts counts = process->space->count_pages(region);
        print(out, "{:#010x}  {:#010x}  {:>9}  {}{}  {:>8}", region.first.start().value(),
              region.end().start().value() - 1, pages(region.pages), region.traits.access,
              region.traits.shared ? 's' : 'p', pages(counts.resident));
        print(out, "  {:>8}  ", pages(counts.shared));
        print_backing(out, region);
        print(out, "\n");
    });
    return Outcome::done;
}

// ---- process-smi

void print_faults(Display& out, const FaultCounts& faults) {
    bool first = true;
    for (std::size_t i = 0; i < fault_outcome_count; ++i) {
        const auto outcome = static_cast<FaultOutcome>(i);
        if (const std::uint32_t count = faults.of(outcome); count != 0) {
            print(out, "{}{:,} {}", first ? "" : ", ", count, name_of(outcome));
            first = false;
        }
    }
    print(out, "{}\n", first ? "none" : "");
}

void print_memory_of(Display& out, const Process& process) {
    const SpaceStatistics memory = process.space->statistics();
    print(out, "{}{:5}  {}{}\n", out.paint(Ink::strong), process.id, process.title(), out.paint(Ink::plain));
    print(out, "       virtual     {:>9}  in {} regions, {} committed\n", pages(memory.virtual_pages), memory.regions,
          pages(memory.charged));
    print(out, "       resident    {:>9}  {} of it shared, {} used lately, {} locked\n", pages(memory.resident),
          pages(memory.shared), pages(memory.used), pages(memory.locked));
    if (const ResidentSet* const set = process.space->resident_set()) {
        if (const std::optional<std::uint32_t> limit = process.space->resident_limit()) {
            print(out, "       limit       {:>9}  in memory and not locked; {} are\n", pages(*limit),
                  pages(set->pages()));
        }
        print(out, "       policy      {:>9}  for its own pages\n", set->replacement.current().name());
    }
    print(out, "       swapped     {:>9}\n", pages(memory.swapped));
    print(out, "       page tables {:>9}  {} of them shared with a clone\n", pages(memory.tables),
          memory.shared_tables);
    print(out, "       faults      ");
    print_faults(out, memory.faults);
}

// A line of the table: a process, or all of them.
struct MemoryRow {
    std::uint64_t resident = 0, swapped = 0, shared = 0, tables = 0, used = 0; // pages
    std::uint64_t major_faults = 0;

    void add(const MemoryRow& other) {
        resident += other.resident;
        swapped += other.swapped;
        shared += other.shared;
        tables += other.tables;
        used += other.used;
        major_faults += other.major_faults;
    }
};

MemoryRow row_of(const Process& process) {
    const SpaceStatistics memory = process.space->statistics();
    return {.resident = memory.resident,
            .swapped = memory.swapped,
            .shared = memory.shared,
            .tables = memory.tables,
            .used = memory.used,
            .major_faults = process.usage().major_faults};
}

void print_memory_row(Display& out, const MemoryRow& row, std::string_view name) {
    for (const std::uint64_t each : {row.resident, row.swapped, row.shared, row.tables, row.used}) {
        print(out, " {:>8}", ByteCount{each * page_size});
    }
    print(out, " {:7,}  {}\n", row.major_faults, name);
}

void print_all_memory(Display& out, const Memory& memory) {
    const FrameStatistics frames = memory.frames.statistics();
    print(out, "RAM {}, {} free", pages(frames.ram), pages(frames.free));
    if (const std::uint32_t swap = memory.pager.swap.pages(); swap != 0) {
        print(out, "; swap {}, {} free", pages(swap), pages(memory.pager.swap.free_pages()));
    }
    print(out, "\ncommitted {} of {} (overcommit={})\n\n", pages(memory.commit.charged()), pages(memory.commit.limit()),
          name_of(memory.commit.policy()));
}

Outcome process_smi(Context& context, Arguments arguments) {
    Display& out = context.out;
    if (!arguments.empty()) {
        const Process* const process = process_argument(context, arguments[0]);
        if (process != nullptr && !process->space) {
            return refuse(context, "Process {} has ended: it has no memory any more.", process->id);
        }
        if (process != nullptr) {
            print_memory_of(out, *process);
        }
        return process == nullptr ? Outcome::failed : Outcome::done;
    }
    print_all_memory(out, context.torus.memory);
    MemoryRow total;
    std::uint32_t shown = 0;
    context.torus.userland->processes.for_each([&](const Process& each) {
        if (each.space) {
            if (shown++ == 0) {
                print_title(out, "  PID RESIDENT  SWAPPED   SHARED   TABLES     USED   MAJOR  NAME");
            }
            const MemoryRow row = row_of(each);
            print(out, "{:5}", each.id);
            print_memory_row(out, row, each.title());
            total.add(row);
        }
    });
    if (shown == 0) {
        print(out, "No process runs. \"run PROGRAM &\" starts one.\n");
    } else {
        out.write("total");
        print_memory_row(out, total, "");
    }
    return Outcome::done;
}

// ---- run, fg, kill

Outcome report(Context& context, std::string_view name, const ProgramResult& result) {
    const bool clean = !result.stopped && result.status.word == 0;
    if (!clean) {
        print(context.out, "{}{}: {}{}\n", context.out.paint(result.stopped ? Ink::notice : Ink::bad), name, result,
              context.out.paint(Ink::plain));
    }
    return clean || result.stopped ? Outcome::done : Outcome::failed;
}

Outcome refuse_start(Context& context, std::string_view name, Error error) {
    if (const auto missing = missing_interpreter(*context.torus.userland, name); error == Error::not_found && missing) {
        return refuse(context, "\"{}\" cannot be run: its interpreter {} is missing.", name, missing->view());
    }
    return refuse(context, "\"{}\" cannot be run: {}.", name, explain(error));
}

Outcome run(Context& context, Arguments arguments) {
    Userland& userland = *context.torus.userland;
    const bool background = arguments.back() == "&";
    const Arguments words = background ? arguments.first(arguments.size() - 1) : arguments;
    if (words.empty()) {
        return refuse(context, "Which program?");
    }
    const Result<Process*> started = start_words(userland, words);
    if (!started) {
        return refuse_start(context, words.front(), started.error());
    }
    if (background) {
        (*started)->reap_when_dead = true;
        print(context.out, "process {}\n", (*started)->id);
        return Outcome::done;
    }
    userland.files().console().ask_size();
    return report(context, words.front(), wait_in_foreground(userland, **started));
}

Outcome fg(Context& context, Arguments arguments) {
    Process* const process = process_argument(context, arguments[0]);
    if (process == nullptr) {
        return Outcome::failed;
    }
    if (process->parent != &context.torus.userland->processes.kernel()) {
        return refuse(context, "Process {} was started by process {}, not from here.", process->id,
                      process->parent->id);
    }
    process->reap_when_dead = false;
    must_succeed(signal_group(*process->table, process->group, {.number = signal_number::proceed}));
    context.torus.userland->files().console().ask_size();
    const std::array<char, 16> name = process->name;
    return report(context, name.data(), wait_in_foreground(*context.torus.userland, *process));
}

// A number, or a name with or without SIG, capitals or not.
std::optional<std::uint32_t> signal_argument(Context& context, std::string_view word) {
    if (!word.empty() && word.front() >= '0' && word.front() <= '9') {
        const std::optional<std::uint32_t> number = number_argument(context, word, "signal");
        if (number && (*number == 0 || *number > signal_count)) {
            refuse(context, "Signals are numbered from 1 to {}.", signal_count);
            return std::nullopt;
        }
        return number;
    }
    constexpr std::string_view prefix = "SIG";
    const auto capital = [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - ('a' - 'A')) : c; };
    for (std::uint32_t number = 1; number < signal_number::first_realtime; ++number) {
        const std::string_view name = signal_name(number);
        for (const std::string_view form : {name, name.substr(prefix.size())}) {
            if (std::ranges::equal(word, form, {}, capital)) {
                return number;
            }
        }
    }
    refuse(context, "There is no signal \"{}\": they are called TERM, SIGSTOP and so on, or 1 to {}.", word,
           signal_count);
    return std::nullopt;
}

Outcome kill(Context& context, Arguments arguments) {
    const bool with_signal = arguments.size() == 2;
    Process* const process = process_argument(context, arguments[0]);
    const std::optional<std::uint32_t> number =
        with_signal ? signal_argument(context, arguments[1]) : signal_number::terminate;
    if (process == nullptr || !number) {
        return Outcome::failed;
    }
    if (const auto sent = send_signal(*process, {.number = *number, .code = signal_code::kernel}); !sent) {
        return refuse(context, "Signal {} cannot be sent: {}.", *number, explain(sent.error()));
    }
    context.torus.userland->processes.scheduler.wait_for_event(); // it acts on the signal
    return Outcome::done;
}

Outcome strace(Context& context, Arguments arguments) {
    if (arguments[0] != "on" && arguments[0] != "off") {
        return refuse(context, "usage: strace on|off PID");
    }
    const bool on = arguments[0] == "on";
    if (arguments.size() == 1) {
        context.torus.userland->processes.kernel().traced = on; // what the kernel starts inherits it
        return Outcome::done;
    }
    Process* const process = process_argument(context, arguments[1]);
    if (process == nullptr) {
        return Outcome::failed;
    }
    process->traced = on;
    return Outcome::done;
}

Outcome fault_reports(Context& context, Arguments arguments) {
    if (arguments[0] != "on" && arguments[0] != "off") {
        return refuse(context, "usage: fault-reports on|off");
    }
    report_program_faults(*context.torus.userland, arguments[0] == "on");
    return Outcome::done;
}

// ---- starve

// A program that ends for want of memory has done what was asked: the kernel must live, and its books balance.
Outcome starve(Context& context, Arguments arguments) {
    const std::optional<std::uint32_t> left = number_argument(context, arguments[0], "number of frames");
    if (!left) {
        return Outcome::failed;
    }
    Memory& memory = context.torus.memory;
    memory.heap.trim();
    if (memory.frames.available() < *left) {
        return refuse(context, "Only {} frames are free.", memory.frames.available());
    }
    FreeTableList hoard(memory.physical, memory.frames);
    if (const auto filled = hoard.fill(memory.frames.available() - *left); !filled) {
        return refuse(context, "The other frames cannot be taken: {}.", explain(filled.error()));
    }
    const Result<Process*> started = start_words(*context.torus.userland, arguments.subspan(1));
    if (!started) {
        print(context.out, "with {} frames: not started, {}\n", *left, name_of(started.error()));
        return started.error() == Error::out_of_memory ? Outcome::done : Outcome::failed;
    }
    set_out_of_memory_adjustment(**started,
                                 ended_first); // what it and its children cannot have costs nobody else's life
    print(context.out, "with {} frames: {}\n", *left, wait_in_foreground(*context.torus.userland, **started));
    return Outcome::done;
}

constexpr auto commands = std::to_array<Command>({
    {.name = "run",
     .arguments = "PROGRAM [WORDS] [&]",
     .summary = "run a program of the boot archive",
     .least_arguments = 1,
     .most_arguments = Tokenizer::most_words,
     .run = run,
     .details = "The program has the console until it ends (Ctrl-C) or stops (Ctrl-Z). With \"&\" it runs beside the "
                "shell."},
    {.name = "ps",
     .summary = "list the processes",
     .run = ps,
     .details = "STATE: ready, stopped, ended, or what is waited for: \"page\" for one that is on\n"
                "its way to or from a disk, \"room\" for a free frame, \"disk\" for what was asked\n"
                "of a disk, else \"waits\".",
     .paged = true},
    {.name = "process-smi",
     .arguments = "[PID]",
     .summary = "memory and faults of each process",
     .most_arguments = 1,
     .run = process_smi,
     .details = "RESIDENT   pages in memory\n"
                "SWAPPED    pages on disks, or kept as one word over and over\n"
                "SHARED     of the resident ones, those that others have, too\n"
                "TABLES     the page directory and its tables\n"
                "USED       the working set: of the resident pages, those that were touched\n"
                "           since they came, or since the pager looked at them last. It looks\n"
                "           only while memory is short, and once at each page before it looks\n"
                "           at the first again. A page table that is shared after a fork shows\n"
                "           what its other users touched, too.\n"
                "MAJOR      faults that waited for a page\n"
                "What processes share is in the line of each, and in the total as often.\n"
                "With a PID: regions, commitments, and faults by kind.",
     .paged = true},
    {.name = "maps",
     .arguments = "PID",
     .summary = "list the regions of a process's address space",
     .least_arguments = 1,
     .most_arguments = 1,
     .run = maps,
     .paged = true},
    {.name = "fg",
     .arguments = "PID",
     .summary = "give the console back to a program",
     .least_arguments = 1,
     .most_arguments = 1,
     .run = fg},
    {.name = "kill",
     .arguments = "PID [SIGNAL]",
     .summary = "send a signal: 15 if none is given",
     .least_arguments = 1,
     .most_arguments = 2,
     .run = kill},
    {.name = "starve",
     .arguments = "FRAMES PROGRAM...",
     .summary = "run it with only so many frames free",
     .least_arguments = 2,
     .most_arguments = Tokenizer::most_words,
     .run = starve,
     .details = "All other free frames are held until it has ended. What it cannot have it is refused, or\n"
                "it is ended; the kernel goes on."},
    {.name = "strace",
     .arguments = "on|off [PID]",
     .summary = "print system calls as they are made",
     .least_arguments = 1,
     .most_arguments = 2,
     .run = strace},
    {.name = "fault-reports",
     .arguments = "on|off",
     .summary = "tell all about a fault that ends a program",
     .least_arguments = 1,
     .most_arguments = 1,
     .run = fault_reports,
     .details = "Where it was in its files, what the page tables say, registers, stack, and who called as far as\n"
                "frame pointers go: compile with -fno-omit-frame-pointer."},
});

} // namespace

std::span<const Command> process_commands() {
    return commands;
}

} // namespace quire
