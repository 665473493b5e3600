// The pager takes pages out of memory and brings them back. It owns the transfers between frames and swap slots, and
// decides nothing about which page goes: that is the replacement's business.
//
// A page is in one place: all entries that stand for it name one frame, or all name one slot. Putting a page out, every
// entry becomes "in transit", the processor forgets it, and then the page is written; once it is, every entry becomes
// "swapped" and the frame is free. Whoever touches the page meanwhile takes it back and does not wait. Bringing a page
// back, every entry becomes "in transit" to a new frame; whoever touches one waits for the request that brings it.
//
// A page of an object, such as a file in memory, is in one place, too; but there the object alone has its name while it
// is out, and its entries are gone: pager_objects.cpp.
//
// A page that came back keeps its slot: as long as it is not written to, the copy there is good, and it goes again
// without a transfer.
#pragma once

#include "kernel/lib/audit_report.h"
#include "kernel/lib/result.h"
#include "kernel/memory/frames/frame_allocator.h"
#include "kernel/memory/frames/frame_records.h"
#include "kernel/memory/frames/page_pins.h"
#include "kernel/memory/frames/page_request.h"
#include "kernel/memory/pager/object_pages.h"
#include "kernel/memory/pager/present_entries.h"
#include "kernel/memory/pager/read_ahead.h"
#include "kernel/memory/pager/refault_meter.h"
#include "kernel/memory/pager/resident_set.h"
#include "kernel/memory/pager/reverse_map.h"
#include "kernel/memory/paging/tlb_flush.h"
#include "kernel/memory/replacement/replacement.h"
#include "kernel/memory/replacement/trace.h"
#include "kernel/memory/swap/swap_space.h"

#include <array>
#include <cstdint>
#include <optional>
#include <type_traits>

namespace quire {

// What became of a page that was to go.
enum class Eviction : std::uint8_t {
    freed,    // its frame is free now: the copy on disk was good, or it needs none
    begun,    // it is being written; its frame is free afterwards
    stays,    // it is no page that can go: pinned, locked, in transit, nobody's
    no_slot,  // it would have to be written, and no slot is free
    all_busy, // it would have to be written, and so many are being that it must wait
};

// Counted since boot, pages.
struct PagerStatistics {
    std::uint64_t written = 0, read = 0;             // transfers that ended well
    std::uint64_t write_errors = 0, read_errors = 0; // that did not
    std::uint64_t changed_on_disk = 0;               // of the read errors: other bytes came back than were written
    std::uint64_t dropped_clean = 0;                 // went without a transfer: the copy was good
    std::uint64_t words = 0;                         // went without one: a word over and over
    std::uint64_t made_again = 0;                    // went without one: what was there can be made again
    std::uint64_t read_ahead = 0;                    // of those read: before they were touched
    std::uint64_t stored_read = 0;                   // came from where they are stored besides, and are not in `read`
    std::uint64_t taken_back = 0;                    // were touched while they were being written, and stayed
    std::uint64_t scanned = 0;                       // were looked at by the policy
    std::uint64_t freed = 0;                         // went, and left a free frame; not those made again
    // Of those that were to go: what several processes have in one table; what is seen as code, too; what nobody may
    // touch (PROT_NONE); what is an object's, such as a file's in memory.
    std::uint64_t in_shared_tables = 0, as_code = 0, without_access = 0, of_objects = 0;
};

// Whose pages may not go: asked about pages where any is locked.
class LockedPages {
public:
    // Whether some address space that translates `page` through `table` has it locked.
    [[nodiscard]] virtual bool is_locked(Frame table, Page page) const = 0;
    // Whether any page is locked at all.
    [[nodiscard]] virtual bool any_locked() const = 0;

protected:
    ~LockedPages() = default;
};

// Who sees to it that room is made soon, where nothing of memory's is on the stack: by Pager::make_room().
class RoomKeeper {
public:
    virtual void room_wanted() = 0;
    // Who is running was refused a frame, too.
    virtual void frame_refused() = 0;

protected:
    ~RoomKeeper() = default;
};

// What a pager works on: parts of a Memory, all of which outlive it.
struct PagerResources {
    FrameAllocator& frames;
    FrameRecords records;
    PhysicalMemory& physical;
    PageRequests& requests;
    PinnedPages& pinned;
    TlbStatistics& tlb;
    KernelHeap& heap;
};

class Pager final : public FrameWatcher, public PageUses {
public:
    // Pages that can be on their way to a disk, and so many back. Their transfers exist from the first area on.
    static constexpr std::uint32_t most_writes = 64, most_reads = 64;

