// Clock, or second chance (Corbató, "A Paging Experiment with the Multics System", 1968): the page that came first
// goes, but for those that were used since they were looked at last, which are passed over once. The queue is the dial;
// its beginning is the hand. The touch that brings a page counts as a use.
#pragma once

#include "kernel/memory/replacement/single_queue.h"

namespace quire {

class ClockPolicy final : public SingleQueue {
public:
    explicit ClockPolicy(FrameRecords records) : SingleQueue(records) {}
    ~ClockPolicy() = default;

    [[nodiscard]] std::string_view name() const override { return "clock"; }
    [[nodiscard]] std::string_view summary() const override {
        return "the page that came first goes, but for those that were used since the hand passed";
    }
    [[nodiscard]] std::optional<Victim> choose(PageUses& uses) override { return first_unused(queue_, uses); }
    [[nodiscard]] std::size_t preview(PageUses& uses, std::span<Candidate> candidates) const override {
        return preview_queue(queue_, uses, candidates, [](Frame, bool used) { return used ? Fate::used : Fate::goes; });
    }
};

} // namespace quire
