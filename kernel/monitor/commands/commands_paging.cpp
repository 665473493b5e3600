// Commands that look through the page tables: a translation step by step, all mappings, and single bytes of memory.
#include "kernel/lib/wrap.h"
#include "kernel/memory/frames/address_text.h"
#include "kernel/memory/paging/entry.h"
#include "kernel/memory/paging/page_directory.h"
#include "kernel/memory/space/address_space.h"
#include "kernel/monitor/commands/command.h"
#include "kernel/monitor/commands/touch_memory.h"
#include "kernel/monitor/report/page_walk.h"
#include "kernel/monitor/report/table_text.h"
#include "kernel/monitor/report/trap_text.h"
#include "kernel/monitor/report/user_entries.h"
#include "kernel/process/process.h"
#include "kernel/torus/torus.h"

#include <algorithm>
#include <array>
#include <optional>

namespace quire {

namespace {

// An address of the address space; a physical one, P:00100000, is meant as the direct map shows it.
std::optional<VirtAddr> virtual_argument(Context& context, std::string_view word) {
    const auto number = address_argument(context, word, "address");
    if (!number || !word.starts_with("P:")) {
        return number ? std::optional(VirtAddr(*number)) : std::nullopt;
    }
    if (!context.torus.memory.physical.is_direct(Frame::containing(PhysAddr(*number)))) {
        refuse(context, "{} is beyond the direct map: no address leads there for good.", PhysAddr(*number));
        return std::nullopt;
    }
    return direct_mapped(PhysAddr(*number));
}

// --- translate

// What the processor makes of `address`: it reads a word there, and so does the kernel through the frame found by hand.
Outcome compare_with_hardware(Context& context, VirtAddr address, std::optional<PhysAddr> by_hand) {
    Display& out = context.out;
    const VirtAddr word(address.value() & ~std::uint32_t{3});
    const Touch touch = read_word(word);
    const std::optional<machine::TrapFrame>& trap = touch.trap;
    if (trap || !by_hand) {
        const bool agree = trap && !by_hand && trap->vector == machine::vector::page_fault;
        if (!trap) {
            print(out, "  hardware   reads {:#010x}", touch.word);
        } else {
            print(out, "  hardware   {} ({})", machine::exception_name(trap->vector),
                  machine::exception_mnemonic(trap->vector));
        }
        print(out, "   {}{}{}\n", out.paint(agree ? Ink::good : Ink::bad), agree ? "they agree" : "THEY DIFFER",
              out.paint(Ink::plain));
        return agree ? Outcome::done : Outcome::failed;
    }
    std::uint32_t expected = 0;
    context.torus.memory.physical.read(Frame::containing(*by_hand), word.offset_in_page(),
                                       std::as_writable_bytes(std::span(&expected, 1)));
    const bool agree = touch.word == expected;
    print(out, "  hardware   reads {:#010x} through {}\n", touch.word, word);
    print(out, "  memory     holds {:#010x} at {}   {}{}{}\n", expected, PhysAddr(by_hand->value() & ~std::uint32_t{3}),
          out.paint(agree ? Ink::good : Ink::bad), agree ? "they agree" : "THEY DIFFER", out.paint(Ink::plain));
    return agree ? Outcome::done : Outcome::failed;
}

// The space of the process that `word` names; says so where there is none (any more).
AddressSpace* space_argument(Context& context, std::string_view word) {
    Process* const process = process_argument(context, word);
    if (process != nullptr && !process->space) {
        refuse(context, "Process {} has ended: it has no memory any more.", process->id);
    }
    return process == nullptr ? nullptr : process->space.get();
}

// The raw word of the address's page-table entry, as the kernel's own marks say.
UserPte entry_by_hand(Context& context, const AddressSpace& space, VirtAddr address) {
    const HandWalk walk = walk_by_hand(context.torus.memory.physical, space.tables().directory().start(), address);
    return walk.has_table ? UserPte(Pte(walk.table_entry)) : UserPte();
}

// What the kernel's books say about a page of a process, which no processor can be asked about from here.
Outcome compare_with_books(Context& context, const AddressSpace& space, VirtAddr address,
                           std::optional<PhysAddr> by_hand) {
    constexpr std::size_t indent = 13; // of what a label has no room for on its line
    Display& out = context.out;
    const Page page = Page::containing(address);
    if (page >= end_of_user_pages) {
        print(out, "  {}\n",
              address.value() < machine::kernel_base
                  ? "the mirror of what may be executed: 0x60000000 above the page itself"
                  : "the kernel's part, the same in every process");
        return Outcome::done;
    }
    const Region* const region = space.find(page);
    const PageState state = space.page_state(page);
    print(out, "  region     ");
    if (region == nullptr) {
        print(out, "none: the program may not touch it\n");
    } else {
        print(out, "{:#010x} to {:#010x} {}{}\n", region->first.start().value(), region->end().start().value() - 1,
              region->traits.access, region->traits.shared ? 's' : 'p');
    }
    const UserPte pte = entry_by_hand(context, space, address);
    if (!pte.is_empty() && !pte.is_present()) {
        WrapSink text{out, out.text_width(), indent};
        print(text, "  entry      {}\n", UserEntryText{context.torus.memory, pte});
    }
    print(out, "  books      ");
    if (state.slot) {
        print(out, "no frame: a touch brings the page back");
    } else if (!state.resident) {
        print(out, "no frame{}", region == nullptr ? "" : " yet: a touch brings one");
    } else {
        print(out, "{}, {}{}", state.frame, name_of(state.owner), state.sharers > 1 ? ", shared" : "");
    }
    const bool swapped = pte.kind() == UserPteKind::swapped;
    const bool agree = swapped == state.slot.has_value() && (!swapped || *state.slot == pte.slot()) &&
                       (by_hand ? state.resident && state.frame == Frame::containing(*by_hand)
                                : !state.resident || pte.kind() == UserPteKind::hidden ||
                                      (region != nullptr && !region->traits.access.read));
    print(out, "   {}{}{}\n", out.paint(agree ? Ink::good : Ink::bad), agree ? "they agree" : "THEY DIFFER",
          out.paint(Ink::plain));
    return agree ? Outcome::done : Outcome::failed;
}

Outcome translate(Context& context, Arguments arguments) {
    const auto wanted = virtual_argument(context, arguments[0]);
    if (!wanted) {
        return Outcome::failed;
    }
    const VirtAddr address = *wanted;
    PhysicalMemory& physical = context.torus.memory.physical;
    if (arguments.size() == 1) {
        return compare_with_hardware(context, address,
                                     explain_walk(context.out, physical, machine::page_directory(), address));
    }
    const AddressSpace* const space = space_argument(context, arguments[1]);
    if (space == nullptr) {
        return Outcome::failed;
    }
    return compare_with_books(context, *space, address,
                              explain_walk(context.out, physical, space->tables().directory().start(), address));
}

// --- pagetables

void print_run(Display& out, const MappedRun& run) {
    print(out, "{} - {}  {:>8}  {:>10}  {:5}  {}\n", run.first.start(), run.end().start() - 1,
          ByteCount{std::uint64_t{run.count} * page_size}, run.frame.start(), run.large ? "4 MiB" : "4 KiB",
          run.protection);
}

constexpr std::string_view run_title = "from         to              size  to frames   pages  protection";

// Prints runs one by one, and counts them.
class RunList {
public:
    explicit RunList(Context& context) : context_(&context) { print_title(context.out, run_title); }
    // False where Ctrl-C was pressed.
    bool add(const MappedRun& run) {
        ++count_;
        print_run(context_->out, run);
        return !interrupted(*context_);
    }
    Outcome finish() {
        print(context_->out, "\n{} runs of pages that are mapped alike, to frames in a row.\n", count_);
        return Outcome::done;
    }

private:
    Context* context_;
    std::uint32_t count_ = 0;
};

// The pages of a process, and of their mirror. The rest of its directory is the kernel's.
Outcome list_process_pages(Context& context, const UserTables& tables) {
    Display& out = context.out;
    print(out, "Directory at {}. From 0x60000000 on: what may be executed, mapped a second time.\n\n",
          tables.directory().start());
    print_title(out, run_title);
    std::uint32_t count = 0, swapped = 0;
    const bool all = for_each_run(tables, Page(0), end_of_mirror, [&](const EntryRun& run) {
        print(out, "{}\n", EntryRunText{context.torus.memory, run});
        ++count;
        swapped += run.pte.kind() == UserPteKind::swapped ? run.count : 0;
        return !interrupted(context);
    });
    if (!all) {
        return refuse(context, "interrupted");
    }
    print(out, "\n{} runs of pages that are mapped alike, to frames or slots in a row.", count);
    if (swapped != 0) {
        print(out, " {:,} pages are swapped out.", swapped);
    }
    print(out, "\n");
    return Outcome::done;
}

Outcome pagetables(Context& context, Arguments arguments) {
    if (!arguments.empty()) {
        const AddressSpace* const space = space_argument(context, arguments[0]);
        return space == nullptr ? Outcome::failed : list_process_pages(context, space->tables());
    }
    const PageDirectory& directory = context.torus.memory.directory;
    print(context.out, "Directory at {}, {} page tables.\n\n", directory.frame().start(), directory.frames_owned() - 1);
    RunList list(context);
    Page from(0);
    while (true) {
        const auto run = directory.next_run(from);
        if (!run) {
            return list.finish();
        }
        if (!list.add(*run)) {
            return refuse(context, "interrupted");
        }
        from = run->end();
        if (from == PageDirectory::end_of_pages) {
            return list.finish();
        }
    }
}

// --- peek and poke

// Tells why there is nothing at `address`.
Outcome say_unmapped(Context& context, VirtAddr address) {
    const Walk walk = context.torus.memory.directory.walk(address);
    return refuse(context, "{} is not mapped: {} {} is not present.", address, walk.table ? "PTE" : "PDE",
                  walk.table ? walk.table->index : walk.directory.index);
}

constexpr std::uint32_t bytes_a_row = 16;

// One row of a dump; all its bytes lie in one page, the first `skipped` of them are not asked for.
void print_bytes(Display& out, VirtAddr row, std::span<const std::byte> bytes) {
    print(out, "{}  ", row);
    for (std::size_t i = 0; i < bytes_a_row; ++i) {
        out.write(i == bytes_a_row / 2 ? " " : "");
        if (i < bytes.size()) {
            print(out, "{:02x} ", std::to_integer<unsigned>(bytes[i]));
        } else {
            out.write("   ");
        }
    }
    out.write(" ");
    for (const std::byte byte : bytes) {
        const char c = std::to_integer<char>(byte);
        out.write(c >= ' ' && c <= '~' ? std::string_view(&c, 1) : ".");
    }
    out.write("\n");
}

// The frame of an address: in a process where there is one, else in the kernel's own tables; nothing where there is
// none, which is said.
std::optional<Frame> frame_of(Context& context, const AddressSpace* space, VirtAddr address) {
    const Page page = Page::containing(address);
    if (space != nullptr && page < end_of_mirror) {
        const UserPte pte = space->tables().pte(page);
        if (content_is_there(context.torus.memory, pte)) {
            return pte.frame();
        }
        if (pte.is_empty() && space->find(page) == nullptr) {
            refuse(context, "{} is not mapped.", address);
        } else {
            refuse(context, "{} {}.", address, AbsenceText{context.torus.memory, pte});
        }
        return std::nullopt;
    }
    const Result<Translation> translation = context.torus.memory.directory.translate(address);
    if (!translation) {
        say_unmapped(context, address);
        return std::nullopt;
    }
    return translation->frame();
}

Outcome peek(Context& context, Arguments arguments) {
    constexpr std::uint32_t usual_count = 64, most_count = 4096;
    const auto start = virtual_argument(context, arguments[0]);
    const auto count = arguments.size() > 1 ? number_argument(context, arguments[1], "count") : usual_count;
    const AddressSpace* const space = arguments.size() > 2 ? space_argument(context, arguments[2]) : nullptr;
    if (!start || !count || (arguments.size() > 2 && space == nullptr)) {
        return Outcome::failed;
    }
    if (*count > most_count) {
        return refuse(context, "{:,} bytes are too many to read: {:,} at a time.", *count, most_count);
    }
    std::uint32_t left = *count;
    for (VirtAddr at = *start; left > 0;) {
        // Through the frame found in the tables, not through the address: so nothing can fault.
        const std::optional<Frame> frame = frame_of(context, space, at);
        if (!frame) {
            return Outcome::failed;
        }
        std::array<std::byte, bytes_a_row> row{};
        const std::uint32_t length = std::min({left, bytes_a_row, page_size - at.offset_in_page()});
        const std::span<std::byte> bytes = std::span(row).first(length);
        context.torus.memory.physical.read(*frame, at.offset_in_page(), bytes);
        print_bytes(context.out, at, bytes);
        left -= length;
        at = at + length;
        if (at.value() == 0 || interrupted(context)) { // the end of the address space, or of patience
            break;
        }
    }
    return Outcome::done;
}

Outcome poke(Context& context, Arguments arguments) {
    const auto wanted = virtual_argument(context, arguments[0]);
    const auto word = number_argument(context, arguments[1], "value");
    if (!wanted || !word) {
        return Outcome::failed;
    }
    const VirtAddr address = *wanted;
    const bool anyway = arguments.size() > 2;
    if (anyway && arguments[2] != "anyway") {
        return refuse(context, "The third word can only be \"anyway\".");
    }
    if (address.value() % sizeof(std::uint32_t) != 0) {
        return refuse(context, "{} is not aligned to 4 bytes.", address);
    }
    const Result<Translation> translation = context.torus.memory.directory.translate(address);
    if (!translation && !anyway) {
        return say_unmapped(context, address);
    }
    if (translation && !translation->protection.writable && !anyway) {
        return refuse(context, "{} is read-only. \"poke {} {} anyway\" shows the fault.", address, arguments[0],
                      arguments[1]);
    }
    const std::uint32_t before = translation ? read_word(address).word : 0;
    if (!write_word(address, *word, TrapReport::full).worked()) {
        return Outcome::failed;
    }
    print(context.out, "{}: {:#010x} -> {:#010x}\n", address, before, *word);
    return Outcome::done;
}

constexpr auto commands = std::to_array<Command>({
    Command{.name = "translate",
            .arguments = "ADDR [PID]",
            .summary = "the way from an address to its frame, bit by bit",
            .least_arguments = 1,
            .most_arguments = 2,
            .run = translate,
            .details = "Walks the tables by hand, from the raw words in physical memory, then lets the\n"
                       "processor read there and compares; with a PID in the tables of that process,\n"
                       "which are compared with its regions. A page that is swapped out is told by area\n"
                       "and slot.",
            .paged = true},
    Command{.name = "pagetables",
            .arguments = "[PID]",
            .summary = "everything that is mapped, in runs",
            .most_arguments = 1,
            .run = pagetables,
            .details = "Of the kernel, or of a process: what is swapped out is listed by area and slot,\n"
                       "what is on its way to or from a disk by direction.",
            .paged = true},
    Command{.name = "peek",
            .arguments = "ADDR [COUNT] [PID]",
            .summary = "bytes of memory (64 unless told)",
            .least_arguments = 1,
            .most_arguments = 3,
            .run = peek,
            .details = "Of the kernel, or of a process: peek 0x08048000 16 2. Where the page is swapped\n"
                       "out it says so, and leaves it where it is.",
            .paged = true},
    Command{.name = "poke",
            .arguments = "ADDR VALUE [anyway]",
            .summary = "writes a 32-bit word",
            .least_arguments = 2,
            .most_arguments = 3,
            .run = poke,
            .details = "Refuses what would fault; with \"anyway\" it tries, and the fault is reported."},
});

} // namespace

std::span<const Command> paging_commands() {
    return commands;
}

} // namespace quire
