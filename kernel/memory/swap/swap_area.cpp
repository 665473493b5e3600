// The books of one swap area.
#include "kernel/memory/swap/swap_area.h"

#include "kernel/lib/panic.h"
#include "kernel/memory/heap/object.h"

#include <algorithm>
#include <bit>

namespace quire {

Result<SwapArea*> SwapArea::create(KernelHeap& heap, PageStore& store, const SwapHeader& header, std::uint32_t number,
                                   std::int32_t priority) {
    const Result<void*> records = heap.allocate_zeroed(header.pages, sizeof(SlotRecord));
    if (!records) {
        return fail(Error::out_of_memory);
    }
    const std::size_t words = FrameBitmap::words_needed(header.pages);
    const Result<void*> bitmap = heap.allocate_zeroed(words, sizeof(FrameBitmap::Word));
    if (!bitmap) {
        must_succeed(heap.free(*records));
        return fail(Error::out_of_memory);
    }
    const std::span<SlotRecord> all{static_cast<SlotRecord*>(*records), header.pages};
    for (const std::uint32_t bad : header.bad) {
        if (bad < header.pages) {
            all[bad].bad = 1;
        }
    }
    all[0].bad = 1; // the header
    const Result<SwapArea*> area = make_object<SwapArea>(
        heap, store, all, std::span<FrameBitmap::Word>{static_cast<FrameBitmap::Word*>(*bitmap), words}, number,
        priority);
    if (!area) {
        must_succeed(heap.free(*bitmap));
        must_succeed(heap.free(*records));
    }
    return area;
}

SwapArea::SwapArea(PageStore& store, std::span<SlotRecord> records, std::span<FrameBitmap::Word> words,
                   std::uint32_t number, std::int32_t priority)
    : store_(&store), records_(records), words_(words.data()),
      bitmap_(words, static_cast<std::uint32_t>(records.size())), number_(number), priority_(priority) {
    for (std::uint32_t slot = 0; slot < slots(); ++slot) {
        if (records_[slot].bad == 0) {
            ensure(bitmap_.free(slot), "a slot is made free once");
            ++usable_;
        }
    }
}

void SwapArea::destroy(KernelHeap& heap) {
    ensure(used() == 0, "nothing is left in a swap area that goes");
    must_succeed(heap.free(words_));
    must_succeed(heap.free(records_.data()));
    destroy_object(heap, this);
}

std::uint32_t SwapArea::left_in_cluster() const {
    return static_cast<std::uint32_t>(std::popcount(cluster_.mask));
}

std::optional<std::uint32_t> SwapArea::take() {
    if (cluster_.mask == 0) {
        auto next = bitmap_.take_batch(next_cluster_ < slots() ? next_cluster_ : 0);
        if (!next) {
            next = bitmap_.take_batch(0);
        }
        if (!next) {
            return std::nullopt;
        }
        cluster_ = *next;
        next_cluster_ = cluster_.first + FrameBitmap::word_bits;
    }
    const std::uint32_t slot = cluster_.first + static_cast<std::uint32_t>(std::countr_zero(cluster_.mask));
    cluster_.mask &= cluster_.mask - 1;
    records_[slot] = {.users = 1};
    ++used_;
    return slot;
}

void SwapArea::retain(std::uint32_t slot, std::uint32_t users) {
    ensure(records_[slot].users != 0, "a slot that gets one more user is used");
    records_[slot].users = (records_[slot].users + users) & SlotRecord::most_users;
}

void SwapArea::release(std::uint32_t slot, std::uint32_t users) {
    SlotRecord& record = records_[slot];
    ensure(record.users >= users, "a slot that is released is used");
    record.users = (record.users - users) & SlotRecord::most_users;
    if (record.users != 0) {
        return;
    }
    --used_;
    record.origin = 0;
    record.lost = 0;
    if (record.bad == 0) {
        ensure(bitmap_.free(slot), "a used slot is taken in the bitmap");
    }
}

void SwapArea::retire(std::uint32_t slot) {
    SlotRecord& record = records_[slot];
    ensure(record.users != 0, "a slot that fails is used");
    if (record.bad == 0) {
        record.bad = 1;
        --usable_;
    }
}

void SwapArea::audit(AuditReport& report) const {
    bitmap_.audit(report);
    std::uint32_t usable = 0, used = 0;
    for (std::uint32_t slot = 0; slot < slots(); ++slot) {
        const SlotRecord& record = records_[slot];
        const std::uint32_t in_cluster = slot - cluster_.first;
        const bool handed_out_next = in_cluster < FrameBitmap::word_bits && (cluster_.mask >> in_cluster & 1U) != 0;
        usable += record.bad == 0 ? 1U : 0U;
        used += record.users != 0 ? 1U : 0U;
        const bool is_free = bitmap_.is_free(slot) || handed_out_next;
        report.check(is_free == (record.users == 0 && record.bad == 0), "swap area {}: slot {} has {} users and is {}",
                     number_, slot, record.users, is_free ? "free" : "not free");
        report.check(record.users != 0 || record.origin == 0, "swap area {}: slot {}, which is free, has entries",
                     number_, slot);
    }
    report.check(usable == usable_ && used == used_,
                 "swap area {}: {} slots can be used and {} are, {} and {} are counted", number_, usable, used, usable_,
                 used_);
}

} // namespace quire
