// An address space: what a process may touch, and what is behind it. Regions say what is mapped; page tables are filled
// from them when a page is touched, and may be shared with a clone until one of the two changes something. It owns its
// regions, its directory, its share of tables and frames, and a reference to each object that its regions map.
//
// The calls are those of Linux (man 2 mmap, munmap, mprotect, mremap, madvise, mincore, msync, mlock, brk), in pages;
// the errors named are what abi turns into its errno. An operation that fails has changed nothing. Common errors:
// invalid_argument (EINVAL: no pages, or pages that no program has), out_of_memory (ENOMEM: a limit, no memory, or
// pages that are not mapped where all must be, or more regions than UserMemory::max_map_count), and, where pages are
// touched, must_wait (some are on their way: see PageRequests::awaited(); calling again goes on where it was).
#pragma once

#include "kernel/lib/audit_report.h"
#include "kernel/lib/list.h"
#include "kernel/lib/result.h"
#include "kernel/machine/address.h"
#include "kernel/memory/frames/owner.h"
#include "kernel/memory/objects/memory_object.h"
#include "kernel/memory/regions/region.h"
#include "kernel/memory/regions/region_tree.h"
#include "kernel/memory/space/fault.h"
#include "kernel/memory/space/user_tables.h"

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>

namespace quire {

class UserMemory;

struct MapRequest {
    Page hint{}; // where to, exactly if `fixed`, else as a wish; page 0: anywhere
    std::uint32_t pages = 0;
    Access access{};
    Access max_access =
        Access::all(); // what protect() may give later: no write for a shared file opened for reading only
    RegionKind kind = RegionKind::mapping;
    bool shared = false;     // anonymous, too: then an object is made for it
    bool fixed = false;      // what is there goes
    bool no_replace = false; // fixed, but not where something is
    bool grows_down = false;
    bool no_reserve = false;
    bool populate = false; // touch all pages now, as far as memory goes
    bool locked = false;
    MemoryObject* object = nullptr; // null: anonymous. The region takes its own reference
    std::uint32_t object_page = 0;
};

struct RemapRequest {
    Page old_first{};
    std::uint32_t old_pages = 0; // 0: a second mapping of the same shared pages
    std::uint32_t new_pages = 0;
    Page new_first{}; // where `fixed`
    bool may_move = false;
    bool fixed = false;    // to new_first; what is there goes. Needs may_move
    bool keep_old = false; // MREMAP_DONTUNMAP: the old range stays mapped, empty. Needs may_move
};

enum class Advice : std::uint8_t {
    normal,        // and random, sequential: nothing changes
    will_need,     // pages that are out come back, as far as there is room
    cold,          // pages that nobody else has are among the first to go when memory is short
    page_out,      // they go now
    dont_need,     // what is there is dropped; a touch begins anew
    free,          // it is dropped when memory is short, unless written to before; anonymous private memory only
    remove,        // the object's pages are dropped too
    dont_fork,     // a clone does not have the region
    do_fork,       // it does again
    wipe_on_fork,  // a clone has it empty; anonymous private memory only
    keep_on_fork,  // it has it as it is again
    populate_read, // touched now
    populate_write,
};

// What is behind a page. For mincore, pagemap and whoever looks.
struct PageState {
    bool mapped = false;   // some region has the page
    bool resident = false; // and a frame is behind it
    bool writable = false; // without a fault
    bool dirty = false, accessed = false;
    Frame frame{};
    Owner owner = Owner::absent;
    std::uint32_t sharers = 0;      // how many entries map the frame or name the slot; 0 where that is not counted
    std::optional<SwapSlot> slot{}; // where the page is instead
};

// Pages, but for the counts of faults.
struct SpaceStatistics {
    std::uint32_t virtual_pages = 0; // in regions
    std::uint32_t resident = 0;      // with a frame
    std::uint32_t shared = 0;        // of these, others have the frame or its table, too
    std::uint32_t swapped = 0;       // in a swap slot
    std::uint32_t used = 0;          // of those with a frame, touched lately: PageCounts
    std::uint32_t tables = 0;        // the directory and its tables, shared ones too
    std::uint32_t shared_tables = 0; // of these, others have the table, too
    std::uint32_t locked = 0;
    std::uint32_t data = 0;    // private writable pages but for stacks: RLIMIT_DATA
    std::uint32_t stack = 0;   // pages in regions that grow down
    std::uint32_t code = 0;    // pages in executable regions
    std::uint32_t charged = 0; // counted as committed
    std::uint32_t regions = 0;
    FaultCounts faults{};
};

// Resource limits, pages: RLIMIT_AS, DATA, STACK, MEMLOCK.
struct SpaceLimits {
    static constexpr std::uint32_t unlimited = std::numeric_limits<std::uint32_t>::max();
    std::uint32_t address_space = unlimited;
    std::uint32_t data = unlimited;
    std::uint32_t stack = (8U << 20) / page_size;
    std::uint32_t locked = unlimited;
};

class AddressSpace final : public MappingHolder {
public:
    // An empty space, held once. `memory` must outlive it. Errors: out_of_memory. O(1).
    [[nodiscard]] static Result<AddressSpace*> create(UserMemory& memory);
    // For create() and release(), which do the rest.
    explicit AddressSpace(UserMemory& memory);
    ~AddressSpace() = default;
    AddressSpace(const AddressSpace&) = delete;
    AddressSpace& operator=(const AddressSpace&) = delete;

