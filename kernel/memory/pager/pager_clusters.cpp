// Pages that go and come together, because they lie beside each other (mem-per-frame).
#include "kernel/memory/pager/pager.h"

namespace quire {

// Read at once: what is done to one entry may change the table.
Pager::Neighbours Pager::neighbours_of(Anchor anchor) {
    Neighbours found;
    const UserTable table(with_.physical, anchor.table());
    const std::uint32_t first = anchor.index() / cluster_ * cluster_;
    for (std::uint32_t index = first; index < first + cluster_; ++index) {
        if (index != anchor.index()) {
            found.entries[found.count++] = table[index];
        }
    }
    return found;
}

void Pager::put_out_cluster(Anchor anchor) {
    const Neighbours all = neighbours_of(anchor);
    for (const UserPte pte : std::span(all.entries).first(all.count)) {
        const bool enough_stay = pages_in_memory() > least_resident + writes_.busy;
        if (enough_stay && pte.has_content() && set_of(pte.frame()) == nullptr &&
            evict(pte.frame()) == Eviction::all_busy) {
            return;
        }
    }
}

void Pager::bring_in_cluster(Anchor anchor) {
    const Neighbours all = neighbours_of(anchor);
    for (const UserPte pte : std::span(all.entries).first(all.count)) {
        if (pte.kind() == UserPteKind::swapped) {
            will_need(pte.slot());
        }
    }
}

} // namespace quire
