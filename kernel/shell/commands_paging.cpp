// Commands that look through the page tables: a translation step by step, all mappings, and single bytes of memory.
#include "kernel/memory/address_text.h"
#include "kernel/memory/entry.h"
#include "kernel/memory/page_directory.h"
#include "kernel/process/torus.h"
#include "kernel/shell/command.h"
#include "kernel/shell/hand_walk.h"
#include "kernel/shell/table_text.h"
#include "kernel/shell/touch.h"
#include "kernel/shell/trap_text.h"

#include <algorithm>
#include <array>

namespace quire {

namespace {

// --- translate

// What the processor makes of `address`: it reads a word there, and so does the kernel through the frame found by hand.
Outcome compare_with_hardware(Context& context, VirtAddr address, std::optional<PhysAddr> by_hand) {
    Display& out = context.out;
    const VirtAddr word(address.value() & ~std::uint32_t{3});
    const Touch touch = read_word(word);
    if (!touch.worked() || !by_hand) {
        const bool agree = !touch.worked() && !by_hand && touch.trap->vector == machine::vector::page_fault;
        if (touch.worked()) {
            print(out, "  hardware   reads {:#010x}", touch.word);
        } else {
            print(out, "  hardware   {} ({})", machine::exception_name(touch.trap->vector),
                  machine::exception_mnemonic(touch.trap->vector));
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

Outcome translate(Context& context, Arguments arguments) {
    const auto number = number_argument(context, arguments[0], "address");
    if (!number) {
        return Outcome::failed;
    }
    const VirtAddr address(*number);
    const std::optional<PhysAddr> by_hand =
        explain_walk(context.out, context.torus.memory.physical, machine::page_directory(), address);
    return compare_with_hardware(context, address, by_hand);
}

// --- pagetables

Outcome pagetables(Context& context, Arguments) {
    Display& out = context.out;
    const PageDirectory& directory = context.torus.memory.directory;
    print(out, "Directory at {}, {} page tables.\n\n", directory.frame().start(), directory.frames_owned() - 1);
    print_title(out, "from         to              size  to frames   pages  protection");
    std::uint32_t runs = 0;
    for (auto run = directory.next_run(Page(0)); run; run = directory.next_run(run->end())) {
        ++runs;
        print(out, "{} - {}  {:>8}  {:>10}  {:5}  {}\n", run->first.start(), run->end().start() - 1,
              ByteCount{std::uint64_t{run->count} * page_size}, run->frame.start(), run->large ? "4 MiB" : "4 KiB",
              run->protection);
        if (interrupted(context)) {
            return refuse(context, "interrupted");
        }
        if (run->end() == PageDirectory::end_of_pages) {
            break;
        }
    }
    print(out, "\n{} runs of pages that are mapped alike, to frames in a row.\n", runs);
    return Outcome::done;
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

Outcome peek(Context& context, Arguments arguments) {
    constexpr std::uint32_t usual_count = 64;
    const auto start = number_argument(context, arguments[0], "address");
    const auto count = arguments.size() > 1 ? number_argument(context, arguments[1], "count") : usual_count;
    if (!start || !count) {
        return Outcome::failed;
    }
    Memory& memory = context.torus.memory;
    std::uint32_t left = *count;
    for (VirtAddr at(*start); left > 0;) {
        // Through the frame found in the tables, not through the address: so nothing can fault.
        const Result<Translation> translation = memory.directory.translate(at);
        if (!translation) {
            return say_unmapped(context, at);
        }
        std::array<std::byte, bytes_a_row> row{};
        const std::uint32_t length = std::min({left, bytes_a_row, page_size - at.offset_in_page()});
        const std::span<std::byte> bytes = std::span(row).first(length);
        memory.physical.read(translation->frame(), at.offset_in_page(), bytes);
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
    const auto number = number_argument(context, arguments[0], "address");
    const auto word = number_argument(context, arguments[1], "value");
    if (!number || !word) {
        return Outcome::failed;
    }
    const VirtAddr address(*number);
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

void complete_poke(std::span<const CommandGroup>, std::size_t index, Candidates& candidates) {
    if (index == 2) {
        candidates.add("anyway");
    }
}

constexpr auto commands = std::to_array<Command>({
    Command{.name = "translate",
            .arguments = "ADDR",
            .summary = "the way from an address to its frame, bit by bit",
            .least_arguments = 1,
            .most_arguments = 1,
            .run = translate,
            .details = "Walks the tables by hand, from the raw words in physical memory, then lets the\n"
                       "processor read there and compares."},
    Command{.name = "pagetables", .summary = "everything that is mapped, in runs", .run = pagetables},
    Command{.name = "peek",
            .arguments = "ADDR [COUNT]",
            .summary = "bytes of memory (64 unless told)",
            .least_arguments = 1,
            .most_arguments = 2,
            .run = peek},
    Command{.name = "poke",
            .arguments = "ADDR VALUE [anyway]",
            .summary = "writes a 32-bit word",
            .least_arguments = 2,
            .most_arguments = 3,
            .run = poke,
            .complete = complete_poke,
            .details = "Refuses what would fault; with \"anyway\" it tries, and the fault is reported."},
});

} // namespace

std::span<const Command> paging_commands() {
    return commands;
}

} // namespace quire