    // One more holder, one less; the last one gone, everything is given back. A loaded space may go: the kernel's own
    // directory is loaded in its stead.
    void retain() { ++holders_; }
    void release();
    [[nodiscard]] std::uint32_t holders() const { return holders_; }

    // Translation goes through this space from now on. O(1).
    void load() const;
    [[nodiscard]] bool loaded() const { return tables_.loaded(); }

    // A space with the same content, held once: fork. Tables are shared until either of the two changes something under
    // them. The limits and the program break go along, locks do not. Errors: out_of_memory. O(regions), not O(pages).
    [[nodiscard]] Result<AddressSpace*> clone();

    // Everything goes, limits but stay: exec and exit. Cannot fail. O(regions + pages that are not shared by table).
    void clear();

    // --- Mapping

    // Maps pages; returns the first. Also: exists (no_replace: something is there), not_permitted (fixed in the null
    // guard), would_block (EAGAIN: more locked than the limit). O(log n), and what goes.
    [[nodiscard]] Result<Page> map(const MapRequest& request);
    // Nothing is mapped in the range any more. O(log n + regions and pages that go).
    [[nodiscard]] Result<void> unmap(Page first, std::uint32_t pages);
    // Gives another access; no pages: nothing to do. Where some page is not mapped, what lies before it was changed all
    // the same, as Linux does. Also: no_access (a region may not have it). O(log n + regions and pages in the range).
    [[nodiscard]] Result<void> protect(Page first, std::uint32_t pages, Access access);
    // Makes a mapping longer or shorter, or moves it; returns where it is. Also: bad_address (EFAULT: the old range, or
    // what is to be left of it, is not one mapping), would_block. O(log n + pages moved).
    [[nodiscard]] Result<Page> remap(const RemapRequest& request);
    // What map(), remap() and set_break() were to touch at once, and some pages of which are on their way, is touched
    // again. Errors: must_wait; out_of_memory (some cannot be touched now: as on Linux, they are when they are needed).
    [[nodiscard]] Result<void> finish_touching();
    [[nodiscard]] bool is_touching() const { return touching_first_ != touching_end_; }

    // Where the program break begins, as exec decided: nothing is mapped by it.
    void set_program_break_start(VirtAddr start);
    [[nodiscard]] VirtAddr program_break() const { return break_; }
    // Moves the program break where memory, limits and other mappings allow it; returns where it then is. O(log n).
    VirtAddr set_break(VirtAddr wanted);

    // Shows other pages of the object that is mapped shared in the range, which is of one object and one kind:
    // remap_file_pages. Errors: invalid_argument (it is not). O(log n + regions in the range).
    [[nodiscard]] Result<void> remap_object_pages(Page first, std::uint32_t pages, std::uint32_t object_page,
                                                  bool populate);

    // --- What is said about mapped pages. No pages: nothing to do. Out_of_memory where some page of the range is not
    // mapped.

