// The kernel's own page directory and its page tables, changed through checked operations. Programs have directories of
// their own (space/user_tables.h), into which its upper quarter is copied. It owns the directory's and the tables'
// frames, never the frames that are mapped. It does not know who uses which addresses, only that the upper gigabyte is
// the kernel's; below that, it can map user pages, too.
//
// Tables appear when the first page in their 4 MiB is mapped and go when the last one is unmapped. How many entries of
// each table are in use is counted beside the tables (2 KiB a directory), so that this costs nothing to find out.
// Every operation first checks all, then reserves the tables that it needs, and only then changes the first entry:
// what is refused has changed nothing.
#pragma once

#include "kernel/lib/audit_report.h"
#include "kernel/lib/format.h"
#include "kernel/lib/result.h"
#include "kernel/machine/address.h"
#include "kernel/machine/image.h"
#include "kernel/memory/frames/page_table_allocator.h"
#include "kernel/memory/paging/entry.h"
#include "kernel/memory/paging/page_table.h"
#include "kernel/memory/paging/physical_memory.h"
#include "kernel/memory/paging/protection.h"
#include "kernel/memory/paging/tlb_flush.h"

#include <array>
#include <cstdint>
#include <optional>

namespace quire {

// What the processor offers and the directory may use.
struct PagingFeatures {
    bool large_pages = false;  // PSE
    bool global_pages = false; // PGE; without it the global bit of a wanted protection is left out
};

// Where an address leads.
struct Translation {
    PhysAddr address;
    Protection protection; // what both levels allow together
    bool large = false;    // by a 4 MiB page
    bool accessed = false, dirty = false;

    [[nodiscard]] Frame frame() const { return Frame::containing(address); }
};

// One entry met on the way from an address to memory.
struct WalkStep {
    EntryKind kind{};
    std::uint32_t index = 0; // 0 … 1023, in its directory or table
    PhysAddr at;             // where the entry lies
    Entry entry;
};
// The way itself, for people to look at.
struct Walk {
    VirtAddr address;
    WalkStep directory;
    std::optional<WalkStep> table; // where the directory entry points to one
};
// Two lines at most: "PDE 768 at P:00105c00 = 0x001060e3: present writable kernel …".
void print_to(Sink& sink, const Walk& walk);

// A run of pages that are mapped alike, to frames in a row.
struct MappedRun {
    Page first;
    std::uint32_t count = 0; // in pages of 4 KiB, also where `large`
    Frame frame;             // of the first page
    Protection protection;
    bool large = false; // by 4 MiB pages

    [[nodiscard]] Page end() const { return first + count; }
};

// Is told when a directory entry of the kernel's part changes, so that other directories can follow.
class KernelMappingObserver {
public:
    virtual void kernel_mapping_changed(std::uint32_t index, Pde entry) = 0;

protected:
    ~KernelMappingObserver() = default;
};

class PageDirectory {
public:
    static constexpr Page first_kernel_page = Page::containing(VirtAddr(machine::kernel_base));
    static constexpr Page end_of_pages = Page(1U << 20);

    // An empty directory, of one frame from `allocator`. Both references must outlive it. Errors: out_of_memory.
    [[nodiscard]] static Result<PageDirectory> create(PhysicalMemory& memory, PageTableAllocator& allocator,
                                                      PagingFeatures features);
    PageDirectory(PageDirectory&& other) noexcept; // `other` may then only be destroyed
    PageDirectory& operator=(PageDirectory&&) = delete;
    // Frees the tables and the directory; it must not be loaded, and what it mapped is forgotten.
    ~PageDirectory();

    // Tables come from and go to `allocator` from now on, those of before too.
    void set_table_allocator(PageTableAllocator& allocator) { allocator_ = &allocator; }

    // `observer` is told of changes from now on; null: nobody is.
    void set_observer(KernelMappingObserver* observer) { observer_ = observer; }

    // Translation goes through this directory from now on.
    void load() const;
    [[nodiscard]] bool loaded() const;
    [[nodiscard]] Frame frame() const { return frame_; }

    // --- Adding. What was not mapped is not in the TLB (Intel SDM vol. 3A §4.10.2.3), so there is nothing to flush.
    // Common errors: out_of_range (pages or frames beyond 4 GiB), invalid_argument (no pages; user pages in the
    // kernel's part or global ones), already_mapped, reserved (the pages of the temporary mappings), out_of_memory (no
    // table).

    // Maps one page. O(1); clears a new table.
    [[nodiscard]] Result<void> map(Page page, Frame frame, Protection protection);
    // Maps a 4 MiB page; both numbers must be multiples of 1024. Also misaligned, not_supported. O(1).
    [[nodiscard]] Result<void> map_large(Page first, Frame frame, Protection protection);
    // Maps `count` pages to as many frames in a row, by 4 MiB pages wherever both are aligned and the processor has
    // them. O(count).
    [[nodiscard]] Result<void> map_range(Page first, Frame frame, std::uint32_t count, Protection protection);
    // Gives the 4 MiB at machine::temporary_start a table that shows itself in its slot 0 and whose other entries are
    // PhysicalMemory's to write. Errors: already_mapped, out_of_memory.
    [[nodiscard]] Result<void> add_temporary_table();

