// What programs say about their pages: which are not wanted soon, which need not be kept, which will be wanted.
#include "kernel/memory/pager/pager.h"

namespace quire {

void Pager::make_cold(Frame frame) {
    static_cast<void>(use_of(frame, true)); // however it was used, that is forgotten
    take_arrivals();
    if (with_.records.mark(frame).queue != PageMark::no_queue) {
        replacement_of(frame).make_cold(frame);
    }
}

// The slot of the word 0 is the page's copy, and is good until the page is written to.
bool Pager::need_not_keep(Frame frame) {
    const std::optional<SwapSlot> zeros = swap.any() && may_go(frame) ? swap.take_word(0) : std::nullopt;
    if (!zeros) {
        return false;
    }
    forget_copy(frame);
    keep_copy(frame, *zeros);
    swap.release(*zeros);
    make_cold(frame);
    return true;
}

// Nothing goes without an area. What need not be kept goes before the last one does.
void Pager::give_up_unneeded() {
    for (Frame frame(0); frame.number() < with_.frames.frame_count(); frame = frame + 1) {
        if (has_copy(frame) && copy_record(frame) == nullptr) {
            static_cast<void>(evict(frame)); // one that was written to since stays
        }
    }
}

void Pager::will_need(SwapSlot slot) {
    if (!SwapSpace::holds_word(slot) && has_room_ahead()) {
        read_untouched(slot);
    }
}

} // namespace quire
