// Pages that are on their way. Most come in: a frame is there, and its content comes later, from a disk
// (memory/pager/pager.h) or because the boot option slow-pages says so (kernel/torus/slow_pages.h). Nothing in memory/
// ever waits. An address space enters such a page as "in transit" and answers must_wait; whoever made the access waits
// outside, in kernel/process/user_pages.h, until the content has come, and starts again from the top. Others go out:
// the content is there as long as it is being written to a disk, and who touches it takes it back.
//
// A request belongs to who moves the content, and lives from begin() to complete(). It has a share of its frame, so
// that the frame stays what it is even where every entry that maps it has gone meanwhile.
#pragma once

#include "kernel/lib/audit_report.h"
#include "kernel/lib/list.h"
#include "kernel/machine/address.h"
#include "kernel/memory/frames/frame_allocator.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace quire {

// Who waits for a page.
class PageWaiter {
public:
    PageWaiter() = default;
    PageWaiter(const PageWaiter&) = delete;
    PageWaiter& operator=(const PageWaiter&) = delete;

    // The page has come. The waiter is in no request any more.
    virtual void page_came() = 0;

    ListLink<PageWaiter> link;

protected:
    ~PageWaiter() = default;
};

class PageRequest {
public:
    PageRequest() = default;
    PageRequest(const PageRequest&) = delete;
    PageRequest& operator=(const PageRequest&) = delete;

    [[nodiscard]] Frame frame() const { return frame_; }
    void add(PageWaiter& waiter) { waiters_.push_back(waiter); }
    void remove(PageWaiter& waiter) { waiters_.erase(waiter); }

    // The page goes out: its content is there.
    [[nodiscard]] bool is_leaving() const { return leaving_; }
    // It was touched since, and stays.
    [[nodiscard]] bool was_taken_back() const { return taken_back_; }
    // The page comes back so soon that a little more memory would have kept it (pager/refault_meter.h).
    [[nodiscard]] bool had_just_gone() const { return had_just_gone_; }
    void note_just_gone() { had_just_gone_ = true; }

private:
    friend class PageRequests;
    Frame frame_{};
    bool leaving_ = false, taken_back_ = false, had_just_gone_ = false;
    List<PageWaiter, &PageWaiter::link> waiters_;
    ListLink<PageRequest> link_;
};

// Makes pages wait that would not have to: the boot option slow-pages, and tests.
class PageDelay {
public:
    // Asked for each frame that is about to be entered and is not in transit. True: a request was begun for it.
    virtual bool delays(Frame frame) = 0;

protected:
    ~PageDelay() = default;
};

// All requests of one torus, found by their frames.
class PageRequests {
public:
    explicit PageRequests(FrameAllocator& frames) : frames_(&frames) {}
    PageRequests(const PageRequests&) = delete;
    PageRequests& operator=(const PageRequests&) = delete;

    // The frame, which is not in transit, is from now on: its content comes, or is there and goes. O(1).
    void begin(PageRequest& request, Frame frame) { begin(request, frame, false); }
    void begin_leaving(PageRequest& request, Frame frame) { begin(request, frame, true); }
    // The frame's content is there: its share is given back, and all who waited are told. O(waiters).
    void complete(PageRequest& request);
    // The request that brings the frame's content; null where that is there. O(1) as long as there are no more than a
    // few requests for each bucket.
    [[nodiscard]] PageRequest* find(Frame frame) const;

    // A frame that is in transit is wanted in memory after all: true where it is on its way out, so that its content is
    // there. It stays. O(1), as find().
    [[nodiscard]] bool take_back(Frame frame);
    // Pages that were, since boot.
    [[nodiscard]] std::uint64_t taken_back() const { return taken_back_; }

    // Whether the frame's content is yet to come. O(1).
    [[nodiscard]] bool is_coming(Frame frame) const {
        if (pending_ == 0) [[likely]] {
            return false;
        }
        const PageRequest* const request = find(frame);
        return request != nullptr && !request->is_leaving();
    }

    // Whether who enters the frame in a table must wait for its content. Who enters one that leaves takes it back.
    // Where nothing is on its way and nothing is to be delayed, which is so nearly always, this is one comparison.
    [[nodiscard]] bool must_wait(Frame frame) { return !quiet_ && look(frame); }

    // Whoever answers must_wait says here for which frame; whoever got the answer reads it before anything else runs.
    void answer_must_wait(Frame frame) { awaited_ = frame; }
    // The same where it is no page that is waited for but room: a frame, or a disk that takes one more order. Then
    // awaited() is nothing.
    void answer_must_wait_for_room() { awaited_ = {}; }
    [[nodiscard]] std::optional<Frame> awaited() const { return awaited_; }

    // Who waits for room is told when there may be some.
    void add_for_room(PageWaiter& waiter) { wait_for_room_.push_back(waiter); }
    void remove_for_room(PageWaiter& waiter) { wait_for_room_.erase(waiter); }
    void room_came() { tell_all(wait_for_room_); }

    // From now on `delay` is asked; null: nobody.
    void set_delay(PageDelay* delay) {
        delay_ = delay;
        quiet_ = pending_ == 0 && delay_ == nullptr;
    }

    [[nodiscard]] std::uint32_t pending() const { return pending_; }
    // Calls visit(Frame) for each frame in transit.
    template <class Visitor> void for_each(Visitor&& visit) const {
        for (const Bucket& bucket : buckets_) {
            for (const PageRequest* each = bucket.front(); each != nullptr; each = Bucket::next(*each)) {
                visit(each->frame_);
            }
        }
    }
    // Checks that frames in transit are somebody's, and counted. O(pending).
    void audit(AuditReport& report) const;

private:
    using Bucket = List<PageRequest, &PageRequest::link_>;
    using Waiters = List<PageWaiter, &PageWaiter::link>;
    static constexpr std::size_t bucket_count = 64; // as many pages as are read ahead, or more

    [[nodiscard]] Bucket& bucket(Frame frame) { return buckets_[frame.number() % bucket_count]; }
    [[nodiscard]] bool look(Frame frame);
    void begin(PageRequest& request, Frame frame, bool leaving);
    static void tell_all(Waiters& waiters);

    FrameAllocator* frames_;
    PageDelay* delay_ = nullptr;
    bool quiet_ = true; // no request, no delay
    std::uint32_t pending_ = 0;
    std::uint64_t taken_back_ = 0;
    std::optional<Frame> awaited_;
    Waiters wait_for_room_;
    std::array<Bucket, bucket_count> buckets_{};
};

} // namespace quire
