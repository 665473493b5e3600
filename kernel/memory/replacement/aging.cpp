// Ages, and the hand that makes pages older.
#include "kernel/memory/replacement/aging.h"

#include <algorithm>
#include <bit>

namespace quire {

void AgingPolicy::set_age(Frame frame, std::uint32_t age) {
    queue(age).push_back(frame);
    some_have_ |= 1U << age;
}

void AgingPolicy::make_older(Frame frame, bool used) {
    set_age(frame, age(frame) / 2 + (used ? newest() : 0));
}

void AgingPolicy::loaded(Frame frame, std::optional<Departure> /*departure*/) {
    ++counts_.loaded;
    set_age(frame, newest());
}

// The hand passes the frames in the order of their numbers.
void AgingPolicy::step(PageUses& uses) {
    std::uint32_t pages = 0;
    for (std::uint32_t passed = 0; passed != frames_per_step && pages != pages_per_step; ++passed) {
        const Frame frame(hand_);
        hand_ = hand_ + 1 < records_.frame_count() ? hand_ + 1 : 0;
        if (age(frame) >= ages_) { // it is no page that is known
            continue;
        }
        ++pages;
        switch (look(uses, frame)) {
        case PageUses::Use::gone: records_.leave_queue(frame); break;
        case PageUses::Use::stays: break;
        case PageUses::Use::unused: make_older(frame, false); break;
        case PageUses::Use::used: make_older(frame, true); break;
        }
    }
}

// `ages_` where no page is known.
std::uint32_t AgingPolicy::lowest_age() {
    while (some_have_ != 0) {
        const auto age = static_cast<std::uint32_t>(std::countr_zero(some_have_));
        if (!queue(age).empty()) {
            return age;
        }
        some_have_ &= some_have_ - 1;
    }
    return ages_;
}

// A page that was used since the hand passed gets older by that, and is the lowest one no longer.
std::optional<Victim> AgingPolicy::choose(PageUses& uses) {
    step(uses);
    for (std::uint32_t left = 2 * known(); left != 0; --left) {
        const std::uint32_t lowest = lowest_age();
        if (lowest == ages_) {
            break;
        }
        const Frame frame = queue(lowest).front();
        switch (look(uses, frame)) {
        case PageUses::Use::gone: records_.leave_queue(frame); break;
        case PageUses::Use::stays: set_age(frame, ages_ - 1); break;
        case PageUses::Use::used: make_older(frame, true); break;
        case PageUses::Use::unused:
            records_.leave_queue(frame);
            ++counts_.chosen;
            return Victim{frame, std::nullopt};
        }
    }
    return std::nullopt;
}

Frame AgingPolicy::give_up() {
    return queue(lowest_age()).take_front();
}

std::uint32_t AgingPolicy::known() const {
    std::uint32_t pages = 0;
    for (std::uint32_t age = 0; age != ages_; ++age) {
        pages += queue(age).length();
    }
    return pages;
}

std::size_t AgingPolicy::preview(PageUses& uses, std::span<Candidate> candidates) const {
    std::size_t count = 0;
    for (std::uint32_t age = 0; age != ages_ && count != candidates.size(); ++age) {
        count += preview_queue(queue(age), uses, candidates.subspan(count),
                               [](Frame, bool used) { return used ? Fate::younger : Fate::goes; });
    }
    return count;
}

} // namespace quire
