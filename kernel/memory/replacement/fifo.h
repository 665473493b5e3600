// First in, first out: the page that came first goes, whether it is used or not. It needs to know nothing, and is what
// the others are measured against. More memory can cost it more faults (Belady, Nelson and Shedler, "An anomaly in
// space-time characteristics of certain programs running in a paging machine", 1969).
#pragma once

#include "kernel/memory/replacement/single_queue.h"

namespace quire {

class FifoPolicy final : public SingleQueue {
public:
    explicit FifoPolicy(FrameRecords records) : SingleQueue(records) {}
    ~FifoPolicy() = default;

    [[nodiscard]] std::string_view name() const override { return "fifo"; }
    [[nodiscard]] std::string_view summary() const override { return "the page that came first goes"; }
    [[nodiscard]] std::optional<Victim> choose(PageUses& uses) override { return first_that_can(queue_, uses); }
    [[nodiscard]] std::size_t preview(PageUses& uses, std::span<Candidate> candidates) const override {
        return preview_queue(queue_, uses, candidates, [](Frame, bool) { return Fate::goes; });
    }
};

} // namespace quire
