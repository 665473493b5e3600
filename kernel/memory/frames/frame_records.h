// Four words for each frame, which those who page memory out and in keep: of a page where the search for the entries
// that name it begins, its copy on disk, and its place in the queue of those that may go; of a page table its
// relatives. This only holds the words; who writes which, the members say. Behind them lie two bytes for each frame,
// for the policy that decides which page goes.
#pragma once

#include "kernel/lib/panic.h"
#include "kernel/machine/address.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

namespace quire {

struct FrameRecord {
    // Of a page that a program has for itself: its Anchor (pager/reverse_map.h). Of an object's: the address of its
    // PageGroup (pager/object_pages.h), or 0 where it stays in memory. Of a page table: its directory entry, and the
    // frame of its mirror.
    std::uint32_t origin = 0;
    // Of a page: the raw SwapSlot that has a copy of it, or gets one; 0: none (pager/pager.h). Of a page table: its
    // family.
    std::uint32_t slot = 0;
    // Of a page: its neighbours in the queue of those that may go (replacement/page_queue.h), which a frame that
    // is given back leaves when it is met there. Of a page table: its neighbours in the ring of its family.
    std::uint32_t next = 0, previous = 0;
};

// What a replacement policy notes about a page.
struct PageMark {
    static constexpr std::uint8_t no_queue = 0xFF;
    std::uint8_t queue = no_queue; // the queue that it is in
    std::uint8_t value = 0;        // as the policy likes
};

// A view of the records, as small as three words.
class FrameRecords {
public:
    // Records behind those of the frames, which begin queues: queue N begins and ends at record queue(N).
    // The origin of such a record is the queue's length. The first ones are of everybody's pages; the others are of
    // sets of pages, numbered from 1 on, that are replaced among themselves (pager/resident_set.h).
    static constexpr std::uint32_t queues = 64, queues_of_set = 8, most_sets = 23;
    static constexpr std::uint32_t all_queues = queues + most_sets * queues_of_set;
    static_assert(all_queues <= PageMark::no_queue);

    [[nodiscard]] static constexpr std::size_t bytes_for(std::uint32_t frame_count) {
        constexpr std::size_t alignment = alignof(FrameRecord);
        const std::size_t bytes =
            std::size_t{frame_count + all_queues} * sizeof(FrameRecord) + std::size_t{frame_count} * sizeof(PageMark);
        return (bytes + alignment - 1) / alignment * alignment;
    }

    // Of frames 0 … frame_count - 1, in memory that is used for nothing else: `memory` has bytes_for(frame_count)
    // bytes, aligned to 4. O(frame_count), two fills.
    FrameRecords(std::span<std::byte> memory, std::uint32_t frame_count)
        : records_(reinterpret_cast<FrameRecord*>(memory.data())), frame_count_(frame_count) {
        ensure(memory.size() >= bytes_for(frame_count), "there is room for the records of all frames");
        std::uninitialized_fill_n(records_, frame_count + all_queues, FrameRecord{});
        std::uninitialized_fill_n(marks(), frame_count, PageMark{});
        for (std::uint32_t queue = frame_count; queue < frame_count + all_queues; ++queue) {
            records_[queue].next = records_[queue].previous = queue;
        }
    }

    [[nodiscard]] FrameRecord& operator[](Frame frame) const { return records_[frame.number()]; }
    [[nodiscard]] PageMark& mark(Frame frame) const { return marks()[frame.number()]; }
    [[nodiscard]] std::uint32_t frame_count() const { return frame_count_; }

    // The same records, with the queues of a set as the first ones; 0: with everybody's.
    [[nodiscard]] FrameRecords of_set(std::uint32_t set) const {
        FrameRecords same = *this;
        same.set_ = set;
        return same;
    }
    [[nodiscard]] std::uint32_t set() const { return set_; }
    [[nodiscard]] std::uint32_t first_queue() const { return set_ == 0 ? 0 : queues + (set_ - 1) * queues_of_set; }
    [[nodiscard]] std::uint32_t queue_count() const { return set_ == 0 ? queues : queues_of_set; }
    // The set that a queue is of; 0: none, or it is no queue.
    [[nodiscard]] static constexpr std::uint32_t set_of_queue(std::uint32_t number) {
        return number < queues || number >= all_queues ? 0 : (number - queues) / queues_of_set + 1;
    }

    // ---- Rings: queues of frames and families of tables, by the numbers of their records. Frame 0, the firmware's,
    // is in none, so that a number of 0 is no neighbour.

    [[nodiscard]] std::uint32_t queue(std::uint32_t number) const { return frame_count_ + number; }
    [[nodiscard]] bool is_queue(std::uint32_t record) const { return record >= frame_count_; }
    [[nodiscard]] std::uint32_t next(std::uint32_t record) const { return records_[record].next; }
    [[nodiscard]] bool in_ring(Frame frame) const { return records_[frame.number()].next != 0; }
    // The frame, which is in no ring, comes to stand before `record` in its ring.
    void insert_before(std::uint32_t record, Frame frame) const {
        const std::uint32_t before = records_[record].previous;
        records_[frame.number()].next = record;
        records_[frame.number()].previous = before;
        records_[before].next = frame.number();
        records_[record].previous = frame.number();
    }
    // The frame leaves its ring; nothing where it is in none.
    void leave_ring(Frame frame) const {
        FrameRecord& record = records_[frame.number()];
        if (record.next != 0 && record.next != frame.number()) {
            records_[record.next].previous = record.previous;
            records_[record.previous].next = record.next;
        }
        record.next = record.previous = 0;
    }

    // ---- Queues of pages: rings that know their length.

    [[nodiscard]] std::uint32_t& queue_length(std::uint32_t number) const { return records_[queue(number)].origin; }
    // The frame, which is in no ring, comes to stand before `record` in the queue of that number.
    void join_queue(std::uint32_t number, std::uint32_t record, Frame frame) const {
        insert_before(record, frame);
        mark(frame).queue = static_cast<std::uint8_t>(number);
        ++queue_length(number);
    }
    // The frame leaves its queue; nothing where it is in none.
    void leave_queue(Frame frame) const {
        PageMark& page = mark(frame);
        if (page.queue != PageMark::no_queue) {
            --queue_length(page.queue);
            page.queue = PageMark::no_queue;
            leave_ring(frame);
        }
    }

private:
    [[nodiscard]] PageMark* marks() const { return reinterpret_cast<PageMark*>(records_ + frame_count_ + all_queues); }

    FrameRecord* records_ = nullptr;
    std::uint32_t frame_count_ = 0;
    std::uint32_t set_ = 0;
};

} // namespace quire
