// Touches seen: all entries but a few are hidden from the processor, so that the next touch of any other is a fault;
// who wants to know is told. And traces, which hold what the pager was told and what came of it.
#include "kernel/memory/pager/pager.h"

#include <utility>

namespace quire {

// What shows the page as code goes with the entry.
void Pager::hide(Frame table, std::uint32_t index) {
    const UserTable entries(with_.physical, table);
    const UserPte pte = entries[index];
    if (pte.is_present()) {
        entries.set(index, pte.hidden());
        forget({entries, table, index, first_page_of(reverse.directory_index(table)) + index});
    }
}

void Pager::hide_all() {
    for (Frame frame(0); frame.number() < with_.frames.frame_count(); frame = frame + 1) {
        if (reverse.is_table(frame, with_.frames)) {
            for (std::uint32_t index = 0; index < entries_per_table; ++index) {
                hide(frame, index);
            }
        }
    }
}

// What is hidden when nobody wants to see touches any more is shown by its next one.
void Pager::watch_if_wanted() {
    bool wanted = policy_wants_touches() || traces_accesses(), any_set = false;
    for_each_set([&](const ResidentSet& set) {
        any_set = true;
        wanted = wanted || (is_paging() && set.replacement.current().wants_touches());
    });
    if (wanted && !watching_) {
        hide_all();
    }
    watching_ = wanted;
    minds_faults_ = wanted || any_set;
    if (policy_wants_touches() && !following_) {
        follow();
    }
}

// A page that comes hides all others: so the touches between two that come are seen in the order of the first ones.
void Pager::entry_touched(const Touch& touch) {
    const std::uint32_t index = table_index(touch.page);
    const auto hide_entry = [this](Anchor entry) {
        if (reverse.is_table(entry.table(), with_.frames)) { // it may have ended since
            hide(entry.table(), entry.index());
        }
    };
    if (touch.brought) {
        present_.clear([&](Anchor entry) {
            if (!entry.is_at(touch.table, index)) {
                hide_entry(entry);
            }
        });
    }
    if (const Anchor oldest = present_.add(Anchor(touch.table, index)); oldest.any()) {
        hide_entry(oldest);
    }
    if (arrival_count_ != 0) {
        learn_arrivals();
    }
    const Frame frame = UserTable(with_.physical, touch.table)[index].frame();
    Replacement& known_to = replacement_of(frame);
    if (known_to.current().wants_touches() && with_.records.mark(frame).queue != PageMark::no_queue) {
        known_to.touched(frame);
    }
    if (traces_accesses()) {
        print(trace_, "touch {:x} {:x}\n", touch.directory.number(), touch.page.number());
    }
}

void Pager::directory_emptied(Frame directory) {
    if (traces_accesses()) {
        print(trace_, "empty {:x}\n", directory.number());
    }
}

void Pager::begin_trace(TraceKind kind, Sink& to) {
    trace_kind_ = kind;
    trace_.begin(to);
    if (kind == TraceKind::decisions) {
        replacement.record(&trace_);
    } else {
        print(trace_, "{}\n", accesses_title);
        watch_if_wanted();
    }
}

void Pager::end_trace() {
    trace_.end();
    replacement.record(nullptr);
    watch_if_wanted();
}

} // namespace quire
