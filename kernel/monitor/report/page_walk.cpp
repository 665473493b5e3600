// Walks two-level page tables from the raw words. Intel SDM vol. 3A §4.3, figures 4-2 and 4-3.
#include "kernel/monitor/report/page_walk.h"

#include "kernel/lib/wrap.h"
#include "kernel/memory/frames/address_text.h"

#include <span>

namespace quire {

namespace {

constexpr std::size_t entry_indent = 6, meaning_indent = 33;
constexpr std::uint32_t present_bit = 1U << 0;
constexpr std::uint32_t size_bit = 1U << 7; // PS: the directory entry maps a 4 MiB page

std::uint32_t word_at(PhysicalMemory& memory, PhysAddr address) {
    std::uint32_t word = 0;
    memory.read(Frame::containing(address), address.offset_in_page(), std::as_writable_bytes(std::span(&word, 1)));
    return word;
}

// The `count` bits of `value` from bit `lowest` up, highest first.
void print_bits(Sink& sink, std::uint32_t value, unsigned lowest, unsigned count) {
    for (unsigned bit = count; bit > 0; --bit) {
        sink.write((value >> (lowest + bit - 1) & 1U) != 0 ? "1" : "0");
    }
}

void print_split(Display& out, const HandWalk& walk, VirtAddr address) {
    print(out, "  {}{}{} =  ", out.paint(Ink::strong), address, out.paint(Ink::plain));
    print_bits(out, address.value(), 22, 10);
    out.write("  ");
    print_bits(out, address.value(), 12, 10);
    out.write("  ");
    print_bits(out, address.value(), 0, 12);
    print(out, "\n                 {:<10}  {:<10}  {}\n", "directory", "table", "offset");
    print(out, "                 {:<10}  {:<10}  {:#x}\n\n", walk.directory_index, walk.table_index, walk.offset);
}

void print_entry(Display& out, std::string_view name, std::uint32_t index, PhysAddr at, std::uint32_t raw,
                 EntryKind kind) {
    WrapSink text{out, out.text_width(), entry_indent};
    print(text, "  {}{} {}{} at {} = {:#010x}, ", out.paint(Ink::strong), name, index, out.paint(Ink::plain), at, raw);
    if ((raw & present_bit) == 0) {
        print(text, "{}not present{}: there is no way on\n", out.paint(Ink::notice), out.paint(Ink::plain));
        return;
    }
    print(text, "a {}\n", name_of(kind));
    print_entry_fields(out, raw, kind);
}

} // namespace

void print_entry_fields(Display& out, std::uint32_t raw, EntryKind kind) {
    for (const EntryFieldLayout& field : entry_layout) {
        if (!field.applies_to(kind)) {
            continue;
        }
        const std::uint32_t value = (raw & field.mask()) >> field.bit;
        WrapSink text{out, out.text_width(), meaning_indent};
        text.write(out.paint(value != 0 ? Ink::plain : Ink::faint));
        if (field.width == 1) {
            print(text, "   {:5} {:14} {:7}", field.bit, field.name, value);
        } else {
            print(text, "   {:2}-{:2} {:14} {:#7x}", field.bit + field.width - 1, field.bit, field.name, value);
        }
        print(text, "  {}{}\n", field.meaning, out.paint(Ink::plain));
    }
}

HandWalk walk_by_hand(PhysicalMemory& memory, PhysAddr directory, VirtAddr address) {
    HandWalk walk;
    walk.directory_index = address.value() >> 22;
    walk.table_index = address.value() >> 12 & 0x3FF;
    walk.offset = address.value() & 0xFFF;
    walk.directory_entry_at = directory + walk.directory_index * 4;
    walk.directory_entry = word_at(memory, walk.directory_entry_at);
    if ((walk.directory_entry & present_bit) == 0) {
        return walk;
    }
    if ((walk.directory_entry & size_bit) != 0) {
        walk.result = PhysAddr((walk.directory_entry & 0xFFC00000) + (address.value() & 0x003FFFFF));
        return walk;
    }
    walk.has_table = true;
    walk.table_entry_at = PhysAddr((walk.directory_entry & 0xFFFFF000) + walk.table_index * 4);
    walk.table_entry = word_at(memory, walk.table_entry_at);
    if ((walk.table_entry & present_bit) != 0) {
        walk.result = PhysAddr((walk.table_entry & 0xFFFFF000) + walk.offset);
    }
    return walk;
}

std::optional<PhysAddr> explain_walk(Display& out, PhysicalMemory& memory, PhysAddr directory, VirtAddr address) {
    const HandWalk walk = walk_by_hand(memory, directory, address);
    print_split(out, walk, address);
    {
        WrapSink text{out, out.text_width(), entry_indent};
        print(text, "  {}CR3{} = {}: the page directory, 1024 entries of 4 bytes\n", out.paint(Ink::strong),
              out.paint(Ink::plain), directory);
    }
    const bool large = (walk.directory_entry & size_bit) != 0;
    print_entry(out, "PDE", walk.directory_index, walk.directory_entry_at, walk.directory_entry,
                large ? EntryKind::large_page : EntryKind::table);
    if (walk.has_table) {
        print_entry(out, "PTE", walk.table_index, walk.table_entry_at, walk.table_entry, EntryKind::page);
    }
    if (walk.result) {
        const std::uint32_t offset = walk.has_table ? walk.offset : address.value() & 0x003FFFFF;
        print(out, "\n  by hand    {} + {:#x} = {}{}{}\n", *walk.result - offset, offset, out.paint(Ink::strong),
              *walk.result, out.paint(Ink::plain));
    } else {
        print(out, "\n  by hand    no translation\n");
    }
    return walk.result;
}

} // namespace quire
