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
[[nodiscard]] constexpr bool is_temporary_table(Entry pde) {
    return pde.present() && !pde.maps_large_page() && pde.available() == temporary_table_mark;
}

class PageTable {
public:
    PageTable(PhysicalMemory& memory, Frame frame) : mapping_(memory.map_temporarily(frame)) {}

    [[nodiscard, gnu::always_inline]] Entry operator[](std::uint32_t index) const {
        return mapping_.as<Entry>()[index];
    }
    [[gnu::always_inline]] void set(std::uint32_t index, Entry entry) const { mapping_.as<Entry>()[index] = entry; }

private:
    TemporaryMapping mapping_;
};

} // namespace quire
