// Pages that are on their way: a frame is there, and its content comes later. Today only the boot option slow-pages
// makes pages late (kernel/torus/slow_pages.h); a disk or another torus would. Nothing in memory/ ever waits. An
// address space enters such a page as "in transit" and answers must_wait; whoever made the access waits outside, in
// kernel/process/user_pages.h, until the content has come, and starts again from the top.
//
// A request belongs to who brings the content, and lives from begin() to complete(). It has a share of its frame, so
// that the frame stays what it is even where every entry that maps it has gone meanwhile.
#pragma once

#include "kernel/lib/audit_report.h"
#include "kernel/lib/list.h"
#include "kernel/machine/address.h"
#include "kernel/memory/frames/frame_allocator.h"

#include <array>
#include <cstddef>
#include <cstdint>

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

private:
    friend class PageRequests;
    Frame frame_{};
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

    // The frame, which is not in transit, is from now on. O(1).
    void begin(PageRequest& request, Frame frame);
    // The frame's content is there: its share is given back, and all who waited are told. O(waiters).
    void complete(PageRequest& request);
    // The request that brings the frame's content; null where that is there. O(1) as long as there are no more than a
    // few requests for each bucket.
    [[nodiscard]] PageRequest* find(Frame frame) const;

    // Whether who enters the frame in a table must wait for its content. Where nothing is on its way and nothing is to
    // be delayed, which is so nearly always, this is one comparison.
    [[nodiscard]] bool must_wait(Frame frame) { return !quiet_ && look(frame); }

    // Whoever answers must_wait says here for which frame; whoever got the answer reads it before anything else runs.
    void answer_must_wait(Frame frame) { awaited_ = frame; }
    [[nodiscard]] Frame awaited() const { return awaited_; }

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
    static constexpr std::size_t bucket_count = 64; // as many pages as are read ahead, or more

    [[nodiscard]] Bucket& bucket(Frame frame) { return buckets_[frame.number() % bucket_count]; }
    [[nodiscard]] bool look(Frame frame);

    FrameAllocator* frames_;
    PageDelay* delay_ = nullptr;
    bool quiet_ = true; // no request, no delay
    std::uint32_t pending_ = 0;
    Frame awaited_{};
    std::array<Bucket, bucket_count> buckets_{};
};

} // namespace quire
