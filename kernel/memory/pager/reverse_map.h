// From a page to all page-table entries that name it: what must be known to take a page away. A page is a frame or,
// where it has been put out, a swap slot; every entry that stands for the page names the same one.
//
// Tables that were copied from each other, at the first change after a fork, are a family: they stand at the same place
// in their directories, and what they have in common they have under the same index. So one entry leads to all others:
// they stand under the same index in the tables of its family. That one entry is the page's anchor, a word in the
// frame's or the slot's record. Copying a table writes one record for the table and nothing for its pages. Only mremap
// moves an entry away from its relatives; such a page has one anchor more, which is kept aside. A page that only one
// entry names has it as its only anchor, always.
//
// It owns the families and the anchors. It changes no entry.
#pragma once

#include "kernel/lib/audit_report.h"
#include "kernel/memory/frames/frame_allocator.h"
#include "kernel/memory/frames/frame_records.h"
#include "kernel/memory/heap/object_pool.h"
#include "kernel/memory/pager/page_name.h"
#include "kernel/memory/paging/anchor.h"
#include "kernel/memory/paging/page_table.h"
#include "kernel/memory/paging/user_pte.h"
#include "kernel/memory/replacement/replacement.h"
#include "kernel/memory/swap/swap_space.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace quire {

// One entry: the table, which is within reach, the index in it, and the page of the address space that it translates.
struct EntryPlace {
    const UserTable& entries;
    Frame table;
    std::uint32_t index = 0;
    Page page;
};

class ReverseMap {
public:
    ReverseMap(FrameRecords records, SwapSpace& swap, Replacement& replacement, PhysicalMemory& physical,
               KernelHeap& heap)
        : records_(records), swap_(&swap), replacement_(&replacement), physical_(&physical), extras_(heap) {}
    ReverseMap(const ReverseMap&) = delete;
    ReverseMap& operator=(const ReverseMap&) = delete;

    // ---- Tables. O(1).

    // A table, empty, that directory entry `index` is to point to: a family of its own.
    void add_table(Frame table, std::uint32_t index) {
        FrameRecord& record = records_[table];
        if (record.next != 0) { // a queue's, of the page that the frame was before
            replacement_->became_table(table);
        }
        record.origin = index;
        record.slot = families_++;
        record.next = record.previous = table.number();
    }
    // A table that got the entries of `original` joins its family.
    void add_copy(Frame copy, Frame original);
    // It is empty and ends.
    void remove_table(Frame table) {
        records_.leave_ring(table);
        records_[table].slot = 0;
    }
    // The table that shows its executable pages where instructions are fetched; nothing: there is none (any more).
    void set_mirror(Frame table, std::optional<Frame> mirror);
    [[nodiscard]] std::optional<Frame> mirror(Frame table) const;
    // Whether the frame is a table that was added.
    [[nodiscard]] bool is_table(Frame frame, const FrameAllocator& frames) const {
        return frames.owner(frame) == Owner::page_table && records_.in_ring(frame) &&
               records_.mark(frame).queue == PageMark::no_queue;
    }
    // The directory entry that points to the table.
    [[nodiscard]] std::uint32_t directory_index(Frame table) const {
        return records_[table].origin & (entries_per_table - 1);
    }

    // ---- Pages

    // The frame is named by this entry, and by no other. O(1).
    void set_only(Frame frame, Frame table, std::uint32_t index) {
        records_[frame].origin = Anchor(table, index).raw();
    }
    // The entry names `copy`, which nobody else does, and no longer `frame`, which others do. False: entry_went() has
    // something to do for the latter. O(1).
    [[nodiscard]] bool replace(Frame frame, Frame copy, Frame table, std::uint32_t index) {
        const std::uint32_t here = Anchor(table, index).raw();
        records_[copy].origin = here;
        const std::uint32_t origin = records_[frame].origin;
        return origin != here && (origin & Anchor::more_bit) == 0;
    }
    // The entry names the page no longer, while others may. O(1) but where the entry was an anchor: then another of its
    // family is looked for, which its neighbour mostly is.
    void entry_went(PageName page, Frame table, std::uint32_t index);
    // Room for so many entry_moved() of pages that others name, too. Errors: out_of_memory.
    [[nodiscard]] Result<void> reserve(std::uint32_t moves) { return extras_.reserve(moves); }
    // Gives the heap what was reserved and is not needed, where no page has more than one anchor.
    void trim() { extras_.trim(); }
    // What named the page at one place names it at another, whose table is of another family or under another index.
    // `only`: nobody else names it. O(1), as above.
    void entry_moved(PageName page, Frame from, std::uint32_t from_index, Frame to, std::uint32_t to_index, bool only);
    // All that named `from` names `to` from now on. O(anchors).
    void renamed(PageName from, PageName to);
    // Nothing names the page any more. O(anchors).
    void forgotten(PageName page);

