// Any page goes, each as likely as the others. It knows nothing, and has no pattern that a program could be unlucky
// with: a loop a little longer than memory, which ruins every queue, keeps most of its pages.
#pragma once

#include "kernel/memory/replacement/single_queue.h"

namespace quire {

class RandomPolicy final : public SingleQueue {
public:
    explicit RandomPolicy(FrameRecords records) : SingleQueue(records), records_(records) {}
    ~RandomPolicy() = default;

    [[nodiscard]] std::string_view name() const override { return "random"; }
    [[nodiscard]] std::string_view summary() const override { return "any page goes, each as likely as the others"; }
    // Frames are drawn until one is a page that can go: as many as there are frames for each page that is known, on the
    // average. After most_draws one of the queue's first goes, by chance, too: were it the very first, few pages in
    // much memory would go by turns, and many programs could take each other's away for ever.
    [[nodiscard]] std::optional<Victim> choose(PageUses& uses) override;
    // Nobody knows who would go.
    [[nodiscard]] std::size_t preview(PageUses& /*uses*/, std::span<Candidate> /*candidates*/) const override {
        return 0;
    }
    [[nodiscard]] StateWords state() override { return {&state_}; }

private:
    static constexpr std::uint32_t most_draws = 64;

    // A number below `end`; 0 where that is 0.
    [[nodiscard]] std::uint32_t draw(std::uint32_t end);

    FrameRecords records_;
    std::uint32_t state_ = 0x9E3779B9; // any but 0
};

} // namespace quire