    // So many pages stay in memory, whatever is asked: one instruction can touch six, and who has got some of those
    // that it needs must not lose them to the next.
    static constexpr std::uint32_t least_resident = 8;

    // Pages of a cluster.
    static constexpr std::uint32_t most_in_cluster = 64;

    // Frames that are made free for who was refused one: a fault may need some, and others wait, too.
    static constexpr std::uint32_t room_for_a_fault = 8;

    explicit Pager(const PagerResources& resources);
    Pager(const Pager&) = delete;
    Pager& operator=(const Pager&) = delete;
    // No transfer is under way.
    ~Pager();

    SwapSpace swap;
    Replacement replacement;
    ReverseMap reverse;

    void set_locked_pages(const LockedPages* locked) { locked_ = locked; }
    void set_room_keeper(RoomKeeper* keeper) { keeper_ = keeper; }

    // ---- When memory is short

    // Whether pages can be put out at all: there is an area, or pages lie on a disk besides.
    [[nodiscard]] bool is_paging() const { return swap.any() || has_stored_pages_; }
    // A new page of a program's own, named by this entry only.
    void page_made(Frame frame, Frame table, std::uint32_t index) {
        reverse.set_only(frame, table, index);
        if (following_) [[unlikely]] {
            note_arrival(frame);
        }
    }
    // Begins to make room where there is less than there should be: `wanted` frames at least become free now or when
    // transfers end. How many do; of them, `free_now`. O(frames) and what the policy looks at.
    struct Room {
        std::uint32_t free_now = 0, later = 0;
        [[nodiscard]] bool any() const { return free_now + later != 0; }
    };
    Room make_room(std::uint32_t wanted);
    // Puts out the page that the policy chooses. Nothing where it knows none that can go, or where so few are left that
    // they stay. There is an area. O(1) amortised, as evict().
    std::optional<Eviction> put_out_one();
    // So many frames that low_water() has been passed, and no more are on their way: what make_room() should be asked
    // for. O(1).
    [[nodiscard]] std::uint32_t room_wanted() const;
    // Frames that should be free: below the low water room is made, up to the high one.
    [[nodiscard]] std::uint32_t low_water() const { return low_water_; }
    [[nodiscard]] std::uint32_t high_water() const { return 2 * low_water_; }

    // Once each tick of the clock: room is made where there is too little. While there is plenty, no page that comes is
    // followed, so that it costs nothing to be able to page.
    void at_tick();

    // How readily pages that need a slot go, beside those that can be made again: 0, only where none of these is found;
    // at the default as the policy chooses; at most_swappiness nearly always. /proc/sys/vm/swappiness.
    static constexpr std::uint32_t default_swappiness = 60, most_swappiness = 200; // as Linux's
    std::uint32_t swappiness = default_swappiness;

    // Pages in memory that are known to programs or objects, those that cannot go now included. O(1).
    [[nodiscard]] std::uint32_t pages_in_memory() const;
    // From now on this policy says who goes. O(pages); and where it wants to see each touch: O(entries of programs).
    void use_policy(ReplacementPolicy policy);

    // ---- What programs say about their pages (pager_advice.cpp). O(entries that name it).

    // The page is not wanted soon: as if nobody had touched it since it came, and the policy looks at it soon.
    void make_cold(Frame frame);
    // The content is not needed, as long as nobody writes to the page; none of its entries is dirty. When it goes, it
    // is not written but forgotten, and is zeros when it is touched. False where that cannot be.
    [[nodiscard]] bool need_not_keep(Frame frame);
    // The page in the slot will be wanted: it begins to come back, if there are frames that nobody lacks.
    void will_need(SwapSlot slot);
    // Whether there are, and not too much is being read. O(1).
    [[nodiscard]] bool has_room_ahead() const { return reads_.busy < most_reads / 2 && may_read_ahead(); }

