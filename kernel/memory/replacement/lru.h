// Exact least recently used (Denning, "The Working Set Model for Program Behavior", 1968, discusses it): the page whose
// last touch is longest ago goes. It has to see every touch, which no processor tells: while it is used, the pager
// shows the processor but a few entries at a time (pager/present_entries.h), and each touch of any other is a fault. So
// it is there to learn from and to compare the others with, not to be quick.
#pragma once

#include "kernel/memory/replacement/single_queue.h"

namespace quire {

class LruPolicy final : public SingleQueue {
public:
    explicit LruPolicy(FrameRecords records) : SingleQueue(records) {}
    ~LruPolicy() = default;

    void touched(Frame frame) override { queue_.push_back(frame); }
    [[nodiscard]] bool wants_touches() const override { return true; }

    [[nodiscard]] std::string_view name() const override { return "lru"; }
    [[nodiscard]] std::string_view summary() const override { return "the page whose last touch is longest ago goes"; }
    [[nodiscard]] std::optional<Victim> choose(PageUses& uses) override { return first_that_can(queue_, uses); }
    [[nodiscard]] std::size_t preview(PageUses& uses, std::span<Candidate> candidates) const override {
        return preview_queue(queue_, uses, candidates, [](Frame, bool) { return Fate::goes; });
    }
};

} // namespace quire