    // Calls visit(EntryPlace, UserPte) for the entries that name the page, until there were `most`. The visitor may
    // change the entry. Returns how many there were. O(anchors + their families' tables), and no more than the first
    // where that is all there is.
    template <class Visitor> std::uint32_t for_each_entry(PageName page, std::uint32_t most, Visitor&& visit);

    // Checks that each table is in one ring, and each anchor names its page. O(frames + anchors).
    void audit(AuditReport& report, const FrameAllocator& frames) const;
    // Whether the entry can be found from the page. For audits.
    [[nodiscard]] bool finds(PageName page, Frame table, std::uint32_t index) const;

    // Of all searches: tables that were looked at, entries that were found.
    struct Effort {
        std::uint64_t tables = 0, entries = 0;
    };
    [[nodiscard]] const Effort& effort() const { return effort_; }

private:
    // An anchor beside the one in the page's record.
    struct Extra {
        PageName page = PageName::of(Frame(0));
        Anchor anchor;
        Extra* next = nullptr;
    };
    static constexpr std::size_t bucket_count = 256;

    [[nodiscard]] Anchor anchor(PageName page) const {
        return Anchor::from_raw(page.is_slot() ? swap_->record(page.slot()).origin : records_[page.frame()].origin);
    }
    void set_anchor(PageName page, Anchor anchor) {
        if (page.is_slot()) {
            swap_->record(page.slot()).origin = anchor.raw();
        } else {
            records_[page.frame()].origin = anchor.raw();
        }
    }
    [[nodiscard]] static std::size_t bucket_of(PageName page) {
        return (page.raw() * 0x9E3779B1U) >> 24U; // the upper bits are the best spread ones
    }
    static_assert(bucket_count == 1U << (32 - 24));
    [[nodiscard]] Frame next_in_family(Frame table) const { return Frame(records_[table].next); }
    [[nodiscard]] bool related(Frame one, Frame other) const { return records_[one].slot == records_[other].slot; }
    [[nodiscard]] UserPte entry(Frame table, std::uint32_t index) const { return UserTable(*physical_, table)[index]; }
    [[nodiscard]] std::optional<Frame> relative_with(PageName page, Frame table, std::uint32_t index);
    [[nodiscard]] Extra** find_extra(PageName page);
    [[nodiscard]] Extra** find_extra(PageName page, Frame table, std::uint32_t index);
    void add_extra(PageName page, Anchor anchor);
    [[nodiscard]] Anchor take_extra(Extra** at);
    [[nodiscard]] bool has_related_anchor(PageName page, Frame table, std::uint32_t index) const;
    template <class Visitor>
    std::uint32_t visit_family(PageName page, Anchor anchor, std::uint32_t most, Visitor&& visit);

    FrameRecords records_;
    SwapSpace* swap_;
    Replacement* replacement_; // whose queues frames leave that become tables
    PhysicalMemory* physical_;
    ObjectPool<Extra> extras_;
    std::array<Extra*, bucket_count> buckets_{};
    std::uint32_t families_ = 0; // so many were founded
    Effort effort_;
};

template <class Visitor>
std::uint32_t ReverseMap::visit_family(PageName page, Anchor anchor, std::uint32_t most, Visitor&& visit) {
    std::uint32_t found = 0;
    Frame table = anchor.table();
    do {
        const UserTable entries(*physical_, table);
        const UserPte pte = entries[anchor.index()];
        ++effort_.tables;
        if (page.is_named_by(pte)) {
            ++found;
            visit(EntryPlace{entries, table, anchor.index(), first_page_of(directory_index(table)) + anchor.index()},
                  pte);
        }
        table = next_in_family(table);
    } while (found != most && table != anchor.table());
    return found;
}

template <class Visitor> std::uint32_t ReverseMap::for_each_entry(PageName page, std::uint32_t most, Visitor&& visit) {
    const Anchor first = anchor(page);
    if (!first.any()) {
        return 0;
    }
    std::uint32_t found = visit_family(page, first, most, visit);
    if (first.has_more()) {
        for (Extra* each = buckets_[bucket_of(page)]; each != nullptr && found != most; each = each->next) {
            if (each->page == page) {
                found += visit_family(page, each->anchor, most - found, visit);
            }
        }
    }
    effort_.entries += found;
    return found;
}

} // namespace quire