    // Where some page is not mapped, those that are were advised all the same, as Linux does. Also: invalid_argument
    // (the region's kind does not take that; populate_read: it is not to be read), no_access (remove: not to be written
    // through it), bad_address (populate: the file ends before), would_block (EAGAIN: no more regions), and what
    // MemoryObject::discard refuses; must_wait (page_out: for room on its way to a disk).
    [[nodiscard]] Result<void> advise(Page first, std::uint32_t pages, Advice advice);
    // A byte for each page: 1 where a touch would not wait. `into` is as long as there are pages.
    [[nodiscard]] Result<void> residency(Page first, std::span<std::byte> into) const;
    // msync. What is mapped is synced even where some page is not. Also: busy (`invalidate` and a page is locked).
    [[nodiscard]] Result<void> sync(Page first, std::uint32_t pages, bool invalidate);
    // Locked pages are touched at once, or, with `on_fault`, when they are touched. Nothing is ever swapped out here; a
    // lock counts against the limit, and msync and MADV_DONTNEED mind it. Also: not_permitted (the limit is 0).
    [[nodiscard]] Result<void> lock(Page first, std::uint32_t pages, bool on_fault);
    [[nodiscard]] Result<void> unlock(Page first, std::uint32_t pages);
    // mlockall: what there is, what will be mapped, or both.
    [[nodiscard]] Result<void> lock_all(bool current, bool future, bool on_fault);
    void unlock_all();

    // --- How many pages are in memory, and which of them go. Locked pages do not count and do not go.

    // So many at most, where there is a swap area: then pages of this space go when others of it come. Nothing: no
    // limit. Errors: invalid_argument (fewer than least_resident_limit()); out_of_memory, limit_reached (too many
    // spaces have a limit or a policy of their own). O(pages).
    [[nodiscard]] Result<void> limit_resident(std::optional<std::uint32_t> pages);
    // The limit that holds now: fewer locked pages can make it higher.
    [[nodiscard]] std::optional<std::uint32_t> resident_limit() const;
    // With the locked pages as many as an instruction may need, and more than one.
    [[nodiscard]] std::uint32_t least_resident_limit() const;
    // Which of its pages goes when one of them must, its own policy says; nothing: everybody's. The same errors.
    [[nodiscard]] Result<void> use_policy(std::optional<ReplacementPolicy> policy);
    // The policy that holds for its pages.
    [[nodiscard]] const PageReplacer& policy() const;
    // Null where there is neither a limit nor a policy of its own.
    [[nodiscard]] const ResidentSet* resident_set() const { return resident_set_; }
    // Limit and policy of another space, which nobody else holds and which ends, are this one's from now on: exec.
    void take_resident_set(AddressSpace& other);

    // --- Faults

    // Does what a page fault at `address` asks for. `address` is what the processor gave: in the mirror for instruction
    // fetches. O(log n), O(1) where the region is the one found last; a page's worth of zeroing or copying; where a
    // table was shared, O(its pages). Nothing here waits: where the page is on its way the answer is must_wait, nothing
    // is held, and who wants the page waits for what PageRequests::awaited() names and calls again.
    [[nodiscard]] FaultOutcome handle_fault(VirtAddr address, FaultAccess access);

    // --- Looking, from outside: the space need not be loaded

    // Copies bytes from or to the program, resolving faults as if it had done so itself. Errors: bad_address,
    // out_of_memory, input_output, must_wait; what could be copied was copied.
    [[nodiscard]] Result<void> read(VirtAddr from, std::span<std::byte> into);
    [[nodiscard]] Result<void> write(VirtAddr to, std::span<const std::byte> from);

    // The region that a page is in; null where there is none. O(log n).
    [[nodiscard]] const Region* find(Page page) const {
        return page < end_of_user_pages ? regions_.find(page) : nullptr;
    }
    // Calls visit(const Region&) for each region, from the bottom up; the visitor changes nothing.
    template <class Visitor> void for_each_region(Visitor&& visit) const {
        for (const Region* region = regions_.first(); region != nullptr; region = RegionTree::next(*region)) {
            visit(*region);
        }
    }
    [[nodiscard]] PageState page_state(Page page) const;
    // Counts the pages of a region that have a frame. O(pages).
    [[nodiscard]] PageCounts count_pages(const Region& region) const;
    // O(regions + pages).
    [[nodiscard]] SpaceStatistics statistics() const;
    [[nodiscard]] const FaultCounts& faults() const { return faults_; }
    [[nodiscard]] std::uint32_t locked_pages() const { return locked_pages_; }

    // Checks everything that must hold of this space alone; Memory::audit() adds what holds between spaces. O(pages).
    void audit(AuditReport& report) const;

    // For those who keep the books of all spaces.
    [[nodiscard]] const UserTables& tables() const { return tables_; }
    void set_kernel_entry(std::uint32_t index, Pde entry) { tables_.set_directory_entry(index, entry); }

