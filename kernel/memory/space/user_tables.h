// The user's three quarters of a page directory and the tables below it: entries are written, shared with a clone, made
// its own again, and given back. It owns the directory's frame, a share of every table, and one share of each counted
// frame that an entry of its own tables maps. Which page may be mapped how, it is told.
//
// Two directories may point to one table, both without the right to write: then nothing under that table is changed
// before it was made the directory's own. Who shares a table has a frame promised for a copy of it, so that making it
// one's own cannot fail. Directory entry i + 384 is the mirror of entry i: its table shows the
// executable pages of table i, read-only, where instructions are fetched. Mirrors are shared and made their own
// together.
#pragma once

#include "kernel/lib/result.h"
#include "kernel/machine/address.h"
#include "kernel/memory/frames/frame_allocator.h"
#include "kernel/memory/pager/pager.h"
#include "kernel/memory/paging/entry.h"
#include "kernel/memory/paging/layout.h"
#include "kernel/memory/paging/page_directory.h"
#include "kernel/memory/paging/page_table.h"
#include "kernel/memory/paging/physical_memory.h"
#include "kernel/memory/paging/tlb_flush.h"
#include "kernel/memory/paging/user_pte.h"
#include "kernel/memory/regions/region_tree.h"

#include <cstdint>
#include <optional>

namespace quire {

// Pages of programs: [first_user_page, end_of_user_pages). The mirror of page P is page P + mirror_distance.
inline constexpr Page first_user_page = Page::containing(area(AreaKind::user).first);
inline constexpr Page end_of_user_pages = Page::containing(area(AreaKind::user).last) + 1;
inline constexpr Page end_of_mirror = Page::containing(area(AreaKind::user_executable).last) + 1;
inline constexpr std::uint32_t mirror_table_distance = mirror_distance / entries_per_table;
static_assert(end_of_user_pages + mirror_distance == end_of_mirror);

// What a directory's tables work on: parts of a Memory, all of which outlive them.
struct TableResources {
    FrameAllocator& frames;
    FrameReservation& table_copies; // one for each sharer of each table but one
    PhysicalMemory& physical;
    Pager& pager;
    const PageDirectory& kernel; // whose upper quarter every directory has
    TlbStatistics& flushes;
};

// Pages counted by walking the tables.
struct PageCounts {
    std::uint32_t resident = 0; // an entry has a frame other than the zero page
    std::uint32_t shared = 0;   // of these, others have the frame or the table too
    std::uint32_t dirty = 0;    // of these, written to
    std::uint32_t swapped = 0;  // an entry has a swap slot
    std::uint32_t used = 0;     // of those with a frame, touched since the page came or the pager looked at it last
};

class UserTables {
public:
    explicit UserTables(const TableResources& resources) : with_(resources) {}
    UserTables(const UserTables&) = delete;
    UserTables& operator=(const UserTables&) = delete;

    // Takes a frame for the directory, from the direct map, where it is always within reach. Errors: out_of_memory.
    [[nodiscard]] Result<void> create();
    // Gives the directory back; every table is gone already. It must not be loaded.
    void destroy();

    [[nodiscard]] Frame directory() const { return directory_; }
    // Whether translation goes through this directory now.
    [[nodiscard]] bool loaded() const { return machine::page_directory() == directory_.start(); }

    // --- Single entries. O(1).

    [[nodiscard]] Pde directory_entry(std::uint32_t index) const { return entries_[index]; }
    void set_directory_entry(std::uint32_t index, Pde entry) { entries_[index] = entry; }
    // Whether others point to the table of this entry, too.
    [[nodiscard]] bool is_shared(Pde pde) const {
        return pde.present() && !pde.writable() && with_.frames.share_count(pde.frame()) > 1;
    }
    // What stands for a page; empty where there is no table.
    [[nodiscard]] UserPte pte(Page page) const;
    // The page, which is present under a table of the directory's own, was written to.
    void set_dirty(Page page) {
        const UserTable entries = table(directory_entry(directory_index(page)));
        entries.set(table_index(page), entries[table_index(page)].with_dirty());
    }

