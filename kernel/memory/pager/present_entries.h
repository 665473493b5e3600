// The few entries that the processor is shown while touches are watched, in the order in which they were shown. It says
// which one has to be hidden for another, and changes none.
//
// An instruction needs six pages at most. Those that it has not been shown yet are shown one after the other, each
// once, and then all are among the last six; so it gets on, whatever was shown before.
#pragma once

#include "kernel/memory/paging/anchor.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <utility>

namespace quire {

class PresentEntries {
public:
    static constexpr std::size_t most = 8;

    // The entry is shown, and is the newest one now. Which has to be hidden for it, if any; that one may be gone. O(1).
    [[nodiscard]] Anchor add(Anchor entry) {
        auto* const found = std::ranges::find(entries_, entry);
        auto* const leaves = found != entries_.end() ? found : entries_.begin();
        const Anchor hidden = leaves == found ? Anchor() : *leaves;
        std::rotate(leaves, leaves + 1, entries_.end());
        entries_.back() = entry;
        return hidden;
    }
    // None is shown any more: calls hide(Anchor) for each. O(1).
    template <class Hide> void clear(Hide&& hide) {
        for (Anchor& each : entries_) {
            if (each.any()) {
                hide(std::exchange(each, Anchor()));
            }
        }
    }

private:
    std::array<Anchor, most> entries_{};
};

} // namespace quire
