// A queue of pages, in the links of their frames' records: what all policies are made of. A frame is in one queue at
// most. One that was given back stays until it is met; one that became a page table has left. It allocates nothing.
#pragma once

#include "kernel/lib/panic.h"
#include "kernel/memory/frames/frame_records.h"

#include <cstdint>

namespace quire {

class PageQueue {
public:
    // Each number up to FrameRecords::queue_count() is one queue.
    PageQueue(FrameRecords records, std::uint32_t number)
        : records_(records), number_(records.first_queue() + number) {}

    // All of this is O(1).
    [[nodiscard]] std::uint32_t length() const { return records_.queue_length(number_); }
    [[nodiscard]] bool empty() const { return length() == 0; }
    // As PageMark::queue has it.
    [[nodiscard]] std::uint32_t number() const { return number_; }
    // The first one; there is one.
    [[nodiscard]] Frame front() const {
        ensure(!empty(), "a queue that is asked for its first page has one");
        return Frame(records_.next(records_.queue(number_)));
    }
    Frame take_front() {
        const Frame frame = front();
        records_.leave_queue(frame);
        return frame;
    }
    // The frame, wherever it was before, is the last one here now, or the first one.
    void push_back(Frame frame) {
        records_.leave_queue(frame);
        records_.join_queue(number_, records_.queue(number_), frame);
    }
    void push_front(Frame frame) {
        records_.leave_queue(frame);
        records_.join_queue(number_, records_.next(records_.queue(number_)), frame);
    }

    // Calls visit(Frame) for each, from the first on, until it answers false. The queue stays as it is meanwhile.
    // O(visits).
    template <class Visitor> void visit_while(Visitor&& visit) const {
        std::uint32_t record = records_.next(records_.queue(number_));
        while (!records_.is_queue(record) && visit(Frame(record))) {
            record = records_.next(record);
        }
    }

private:
    FrameRecords records_;
    std::uint32_t number_;
};

} // namespace quire
