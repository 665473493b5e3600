// Commands that test and provoke: the demo, the audit, the memory test, faults and the panic.
#include "kernel/lib/panic.h"
#include "kernel/lib/suggestion.h"
#include "kernel/machine/devices.h"
#include "kernel/memory/audit/memory_test.h"
#include "kernel/memory/frames/address_text.h"
#include "kernel/monitor/commands/command.h"
#include "kernel/monitor/commands/provoke.h"
#include "kernel/monitor/demo/demo.h"
#include "kernel/monitor/editor/tokenizer.h"
#include "kernel/monitor/report/table_text.h"
#include "kernel/torus/audit.h"
#include "kernel/torus/torus.h"

#include <array>

namespace quire {

namespace {

// Time since `start`, in seconds with a fraction.
struct Elapsed {
    std::uint64_t start = machine::nanoseconds();
};
void print_to(Sink& sink, const Elapsed& elapsed) {
    const std::uint64_t milliseconds = (machine::nanoseconds() - elapsed.start) / 1'000'000;
    print(sink, "{}.{:03} s", milliseconds / 1000, milliseconds % 1000);
}

// --- demo

Outcome demo(Context& context, Arguments arguments) {
    if (arguments.empty()) {
        return play_demo(context);
    }
    const auto chapter = number_argument(context, arguments[0], "chapter");
    if (!chapter) {
        return Outcome::failed;
    }
    if (*chapter == 0 || *chapter > demo_chapters().size()) {
        return refuse(context, "There are chapters 1 to {}.", demo_chapters().size());
    }
    return play_demo_chapter(context, *chapter);
}

// --- audit

Outcome audit(Context& context, Arguments) {
    Display& out = context.out;
    const Elapsed elapsed;
    AuditReport report{out};
    audit_torus(context.torus, report);
    const bool good = report.failures() == 0;
    print(out, "audit: {:,} checks, {}{:,} failed{}, in {}\n", report.checks(), out.paint(good ? Ink::good : Ink::bad),
          report.failures(), out.paint(Ink::plain), elapsed);
    return good ? Outcome::done : Outcome::failed;
}

// --- memtest

class Dots final : public MemoryTestProgress {
public:
    explicit Dots(Context& context) : context_(&context) {}

    bool reached(Phase phase, std::uint32_t done, std::uint32_t total) override {
        constexpr std::uint32_t most = 60;
        if (phase != phase_ || !begun_) {
            print(context_->out, "{}  {:8}", begun_ ? "\n" : "", phase == Phase::writing ? "write" : "read");
            phase_ = phase;
            begun_ = true;
            dots_ = 0;
        }
        for (; dots_ < std::uint64_t{done} * most / total; ++dots_) {
            context_->out.write(".");
        }
        return !interrupted(*context_);
    }

private:
    Context* context_;
    Phase phase_ = Phase::writing;
    bool begun_ = false;
    std::uint64_t dots_ = 0;
};

Outcome report_memory_test(Context& context, const MemoryTestOutcome& outcome) {
    if (outcome.stopped) {
        return refuse(context, "stopped; all {} frames were given back", outcome.frames);
    }
    if (outcome.first_wrong) {
        return refuse(context, "{} frames are bad. The first: at {} was written {:#010x}, read {:#010x}.",
                      outcome.wrong_frames, outcome.first_wrong->at, outcome.first_wrong->written,
                      outcome.first_wrong->found);
    }
    if (!outcome.good()) {
        return refuse(context, "{} of {} free frames could be taken, and {} are free now.", outcome.frames,
                      outcome.free_before, outcome.free_after);
    }
    return Outcome::done;
}

Outcome memtest(Context& context, Arguments arguments) {
    Display& out = context.out;
    const auto rounds = arguments.empty() ? 1 : number_argument(context, arguments[0], "number of rounds");
    if (!rounds) {
        return Outcome::failed;
    }
    for (std::uint32_t round = 0; round < *rounds; ++round) {
        const Elapsed elapsed;
        Dots dots{context};
        Memory& memory = context.torus.memory;
        const auto outcome = test_memory(memory.frames, memory.physical, dots, round);
        if (!outcome) {
            return refuse(context, "Some frames belong to another test: {}.", name_of(outcome.error()));
        }
        out.write("\n");
        if (report_memory_test(context, *outcome) == Outcome::failed) {
            return Outcome::failed;
        }
        print(out, "memtest: {:,} frames ({}) hold what was written, {}no error{}, in {}\n", outcome->frames,
              ByteCount{std::uint64_t{outcome->frames} * page_size}, out.paint(Ink::good), out.paint(Ink::plain),
              elapsed);
    }
    return Outcome::done;
}

// --- fault

Outcome list_faults(Context& context) {
    print_title(context.out, "kind                 what is done");
    for (const FaultKind& kind : fault_kinds()) {
        print(context.out, "{:20} {}\n", kind.name, kind.what);
    }
    return Outcome::done;
}

Outcome fault(Context& context, Arguments arguments) {
    if (arguments.empty()) {
        return list_faults(context);
    }
    if (const FaultKind* kind = find_fault_kind(arguments[0])) {
        return provoke(*kind, context.torus) ? Outcome::done : Outcome::failed;
    }
    Suggestion suggestion{arguments[0]};
    for (const FaultKind& kind : fault_kinds()) {
        suggestion.consider(kind.name);
    }
    if (suggestion.best().empty()) {
        return refuse(context, "There is no fault \"{}\". \"fault\" lists those there are.", arguments[0]);
    }
    return refuse(context, "There is no fault \"{}\". Did you mean \"{}\"?", arguments[0], suggestion.best());
}

// --- panic

Outcome panic_now(Context&, Arguments) {
    panic("asked for in the shell");
}

constexpr auto commands = std::to_array<Command>({
    Command{.name = "demo",
            .arguments = "[CHAPTER]",
            .summary = "the tour: what memory management is, tried out",
            .most_arguments = 1,
            .run = demo},
    Command{.name = "audit", .summary = "checks all books against each other", .run = audit},
    Command{.name = "memtest",
            .arguments = "[ROUNDS]",
            .summary = "writes every free frame and reads it back",
            .most_arguments = 1,
            .run = memtest,
            .details = "Takes every free frame, fills each with words that no other frame has at that\n"
                       "place, reads all back, gives all back. Every second round writes complements.\n"
                       "Ctrl-C stops it."},
    Command{.name = "fault",
            .arguments = "[KIND]",
            .summary = "provokes a fault, to see what the kernel says",
            .most_arguments = 1,
            .run = fault,
            .details = "Without a kind it lists them. Each is caught; the kernel goes on.",
            .paged = true},
    Command{.name = "panic", .summary = "what the kernel does when it must stop", .run = panic_now},
});

} // namespace

std::span<const Command> checking_commands() {
    return commands;
}

} // namespace quire
