// Aging (Tanenbaum, "Modern Operating Systems", 4th edition, section 3.4.7): each page has an age of a few bits, whose
// highest says whether the page was used in the last interval, the next one whether it was in the one before, and so
// on. The page with the lowest age goes: the one that was used longest ago, and among those the one used least often.
//
// An interval is as long as it takes the hand to go around; the hand moves a few pages with each page that goes. There
// is a queue for each age, so that the lowest one is found at once.
#pragma once

#include "kernel/memory/replacement/page_replacer.h"

namespace quire {

class AgingPolicy final : public PageReplacer {
public:
    // In a set of one process's pages there are fewer.
    static constexpr std::uint32_t age_bits = 5, ages = 1U << age_bits;
    // Pages that get older with each page that goes, and frames that are passed for that, at most.
    static constexpr std::uint32_t pages_per_step = 8, frames_per_step = 64;

    explicit AgingPolicy(FrameRecords records)
        : records_(records), ages_(records.set() == 0 ? ages : FrameRecords::queues_of_set) {}
    ~AgingPolicy() = default;

    [[nodiscard]] std::string_view name() const override { return "aging"; }
    [[nodiscard]] std::string_view summary() const override {
        return "the page goes that was used longest ago, by five bits of history";
    }
    void loaded(Frame frame, std::optional<Departure> departure) override;
    void adopt(Frame frame) override { set_age(frame, newest()); }
    [[nodiscard]] std::optional<Victim> choose(PageUses& uses) override;
    [[nodiscard]] Frame give_up() override;
    [[nodiscard]] std::uint32_t known() const override; // O(ages)
    [[nodiscard]] std::size_t preview(PageUses& uses, std::span<Candidate> candidates) const override;
    [[nodiscard]] StateWords state() override { return {&some_have_, &hand_}; }
    // Larger than any age where the page is not known.
    [[nodiscard]] std::uint32_t age(Frame frame) const { return records_.mark(frame).queue - records_.first_queue(); }

private:
    [[nodiscard]] std::uint32_t queue_of_cold_pages() override {
        some_have_ |= 1U;
        return 0;
    }
    [[nodiscard]] std::uint32_t newest() const { return ages_ / 2; } // used in this interval, not before

    [[nodiscard]] PageQueue queue(std::uint32_t age) const { return {records_, age}; }
    void set_age(Frame frame, std::uint32_t age);
    void make_older(Frame frame, bool used);
    void step(PageUses& uses);
    [[nodiscard]] std::uint32_t lowest_age();

    FrameRecords records_;
    std::uint32_t ages_;
    std::uint32_t some_have_ = 0; // a bit for each age: its queue may have pages
    std::uint32_t hand_ = 0;      // the next frame to look at
};

} // namespace quire
