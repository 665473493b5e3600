// The memory management unit as the portable kernel sees it: which directory is loaded, what the TLB is told, and
// how a physical address becomes a pointer. It decides nothing about what is mapped where.
#pragma once

#include "kernel/machine/address.h"

#include <cstddef>

namespace quire::machine {

// Loads CR3: translation goes through the directory at `directory` (4 KiB aligned) from now on. Entries without the
// global bit leave the TLB. Intel SDM vol. 3A §4.10.4.1.
void load_page_directory(PhysAddr directory);
[[nodiscard]] PhysAddr page_directory();

// Drops the TLB's translation of one page, global or not (INVLPG).
void invalidate_page(Page page);
// Drops every translation that is not global (CR3 reload).
void flush_tlb();
// Drops every translation, global ones too (CR4.PGE toggled; a CR3 reload where there is no PGE).
void flush_tlb_global();

// Switches on, where the processor has them: PGE, SMEP, SMAP. Write protection in ring 0 (CR0.WP) is always on.
void enable_paging_features();

// Where a frame below the direct map's limit is seen by the kernel, always. The limit is the caller's to know.
[[nodiscard]] std::byte* direct_map(PhysAddr address);

// A pointer to a kernel address that some entry maps, outside the direct map. Whether it is mapped is the caller's to
// know.
[[nodiscard]] std::byte* mapped(VirtAddr address);

// Reads and writes a word at any address as a program does: where the tables do not allow it, an exception comes. For
// use inside attempt().
[[nodiscard]] std::uint32_t load_word(VirtAddr address);
void store_word(VirtAddr address, std::uint32_t word);

// Where slot 0 lies in the kernel's address space; the temporary mappings take 4 MiB.
inline constexpr VirtAddr temporary_start{0xFF000000};
// The page of the kernel's address space that temporary mapping `slot` (0 … 1023) shows. Slot 0 always shows the table
// of the temporary mappings itself, so that the entry of slot N is word N there.
[[nodiscard]] std::byte* temporary_page(unsigned slot);

} // namespace quire::machine
