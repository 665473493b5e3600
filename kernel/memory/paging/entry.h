// The entries of page directories and page tables, Pde and Pte: raw 32-bit words whose bits have names. The table
// `entry_layout` is the only place that says which bit is which; code, tests, the shell's `translate` and
// docs/paging.md all read it. What `available` means where a program's entry is not present, paging/user_pte.h says. An
// entry knows nothing of where it lies or whether the TLB has seen it.
#pragma once

#include "kernel/lib/format.h"
#include "kernel/machine/address.h"
#include "kernel/memory/paging/protection.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace quire {

inline constexpr std::uint32_t entries_per_table = 1024;

// What a word is, and so what its bits mean.
enum class EntryKind : std::uint8_t {
    table,      // a directory entry (PDE) that points to a page table; Intel SDM vol. 3A §4.3, table 4-5
    large_page, // a directory entry (PDE) that maps a 4 MiB page; table 4-4
    page,       // a table entry (PTE) that maps a 4 KiB page; table 4-6
};
[[nodiscard]] std::string_view name_of(EntryKind kind);

enum class EntryField : std::uint8_t {
    present,
    writable,
    user,
    write_through,
    cache_disabled,
    accessed,
    dirty,
    ignored_6,
    size,
    page_attribute,
    global,
    ignored_8,
    available,
    large_page_attribute,
    high_address,
    reserved,
    frame,
    large_frame,
};

struct EntryFieldLayout {
    EntryField field;
    std::string_view name;
    std::string_view manual; // what the manual calls it
    std::uint8_t bit;        // the lowest one
    std::uint8_t width;      // in bits
    bool in_table, in_large_page, in_page;
    std::string_view meaning;

    [[nodiscard, gnu::always_inline]] constexpr std::uint32_t mask() const { return ((1U << width) - 1) << bit; }
    [[nodiscard]] constexpr bool applies_to(EntryKind kind) const {
        return kind == EntryKind::table ? in_table : kind == EntryKind::large_page ? in_large_page : in_page;
    }
};

// Intel SDM vol. 3A §4.3, tables 4-4 to 4-6. The manual ignores bits 11:9; they are the kernel's own.
inline constexpr std::array<EntryFieldLayout, 18> entry_layout{{
    // clang-format off
    // field                             name              manual   bit width table  large  page   meaning
    {EntryField::present,              "present",        "P",       0,  1,  true,  true,  true,  "the entry is used for translation"},
    {EntryField::writable,             "writable",       "R/W",     1,  1,  true,  true,  true,  "writes allowed, if the other level agrees"},
    {EntryField::user,                 "user",           "U/S",     2,  1,  true,  true,  true,  "ring 3 may use it, if the other level agrees"},
    {EntryField::write_through,        "write-through",  "PWT",     3,  1,  true,  true,  true,  "writes go through the cache to memory"},
    {EntryField::cache_disabled,       "uncached",       "PCD",     4,  1,  true,  true,  true,  "memory is reached past the cache"},
    {EntryField::accessed,             "accessed",       "A",       5,  1,  true,  true,  true,  "the processor has translated through it"},
    {EntryField::dirty,                "dirty",          "D",       6,  1,  false, true,  true,  "the processor has written to the page"},
    {EntryField::ignored_6,            "ignored-6",      "ignored", 6,  1,  true,  false, false, "no meaning"},
    {EntryField::size,                 "4-MiB-page",     "PS",      7,  1,  true,  true,  false, "maps a 4 MiB page, points to no table"},
    {EntryField::page_attribute,       "page-attribute", "PAT",     7,  1,  false, false, true,  "upper bit of the memory type"},
    {EntryField::global,               "global",         "G",       8,  1,  false, true,  true,  "the TLB keeps it when CR3 is loaded"},
    {EntryField::ignored_8,            "ignored-8",      "ignored", 8,  1,  true,  false, false, "no meaning"},
    {EntryField::available,            "available",      "ignored", 9,  3,  true,  true,  true,  "the kernel's own; 1 marks the temporary mappings' table"},
    {EntryField::large_page_attribute, "page-attribute", "PAT",     12, 1,  false, true,  false, "upper bit of the memory type"},
    {EntryField::high_address,         "high-address",   "39:32",   13, 8,  false, true,  false, "address bits 39:32 with PSE-36; 0 here"},
    {EntryField::reserved,             "reserved",       "reserved",21, 1,  false, true,  false, "faults when set"},
    {EntryField::frame,                "frame",          "31:12",   12, 20, true,  false, true,  "the frame of the table or page"},
    {EntryField::large_frame,          "large-frame",    "31:22",   22, 10, false, true,  false, "its first frame, divided by 1024"},
    // clang-format on
}};

[[nodiscard, gnu::always_inline]] constexpr const EntryFieldLayout& layout_of(EntryField field) {
    return entry_layout[static_cast<std::size_t>(field)];
}

// What stands in `available` of the directory entry that points to the table of the temporary mappings.
inline constexpr std::uint32_t temporary_table_mark = 1;

// A word of either kind, for whoever only looks at it. Its functions fold into one or two instructions each, also where
// the compiler is told to save space.
class Entry {
public:
    constexpr Entry() = default; // not present
    explicit constexpr Entry(std::uint32_t raw) : raw_(raw) {}

