// A store that pages are put on when memory is short: which of its slots are used, by how many entries, and what must
// come back from each. It owns these books; the store it is lent. All books exist from the beginning: putting a page
// out allocates nothing.
#pragma once

#include "kernel/lib/audit_report.h"
#include "kernel/memory/frames/frame_bitmap.h"
#include "kernel/memory/heap/kernel_heap.h"
#include "kernel/memory/swap/page_store.h"
#include "kernel/memory/swap/swap_header.h"

#include <cstdint>
#include <optional>
#include <span>

namespace quire {

struct SlotRecord {
    static constexpr std::uint32_t most_users = (1U << 30U) - 1; // more than there can be entries

    std::uint32_t users : 30 = 0; // entries that stand for the page, a frame that it is a copy of, and a transfer
    std::uint32_t bad : 1 = 0;    // not handed out (again)
    std::uint32_t lost : 1 = 0;   // what was here cannot be read any more
    std::uint32_t check = 0;      // page_check() of what was put here
    std::uint32_t origin = 0;     // of a page that is here and nowhere else: as in FrameRecord
    std::uint32_t ghost = 0;      // for the replacement policy, when the page comes back (replacement/replacement.h)
    std::uint32_t gone_at = 0;    // what RefaultMeter gave when the page went; 0: it was touched since
};

class SwapArea {
public:
    // `number` names it in its slots, from 1 on; of two areas the one with the higher priority is filled first. The
    // store is as large as the header says or larger. Errors: out_of_memory. O(slots): 20 bytes for each.
    [[nodiscard]] static Result<SwapArea*> create(KernelHeap& heap, PageStore& store, const SwapHeader& header,
                                                  std::uint32_t number, std::int32_t priority);
    // No slot is used. O(1).
    void destroy(KernelHeap& heap);

    // For create() and destroy().
    SwapArea(PageStore& store, std::span<SlotRecord> records, std::span<FrameBitmap::Word> words, std::uint32_t number,
             std::int32_t priority);
    ~SwapArea() = default;
    SwapArea(const SwapArea&) = delete;
    SwapArea& operator=(const SwapArea&) = delete;

    [[nodiscard]] std::uint32_t number() const { return number_; }
    [[nodiscard]] std::int32_t priority() const { return priority_; }
    [[nodiscard]] PageStore& store() const { return *store_; }
    // Slots that can be used, and those that are.
    [[nodiscard]] std::uint32_t size() const { return usable_; }
    [[nodiscard]] std::uint32_t used() const { return used_; }
    [[nodiscard]] std::uint32_t free_count() const { return bitmap_.free_count() + left_in_cluster(); }
    // Whether the next slot lies behind the one that was taken last.
    [[nodiscard]] bool in_cluster() const { return cluster_.mask != 0; }

    // A slot that nobody uses, with one user; nothing where all are used. Those taken one after the other lie one after
    // the other on the store, as far as there is such room: so that what was put out together is read together. O(1).
    [[nodiscard]] std::optional<std::uint32_t> take();
    // One more user of a used slot, one less; the last one gone, it is free again. O(1).
    void retain(std::uint32_t slot, std::uint32_t users = 1);
    void release(std::uint32_t slot, std::uint32_t users = 1);
    // The slot's place on the store has failed: once free, it is not handed out any more.
    void retire(std::uint32_t slot);

    [[nodiscard]] SlotRecord& record(std::uint32_t slot) { return records_[slot]; }
    [[nodiscard]] const SlotRecord& record(std::uint32_t slot) const { return records_[slot]; }
    [[nodiscard]] std::uint32_t slots() const { return static_cast<std::uint32_t>(records_.size()); }

    // Nothing is put here any more, while it is emptied; or it is again.
    bool closed = false;

    // Checks that the bitmap and the records agree. O(slots).
    void audit(AuditReport& report) const;

private:
    [[nodiscard]] std::uint32_t left_in_cluster() const;

    PageStore* store_;
    std::span<SlotRecord> records_;
    FrameBitmap::Word* words_;
    FrameBitmap bitmap_;
    FrameBitmap::Batch cluster_{};        // slots that are handed out next: free, but taken in the bitmap
    std::uint32_t next_cluster_ = 0;      // where it is looked for
    std::uint32_t usable_ = 0, used_ = 0; // slots
    std::uint32_t number_;
    std::int32_t priority_;
};

} // namespace quire