    // ---- Sets of pages that are replaced among themselves (pager_sets.cpp, resident_set.h)

    // An empty one, with everybody's policy and no limit; who asks for it owns it until end_set(). Errors:
    // out_of_memory, limit_reached (FrameRecords::most_sets).
    [[nodiscard]] Result<ResidentSet*> make_set();
    // Its pages are everybody's from now on. O(its pages).
    void end_set(ResidentSet& set);
    void release_pages(ResidentSet& set);
    // Its own policy; nothing: everybody's. O(its pages).
    void use_policy(ResidentSet& set, std::optional<ReplacementPolicy> policy);
    // The set that the page is in; null: none. O(1).
    [[nodiscard]] ResidentSet* set_of(Frame frame) const;
    // The page is one of the set's, if it can go at all, is in no set, and is a program's own or an object's that
    // nobody else maps. `has_come`: into memory, just now. O(1).
    void join(ResidentSet& set, Frame frame, bool has_come);
    // A page that is in a set is everybody's. O(1).
    void leave_set(Frame frame);
    // Pages of the set go until no more than `pages` are left, or none of them can. False where that must wait for
    // room. Nothing is done without an area.
    [[nodiscard]] bool shrink(ResidentSet& set, std::uint32_t pages);
    // Whether faults need more than to be served: there is a set, or touches are watched.
    [[nodiscard]] bool minds_faults() const { return minds_faults_; }

    // Programs' pages go and come with those that lie beside them, so many within a multiple of their number, as far as
    // there is room: a power of two, 1 (alone) to most_in_cluster. Not a process's that has a limit.
    void use_clusters(std::uint32_t pages) { cluster_ = pages; }

    // ---- Touches: seen by showing the processor but a few entries (present_entries.h)

    // Whether each entry that becomes present is to be told of, and all others are to be hidden.
    [[nodiscard]] bool watches_touches() const { return watching_; }
    // A program has touched a page, whose entry in `table` is present.
    struct Touch {
        Frame directory, table;
        Page page;
        bool brought = false; // into memory, by this touch
    };
    // O(entries that name it).
    void entry_touched(const Touch& touch);
    // A directory's pages have all gone; what comes is others.
    void directory_emptied(Frame directory);

    // ---- Traces (docs/traces.md): one at a time, and none is on. The sink outlives it.

    enum class TraceKind : std::uint8_t { decisions, accesses };
    // O(pages known); O(entries of programs).
    void begin_trace(TraceKind kind, Sink& to);
    void end_trace();
    [[nodiscard]] std::optional<TraceKind> traced() const {
        return trace_.is_on() ? std::optional(trace_kind_) : std::nullopt;
    }
    [[nodiscard]] std::uint64_t trace_lines() const { return trace_.lines(); }

    // ---- Single pages

    // One more area: SwapSpace::add(). Errors: also out_of_memory.
    [[nodiscard]] Result<SwapArea*> add_area(PageStore& store, const SwapHeader& header,
                                             std::optional<std::int32_t> priority);

    // It goes; none of its slots is used.
    void remove_area(SwapArea& area);
    // Pages in memory that have a copy in the area; and the end of these copies. O(frames).
    [[nodiscard]] std::uint32_t copies_in(const SwapArea& area) const;
    void drop_copies(const SwapArea& area);
    // The slot that has a copy of the page in `frame`, or between which and the frame it is on its way. O(1).
    [[nodiscard]] std::optional<SwapSlot> copy_of(Frame frame) const {
        return has_copy(frame) ? std::optional(SwapSlot::from_raw(with_.records[frame].slot)) : std::nullopt;
    }
    // Pages in memory that have one.
    [[nodiscard]] std::uint32_t copies() const { return copies_; }

