// Entries as text, and the proof that the layout table gives every bit exactly one meaning.
#include "kernel/memory/paging/entry.h"

#include "kernel/memory/frames/address_text.h"

namespace quire {

namespace {

consteval bool layout_is_in_order() {
    for (std::size_t index = 0; index < entry_layout.size(); ++index) {
        if (entry_layout[index].field != static_cast<EntryField>(index)) {
            return false;
        }
    }
    return true;
}
static_assert(layout_is_in_order(), "layout_of() indexes the table by field");

consteval bool covers_every_bit_once(EntryKind kind) {
    std::uint32_t seen = 0;
    for (const EntryFieldLayout& layout : entry_layout) {
        if (layout.applies_to(kind)) {
            if ((seen & layout.mask()) != 0) {
                return false;
            }
            seen |= layout.mask();
        }
    }
    return seen == 0xFFFFFFFF;
}
static_assert(covers_every_bit_once(EntryKind::table));
static_assert(covers_every_bit_once(EntryKind::large_page));
static_assert(covers_every_bit_once(EntryKind::page));

// Fields whose value is said in another way, at the end.
constexpr bool is_frame(EntryField field) {
    return field == EntryField::frame || field == EntryField::large_frame;
}

void print_field(Sink& sink, const EntryFieldLayout& layout, std::uint32_t value) {
    if (layout.field == EntryField::user) {
        print(sink, " {}", value != 0 ? "user" : "kernel");
    } else if (layout.field == EntryField::writable) {
        print(sink, " {}", value != 0 ? "writable" : "read-only");
    } else if (value != 0) {
        print(sink, " {}", layout.name);
        if (layout.width > 1) {
            print(sink, "={:#x}", value);
        }
    }
}

} // namespace

std::string_view name_of(EntryKind kind) {
    switch (kind) {
    case EntryKind::table: return "PDE to a table";
    case EntryKind::large_page: return "PDE of a 4 MiB page";
    case EntryKind::page: return "PTE";
    }
    return "";
}

void print_to(Sink& sink, const EntryText& text) {
    const Entry entry = text.entry;
    if (!entry.present()) {
        // The processor ignores every other bit of such an entry.
        print(sink, "not present");
        if (entry.raw() != 0) {
            print(sink, " (kernel's own {:#010x})", entry.raw());
        }
        return;
    }
    print(sink, "present");
    for (const EntryFieldLayout& layout : entry_layout) {
        if (layout.applies_to(text.kind) && layout.field != EntryField::present && !is_frame(layout.field)) {
            print_field(sink, layout, entry.get(layout.field));
        }
    }
    print(sink, " {} {}", text.kind == EntryKind::table ? "table in" : "to",
          text.kind == EntryKind::large_page ? entry.large_frame() : entry.frame());
}

} // namespace quire
