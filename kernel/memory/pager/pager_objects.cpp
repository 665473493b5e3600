// Pages of objects put out and brought back: the object has their name, and no entry is left of one that is out.
#include "kernel/lib/panic.h"
#include "kernel/memory/pager/pager.h"

namespace quire {

// Where the object keeps the page; null for a page of a program's own, and for one that stays in memory.
PageGroup* Pager::group_of(Frame frame) const {
    const Owner owner = with_.frames.owner(frame);
    const bool is_object_page = owner == Owner::shared || owner == Owner::file;
    const std::uint32_t origin = is_object_page ? with_.records[frame].origin : 0;
    return origin != 0 ? group_at(origin) : nullptr;
}

// Whether the frame holds a page that can be put out at all.
bool Pager::is_page(Frame frame) const {
    return with_.frames.owner(frame) == Owner::anonymous || group_of(frame) != nullptr;
}

// Whether it can go without a slot: what was there can be made again, or need not be kept. Where there is no area, only
// such pages go.
bool Pager::needs_no_area(Frame frame) const {
    if (const PageGroup* const group = group_of(frame)) {
        return group->object->can_be_made_again();
    }
    const std::optional<SwapSlot> copy = copy_of(frame);
    return copy && SwapSpace::holds_word(*copy);
}

void Pager::stored_pages_exist() {
    has_stored_pages_ = true;
    set_low_water();
}

void Pager::end_stored(PageRequest& request, bool well) {
    statistics_.stored_read += well ? 1 : 0;
    --stored_reads_;
    with_.requests.complete(request);
}

std::uint32_t Pager::pages_in_memory() const {
    return with_.frames.count_of(Owner::anonymous) + with_.frames.count_of(Owner::shared) +
           with_.frames.count_of(Owner::file);
}

// No entry names the page any more, if none of them may keep it; what is left is the object's share.
Pager::Entries Pager::take_from_tables(PageGroup& group, Frame frame) {
    const PageMarks marks = group.object->marks(group, frame, false);
    if (!marks.locked) {
        group.object->unmap(group, frame); // which forgets the copy of a page that was written to
    }
    return {.count = 1, .dirty = marks.dirty, .locked = marks.locked};
}

// The policy's choice, but for pages that swappiness spares, which are known again. Where too many are, one goes.
std::optional<Replacement::Chosen> Pager::choose_from(Replacement& who) {
    constexpr std::uint32_t most_spared = 64;
    std::optional<Replacement::Chosen> chosen = who.choose(*this);
    for (std::uint32_t spared = 0; chosen && spared != most_spared && is_spared(chosen->frame); ++spared) {
        who.adopt(chosen->frame);
        chosen = who.choose(*this);
    }
    return chosen;
}

// Of pages that would need a slot so many are spared as swappiness is below the default, of others as it is above; all
// of them at its ends. None where there are no others.
bool Pager::is_spared(Frame frame) {
    const bool needs_slot = with_.frames.owner(frame) != Owner::file;
    const bool spares_these = needs_slot ? swappiness < default_swappiness : swappiness > default_swappiness;
    const std::uint32_t files = with_.frames.count_of(Owner::file);
    if (!spares_these || (needs_slot ? files : pages_in_memory() - files) == 0) {
        return false;
    }
    const std::uint32_t whole = needs_slot ? default_swappiness : most_swappiness - default_swappiness;
    spared_ += needs_slot ? default_swappiness - swappiness : swappiness - default_swappiness;
    const bool is_spared = spared_ >= whole;
    spared_ -= is_spared ? whole : 0;
    return is_spared;
}

// What is made again when it is touched needs no slot.
Eviction Pager::drop_made(PageGroup& group, Frame frame) {
    group.object->drop_frame(group, frame);
    refaults_.page_goes();
    ++statistics_.made_again;
    return Eviction::freed;
}

// The object knows the page by the slot from now on, and the frame loses its shares; what is left is a request's.
void Pager::put_object_page_into_slot(PageGroup& group, Frame frame, SwapSlot slot) {
    swap.retain(slot);
    if (!SwapSpace::holds_word(slot)) {
        swap.record(slot).origin = with_.heap.word_of(&group);
    }
    group.object->renamed(group, PageName::of(frame), PageName::of(slot));
    object_page_went(frame);
    with_.frames.release_mapped(frame);
}

Result<Frame> Pager::bring_in(SwapSlot slot, const PageGroup& group, Owner owner, PageReturn why) {
    const bool is_word = SwapSpace::holds_word(slot);
    if (const Result<void> can = is_word ? Result<void>() : check_read(slot); !can) {
        return fail(can.error());
    }
    const Result<Frame> frame = with_.frames.allocate(owner);
    if (!frame) {
        return frame;
    }
    if (is_word) {
        with_.physical.fill(*frame, swap.word(slot));
        swap.release(slot);
        object_page_made(*frame, group);
        return frame;
    }
    with_.records[*frame].origin = with_.heap.word_of(&group);
    swap.record(slot).origin = 0;
    begin_read(*frame, slot, why);
    with_.requests.answer_must_wait(*frame);
    return frame;
}

// Each slot that is an object's is known to it.
void Pager::audit_object_slots(AuditReport& report) const {
    swap.for_each_slot([&](SwapSlot slot, std::uint32_t) {
        const std::uint32_t origin = SwapSpace::holds_word(slot) ? 0 : swap.record(slot).origin;
        if (origin != 0 && !Anchor::from_raw(origin).any()) {
            const PageGroup& group = *group_at(origin);
            report.check(group.object->has(group, PageName::of(slot)), "pager: slot {:#x} is its object's", slot.raw());
        }
    });
}

} // namespace quire