    // Takes a page out of memory. There is an area. O(entries that name it), of an object's page O(mappings of the
    // object); and a page to check where it is written.
    Eviction evict(Frame frame);
    // Begins to bring the page of an entry back, which is not one of a repeated word; then all entries that name it are
    // in transit, and PageRequests::awaited() says what to wait for. Answers must_wait; out_of_memory; input_output
    // where the page is lost. O(entries that name it).
    // Where pages are touched in the order in which they went, it begins to bring the next ones back, too.
    // Only a page that was touched counts as a re-fault.
    [[nodiscard]] Error bring_in(SwapSlot slot, PageReturn why = PageReturn::touched);
    // A page that is back, or on its way, is touched. One that was read ahead has come only now, for the policy and the
    // re-faults. Whether it is such a one. O(1).
    bool note_touched(Frame frame);
    // The same for whichever page is in the slot, also an object's, because its area leaves: swapoff.
    [[nodiscard]] Error bring_back(SwapSlot slot);

    // ---- Pages of objects

    // Its pages can go from now on; and it ends. O(1).
    void add_object(ObjectPages& object) { objects_.push_back(object); }
    void remove_object(ObjectPages& object) { objects_.erase(object); }
    // ---- Pages of objects that lie on a disk besides: whoever keeps them there reads them when they are missed

    // There are some from now on.
    void stored_pages_exist();
    // A page's frame gets its content from there, until it has it.
    void begin_stored(PageRequest& request, Frame frame) {
        with_.requests.begin(request, frame);
        ++stored_reads_;
    }
    void end_stored(PageRequest& request, bool well);
    // Whether there is a frame for a page that nobody has touched yet.
    [[nodiscard]] bool may_read_ahead() const { return with_.frames.available() > low_water_ / 2 + room_for_a_fault; }

    // A page of an object, whose name the group has. O(1).
    void object_page_made(Frame frame, const PageGroup& group) {
        with_.records[frame].origin = with_.heap.word_of(&group);
        if (following_) [[unlikely]] {
            note_arrival(frame);
        }
    }
    // It is the object's no longer: a request alone may still have a share.
    void object_page_went(Frame frame) { with_.records[frame].origin = 0; }
    // Brings a page back into a frame of class `owner`, which the object knows it by from now on: its content may be on
    // its way yet. Errors: must_wait (for room), out_of_memory, input_output (the page is lost). O(1).
    [[nodiscard]] Result<Frame> bring_in(SwapSlot slot, const PageGroup& group, Owner owner, PageReturn why);
    // The content of an object's frame will be changed past all entries.
    void will_write(Frame frame) {
        note_written(frame);
        if (with_.requests.pending() != 0) [[unlikely]] {
            may_fail(with_.requests.take_back(frame)); // most are on no way
        }
    }

    // The content of the frame has changed, or will, in a way that no entry's dirty bit shows.
    void note_written(Frame frame) {
        if (with_.records[frame].slot != 0) [[unlikely]] {
            forget_copy(frame);
        }
    }

    // An entry for the page, which the table had under `index`, is gone; others may be left. For frames that are not an
    // anonymous page's only one, and for slots.
    void entry_released(UserPte pte, Frame table, std::uint32_t index);
    // An entry that named `frame`, which others keep, names `copy` from now on.
    void entry_got_copy(Frame frame, Frame copy, Frame table, std::uint32_t index) {
        if (!reverse.replace(frame, copy, table, index)) [[unlikely]] {
            entry_went(frame, table, index);
        }
        if (following_) [[unlikely]] {
            note_arrival(copy);
        }
        with_.frames.release_mapped(frame);
    }
    // One more entry names what `pte` names, at the same index of a relative's table.
    void entry_copied(UserPte pte) {
        if (pte.kind() == UserPteKind::swapped) [[unlikely]] {
            swap.retain(pte.slot());
        } else {
            with_.frames.share_mapped(pte.frame());
        }
    }

    // What an entry named it names no longer, and another does, which is empty no longer. Room was reserved in
    // `reverse`.
    void entry_moved(UserPte pte, Frame from, std::uint32_t from_index, Frame to, std::uint32_t to_index);

    // FrameWatcher
    void frame_freed(Frame frame) override {
        if (set_of(frame) != nullptr) {
            with_.records.leave_queue(frame);
        }
        forget_copy(frame);
    }
    void frame_refused() override {
        if (keeper_ != nullptr && is_paging()) {
            keeper_->frame_refused();
        }
    }
    // PageUses
    Use use_since_last(Frame frame) override;
    [[nodiscard]] Use use_so_far(Frame frame) override { return use_of(frame, false); }

