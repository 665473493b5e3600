// The hand, and what is known of loops.
#include "kernel/memory/replacement/adaptive_sieve.h"

#include <algorithm>
#include <utility>

namespace quire {

// Whether it came back after about as many departures as the page that came back before it.
bool AdaptiveSieve::is_steady(std::uint32_t distance) {
    const std::uint32_t last = std::exchange(last_distance_, distance);
    const std::uint32_t difference = distance > last ? distance - last : last - distance;
    return distance >= shortest_loop() && difference <= tolerance();
}

void AdaptiveSieve::loaded(Frame frame, std::optional<Departure> departure) {
    fresh_.push_back(frame);
    ++counts_.loaded;
    std::uint8_t& value = records_.mark(frame).value;
    value = plain;
    if (departure) {
        ++counts_.refaults;
        const std::uint32_t distance = departure->distance_to(departures_);
        if (is_steady(distance)) {
            ++steady_;
        } else if (in_loop_ == 0 && distance < soon()) {
            value = wanted_back;
        }
    }
}

void AdaptiveSieve::adopt(Frame frame) {
    ahead().push_back(frame);
    records_.mark(frame).value = plain;
}

// Pages that came since one was chosen find their places.
void AdaptiveSieve::settle(PageUses& uses) {
    while (!fresh_.empty()) {
        const Frame frame = fresh_.take_front();
        if (look(uses, frame) == PageUses::Use::gone) {
            continue;
        }
        if (in_loop_ != 0 && ++came_in_loop_ % usual_in_loop != 0) {
            ahead().push_front(frame);
        } else {
            ahead().push_back(frame);
        }
    }
}

// At the end of an interval: a loop begins when seven of eight pages came back at one distance, and ends when fewer
// than half did.
void AdaptiveSieve::note_interval() {
    const std::uint32_t length = interval();
    if (++in_interval_ >= length) {
        in_loop_ = steady_ >= (in_loop_ != 0 ? length / 2 : length - length / 8) ? 1 : 0;
        in_interval_ = steady_ = 0;
    }
}

// Two rounds: after the first nothing is used that was not used in between.
std::optional<Victim> AdaptiveSieve::choose(PageUses& uses) {
    settle(uses);
    note_interval();
    for (std::uint32_t left = 2 * known(); left != 0; --left) {
        if (ahead().empty()) {
            ahead_ = 1 - ahead_;
        }
        if (ahead().empty()) {
            break;
        }
        const Frame frame = ahead().take_front();
        const PageUses::Use use = look(uses, frame);
        if (use == PageUses::Use::gone) {
            continue;
        }
        if (use == PageUses::Use::unused && records_.mark(frame).value == plain) {
            if (ahead().empty()) { // before the page comes that this one goes for: it is behind the hand
                ahead_ = 1 - ahead_;
            }
            ++counts_.chosen;
            return Victim{frame, Departure::at(++departures_)};
        }
        if (use != PageUses::Use::stays) {
            records_.mark(frame).value = plain;
        }
        passed().push_back(frame);
    }
    return std::nullopt;
}

Frame AdaptiveSieve::give_up() {
    return (!ahead().empty() ? ahead() : !passed().empty() ? passed() : fresh_).take_front();
}

std::size_t AdaptiveSieve::preview(PageUses& uses, std::span<Candidate> candidates) const {
    std::size_t count = 0;
    for (const PageQueue& queue : {ahead(), passed()}) {
        count += preview_queue(queue, uses, candidates.subspan(count), [this](Frame frame, bool used) {
            const bool was_wanted = records_.mark(frame).value == wanted_back;
            return used ? Fate::used : was_wanted ? Fate::wanted_back : Fate::goes;
        });
    }
    return count + preview_queue(fresh_, uses, candidates.subspan(count), [](Frame, bool) { return Fate::just_came; });
}

} // namespace quire