    // --- Changing. The frames unmapped are the caller's again, who must not reuse them before flush.commit().
    // Common errors: out_of_range, invalid_argument, not_mapped (some page is not), large_page (a 4 MiB page would
    // have to be split), reserved (the pages of the temporary mappings).

    // Unmaps one page; returns its frame. O(1).
    [[nodiscard]] Result<Frame> unmap(Page page, TlbFlush& flush);
    // Unmaps `count` pages, all of them mapped. O(count).
    [[nodiscard]] Result<void> unmap_range(Page first, std::uint32_t count, TlbFlush& flush);
    // Gives one page, or `count` pages, another protection; frame, accessed and dirty bits stay. O(1), O(count).
    [[nodiscard]] Result<void> protect(Page page, Protection protection, TlbFlush& flush);
    [[nodiscard]] Result<void> protect_range(Page first, std::uint32_t count, Protection protection, TlbFlush& flush);

    // --- Looking. Nothing is changed. Neighbours and runs leave out the temporary mappings but for slot 0: they come
    // and go.

    // Errors: not_mapped. O(1).
    [[nodiscard]] Result<Translation> translate(VirtAddr address) const;
    [[nodiscard]] Walk walk(VirtAddr address) const;
    // The mapped page nearest to `page` above or below it, `page` itself not looked at. Whole empty 4 MiB are passed
    // in one step: O(directory + table).
    [[nodiscard]] std::optional<Page> next_mapped(Page page) const;
    [[nodiscard]] std::optional<Page> previous_mapped(Page page) const;
    // The first run that starts at `from` or above. O(directory + pages of the run).
    [[nodiscard]] std::optional<MappedRun> next_run(Page from) const;
    // Calls visit(const MappedRun&) for every run, from the bottom up.
    template <class Visitor> void for_each_run(Visitor&& visit) const {
        Page from(0);
        while (true) {
            const auto run = next_run(from);
            if (!run) {
                return;
            }
            visit(*run);
            from = run->end();
        }
    }
    // Calls visit(Frame) for the directory's frame and each of its tables'. O(directory).
    template <class Visitor> void for_each_own_frame(Visitor&& visit) const {
        visit(frame_);
        for (std::uint32_t index = 0; index < entries_per_table; ++index) {
            const Pde pde = directory_entry(index);
            if (pde.present() && !pde.maps_large_page()) {
                visit(pde.frame());
            }
        }
    }
    // Frames this directory owns: its own and its tables'.
    [[nodiscard]] std::uint32_t frames_owned() const { return tables_ + 1; }

    // Checks: no reserved bits; nothing user in the kernel's part, nothing user and global; directory entries of
    // tables permissive; every table's frame out from the allocator; the counts of used entries right. O(all entries).
    void audit(AuditReport& report) const;

private:
    PageDirectory(PhysicalMemory& memory, PageTableAllocator& allocator, PagingFeatures features, Frame frame)
        : memory_(&memory), allocator_(&allocator), features_(features), frame_(frame) {}

    [[nodiscard]] Pde directory_entry(std::uint32_t index) const;
    void set_directory_entry(std::uint32_t index, Pde entry) const;
    [[nodiscard]] bool maps_as_large(TableSpan span, Frame frame) const;
    [[nodiscard]] bool any_present(Frame table, TableSpan span) const;
    [[nodiscard]] bool all_present(Frame table, TableSpan span) const;
    [[nodiscard]] Result<std::uint32_t> tables_to_add(Page first, Frame frame, std::uint32_t count) const;
    [[nodiscard]] Result<void> check_change(Page first, std::uint32_t count) const;
    void map_span(TableSpan span, Frame frame, Protection protection, FreeTableList& reserved);
    void add_table(std::uint32_t index, Frame table, std::uint32_t mark);
    void unmap_span(TableSpan span, Pde pde, TlbFlush& flush);
    void protect_span(TableSpan span, Protection protection, TlbFlush& flush);
    [[nodiscard]] Protection usable(Protection protection) const;
    [[nodiscard]] bool may_be_cached(Page page) const;
    [[nodiscard]] std::optional<Page> mapped_from(Page page) const;
    [[nodiscard]] std::optional<MappedRun> piece_at(Page page) const;
    void audit_table(std::uint32_t index, Pde pde, AuditReport& report) const;

    PhysicalMemory* memory_;
    PageTableAllocator* allocator_;
    PagingFeatures features_;
    KernelMappingObserver* observer_ = nullptr;
    Frame frame_;
    bool owner_ = true; // false once moved from
    std::uint32_t tables_ = 0;
    std::array<std::uint16_t, entries_per_table> used_{}; // present entries of each table; 0 where there is none
};

} // namespace quire