    [[nodiscard]] PagerStatistics statistics() const;
    [[nodiscard]] const RefaultMeter& refaults() const { return refaults_; }
    [[nodiscard]] std::uint32_t writes() const { return writes_.busy; } // under way
    [[nodiscard]] std::uint32_t transfers() const { return writes_.busy + reads_.busy + stored_reads_; }

    // Checks slots, copies and transfers. What entries name them, the address spaces' audit adds. O(frames + slots).
    void audit(AuditReport& report) const;
    // Users of slots that are no entries: frames, objects and transfers. Calls visit(SwapSlot) for each.
    template <class Visitor> void for_each_holder(Visitor&& visit) const;

private:
    struct Transfer final : PageRequest, PageTransfer {
        void transferred(const Result<void>& result) override { pager->transferred(*this, result); }

        Pager* pager = nullptr;
        SwapSlot slot{};
        ListLink<Transfer> link;
    };
    using Transfers = List<Transfer, &Transfer::link>;
    struct Pool {
        Transfers idle;
        Transfers under_way;
        std::uint32_t busy = 0;

        [[nodiscard]] Transfer* take();
        void give_back(Transfer& transfer);
    };

    // How the entries of a page stand.
    struct Entries {
        std::uint32_t count = 0;
        bool dirty = false;
        bool locked = false;
        bool in_shared_table = false, as_code = false, without_access = false;
    };
    static constexpr std::uint32_t most_arrivals = 32;
    // Pages that would need a slot when there is none, or stay after all: then it is given up.
    static constexpr std::uint32_t most_refused = 32;
    struct Arrival {
        std::uint32_t frame = 0;
        Replacement::Ghost ghost = 0;
    };

    [[nodiscard]] Result<void> make_transfers();
    void set_low_water();
    template <class Visitor> void for_each_copy(const SwapArea& area, Visitor&& visit) const;
    void note_arrival(Frame frame, Replacement::Ghost ghost = 0);
    void keep_ghost(Frame frame, Replacement::Ghost ghost);
    [[nodiscard]] SlotRecord* copy_record(Frame frame);
    void give_up_unneeded();
    [[nodiscard]] Replacement::Ghost ghost_of(Frame frame);
    void entry_went(Frame frame, Frame table, std::uint32_t index);
    void take_arrivals();
    void hide(Frame table, std::uint32_t index);
    void hide_all();
    void watch_if_wanted();
    [[nodiscard]] bool policy_wants_touches() const { return is_paging() && replacement.current().wants_touches(); }
    [[nodiscard]] Replacement& replacement_of(Frame frame);
    [[nodiscard]] std::optional<Eviction> put_out_from(Replacement& who);
    [[nodiscard]] std::optional<Replacement::Chosen> choose_from(Replacement& who);
    [[nodiscard]] bool is_spared(Frame frame);
    [[nodiscard]] std::optional<Eviction> put_out_by_turns();
    [[nodiscard]] Replacement& next_to_give();
    template <class Visitor> void for_each_set(Visitor&& visit) const {
        for (const ResidentSet* const set : sets_) {
            if (set != nullptr) {
                visit(*set);
            }
        }
    }
    void audit_sets(AuditReport& report) const;
    [[nodiscard]] bool has_copy(Frame frame) const {
        return with_.frames.is_watched(frame) && with_.records[frame].slot != 0;
    }
    [[nodiscard]] bool traces_accesses() const { return traced() == TraceKind::accesses; }
    void learn_arrivals();
    void follow();
    void stop_following();
    [[nodiscard]] Entries entries_of(Frame frame);
    void count(const Entries& use, bool is_of_object);
    [[nodiscard]] Use use_of(Frame frame, bool forget);
    bool was_used(const EntryPlace& place, bool forget);
    [[nodiscard]] bool may_go(Frame frame);
    Eviction drop_clean(Frame frame, std::uint32_t entries);
    bool drop_word(Frame frame, std::uint32_t entries);
    Eviction begin_write(Frame frame, std::uint32_t entries);
    void put_into_slot(Frame frame, SwapSlot slot, std::uint32_t entries);
    void put_object_page_into_slot(PageGroup& group, Frame frame, SwapSlot slot);
    [[nodiscard]] PageGroup* group_of(Frame frame) const;
    [[nodiscard]] PageGroup* group_at(std::uint32_t origin) const {
        return static_cast<PageGroup*>(with_.heap.address_of(origin));
    }
    [[nodiscard]] bool is_page(Frame frame) const;
    [[nodiscard]] bool needs_no_area(Frame frame) const;
    [[nodiscard]] Entries take_from_tables(PageGroup& group, Frame frame);
    Eviction drop_made(PageGroup& group, Frame frame);
    void audit_object_slots(AuditReport& report) const;
    void set_entries(PageName page, UserPte pte, std::uint32_t entries);
    void forget(const EntryPlace& place);
    void forget_copy(Frame frame);
    void keep_copy(Frame frame, SwapSlot slot);
    [[nodiscard]] Result<void> check_read(SwapSlot slot);
    void read_ahead(SwapSlot slot);
    void read_untouched(SwapSlot slot);
    // The entries beside this one in its cluster.
    struct Neighbours {
        std::array<UserPte, most_in_cluster> entries{};
        std::uint32_t count = 0;
    };
    [[nodiscard]] Neighbours neighbours_of(Anchor anchor);
    void put_out_cluster(Anchor anchor);
    void bring_in_cluster(Anchor anchor);
    [[nodiscard]] bool can_be_read_ahead(SwapSlot slot) const;
    [[nodiscard]] bool returns(SlotRecord& record);
    void begin_read(Frame frame, SwapSlot slot, PageReturn why);
    void start(Transfer& transfer, PageTransfer::Direction direction);
    void transferred(Transfer& transfer, const Result<void>& result);
    void written(Transfer& transfer, bool well);
    void arrived(Transfer& transfer, bool well);
    [[nodiscard]] bool write_elsewhere(Transfer& transfer);
    [[nodiscard]] std::uint32_t check_of(Frame frame, SwapSlot slot);

