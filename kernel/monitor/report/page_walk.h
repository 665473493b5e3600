// A translation done by hand, as a student does it on paper: the address cut into its parts, each entry fetched from
// physical memory as a raw word and read bit by bit. It uses nothing of the page-directory code, so that it can be held
// against that code and against the processor.
#pragma once

#include "kernel/machine/address.h"
#include "kernel/memory/paging/entry.h"
#include "kernel/memory/paging/physical_memory.h"
#include "kernel/monitor/console/display.h"

#include <cstdint>
#include <optional>

namespace quire {

// The way of `address` through the directory at `directory`, as raw words.
struct HandWalk {
    std::uint32_t directory_index = 0, table_index = 0, offset = 0;
    PhysAddr directory_entry_at, table_entry_at;
    std::uint32_t directory_entry = 0, table_entry = 0;
    bool has_table = false;         // the directory entry points to one
    std::optional<PhysAddr> result; // nothing where some entry is not present
};
[[nodiscard]] HandWalk walk_by_hand(PhysicalMemory& memory, PhysAddr directory, VirtAddr address);

// The same, told step by step. Returns the physical address, or nothing where there is none.
std::optional<PhysAddr> explain_walk(Display& out, PhysicalMemory& memory, PhysAddr directory, VirtAddr address);

// The bits of one entry, a line each: number, name, value, meaning.
void print_entry_fields(Display& out, std::uint32_t raw, EntryKind kind);

} // namespace quire
