// What /proc/PID tells of a process but for its memory's details.
#include "kernel/fs/device/terminal.h"
#include "kernel/machine/devices.h"
#include "kernel/memory/space/address_space.h"
#include "kernel/process/process_table.h"
#include "kernel/process/procfs/proc_text.h"
#include "kernel/process/system_call_answer.h"

#include <algorithm>
#include <array>

namespace quire::proc_text {

namespace {

struct StateName {
    char letter;
    std::string_view name;
};

StateName state_of(const Process& process) {
    if (process.is_zombie) {
        return {'Z', "zombie"};
    }
    switch (process.thread.state) {
    case ThreadState::ready: return {'R', "running"};
    case ThreadState::blocked:
        return process.thread.interruptible ? StateName{'S', "sleeping"} : StateName{'D', "disk sleep"};
    case ThreadState::stopped: return {'T', "stopped"};
    case ThreadState::ended: break;
    }
    return {'X', "dead"};
}

SpaceStatistics memory_of(const Process& process) {
    return process.space ? process.space->statistics() : SpaceStatistics{};
}

std::uint32_t parent_of(const Process& process) {
    return process.parent != nullptr ? process.parent->id : 0;
}

void print_octal(Sink& sink, std::uint32_t value, unsigned digits) {
    for (unsigned digit = digits; digit != 0; --digit) {
        print(sink, "{}", static_cast<char>('0' + (value >> 3 * (digit - 1) & 7)));
    }
}

void amount(Sink& sink, std::string_view label, std::uint64_t pages) {
    print(sink, "{}:\t{:8} kB\n", label, kibibytes(pages));
}

void print_memory(Sink& sink, const SpaceStatistics& memory) {
    amount(sink, "VmPeak", memory.virtual_pages);
    amount(sink, "VmSize", memory.virtual_pages);
    amount(sink, "VmLck", memory.locked);
    amount(sink, "VmPin", 0);
    amount(sink, "VmHWM", memory.resident);
    amount(sink, "VmRSS", memory.resident);
    amount(sink, "RssAnon", memory.resident - std::min(memory.resident, memory.shared));
    amount(sink, "RssFile", memory.shared);
    amount(sink, "RssShmem", 0);
    amount(sink, "VmData", memory.data);
    amount(sink, "VmStk", memory.stack);
    amount(sink, "VmExe", memory.code);
    amount(sink, "VmLib", 0);
    amount(sink, "VmPTE", memory.tables);
    amount(sink, "VmSwap", memory.swapped);
}

// The signals whose action is `handled` (a handler of the program's) or to be ignored.
SignalSet signals_with(const Signals& signals, bool handled) {
    SignalSet set = 0;
    for (std::uint32_t number = 1; number <= signal_count; ++number) {
        const std::uint32_t handler = signals.action(number).handler;
        const bool is_handled = handler != SignalAction::by_default && handler != SignalAction::ignored;
        if (handled ? is_handled : handler == SignalAction::ignored) {
            set |= signal_bit(number);
        }
    }
    return set;
}

void print_signals(Sink& sink, const Process& process) {
    const auto set = [&](std::string_view label, SignalSet signals) { print(sink, "{}:\t{:016x}\n", label, signals); };
    print(sink, "SigQ:\t{}/{}\n", process.signals.queued(), process.soft_limit(limit::pending_signals));
    set("SigPnd", process.signals.pending());
    set("ShdPnd", 0);
    set("SigBlk", process.signals.blocked);
    set("SigIgn", signals_with(process.signals, false));
    set("SigCgt", signals_with(process.signals, true));
}

// Bytes of a process's memory, as they are. What is not there is left out.
void print_memory_range(Sink& sink, const ProcSubject& subject, std::uint32_t start, std::uint32_t end) {
    const Process& process = *subject.process;
    std::array<char, 128> bytes{};
    while (process.space && start < end) {
        const std::size_t part = std::min<std::size_t>(bytes.size(), end - start);
        const auto piece = std::span(bytes).first(part);
        if (const auto read = process.space->read(VirtAddr(start), std::as_writable_bytes(piece)); !read) {
            subject.must_wait = subject.must_wait || read.error() == Error::must_wait;
            return;
        }
        sink.write({piece.data(), piece.size()});
        start += static_cast<std::uint32_t>(part);
    }
}

} // namespace

void status(const ProcSubject& subject, Sink& sink) {
    const Process& process = *subject.process;
    const StateName state = state_of(process);
    print(sink, "Name:\t{}\nUmask:\t", process.title());
    print_octal(sink, process.context ? process.context->umask : 0, 4);
    print(sink, "\nState:\t{} ({})\nTgid:\t{}\nNgid:\t0\nPid:\t{}\nPPid:\t{}\nTracerPid:\t0\n", state.letter,
          state.name, process.id, process.id, parent_of(process));
    print(sink, "Uid:\t0\t0\t0\t0\nGid:\t0\t0\t0\t0\n");
    print(sink, "FDSize:\t{}\nGroups:\t0 \n", process.files ? process.files->capacity() : 0);
    print(sink, "NStgid:\t{}\nNSpid:\t{}\nNSpgid:\t{}\nNSsid:\t{}\n", process.id, process.id, process.group,
          process.session);
    if (process.space) {
        print_memory(sink, memory_of(process));
    }
    print(sink, "Threads:\t1\n");
    print_signals(sink, process);
    for (const std::string_view set : {"CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"}) {
        // Everybody is root: all capabilities, but for those that are passed on.
        constexpr std::uint64_t all = 0x000001FFFFFFFFFF;
        print(sink, "{}:\t{:016x}\n", set, set == "CapInh" || set == "CapAmb" ? 0 : all);
    }
    print(sink, "NoNewPrivs:\t0\nSeccomp:\t0\nCpus_allowed:\t1\nCpus_allowed_list:\t0\n");
    print(sink, "voluntary_ctxt_switches:\t{}\nnonvoluntary_ctxt_switches:\t{}\n", process.usage().voluntary_switches,
          process.usage().involuntary_switches);
}

// Fields by their numbers in proc(5), /proc/[pid]/stat.
void process_statistics(const ProcSubject& subject, Sink& sink) {
    const Process& process = *subject.process;
    const SpaceStatistics memory = memory_of(process);
    const ProcessTimes times = process.usage();
    const Terminal& terminal = subject.system.terminal();
    const bool has_terminal = terminal.session != 0 && terminal.session == process.session;
    constexpr std::uint32_t console = device_number(5, 1);
    constexpr std::uint64_t nanoseconds_per_tick = 1'000'000'000 / machine::ticks_per_second;
    print(sink, "{} ({}) {} {} {} {} ", process.id, process.title(), state_of(process).letter, parent_of(process),
          process.group, process.session); // 1–6
    print(sink, "{} {} 4194304 ", has_terminal ? console : 0,
          has_terminal ? static_cast<std::int32_t>(terminal.foreground_group) : -1); // 7–9
    print(sink, "{} {} {} {} ", times.minor_faults, times.children_minor_faults, times.major_faults,
          times.children_major_faults); // 10–13
    print(sink, "{} {} {} {} ", times.user_ticks, times.system_ticks, times.children_user_ticks,
          times.children_system_ticks);                                                                  // 14–17
    print(sink, "{} {} 1 0 {} ", 20 + process.nice, process.nice, times.started / nanoseconds_per_tick); // 18–22
    print(sink, "{} {} {} ", std::uint64_t{memory.virtual_pages} << page_shift, memory.resident,
          std::min<std::uint64_t>(process.soft_limit(limit::resident), ~std::uint32_t{0})); // 23–25
    print(sink, "0 0 0 0 0 ");                                                              // 26–30
    print(sink, "{} {} {} {} ", static_cast<std::uint32_t>(process.signals.pending()),
          static_cast<std::uint32_t>(process.signals.blocked),
          static_cast<std::uint32_t>(signals_with(process.signals, false)),
          static_cast<std::uint32_t>(signals_with(process.signals, true)));             // 31–34
    print(sink, "0 0 0 {} 0 0 0 0 0 0 ", process.exit_signal);                          // 35–44
    print(sink, "0 0 {} ", process.space ? process.space->program_break().value() : 0); // 45–47
    print(sink, "{} {} {} {} {}\n", process.arguments_start, process.arguments_end, process.environment_start,
          process.environment_end, process.status.word); // 48–52
}

void arguments(const ProcSubject& subject, Sink& sink) {
    print_memory_range(sink, subject, subject.process->arguments_start, subject.process->arguments_end);
}

void environment(const ProcSubject& subject, Sink& sink) {
    print_memory_range(sink, subject, subject.process->environment_start, subject.process->environment_end);
}

void title(const ProcSubject& subject, Sink& sink) {
    print(sink, "{}\n", subject.process->title());
}

Result<void> set_title(const ProcSubject& subject, std::string_view text) {
    subject.process->set_name(text);
    return {};
}

void personality(const ProcSubject& subject, Sink& sink) {
    print(sink, "{:08x}\n", subject.process->umbrella);
}

// The call that the process is in, with its arguments, stack and instruction pointer. Who asks about itself is in one.
void system_call(const ProcSubject& subject, Sink& sink) {
    Process& process = *subject.process;
    const bool asks = &process == &subject.table.current();
    if ((process.thread.state == ThreadState::ready && !asks) || process.is_zombie) {
        print(sink, "running\n");
        return;
    }
    const machine::TrapFrame& registers = process.registers();
    if (registers.vector != machine::vector::system_call) {
        print(sink, "-1");
    } else {
        print(sink, "{} 0x{:x} 0x{:x} 0x{:x}", system_call_number(process.registers()), registers.ebx, registers.ecx,
              registers.edx);
        print(sink, " 0x{:x} 0x{:x} 0x{:x}", registers.esi, registers.edi, registers.ebp);
    }
    print(sink, " 0x{:x} 0x{:x}\n", registers.user_esp, registers.eip);
}

// All that wait do so in one place.
void waiting_place(const ProcSubject& subject, Sink& sink) {
    print(sink, "{}", subject.process->thread.state == ThreadState::blocked ? "wait" : "0");
}

void limits(const ProcSubject& subject, Sink& sink) {
    struct Limit {
        std::string_view name, unit;
        std::size_t number;
    };
    // In the order of Linux's numbers, RLIMIT_CPU … RLIMIT_RTTIME.
    constexpr std::array<Limit, limit::count> all{{{"Max cpu time", "seconds", limit::cpu},
                                                   {"Max file size", "bytes", limit::file_size},
                                                   {"Max data size", "bytes", limit::data},
                                                   {"Max stack size", "bytes", limit::stack},
                                                   {"Max core file size", "bytes", limit::core},
                                                   {"Max resident set", "bytes", limit::resident},
                                                   {"Max processes", "processes", limit::processes},
                                                   {"Max open files", "files", limit::files},
                                                   {"Max locked memory", "bytes", limit::locked},
                                                   {"Max address space", "bytes", limit::address_space},
                                                   {"Max file locks", "locks", limit::locks},
                                                   {"Max pending signals", "signals", limit::pending_signals},
                                                   {"Max msgqueue size", "bytes", limit::message_queue},
                                                   {"Max nice priority", "", limit::nice},
                                                   {"Max realtime priority", "", limit::realtime_priority},
                                                   {"Max realtime timeout", "us", limit::realtime_time}}};
    const auto value = [&](std::uint64_t number) {
        number == ResourceLimit::unlimited ? print(sink, "{:<21}", "unlimited") : print(sink, "{:<21}", number);
    };
    print(sink, "{:<26}{:<21}{:<21}{:<10}\n", "Limit", "Soft Limit", "Hard Limit", "Units");
    for (const Limit& each : all) {
        print(sink, "{:<26}", each.name);
        value(subject.process->limits[each.number].soft);
        value(subject.process->limits[each.number].hard);
        print(sink, "{:<10}\n", each.unit);
    }
}

} // namespace quire::proc_text
