// The user's three quarters of a page directory and the tables below it: entries are written, shared with a clone, made
// its own again, and given back. It owns the directory's frame, a share of every table, and one share of each counted
// frame that an entry maps. Which page may be mapped how, it is told.
//
// Two directories may point to one table, both without the right to write: then nothing under that table is changed
// before it was made the directory's own. Directory entry i + 384 is the twin of entry i: its table shows the
// executable pages of table i, read-only, where instructions are fetched. Twins are shared and made their own together.
#pragma once

#include "arch/x86/include/address.h"
#include "kernel/lib/result.h"
#include "kernel/memory/entry.h"
#include "kernel/memory/frame_allocator.h"
#include "kernel/memory/layout.h"
#include "kernel/memory/page_directory.h"
#include "kernel/memory/page_table.h"
#include "kernel/memory/physical_memory.h"
#include "kernel/memory/region_tree.h"
#include "kernel/memory/tlb_flush.h"

#include <cstdint>
#include <optional>

namespace quire {

// Pages of programs: [first_user_page, end_of_user_pages). The mirror of page P is page P + mirror_distance.
inline constexpr Page first_user_page = Page::containing(area(AreaKind::user).first);
inline constexpr Page end_of_user_pages = Page::containing(area(AreaKind::user).last) + 1;
inline constexpr Page end_of_mirror = Page::containing(area(AreaKind::user_executable).last) + 1;
inline constexpr std::uint32_t mirror_distance =
    Page::containing(area(AreaKind::user_executable).first) - Page::containing(VirtAddr(0));
inline constexpr std::uint32_t twin_distance = mirror_distance / entries_per_table;

// Stands in `available` of a table entry whose page is kept but must not be touched (PROT_NONE): it is not present, and
// its frame is.
inline constexpr std::uint32_t hidden_mark = 2;

// What a directory's tables work on: parts of a Memory, all of which outlive them.
struct TableResources {
    FrameAllocator& frames;
    PhysicalMemory& physical;
    const PageDirectory& kernel; // whose upper quarter every directory has
    TlbStatistics& flushes;
};

// Pages counted by walking the tables.
struct PageCounts {
    std::uint32_t resident = 0; // an entry maps a frame that is counted, or a module's
    std::uint32_t shared = 0;   // of these, others have the frame too
    std::uint32_t dirty = 0;    // of these, written to
};

class UserTables {
public:
    explicit UserTables(const TableResources& resources) : with_(resources) {}
    UserTables(const UserTables&) = delete;
    UserTables& operator=(const UserTables&) = delete;

    // Takes a frame for the directory. Errors: out_of_memory.
    [[nodiscard]] Result<void> create();
    [[nodiscard]] Frame directory() const { return directory_; }
    // Whether translation goes through this directory now.
    [[nodiscard]] bool loaded() const;

    // --- Entries. O(1).

    [[nodiscard]] Entry directory_entry(std::uint32_t index) const {
        return PageTable(with_.physical, directory_)[index];
    }
    void set_directory_entry(std::uint32_t index, Entry entry) {
        PageTable(with_.physical, directory_).set(index, entry);
    }
    // The entry of a page; none where there is no table.
    [[nodiscard]] Entry entry(Page page) const;
    // The table of directory entry `index`, which must be the directory's own.
    [[nodiscard]] PageTable own_table(std::uint32_t index) const {
        return {with_.physical, directory_entry(index).frame()};
    }
    // Whether the entries under directory entry `index` may be changed now.
    [[nodiscard]] bool is_own(std::uint32_t index) const { return directory_entry(index).writable(); }

    // What make_own() did.
    enum class Owning : std::uint8_t { added, kept, copied };
    // Sees to it that directory entry `index` has a table and that it is this directory's own. `regions`: what is
    // mapped there; nothing else is looked at. Errors: out_of_memory; nothing has changed then. O(1), O(pages) where
    // the table is copied.
    [[nodiscard]] Result<Owning> make_own(std::uint32_t index, const RegionTree& regions);
    // The same for the edges of a range that is about to be changed, where there is a table: the tables that are partly
    // in [first, end), or all of them. Errors: out_of_memory.
    [[nodiscard]] Result<void> own_edges(Page first, Page end, const RegionTree& regions);
    [[nodiscard]] Result<void> own_range(Page first, Page end, const RegionTree& regions);

private:
    TableResources with_;
    Frame directory_;
    std::optional<Frame> spare_; // a table full of zeros that the next span gets
};

} // namespace quire
