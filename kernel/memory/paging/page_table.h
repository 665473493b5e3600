// The 1024 entries in one frame, a directory's or a table's, within reach as long as this view of them lives; and which
// of them a page number picks. It owns neither the frame nor what the entries mean.
#pragma once

#include "kernel/memory/paging/entry.h"
#include "kernel/memory/paging/physical_memory.h"

#include <cstdint>

namespace quire {

// The ten bits that pick a page's entry in the directory, and the ten that pick it in its table.
[[nodiscard]] constexpr std::uint32_t directory_index(Page page) {
    return page.number() / entries_per_table;
}
[[nodiscard]] constexpr std::uint32_t table_index(Page page) {
    return page.number() % entries_per_table;
}
// The first page that directory entry `directory_index` translates.
[[nodiscard]] constexpr Page first_page_of(std::uint32_t directory_index) {
    return Page(directory_index * entries_per_table);
}
// Where entry `index` of the directory or table in `frame` lies.
[[nodiscard]] constexpr PhysAddr entry_address(Frame frame, std::uint32_t index) {
    return frame.start() + index * static_cast<std::uint32_t>(sizeof(Entry));
}
// Whether a directory entry points to the table of the temporary mappings.
[[nodiscard]] constexpr bool is_temporary_table(Pde pde) {
    return pde.present() && !pde.maps_large_page() && pde.available() == temporary_table_mark;
}

// The part of a range of pages that lies under one directory entry.
struct TableSpan {
    std::uint32_t index = 0; // of the directory entry
    std::uint32_t from = 0;  // [from, to) in its table
    std::uint32_t to = 0;

    [[nodiscard]] constexpr Page page(std::uint32_t at) const { return first_page_of(index) + at; }
    [[nodiscard]] constexpr Page first() const { return page(from); }
    [[nodiscard]] constexpr std::uint32_t count() const { return to - from; }
};

// Calls step(TableSpan) for each part of [first, end) under one directory entry, in order.
template <class Step> void for_each_span(Page first, Page end, Step&& step) {
    for (std::uint32_t at = first.number(); at < end.number();) {
        const std::uint32_t index = at / entries_per_table;
        const std::uint32_t next = (index + 1) * entries_per_table;
        const std::uint32_t to = next < end.number() ? next : end.number();
        step(TableSpan{index, at % entries_per_table, to - index * entries_per_table});
        at = to;
    }
}

template <class AnyEntry> class EntryTable {
public:
    EntryTable(PhysicalMemory& memory, Frame frame) : mapping_(memory.map_temporarily(frame)) {}

    [[nodiscard, gnu::always_inline]] AnyEntry operator[](std::uint32_t index) const {
        return mapping_.as<AnyEntry>()[index];
    }
    [[gnu::always_inline]] void set(std::uint32_t index, AnyEntry entry) const {
        mapping_.as<AnyEntry>()[index] = entry;
    }

private:
    TemporaryMapping mapping_;
};
using PageTable = EntryTable<Pte>;
using DirectoryTable = EntryTable<Pde>;

} // namespace quire
