// Memory of a few frames, seen as a replacement policy sees it: pages that are touched, accessed bits, frames that are
// given back. A touch of a page that is in no frame is a fault; where no frame is free, the policy says which page
// goes.
#pragma once

#include "kernel/memory/replacement/page_replacer.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <stdexcept>
#include <vector>

namespace quire::test {

using ModelPage = std::uint32_t;

// Owns the records that a policy works on; so it is made first.
class FramesOfModel {
public:
    // Frame 0 is in no queue: there is one more.
    explicit FramesOfModel(std::uint32_t frames)
        : memory_(FrameRecords::bytes_for(frames + 1) / sizeof(FrameRecord) + 1),
          records_(std::as_writable_bytes(std::span(memory_)), frames + 1) {}
    [[nodiscard]] FrameRecords records() const { return records_; }

private:
    std::vector<FrameRecord> memory_;
    FrameRecords records_;
};

class PagingModel final : public PageUses {
public:
    // Of `frames` frames and pages 0 … pages - 1.
    PagingModel(FrameRecords records, PageReplacer& policy, std::uint32_t pages)
        : records_(records), policy_(&policy), frame_of_(pages, 0), departures_(pages),
          page_in_(records.frame_count(), nobody), used_(records.frame_count()), pinned_(records.frame_count()) {
        for (std::uint32_t frame = records.frame_count() - 1; frame != 0; --frame) {
            free_.push_back(frame);
        }
    }

    // Whether it was a fault.
    bool touch(ModelPage page) {
        std::uint32_t frame = frame_of_[page];
        const bool fault = frame == 0;
        if (fault) {
            ++faults_;
            frame = take_frame();
            page_in_[frame] = page;
            frame_of_[page] = frame;
            policy_->loaded(Frame(frame), departures_[page]);
        } else {
            policy_->touched(Frame(frame));
        }
        used_[frame] = true;
        return fault;
    }
    // The policy's choice goes; its page, or nothing where none can. Throws where the choice cannot go.
    std::optional<ModelPage> evict() {
        const std::optional<Victim> victim = policy_->choose(*this);
        if (!victim) {
            return std::nullopt;
        }
        const ModelPage page = page_in_[victim->frame.number()];
        if (page == nobody || pinned_[victim->frame.number()]) {
            throw std::logic_error("a page was chosen that cannot go");
        }
        departures_[page] = victim->departure;
        leave(page);
        return page;
    }
    // The page's frame is given back, which the policy does not see.
    void leave(ModelPage page) {
        const std::uint32_t frame = frame_of_[page];
        free_.push_back(frame);
        page_in_[frame] = nobody;
        pinned_[frame] = false;
        frame_of_[page] = 0;
    }
    // A frame that is free becomes a page table, which leaves the queue that it is in. Frames of tables are not used
    // any more.
    void take_for_table() {
        if (!free_.empty()) {
            records_.leave_queue(Frame(free_.back()));
            free_.pop_back();
        }
    }
    void set_pinned(ModelPage page, bool pinned) { pinned_[frame_of_[page]] = pinned; }
    // Another policy gets what the old one knew.
    void set_policy(PageReplacer& policy) { policy_ = &policy; }

    [[nodiscard]] std::uint64_t faults() const { return faults_; }
    [[nodiscard]] bool is_resident(ModelPage page) const { return frame_of_[page] != 0; }
    [[nodiscard]] bool is_pinned(ModelPage page) const { return pinned_[frame_of_[page]]; }
    [[nodiscard]] std::optional<ModelPage> page_in(Frame frame) const {
        const ModelPage page = page_in_[frame.number()];
        return page != nobody ? std::optional(page) : std::nullopt;
    }
    [[nodiscard]] std::uint32_t resident() const {
        return static_cast<std::uint32_t>(std::ranges::count_if(frame_of_, [](std::uint32_t f) { return f != 0; }));
    }
    [[nodiscard]] std::size_t free_frames() const { return free_.size(); }
    [[nodiscard]] std::uint64_t bits_cleared() const { return bits_cleared_; }

    // PageUses
    Use use_since_last(Frame frame) override {
        const Use use = use_so_far(frame);
        if (use == Use::used) {
            used_[frame.number()] = false;
            ++bits_cleared_;
        }
        return use;
    }
    [[nodiscard]] Use use_so_far(Frame frame) override {
        if (page_in_[frame.number()] == nobody) {
            return Use::gone;
        }
        if (pinned_[frame.number()]) {
            return Use::stays;
        }
        return used_[frame.number()] ? Use::used : Use::unused;
    }

private:
    static constexpr ModelPage nobody = ~ModelPage{0};

    std::uint32_t take_frame() {
        if (free_.empty()) {
            static_cast<void>(evict());
        }
        const std::uint32_t frame = free_.back();
        free_.pop_back();
        return frame;
    }

    FrameRecords records_;
    PageReplacer* policy_;
    std::vector<std::uint32_t> frame_of_; // of each page; 0: it is in none
    std::vector<std::optional<Departure>> departures_;
    std::vector<ModelPage> page_in_;
    std::vector<bool> used_, pinned_;
    std::vector<std::uint32_t> free_;
    std::uint64_t faults_ = 0, bits_cleared_ = 0;
};

// Faults of the best policy there can be, which knows what comes (Belady, "A study of replacement algorithms for a
// virtual-storage computer", 1966): the page goes that is wanted last. O(touches × log frames).
[[nodiscard]] std::uint64_t optimal_faults(std::span<const ModelPage> touches, std::uint32_t frames);

} // namespace quire::test
