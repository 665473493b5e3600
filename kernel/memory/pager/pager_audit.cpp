// The books of the pager checked: slots, copies, queues and sets.
#include "kernel/memory/pager/pager.h"
#include "kernel/memory/paging/layout.h"

namespace quire {

void Pager::audit(AuditReport& report) const {
    swap.audit(report);
    reverse.audit(report, with_.frames);
    audit_object_slots(report);
    replacement.audit(report);
    audit_sets(report);
    std::size_t present = 0;
    for (Frame frame(0); watching_ && frame.number() < with_.frames.frame_count(); frame = frame + 1) {
        for (std::uint32_t index = 0; index < entries_per_table && reverse.is_table(frame, with_.frames); ++index) {
            present += UserTable(with_.physical, frame)[index].is_present() ? 1U : 0U;
        }
    }
    report.check(present <= PresentEntries::most, "pager: {} entries are present while touches are watched", present);
    for (Frame frame(0); frame.number() < with_.frames.frame_count(); frame = frame + 1) {
        const bool watched = with_.frames.is_watched(frame);
        const Owner owner = with_.frames.owner(frame);
        const bool can_have_copy = owner == Owner::anonymous || owner == Owner::shared || owner == Owner::file;
        const std::uint32_t slot = can_have_copy ? with_.records[frame].slot : 0;
        report.check(watched == (slot != 0 || set_of(frame) != nullptr),
                     "pager: frame {:#x} has the copy {:#x} and is {}", frame.number(), slot,
                     watched ? "watched" : "not watched");
        if (const PageGroup* const group = group_of(frame)) {
            report.check(group->object->has(*group, PageName::of(frame)), "pager: frame {:#x} is its object's",
                         frame.number());
        }
        report.check(slot == 0 || swap.users(SwapSlot::from_raw(slot)) != 0,
                     "pager: frame {:#x} has a copy in slot {:#x}, which nobody uses", frame.number(), slot);
    }
}

void Pager::audit_sets(AuditReport& report) const {
    for_each_set([&](const ResidentSet& set) { set.replacement.audit(report); });
    for (Frame frame(0); frame.number() < with_.frames.frame_count(); frame = frame + 1) {
        const bool in_set = FrameRecords::set_of_queue(with_.records.mark(frame).queue) != 0;
        report.check(!in_set || (set_of(frame) != nullptr && is_page(frame) && with_.frames.is_watched(frame)),
                     "pager: frame {:#x}, which is in a set, is a page of one that there is", frame.number());
    }
}

} // namespace quire