    // What setrlimit and exec set, for the next operation.
    SpaceLimits limits;
    // Mappings are placed below this page, as high as possible; above it only where there is no room left.
    Page mapping_top = end_of_user_pages - (128U << 20) / page_size;
    // What the heap's pages are mapped with.
    Access heap_access{.read = true, .write = true};
    // The page that signal handlers return through, once one was needed (kernel/process/signals/signal_page.h); 0
    // before.
    Page signal_page;

    ListLink<AddressSpace> in_memory; // all spaces of a Memory

private:
    // MappingHolder
    bool take_page(Page page, bool anonymous) override { return tables_.zap_page(page, anonymous); }
    PageMarks page_marks(const ObjectMapping& mapping, Page page, Frame frame, bool forget_use) override {
        PageMarks marks = tables_.marks(page, frame, forget_use);
        marks.locked = static_cast<const Region&>(mapping).traits.locked;
        return marks;
    }
    [[nodiscard]] bool may_write(const ObjectMapping& mapping) const override {
        const RegionTraits& traits = static_cast<const Region&>(mapping).traits;
        return traits.shared && traits.max_access.write;
    }

    // Regions (address_space.cpp). A run of pages with all that makes a region of it.
    struct Run {
        Page first;
        Page end;
        RegionTraits traits;
        MemoryObject* object = nullptr;
        std::uint32_t object_page = 0;
    };
    // Whether the run could be the region's next pages, or the region the run's.
    [[nodiscard]] static bool continues(const Region& region, const Run& run) {
        return region.end() == run.first && region.traits == run.traits && region.object == run.object &&
               (run.object == nullptr || region.object_index(run.first) == run.object_page);
    }
    [[nodiscard]] static bool continues(const Run& run, const Region& region) {
        return run.end == region.first && region.traits == run.traits && region.object == run.object &&
               (run.object == nullptr || run.object_page + (run.end - run.first) == region.object_page);
    }
    void insert(const Run& run, Region* above);
    Region& insert_alone(const Run& run, Region* above);
    void forget(Region& region);
    // Keeps the sums when pages of a region come or go.
    void count(const RegionTraits& traits, std::uint32_t pages, bool in) {
        const std::uint32_t change = in ? pages : 0U - pages;
        virtual_pages_ += change;
        data_pages_ += is_data(traits) ? change : 0;
        locked_pages_ += traits.locked ? change : 0;
        charged_pages_ += traits.charged ? change : 0;
    }
    void discharge(const RegionTraits& traits, std::uint32_t pages);
    // RLIMIT_DATA's pages.
    [[nodiscard]] static bool is_data(const RegionTraits& traits) {
        return traits.access.write && !traits.shared && !traits.grows_down;
    }
    // Whether programs may have the pages at all.
    [[nodiscard]] static bool fits(Page first, std::uint32_t pages) {
        return first <= end_of_user_pages && end_of_user_pages - first >= pages;
    }
    [[nodiscard]] Page first_hole(Page first, Page end) const;
    [[nodiscard]] bool covered(Page first, Page end) const { return first_hole(first, end) == end; }
    [[nodiscard]] bool may_have_more_regions(std::uint32_t count) const;
    void copy_regions(const AddressSpace& other);
    [[nodiscard]] Result<void> share_tables(AddressSpace& child);
    void apply_fork_advice(Region& region);

    // Mapping (address_space_map.cpp).
    [[nodiscard]] Result<Page> find_place(const MapRequest& request) const;
    [[nodiscard]] RegionTraits traits_of(const MapRequest& request) const;
    [[nodiscard]] Result<void> check_limits(const Run& run) const;
    [[nodiscard]] std::uint32_t pages_in(Page first, Page end) const;
    Region* remove_regions(Region* region, Page first, Page end, TlbFlush& flush);
    Region* remove(Region* region, Page first, Page end, TlbFlush& flush);
    void drop_unused_tables(Page first, Page end, const Region* above, TlbFlush& flush);
    void replace(Page first, Page end, Region*& region);
    [[nodiscard]] bool grow_heap(Page end, Page wanted);
    Region* carve(Region& region, Page first, Page end);
    [[nodiscard]] Result<void> touch(Page first, Page end, bool write);
    [[nodiscard]] Result<void> touch_regions(Page first, Page end);
    void touch_new(Page first, Page end);

