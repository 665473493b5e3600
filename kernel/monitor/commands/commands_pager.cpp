// The commands that show who goes when memory is short, change the policy that decides it, and write it all down.
#include "kernel/lib/wrap.h"
#include "kernel/machine/devices.h"
#include "kernel/memory/frames/address_text.h"
#include "kernel/monitor/commands/command.h"
#include "kernel/monitor/report/table_text.h"
#include "kernel/torus/torus.h"

#include <algorithm>
#include <array>

namespace quire {

namespace {

constexpr std::size_t width = 79; // of a line, at most

void print_counts(Display& out, const Pager& pager, const FrameAllocator& frames) {
    const ReplacementCounts& counts = pager.replacement.current().counts();
    const PagerStatistics moved = pager.statistics();
    print(out, "  chosen   {:,} pages, {:,} looked at for that\n", counts.chosen, counts.looks);
    print(out, "  came     {:,} pages, {:,} of them with a known departure\n", counts.loaded, counts.refaults);
    print(out, "  out      {:,} written, {:,} clean, {:,} of one word, {:,} to be made again\n", moved.written,
          moved.dropped_clean, moved.words, moved.made_again);
    print(out, "           {:,} in shared tables, {:,} seen as code, {:,} without access, {:,} of objects\n",
          moved.in_shared_tables, moved.as_code, moved.without_access, moved.of_objects);
    print(out, "  back     {:,} read, {:,} of an archive on a disk, {:,} taken back on their way out\n", moved.read,
          moved.stored_read, moved.taken_back);
    print(out, "  frames   {:,} available; below {:,} pages go, until {:,} are\n", frames.available(),
          pager.low_water(), pager.high_water());
}

// Asking changes nothing: no accessed bit is cleared for it. Frames that were given back, which the policy forgets when
// it meets them, are left out.
void print_next(Display& out, Pager& pager) {
    constexpr std::size_t most_asked = 128, most_printed = 8;
    std::array<Candidate, most_asked> candidates;
    const PageReplacer& policy = pager.replacement.current();
    const std::size_t count = policy.preview(pager, candidates);
    print_title(out, "\nLooked at next");
    if (count == 0) {
        print(out, "  {}\n", policy.known() == 0 ? "nothing" : "any page, by chance");
    }
    std::size_t printed = 0, forgotten = 0;
    for (const Candidate& each : std::span(candidates).first(count)) {
        if (each.fate == Fate::gone) {
            ++forgotten;
        } else if (printed != most_printed) {
            print(out, "  {}  {}\n", each.frame, description_of(each.fate));
            ++printed;
        }
    }
    if (forgotten != 0 && printed == 0) {
        out.write("  frames that were given back, and are forgotten then\n");
    }
}

Outcome show_pager(Context& context) {
    Display& out = context.out;
    Pager& pager = context.torus.memory.pager;
    const PageReplacer& policy = pager.replacement.current();
    {
        WrapSink wrapped(out, width, 2);
        print(wrapped, "{}{}{}: {}\n", out.paint(Ink::strong), policy.name(), out.paint(Ink::plain), policy.summary());
    }
    print(out, "  known    {:,} pages", policy.known());
    if (const std::optional<std::uint32_t> passed = policy.hand()) {
        print(out, "; the hand has passed {:,} of them", *passed);
    }
    out.write("\n");
    print_counts(out, pager, context.torus.memory.frames);
    print_next(out, pager);
    if (!pager.is_paging()) {
        out.write("\nThere is no swap area: nothing goes.\n");
    }
    return Outcome::done;
}

Outcome list_policies(Context& context) {
    const Replacement& replacement = context.torus.memory.pager.replacement;
    WrapSink wrapped(context.out, width, 18);
    for (const ReplacementPolicy each : Replacement::all_policies) {
        const PageReplacer& policy = replacement.policy(each);
        const bool used = each == replacement.used();
        print(wrapped, "{} {}{:16}{}{}\n", used ? "*" : " ", context.out.paint(used ? Ink::strong : Ink::plain),
              policy.name(), context.out.paint(Ink::plain), policy.summary());
    }
    return Outcome::done;
}

Outcome use_policy(Context& context, std::string_view name) {
    const Replacement& replacement = context.torus.memory.pager.replacement;
    const auto found =
        std::ranges::find(Replacement::all_policies, name, [](ReplacementPolicy each) { return name_of(each); });
    if (found == Replacement::all_policies.end()) {
        return refuse(context, "There is no policy \"{}\". \"pager policy\" lists them.", name);
    }
    context.torus.memory.pager.use_policy(*found);
    print(context.out, "{}: {:,} pages are known to it now.\n", name, replacement.current().known());
    return Outcome::done;
}

Outcome pager(Context& context, Arguments arguments) {
    if (arguments.empty()) {
        return show_pager(context);
    }
    if (arguments[0] != "policy") {
        return refuse(context, "There is no \"pager {}\"; there is \"pager policy\".", arguments[0]);
    }
    return arguments.size() == 1 ? list_policies(context) : use_policy(context, arguments[1]);
}

[[nodiscard]] std::string_view name_of(Pager::TraceKind kind) {
    return kind == Pager::TraceKind::decisions ? "decisions" : "accesses";
}

Outcome show_trace(Context& context) {
    const Pager& pager = context.torus.memory.pager;
    if (const std::optional<Pager::TraceKind> kind = pager.traced()) {
        print(context.out, "The trace of {} goes on, and has {:,} lines.\n", name_of(*kind), pager.trace_lines());
    } else {
        print(context.out, "There is no trace.\n");
    }
    return Outcome::done;
}

Outcome begin_trace(Context& context, Pager::TraceKind kind) {
    Pager& pager = context.torus.memory.pager;
    if (const std::optional<Pager::TraceKind> other = pager.traced()) {
        return refuse(context, "The trace of {} goes on. \"trace {} off\" ends it.", name_of(*other), name_of(*other));
    }
    if (!machine::has_debug_console()) {
        return refuse(context, "There is no debug console for it to go to. \"./run --trace FILE\" makes one.");
    }
    pager.begin_trace(kind, context.torus.debug_console);
    print(context.out, "The trace of {} has begun.\n", name_of(kind));
    return Outcome::done;
}

Outcome end_trace(Context& context, Pager::TraceKind kind) {
    Pager& pager = context.torus.memory.pager;
    if (pager.traced() != kind) {
        return refuse(context, "There is no trace of {}.", name_of(kind));
    }
    pager.end_trace();
    print(context.out, "The trace of {} has ended, with {:,} lines and one that says so.\n", name_of(kind),
          pager.trace_lines());
    return Outcome::done;
}

Outcome trace(Context& context, Arguments arguments) {
    if (arguments.empty()) {
        return show_trace(context);
    }
    const std::string_view what = arguments[0];
    const std::string_view how = arguments.size() > 1 ? arguments[1] : "on";
    if (what != "decisions" && what != "accesses") {
        return refuse(context, "There is no trace of \"{}\"; there are decisions and accesses.", what);
    }
    const auto kind = what == "decisions" ? Pager::TraceKind::decisions : Pager::TraceKind::accesses;
    if (how == "on") {
        return begin_trace(context, kind);
    }
    return how == "off" ? end_trace(context, kind) : refuse(context, "\"{}\" is neither on nor off.", how);
}

constexpr auto commands = std::to_array<Command>({
    Command{.name = "pager",
            .arguments = "[policy] [POLICY]",
            .summary = "who goes when memory is short, and by which policy",
            .most_arguments = 2,
            .run = pager,
            .details = "What was put out and came back, and the pages that would be looked at\n"
                       "next, with what would become of them; looking changes nothing. \"pager\n"
                       "policy\" lists the policies; \"pager policy clock\" uses one, which gets all\n"
                       "pages in the old one's order.",
            .paged = true},
    Command{.name = "trace",
            .arguments = "[WHAT] [off]",
            .summary = "writes down what is decided, or touched",
            .most_arguments = 2,
            .run = trace,
            .details = "Lines go to the emulator's debug console: the FILE of \"./run --trace FILE\".\n"
                       "\"decisions\" are enough to make every choice of the policy again;\n"
                       "\"accesses\" are the pages that programs touch, for other policies to be tried\n"
                       "on. \"off\" writes the last line, without which a trace is not whole."},
});

} // namespace

std::span<const Command> pager_commands() {
    return commands;
}

} // namespace quire
