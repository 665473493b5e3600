// 2Q (Johnson and Shasha, "2Q: A Low Overhead High Performance Buffer Management Replacement Algorithm", VLDB 1994, the
// full version of section 3.2): a page comes into a first queue (A1in), and goes from there after a while whether it is
// used or not. Only one that is wanted back soon comes into the main queue (Am). So what is used once, or often within
// a short while and never again, passes without harm.
//
// Two things differ from the paper. Am is kept by second chance, for nobody tells the order of touches. The pages that
// went (A1out) are not listed: a page's departure says how many have gone from the first queue since.
#pragma once

#include "kernel/memory/replacement/page_replacer.h"

namespace quire {

class TwoQueuePolicy final : public PageReplacer {
public:
    explicit TwoQueuePolicy(FrameRecords records) : first_(records, 0), main_(records, 1) {}
    ~TwoQueuePolicy() = default;

    [[nodiscard]] std::string_view name() const override { return "2q"; }
    [[nodiscard]] std::string_view summary() const override {
        return "a quarter for new pages, first in, first out; what is wanted back soon has the rest";
    }
    void loaded(Frame frame, std::optional<Departure> departure) override;
    void adopt(Frame frame) override { main_.push_back(frame); }
    [[nodiscard]] std::optional<Victim> choose(PageUses& uses) override;
    [[nodiscard]] Frame give_up() override;
    [[nodiscard]] std::uint32_t known() const override { return first_.length() + main_.length(); }
    [[nodiscard]] std::size_t preview(PageUses& uses, std::span<Candidate> candidates) const override;
    [[nodiscard]] StateWords state() override { return {&departures_}; }

    [[nodiscard]] std::uint32_t new_pages() const { return first_.length(); }

private:
    [[nodiscard]] std::uint32_t queue_of_cold_pages() override { return first_is_long() ? 0 : 1; }
    // A quarter of the pages are in the first queue, and half as many as are known are remembered: section 3.3.
    [[nodiscard]] bool first_is_long() const { return first_.length() > known() / 4; }
    [[nodiscard]] std::optional<Victim> choose_new(PageUses& uses);

    PageQueue first_, main_;
    std::uint32_t departures_ = 0; // from the first queue
};

} // namespace quire