    PagerResources with_;
    const LockedPages* locked_ = nullptr;
    RoomKeeper* keeper_ = nullptr;
    bool watching_ = false;                         // touches
    bool minds_faults_ = false;                     // they are watched, or there is a set
    bool following_ = false;                        // the replacement learns of each page that comes
    std::array<Arrival, most_arrivals> arrivals_{}; // pages that it does not know yet
    std::uint32_t arrival_count_ = 0;
    std::uint32_t low_water_ = 0;
    std::uint32_t cluster_ = 1; // pages
    bool has_stored_pages_ = false;
    std::uint32_t stored_reads_ = 0; // under way
    Transfer* transfers_ = nullptr;  // most_writes + most_reads
    Pool writes_, reads_;
    List<ObjectPages, &ObjectPages::in_pager> objects_;
    PagerStatistics statistics_;
    RefaultMeter refaults_;
    ReadAhead read_ahead_;
    PresentEntries present_; // while touches are watched
    Trace trace_;
    TraceKind trace_kind_{};
    std::array<ResidentSet*, FrameRecords::most_sets> sets_{}; // by number - 1; null: there is none
    std::uint32_t turn_ = 0;                                   // whose it is to give a page
    std::uint32_t copies_ = 0;
    std::uint32_t spared_ = 0; // so much is due to pages that swappiness spares
};

template <class Visitor> void Pager::for_each_holder(Visitor&& visit) const {
    for (Frame frame(0); frame.number() < with_.frames.frame_count(); frame = frame + 1) {
        if (has_copy(frame)) {
            visit(SwapSlot::from_raw(with_.records[frame].slot));
        }
    }
    struct Shown final : SlotVisitor {
        explicit Shown(Visitor& visitor) : to(&visitor) {}
        void visit(SwapSlot slot) override { (*to)(slot); }
        std::remove_reference_t<Visitor>* to;
    } shown(visit);
    for (const ObjectPages* each = objects_.front(); each != nullptr; each = decltype(objects_)::next(*each)) {
        each->visit_slots(shown);
    }
    for (const Pool* pool : {&writes_, &reads_}) {
        for (const Transfer* each = pool->under_way.front(); each != nullptr; each = Transfers::next(*each)) {
            visit(each->slot);
        }
    }
}

} // namespace quire
