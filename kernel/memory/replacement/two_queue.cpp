// The two queues.
#include "kernel/memory/replacement/two_queue.h"

namespace quire {

void TwoQueuePolicy::loaded(Frame frame, std::optional<Departure> departure) {
    ++counts_.loaded;
    counts_.refaults += departure ? 1U : 0U;
    const bool soon = departure && departure->distance_to(departures_) < known() / 2;
    (soon ? main_ : first_).push_back(frame);
}

std::optional<Victim> TwoQueuePolicy::choose_new(PageUses& uses) {
    std::optional<Victim> victim = first_that_can(first_, uses);
    if (victim) {
        victim->departure = Departure::at(departures_++);
    }
    return victim;
}

// Where the one queue has none that can go, the other may.
std::optional<Victim> TwoQueuePolicy::choose(PageUses& uses) {
    const bool from_first = first_is_long() || main_.empty();
    std::optional<Victim> victim = from_first ? choose_new(uses) : first_unused(main_, uses);
    if (!victim) {
        victim = from_first ? first_unused(main_, uses) : choose_new(uses);
    }
    return victim;
}

Frame TwoQueuePolicy::give_up() {
    return (first_.empty() ? main_ : first_).take_front();
}

// Of the queue that the next one goes from.
std::size_t TwoQueuePolicy::preview(PageUses& uses, std::span<Candidate> candidates) const {
    if (first_is_long() || main_.empty()) {
        return preview_queue(first_, uses, candidates, [](Frame, bool) { return Fate::goes; });
    }
    return preview_queue(main_, uses, candidates, [](Frame, bool used) { return used ? Fate::used : Fate::goes; });
}

} // namespace quire
