// SIEVE (Zhang and others, "SIEVE is Simpler than LRU", NSDI 2024, section 3), changed for pages, of which only
// accessed bits are known. A hand goes from the oldest page to the newest, and then begins again. Pages that were used
// since it passed last keep their places; the first that was not goes. New pages stand behind all others, so the hand
// mostly finds those that came since its last round: what is used once goes soon, and what has stayed once stays long.
//
// What is changed:
// - The touches that come with a page say nothing about it. They count as no use: when the next page is to go, the
//   accessed bits of all that came since are cleared. (Robinson and Devarakonda, "Data Cache Management Using
//   Frequency-Based Replacement", 1990, section 2: references that are correlated.)
// - A page that is wanted back when few others have gone since is passed over once: the hand took it too soon.
// - A loop that is a little longer than memory is known by its distances: each page comes back after as many others
//   have gone as the one before. While it goes on, a new page is the first to be looked at. So most of the loop's pages
//   stay, where any queue would lose each page just before it is wanted. Every sixteenth page comes to the end as
//   usual; so the rest of memory is looked at, too.
#pragma once

#include "kernel/memory/replacement/page_replacer.h"

#include <algorithm>

namespace quire {

class AdaptiveSieve final : public PageReplacer {
public:
    explicit AdaptiveSieve(FrameRecords records) : records_(records), fresh_(records, 2) {}
    ~AdaptiveSieve() = default;

    [[nodiscard]] std::string_view name() const override { return "adaptive-sieve"; }
    [[nodiscard]] std::string_view summary() const override {
        return "new pages prove themselves or go; what has stayed stays long; loops are known";
    }
    void loaded(Frame frame, std::optional<Departure> departure) override;
    void adopt(Frame frame) override;
    [[nodiscard]] std::optional<Victim> choose(PageUses& uses) override;
    [[nodiscard]] Frame give_up() override;
    [[nodiscard]] std::uint32_t known() const override {
        return ahead().length() + passed().length() + fresh_.length();
    }
    [[nodiscard]] std::optional<std::uint32_t> hand() const override { return passed().length(); }
    [[nodiscard]] std::size_t preview(PageUses& uses, std::span<Candidate> candidates) const override;

    [[nodiscard]] StateWords state() override {
        return {&ahead_, &departures_, &last_distance_, &in_interval_, &steady_, &came_in_loop_, &in_loop_};
    }

    // Whether a loop goes on that is longer than memory.
    [[nodiscard]] bool in_loop() const { return in_loop_ != 0; }

private:
    [[nodiscard]] std::uint32_t queue_of_cold_pages() override { return ahead_; }
    enum : std::uint8_t { plain = 0, wanted_back = 1 }; // PageMark::value

    // The numbers are shares of the pages that are known; each was tried from half to twice as much
    // (docs/decisions/009-swap.md).
    [[nodiscard]] std::uint32_t soon() const { return std::max(known() / 16, 4U); }
    [[nodiscard]] std::uint32_t shortest_loop() const { return std::max(known() / 32, 4U); }
    [[nodiscard]] std::uint32_t tolerance() const { return std::max(known() / 64, 1U); }
    [[nodiscard]] std::uint32_t interval() const { return std::max(known() / 8, 8U); }
    static constexpr std::uint32_t usual_in_loop = 16; // so many pages for each that comes to the end

    // From the hand to the newest page, and from the oldest to the hand.
    [[nodiscard]] PageQueue ahead() const { return {records_, ahead_}; }
    [[nodiscard]] PageQueue passed() const { return {records_, 1 - ahead_}; }
    [[nodiscard]] bool is_steady(std::uint32_t distance);
    void settle(PageUses& uses);
    void note_interval();

    FrameRecords records_;
    PageQueue fresh_;         // pages that came since one was chosen
    std::uint32_t ahead_ = 0; // which queue is ahead of the hand; the other of 0 and 1 has been passed
    std::uint32_t departures_ = 0;
    std::uint32_t last_distance_ = 0;
    std::uint32_t in_interval_ = 0, steady_ = 0; // pages that were chosen; that came back after as many as the last
    std::uint32_t came_in_loop_ = 0;
    std::uint32_t in_loop_ = 0; // or 1
};

} // namespace quire
