// Requests begun, found and completed.
#include "kernel/memory/frames/page_request.h"

#include "kernel/lib/panic.h"

namespace quire {

void PageRequests::begin(PageRequest& request, Frame frame, bool leaving) {
    ensure(find(frame) == nullptr, "a frame's content is moved once at a time");
    frames_->share_mapped(frame);
    request.frame_ = frame;
    request.leaving_ = leaving;
    request.taken_back_ = request.had_just_gone_ = false;
    bucket(frame).push_back(request);
    ++pending_;
    quiet_ = false;
}

void PageRequests::complete(PageRequest& request) {
    const Frame frame = request.frame_;
    bucket(frame).erase(request);
    --pending_;
    quiet_ = pending_ == 0 && delay_ == nullptr;
    tell_all(request.waiters_);
    frames_->release_mapped(frame);
}

// Those that are told may wait again, for something else.
void PageRequests::tell_all(Waiters& waiters) {
    while (PageWaiter* const waiter = waiters.pop_front()) {
        waiter->page_came();
    }
}

PageRequest* PageRequests::find(Frame frame) const {
    PageRequest* each = buckets_[frame.number() % bucket_count].front();
    while (each != nullptr && each->frame_ != frame) {
        each = Bucket::next(*each);
    }
    return each;
}

bool PageRequests::take_back(Frame frame) {
    PageRequest* const request = find(frame);
    if (request == nullptr || !request->leaving_) {
        return false;
    }
    taken_back_ += request->taken_back_ ? 0 : 1;
    request->taken_back_ = true;
    return true;
}

bool PageRequests::look(Frame frame) {
    if (find(frame) != nullptr) {
        return !take_back(frame);
    }
    return delay_ != nullptr && delay_->delays(frame);
}

void PageRequests::audit(AuditReport& report) const {
    std::uint32_t found = 0;
    for_each([&](Frame frame) {
        ++found;
        const Owner owner = frames_->owner(frame);
        report.check(owner == Owner::anonymous || owner == Owner::file || owner == Owner::shared ||
                         owner == Owner::module || owner == Owner::zero,
                     "page requests: frame {:#x}, which is in transit, is a {} frame", frame.number(), name_of(owner));
    });
    report.check(found == pending_, "page requests: {} are counted, {} found", pending_, found);
}

} // namespace quire
