// Families of tables, and anchors that follow the entries.
#include "kernel/memory/pager/reverse_map.h"

#include "kernel/lib/panic.h"

namespace quire {

// ---- Tables

void ReverseMap::add_copy(Frame copy, Frame original) {
    if (records_.in_ring(copy)) { // a queue's, of the page that the frame was before
        replacement_->became_table(copy);
    }
    records_[copy] = {.origin = directory_index(original), .slot = records_[original].slot};
    records_.insert_before(original.number(), copy);
}

void ReverseMap::set_mirror(Frame table, std::optional<Frame> mirror) {
    records_[table].origin = directory_index(table) | (mirror ? mirror->start().value() : 0);
}

std::optional<Frame> ReverseMap::mirror(Frame table) const {
    const Frame mirror((records_[table].origin) >> page_shift);
    return mirror != Frame(0) ? std::optional(mirror) : std::nullopt;
}

// ---- Anchors kept aside

// The link that leads to the page's first one; it leads to null where there is none.
ReverseMap::Extra** ReverseMap::find_extra(PageName page) {
    Extra** link = &buckets_[bucket_of(page)];
    while (*link != nullptr && (*link)->page != page) {
        link = &(*link)->next;
    }
    return link;
}

ReverseMap::Extra** ReverseMap::find_extra(PageName page, Frame table, std::uint32_t index) {
    Extra** link = &buckets_[bucket_of(page)];
    while (*link != nullptr && ((*link)->page != page || !(*link)->anchor.is_at(table, index))) {
        link = &(*link)->next;
    }
    return link;
}

void ReverseMap::add_extra(PageName page, Anchor anchor) {
    Extra* const extra = extras_.take();
    Extra*& bucket = buckets_[bucket_of(page)];
    *extra = {.page = page, .anchor = anchor, .next = bucket};
    bucket = extra;
    set_anchor(page, this->anchor(page).with_more(true));
}

Anchor ReverseMap::take_extra(Extra** at) {
    Extra* const extra = *at;
    ensure(extra != nullptr, "a page that has more anchors has one aside");
    const Anchor anchor = extra->anchor;
    const PageName page = extra->page;
    *at = extra->next;
    extras_.give_back(extra);
    set_anchor(page, this->anchor(page).with_more(*find_extra(page) != nullptr));
    return anchor;
}

// ---- Entries that come and go

// Another table of the family that names the page under this index.
std::optional<Frame> ReverseMap::relative_with(PageName page, Frame table, std::uint32_t index) {
    for (Frame each = next_in_family(table); each != table; each = next_in_family(each)) {
        ++effort_.tables;
        if (page.is_named_by(entry(each, index))) {
            return each;
        }
    }
    return std::nullopt;
}

void ReverseMap::entry_went(PageName page, Frame table, std::uint32_t index) {
    const Anchor first = anchor(page);
    if (first.is_at(table, index)) {
        if (const auto relative = relative_with(page, table, index)) {
            set_anchor(page, Anchor(*relative, index).with_more(first.has_more()));
        } else if (first.has_more()) {
            const Anchor extra = take_extra(find_extra(page));
            set_anchor(page, extra.with_more(anchor(page).has_more()));
        } else {
            set_anchor(page, Anchor());
        }
    } else if (first.has_more()) {
        Extra** const extra = find_extra(page, table, index);
        if (*extra == nullptr) {
            return; // a relative of some anchor
        }
        if (const auto relative = relative_with(page, table, index)) {
            (*extra)->anchor = Anchor(*relative, index);
        } else {
            static_cast<void>(take_extra(extra)); // that anchor is no more
        }
    }
}

bool ReverseMap::has_related_anchor(PageName page, Frame table, std::uint32_t index) const {
    const auto leads_there = [&](Anchor anchor) { return anchor.index() == index && related(anchor.table(), table); };
    const Anchor first = anchor(page);
    if (!first.any()) {
        return false;
    }
    if (leads_there(first)) {
        return true;
    }
    const Extra* each = first.has_more() ? buckets_[bucket_of(page)] : nullptr;
    while (each != nullptr && (each->page != page || !leads_there(each->anchor))) {
        each = each->next;
    }
    return each != nullptr;
}

void ReverseMap::entry_moved(PageName page, Frame from, std::uint32_t from_index, Frame to, std::uint32_t to_index,
                             bool only) {
    if (only) {
        set_anchor(page, Anchor(to, to_index));
        return;
    }
    entry_went(page, from, from_index);
    if (!anchor(page).any()) {
        set_anchor(page, Anchor(to, to_index));
    } else if (!has_related_anchor(page, to, to_index)) {
        add_extra(page, Anchor(to, to_index));
    }
}

void ReverseMap::renamed(PageName from, PageName to) {
    const Anchor first = anchor(from);
    set_anchor(to, first);
    set_anchor(from, Anchor());
    if (!first.has_more()) {
        return;
    }
    Extra** link = &buckets_[bucket_of(from)];
    while (Extra* const each = *link) {
        if (each->page == from) {
            *link = each->next;
            each->page = to;
            each->next = buckets_[bucket_of(to)];
            // Where both are of one bucket, what is put in front is not met again.
            if (link == &buckets_[bucket_of(to)]) {
                link = &each->next;
            }
            buckets_[bucket_of(to)] = each;
        } else {
            link = &each->next;
        }
    }
}

void ReverseMap::forgotten(PageName page) {
    while (anchor(page).has_more()) {
        static_cast<void>(take_extra(find_extra(page))); // nor any other
    }
    set_anchor(page, Anchor());
}

// ---- Auditing

bool ReverseMap::finds(PageName page, Frame table, std::uint32_t index) const {
    return has_related_anchor(page, table, index);
}

void ReverseMap::audit(AuditReport& report, const FrameAllocator& frames) const {
    for (Frame frame(0); frame.number() < frames.frame_count(); frame = frame + 1) {
        if (frames.owner(frame) != Owner::anonymous) {
            continue;
        }
        const Anchor first = anchor(PageName::of(frame));
        report.check(!first.any() || (frames.owner(first.table()) == Owner::page_table &&
                                      PageName::of(frame).is_named_by(entry(first.table(), first.index()))),
                     "reverse map: frame {:#x} is named by entry {} of table {:#x}", frame.number(), first.index(),
                     first.table().number());
    }
    for (const Extra* bucket : buckets_) {
        for (const Extra* each = bucket; each != nullptr; each = each->next) {
            const Anchor at = each->anchor;
            report.check(anchor(each->page).has_more() && frames.owner(at.table()) == Owner::page_table &&
                             each->page.is_named_by(entry(at.table(), at.index())),
                         "reverse map: page {:#x} is also named by entry {} of table {:#x}", each->page.raw(),
                         at.index(), at.table().number());
        }
    }
}

} // namespace quire