    [[nodiscard]] constexpr std::uint32_t raw() const { return raw_; }
    [[nodiscard, gnu::always_inline]] constexpr std::uint32_t get(EntryField field) const {
        return (raw_ & layout_of(field).mask()) >> layout_of(field).bit;
    }

    [[nodiscard, gnu::always_inline]] constexpr bool present() const { return get(EntryField::present) != 0; }
    [[nodiscard]] constexpr bool writable() const { return get(EntryField::writable) != 0; }
    [[nodiscard]] constexpr bool user() const { return get(EntryField::user) != 0; }
    [[nodiscard]] constexpr bool accessed() const { return get(EntryField::accessed) != 0; }
    [[nodiscard]] constexpr bool dirty() const { return get(EntryField::dirty) != 0; }
    [[nodiscard, gnu::always_inline]] constexpr bool global() const { return get(EntryField::global) != 0; }
    [[nodiscard]] constexpr std::uint32_t available() const { return get(EntryField::available); }

    // The frame of the table or page; for a 4 MiB page its first.
    [[nodiscard]] constexpr Frame frame() const { return Frame(get(EntryField::frame)); }
    [[nodiscard]] constexpr Frame large_frame() const {
        return Frame(get(EntryField::large_frame) * frames_per_large_page);
    }

    // What this entry alone allows; for entries that map a page.
    [[nodiscard]] constexpr Protection protection() const {
        return {.writable = writable(),
                .user = user(),
                .global = global(),
                .write_through = get(EntryField::write_through) != 0,
                .cache_disabled = get(EntryField::cache_disabled) != 0};
    }

    // Bits that are set though they must not be: of a 4 MiB page, the reserved bit and the address bits above 4 GiB.
    [[nodiscard]] constexpr std::uint32_t wrong_bits(EntryKind kind) const {
        return kind != EntryKind::large_page
                   ? 0
                   : raw_ & (layout_of(EntryField::reserved).mask() | layout_of(EntryField::high_address).mask());
    }

    friend constexpr bool operator==(Entry, Entry) = default;

protected:
    std::uint32_t raw_ = 0;
};

// What changes a word and leaves its kind: Self is Pde or Pte.
template <class Self> class ChangeableEntry : public Entry {
public:
    using Entry::Entry;

    // The same entry with `field` set to `value`; bits of `value` beyond the field's width are dropped.
    [[nodiscard, gnu::always_inline]] constexpr Self with(EntryField field, std::uint32_t value) const {
        const EntryFieldLayout& layout = layout_of(field);
        return Self((raw_ & ~layout.mask()) | ((value << layout.bit) & layout.mask()));
    }
    // The same entry with another protection; for entries that map a page.
    [[nodiscard]] constexpr Self with(Protection protection) const {
        return with(EntryField::writable, protection.writable ? 1 : 0)
            .with(EntryField::user, protection.user ? 1 : 0)
            .with(EntryField::write_through, protection.write_through ? 1 : 0)
            .with(EntryField::cache_disabled, protection.cache_disabled ? 1 : 0)
            .with(EntryField::global, protection.global ? 1 : 0);
    }
};

// A page-table entry: it maps a page of 4 KiB.
class Pte final : public ChangeableEntry<Pte> {
public:
    using ChangeableEntry::ChangeableEntry;

    [[nodiscard]] static constexpr Pte for_page(Frame frame, Protection protection) {
        return Pte().with(EntryField::present, 1).with(EntryField::frame, frame.number()).with(protection);
    }
};

// A page-directory entry: it points to a page table, or maps a page of 4 MiB.
class Pde final : public ChangeableEntry<Pde> {
public:
    using ChangeableEntry::ChangeableEntry;

    // It permits all: the table's entries decide.
    [[nodiscard]] static constexpr Pde for_table(Frame frame, bool user) {
        return Pde()
            .with(EntryField::present, 1)
            .with(EntryField::writable, 1)
            .with(EntryField::user, user ? 1 : 0)
            .with(EntryField::frame, frame.number());
    }
    // It maps the 4 MiB from `first`, whose number must be a multiple of 1024.
    [[nodiscard]] static constexpr Pde for_large_page(Frame first, Protection protection) {
        return Pde()
            .with(EntryField::present, 1)
            .with(EntryField::size, 1)
            .with(EntryField::large_frame, first.number() / frames_per_large_page)
            .with(protection);
    }

    [[nodiscard]] constexpr bool maps_large_page() const { return get(EntryField::size) != 0; }
    [[nodiscard]] constexpr EntryKind kind() const {
        return maps_large_page() ? EntryKind::large_page : EntryKind::table;
    }
};
static_assert(sizeof(Pte) == 4 && sizeof(Pde) == 4, "the processor reads them");

// Every field that is set, by name, and the frame: "present writable kernel accessed dirty frame 0x104". An entry that
// is not present is "not present", with the raw word where it is not 0.
struct EntryText {
    Entry entry;
    EntryKind kind = EntryKind::page;
};
void print_to(Sink& sink, const EntryText& text);

} // namespace quire
