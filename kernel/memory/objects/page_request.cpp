// Requests begun, found and completed.
#include "kernel/memory/objects/page_request.h"

#include "kernel/lib/panic.h"

namespace quire {

void PageRequests::begin(PageRequest& request, Frame frame) {
    ensure(find(frame) == nullptr, "a frame's content is brought once");
    frames_->share_mapped(frame);
    request.frame_ = frame;
    bucket(frame).push_back(request);
    ++pending_;
    quiet_ = false;
}

void PageRequests::complete(PageRequest& request) {
    const Frame frame = request.frame_;
    bucket(frame).erase(request);
    --pending_;
    quiet_ = pending_ == 0 && delay_ == nullptr;
    while (PageWaiter* const waiter = request.waiters_.pop_front()) {
        waiter->page_came();
    }
    frames_->release_mapped(frame);
}

PageRequest* PageRequests::find(Frame frame) const {
    PageRequest* each = buckets_[frame.number() % bucket_count].front();
    while (each != nullptr && each->frame_ != frame) {
        each = Bucket::next(*each);
    }
    return each;
}

bool PageRequests::look(Frame frame) {
    return find(frame) != nullptr || (delay_ != nullptr && delay_->delays(frame));
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