    // The page, which has its content and is under a table that no other directory has, counts as not written to. The
    // TLB must forget it.
    void set_clean(Page page);

    // Sees to it that directory entry `index` has a table and that this is the directory's own; returns what the
    // directory entry then is. `regions`: where pages may be mapped; nothing else is looked at. The TLB must forget the
    // page that was touched, and by that the processor's copies of directory entries. Errors: out_of_memory, where
    // there was no table; nothing has changed then. O(1), O(pages) where the table is copied.
    [[nodiscard]] Result<Pde> unshare_table(std::uint32_t index, const RegionTree& regions);

    // Shows the frame where the page's instructions are fetched; the page's table is the directory's own. Errors:
    // out_of_memory. O(1).
    [[nodiscard]] Result<void> map_in_mirror(Page page, Frame frame);
    // The page is shown there no longer. True if it was: the TLB must forget page + mirror_distance.
    bool zap_mirror(Page page);

    // --- Ranges, [first, end). What the TLB must forget is added to `flush`, where the directory is loaded.

    // Makes the tables that are there in the range the directory's own. O(tables), and the pages of those that are
    // copied.
    void unshare_range(Page first, Page end, const RegionTree& regions, TlbFlush& flush) {
        const std::uint32_t index = directory_index(first);
        if (index != directory_index(end - 1) || !changeable(directory_entry(index))) {
            unshare_range_slowly(first, end, regions, flush);
        }
    }
    // The same for the first and the last table, where regions have pages under it that are not in the range: after
    // this zap_range() can be called.
    void unshare_edges(Page first, Page end, const RegionTree& regions, TlbFlush& flush) {
        if (!changeable(directory_entry(directory_index(first))) ||
            !changeable(directory_entry(directory_index(end - 1)))) {
            unshare_edges_slowly(first, end, regions, flush);
        }
    }

    // Empties the range's entries and gives back their frames; a shared table is dropped as a whole. O(pages).
    void zap_range(Page first, Page end, TlbFlush& flush);
    // The same for one page, also under a table that is shared: all who share it lose the page. An anonymous frame,
    // which is a private copy, stays where `anonymous` is false. True if there was one: the TLB must forget it,
    // whichever directory is loaded. O(1).
    bool zap_page(Page page, bool anonymous);
    // How the page's entry stands, if `frame` is behind it, and the one that shows it as code; `used` is forgotten
    // where `forget_use`. O(1).
    PageMarks marks(Page page, Frame frame, bool forget_use);
    // Gives back the tables in the range that lie wholly in [gap_first, gap_end), where no region is any more.
    // O(tables).
    void drop_unused(Page first, Page end, Page gap_first, Page gap_end, TlbFlush& flush);
    // Gives back the tables of directory entries [from, to), which are the directory's own and empty. O(to - from).
    void drop_range(std::uint32_t from, std::uint32_t to, TlbFlush& flush);
    // Gives a range of a region, unshare_range() done, the access the region now has. O(pages).
    void protect_range(Page first, Page end, const RegionTraits& traits, TlbFlush& flush);
    // Room to move what is mapped in [first, end): the pages that others name, too, are to be found afterwards. Errors:
    // out_of_memory. O(pages).
    [[nodiscard]] Result<void> prepare_move(Page first, Page end);
    // Moves what is mapped in [first, end) to `to`, where nothing is; prepare_move() and unshare_range() were done for
    // both, and tables are there for the target. O(pages).
    void move_range(Page first, Page end, Page to, TlbFlush& flush);

    // Shares the tables of directory entries [from, to) with `other`, which has none there. Each takes one from `room`,
    // the frames that can be promised for copies; the caller promises what was taken. Whether there was room for all;
    // what was shared is. O(to - from).
    [[nodiscard]] bool share_range(std::uint32_t from, std::uint32_t to, UserTables& other, std::uint32_t& room);