    // Changing traits (address_space_change.h, address_space_change.cpp).
    template <class Change> void change(Region* region, Page first, Page end, Change&& change);
    template <class Change>
    [[nodiscard]] Result<void> prepare_change(const Region* region, Page first, Page end, Change&& change);
    template <class Change>
    [[nodiscard]] std::uint32_t carves(const Region& region, Page first, Page end, Change&& change) const;
    Region& split(Region& region, Page at);
    void merge(Region& lowest, Page end);
    [[nodiscard]] Result<std::uint32_t> check_access(const Region* region, Page first, Page end, Access access) const;

    // Moving (address_space_remap.cpp).
    [[nodiscard]] Result<Page> grow_or_move(Region& region, const RemapRequest& request);
    [[nodiscard]] Result<Page> grow_in_place(Region& region, const RemapRequest& request, std::uint32_t charge);
    [[nodiscard]] Result<Page> move(Region& region, const RemapRequest& request, Page to, std::uint32_t charge);
    void drop_unused_tables(Page first, Page end, TlbFlush& flush);
    [[nodiscard]] Result<void> prepare_target(Page first, Page end, Page to, TlbFlush& flush);

    // Advising (address_space_advise.cpp).
    [[nodiscard]] Result<void> advise_region(Region& region, Page first, Page end, Advice advice);
    void drop_pages(Page first, Page end);
    // Where pages are wanted, and which are not (address_space_paging.cpp).
    [[nodiscard]] Result<void> advise_paging(const Region& region, Page first, Page end, Advice advice);
    [[nodiscard]] bool advise_page(const RegionTraits& traits, Page page, UserPte pte, Advice advice);
    [[nodiscard]] std::optional<Frame> own_frame(UserPte pte) const;
    [[nodiscard]] bool put_out(const RegionTraits& traits, UserPte pte);
    void free_page(Page page, UserPte pte);
    [[nodiscard]] Result<void> populate(Page first, Page end, bool write);

    // Looking (address_space_look.cpp).
    [[nodiscard]] Result<Frame> frame_for(Page page, bool write);

    // The resident set (address_space_resident.cpp).
    [[nodiscard]] FaultOutcome handle_minded_fault(Page touched, FaultAccess access);
    [[nodiscard]] bool make_room_in_set(Page page, UserPte pte, bool write);
    void note_resident(Page page, UserPte before, FaultOutcome outcome);
    void recount_resident();
    [[nodiscard]] Result<void> need_resident_set();
    void end_needless_set();
    void end_resident_set();
    void leave_resident();

    // Faults (address_space_fault.cpp).
    [[nodiscard]] FaultOutcome serve(Page page, bool write);
    [[nodiscard]] FaultOutcome serve_code(Page page, bool write);
    // `table` is the one that the page's entry is in, and `table_frame` the frame that holds it.
    [[nodiscard]] FaultOutcome fill_anonymous(const UserTable& table, Frame table_frame, Page page, bool write);
    [[nodiscard]] FaultOutcome fill_from_object(const UserTable& table, Frame table_frame, const Region& region,
                                                Page page, bool write);
    [[nodiscard]] FaultOutcome await(const UserTable& table, Page page, Frame frame);
    [[nodiscard]] FaultOutcome meet_in_transit(const UserTable& table, Frame table_frame, const Region& region,
                                               Page page, UserPte pte, bool write);
    [[nodiscard]] FaultOutcome show_hidden(const UserTable& table, Frame table_frame, const Region& region, Page page,
                                           UserPte pte, bool write);
    [[nodiscard]] FaultOutcome bring_back(const UserTable& table, Frame table_frame, const Region& region, Page page,
                                          UserPte pte, bool write);
    [[nodiscard]] FaultOutcome break_cow(const UserTable& table, Frame table_frame, const Region& region, Page page,
                                         UserPte pte);
    [[nodiscard]] Region* grow_down_to(Page page);
    void forget_translation(Page page) const;

    UserMemory& memory_;
    std::uint32_t holders_ = 1;
    UserTables tables_;
    RegionTree regions_;
    std::uint32_t virtual_pages_ = 0;
    std::uint32_t data_pages_ = 0;
    std::uint32_t locked_pages_ = 0;
    std::uint32_t charged_pages_ = 0;
    VirtAddr break_start_, break_;
    bool lock_future_ = false;
    Page touching_first_, touching_end_; // what finish_touching() touches; nothing where they are equal
    FaultCounts faults_;
    ResidentSet* resident_set_ = nullptr; // none: its pages are everybody's
};

} // namespace quire
