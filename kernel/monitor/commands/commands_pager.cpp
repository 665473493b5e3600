// The commands that show who goes when memory is short, change the policy that decides it, and write it all down.
#include "kernel/lib/wrap.h"
#include "kernel/machine/devices.h"
#include "kernel/memory/frames/address_text.h"
#include "kernel/monitor/commands/command.h"
#include "kernel/monitor/report/table_text.h"
#include "kernel/process/userland/userland.h"
#include "kernel/torus/torus.h"

#include <algorithm>
#include <array>
#include <utility>

namespace quire {

namespace {

constexpr std::size_t width = 79; // of a line, at most
constexpr std::string_view no_area = "There is no swap area: nothing goes.\n";

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

// Processes whose pages are not everybody's.
void print_sets(Context& context) {
    bool first = true;
    const auto print_set = [&](const Process& process) {
        const ResidentSet* const set = process.space ? process.space->resident_set() : nullptr;
        if (set == nullptr) {
            return;
        }
        if (std::exchange(first, false)) {
            print_title(context.out, "\nReplaced by themselves");
            print_title(context.out, "  PID  PAGES  LIMIT  POLICY");
        }
        print(context.out, "{:5} {:6}", process.id, set->pages());
        if (const std::optional<std::uint32_t> limit = process.space->resident_limit()) {
            print(context.out, " {:6}", *limit);
        } else {
            context.out.write("   none");
        }
        print(context.out, "  {}\n", set->replacement.current().name());
    };
    if (context.torus.userland != nullptr) {
        context.torus.userland->processes.for_each(print_set);
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
    print_sets(context);
    if (!pager.is_paging()) {
        out.write("\n");
        out.write(no_area);
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

// The policy of that name. Null, and told, where there is none.
const ReplacementPolicy* policy_argument(Context& context, std::string_view name) {
    const auto* const found =
        std::ranges::find(Replacement::all_policies, name, [](ReplacementPolicy each) { return name_of(each); });
    if (found == Replacement::all_policies.end()) {
        refuse(context, "There is no policy \"{}\". \"pager policy\" lists them.", name);
        return nullptr;
    }
    return found;
}

Outcome use_policy(Context& context, std::string_view name) {
    Pager& pager = context.torus.memory.pager;
    const ReplacementPolicy* const policy = policy_argument(context, name);
    if (policy == nullptr) {
        return Outcome::failed;
    }
    pager.use_policy(*policy);
    print(context.out, "{}: {:,} pages are known to it now.\n", name, pager.replacement.current().known());
    return Outcome::done;
}

// The process's memory. Null, and told, where there is none.
AddressSpace* space_argument(Context& context, std::string_view word) {
    const Process* const process = process_argument(context, word);
    if (process != nullptr && !process->space) {
        refuse(context, "Process {} has ended: it has no memory any more.", process->id);
    }
    return process != nullptr ? &*process->space : nullptr;
}

Outcome refuse_set(Context& context, Error error) {
    return refuse(context, "{}.",
                  error == Error::limit_reached ? "Too many processes are replaced by themselves" : explain(error));
}

Outcome use_policy_for(Context& context, std::string_view name, std::string_view word) {
    const bool own = name != "default";
    const ReplacementPolicy* const policy = own ? policy_argument(context, name) : nullptr;
    AddressSpace* const space = policy == nullptr && own ? nullptr : space_argument(context, word);
    if (space == nullptr) {
        return Outcome::failed;
    }
    if (const Result<void> used = space->use_policy(own ? std::optional(*policy) : std::nullopt); !used) {
        return refuse_set(context, used.error());
    }
    print(context.out, "Process {}: {}, {}.\n", word, space->policy().name(),
          own ? "for its own pages" : "as for all others");
    return Outcome::done;
}

Outcome limit(Context& context, Arguments arguments) {
    constexpr std::size_t words = 3; // limit PID PAGES
    if (arguments.size() != words) {
        return refuse(context, "For which process, and how many pages?");
    }
    AddressSpace* const space = space_argument(context, arguments[1]);
    if (space == nullptr) {
        return Outcome::failed;
    }
    const bool any = arguments[2] == "none";
    const std::optional<std::uint32_t> pages =
        any ? std::nullopt : number_argument(context, arguments[2], "number of pages");
    if (!any && !pages) {
        return Outcome::failed;
    }
    const std::uint32_t least = space->least_resident_limit();
    if (pages && *pages < least) {
        return refuse(context, "{} pages are the least that an instruction may need.", least);
    }
    if (const Result<void> limited = space->limit_resident(pages); !limited) {
        return refuse_set(context, limited.error());
    }
    print(context.out, "Process {}: resident limit {}.\n", arguments[1], arguments[2]);
    if (!context.torus.memory.pager.is_paging()) {
        context.out.write(no_area);
    }
    return Outcome::done;
}

Outcome pager(Context& context, Arguments arguments) {
    if (arguments.empty()) {
        return show_pager(context);
    }
    if (arguments[0] == "limit") {
        return limit(context, arguments);
    }
    if (arguments[0] != "policy") {
        return refuse(context, "There is no \"pager {}\"; there are \"pager policy\" and \"pager limit\".",
                      arguments[0]);
    }
    switch (arguments.size()) {
    case 1: return list_policies(context);
    case 2: return use_policy(context, arguments[1]);
    default: return use_policy_for(context, arguments[1], arguments[2]);
    }
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
            .arguments = "[policy|limit] [POLICY] [PID]",
            .summary = "who goes when memory is short",
            .most_arguments = 3,
            .run = pager,
            .details = "What was put out and came back, and the pages that would be looked at\n"
                       "next, with what would become of them; looking changes nothing. \"pager\n"
                       "policy\" lists the policies; \"pager policy clock\" uses one, which gets all\n"
                       "pages in the old one's order. \"pager policy fifo 3\" is for process 3, until\n"
                       "\"pager policy default 3\". \"pager limit 3 64\", or none: so many of its pages\n"
                       "may be in memory and not locked; when another comes, one of its own goes.",
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