    // --- Looking

    // Calls visit(Page, UserPte) for each entry in the range that is not empty. O(pages).
    template <class Visitor> void for_each_pte(Page first, Page end, Visitor&& visit) const;
    [[nodiscard]] PageCounts count(Page first, Page end) const;
    // The directory, its tables and the spare one; and those that others have too.
    [[nodiscard]] std::uint32_t table_count() const;
    [[nodiscard]] std::uint32_t shared_table_count() const;
    [[nodiscard]] std::optional<Frame> spare() const { return spare_; }

    // Checks what must hold of tables and entries: each in a region and allowed by it; mirrors. O(pages).
    void audit(const RegionTree& regions, AuditReport& report) const;

private:
    [[nodiscard]] UserTable table(Pde pde) const { return {with_.physical, pde.frame()}; }
    [[nodiscard]] bool is_used(Page page, UserPte pte) const;
    [[nodiscard]] Pde mirror_of(std::uint32_t index) const { return directory_entry(index + mirror_table_distance); }
    // Whether what is under a directory entry, if anything, can be changed without more ado.
    [[nodiscard]] static bool changeable(Pde pde) { return pde.writable() || !pde.present(); }
    void unshare_range_slowly(Page first, Page end, const RegionTree& regions, TlbFlush& flush);
    void unshare_edges_slowly(Page first, Page end, const RegionTree& regions, TlbFlush& flush);
    [[nodiscard]] Result<Frame> take_directory();
    [[nodiscard]] Result<Frame> take_table();
    // Who frees a table. drop_range() and drop_unused() are for munmap, brk, mremap, exec, exit and a process that is
    // ended for its memory. They call drop_table(), which takes the table and its mirror's out of the directory;
    // give_table() keeps an empty one as the spare, which destroy() frees, or gives up the directory's share. When the
    // last share has gone, the frame is free. Shares are given up elsewhere too: drop_shared(), where all under a
    // shared table goes, also without its regions (zap_range(): MADV_DONTNEED), and copy_table(), at the first change
    // after a fork.
    void give_table(Frame table);
    Pde unshare_present(std::uint32_t index, Pde pde, const RegionTree& regions);
    Pde copy_table(std::uint32_t index, Pde pde, const RegionTree& regions);
    void copy_entries(std::uint32_t index, Frame from, Frame to, const RegionTree& regions);
    void hide_range(Page first, Page end, TlbFlush& flush);
    void hide_copy(std::uint32_t index);
    void drop_table(std::uint32_t index, TlbFlush& flush);
    void drop_shared(std::uint32_t index, Pde pde, TlbFlush& flush);
    void zap_span(TableSpan span, Pde pde, TlbFlush& flush);
    [[nodiscard]] bool others_name(UserPte pte) const;
    // Hides code as above; what the TLB must forget is added to `flush`, where the directory is loaded.
    void zap_mirror(Page page, TlbFlush& flush);
    void audit_table(std::uint32_t index, const RegionTree& regions, AuditReport& report) const;
    void audit_swapped(Frame table, Page page, UserPte pte, const RegionTraits& traits, AuditReport& report) const;
    void audit_mirror(std::uint32_t index, const RegionTree& regions, AuditReport& report) const;

    TableResources with_;
    Frame directory_;
    Pde* entries_ = nullptr;     // the directory's
    std::optional<Frame> spare_; // a table full of zeros, for the next span that needs one
};

template <class Visitor> void UserTables::for_each_pte(Page first, Page end, Visitor&& visit) const {
    for_each_span(first, end, [&](TableSpan span) {
        const Pde pde = directory_entry(span.index);
        if (!pde.present()) {
            return;
        }
        const UserTable entries = table(pde);
        for (std::uint32_t at = span.from; at < span.to; ++at) {
            if (const UserPte pte = entries[at]; !pte.is_empty()) {
                visit(span.page(at), pte);
            }
        }
    });
}

} // namespace quire
