// Pages put out and brought back.
#include "kernel/memory/pager/pager.h"

#include "kernel/lib/panic.h"
#include "kernel/machine/mmu.h"
#include "kernel/memory/heap/object.h"
#include "kernel/memory/paging/layout.h"

#include <algorithm>
#include <utility>

namespace quire {

namespace {

PageWords words_of(const TemporaryMapping& mapping) {
    return PageWords(mapping.as<const std::uint32_t>(), words_per_page);
}

// The processor forgets its translation of the page, whichever directory is loaded.
void invalidate(Page page, TlbStatistics& statistics) {
    machine::invalidate_page(page);
    ++statistics.pages_invalidated;
}

} // namespace

Pager::Transfer* Pager::Pool::take() {
    Transfer* const transfer = idle.pop_front();
    if (transfer != nullptr) {
        under_way.push_back(*transfer);
        ++busy;
    }
    return transfer;
}

void Pager::Pool::give_back(Transfer& transfer) {
    under_way.erase(transfer);
    idle.push_back(transfer);
    --busy;
}

Pager::Pager(const PagerResources& resources)
    : swap(resources.heap), replacement(resources.records),
      reverse(resources.records, swap, replacement, resources.physical, resources.heap), with_(resources) {
    with_.frames.set_watcher(this);
}

Pager::~Pager() {
    ensure(transfers() == 0, "no page is on its way when memory ends");
    with_.frames.set_watcher(nullptr);
    must_succeed(with_.heap.free(transfers_));
}

Result<SwapArea*> Pager::add_area(PageStore& store, const SwapHeader& header, std::optional<std::int32_t> priority) {
    if (transfers_ == nullptr) {
        if (const Result<void> made = make_transfers(); !made) {
            return fail(made.error());
        }
    }
    const Result<SwapArea*> area = swap.add(store, header, priority);
    if (area) {
        set_low_water();
    }
    return area;
}

void Pager::set_low_water() {
    constexpr std::uint32_t part_of_all = 128, least = 24, most = 512; // frames
    low_water_ = std::clamp(with_.frames.statistics().ram / part_of_all, least, most);
    with_.frames.keep_from_programs(low_water_ / 2);
    watch_if_wanted();
}

void Pager::remove_area(SwapArea& area) {
    swap.remove(area);
    if (!swap.any()) {
        give_up_unneeded();
    }
    if (!is_paging()) {
        with_.frames.keep_from_programs(0);
        stop_following();
        watch_if_wanted();
    }
}

void Pager::use_policy(ReplacementPolicy policy) {
    replacement.use(policy);
    for (ResidentSet* const set : sets_) {
        if (set != nullptr && !set->has_own_policy) {
            set->replacement.use(policy);
        }
    }
    watch_if_wanted();
}

// The pages that are there already become known, in the order of their frames, which is about that in which they came:
// the lowest free frame is handed out first.
void Pager::follow() {
    following_ = true;
    for (Frame frame(0); frame.number() < with_.frames.frame_count(); frame = frame + 1) {
        if (is_page(frame) && set_of(frame) == nullptr) {
            replacement.adopt(frame);
        }
    }
}

void Pager::stop_following() {
    following_ = false;
    arrival_count_ = 0;
}

void Pager::at_tick() {
    if (!is_paging()) {
        return;
    }
    const std::uint32_t available = with_.frames.available();
    if (!following_ && available < 4 * high_water()) {
        follow();
    } else if (following_ && available > 8 * high_water() && !policy_wants_touches()) {
        stop_following();
    }
    if (const std::uint32_t wanted = room_wanted(); wanted != 0) {
        make_room(wanted);
    }
}

Result<void> Pager::make_transfers() {
    const Result<void*> place = with_.heap.allocate_zeroed(most_writes + most_reads, sizeof(Transfer));
    if (!place) {
        return fail(Error::out_of_memory);
    }
    transfers_ = static_cast<Transfer*>(*place);
    for (std::uint32_t at = 0; at < most_writes + most_reads; ++at) {
        Transfer* const transfer = ::new (transfers_ + at) Transfer;
        transfer->pager = this;
        (at < most_writes ? writes_ : reads_).idle.push_back(*transfer);
    }
    return {};
}

template <class Visitor> void Pager::for_each_copy(const SwapArea& area, Visitor&& visit) const {
    for (Frame frame(0); frame.number() < with_.frames.frame_count(); frame = frame + 1) {
        if (has_copy(frame) && SwapSlot::from_raw(with_.records[frame].slot).area() == area.number()) {
            visit(frame);
        }
    }
}

std::uint32_t Pager::copies_in(const SwapArea& area) const {
    std::uint32_t copies = 0;
    for_each_copy(area, [&](Frame) { ++copies; });
    return copies;
}

void Pager::drop_copies(const SwapArea& area) {
    for_each_copy(area, [&](Frame frame) { forget_copy(frame); });
}

// ---- Copies: frames whose content is in a slot, too

// The frame's slot has a copy of it, or soon will, and gets one more user for that.
void Pager::keep_copy(Frame frame, SwapSlot slot) {
    swap.retain(slot);
    with_.records[frame].slot = slot.raw();
    with_.frames.watch(frame);
    ++copies_;
}

void Pager::forget_copy(Frame frame) {
    std::uint32_t& slot = with_.records[frame].slot;
    if (slot != 0) {
        swap.release(SwapSlot::from_raw(slot));
        slot = 0;
        --copies_;
        if (set_of(frame) == nullptr) {
            with_.frames.unwatch(frame);
        }
    }
}

// ---- Entries

// The processor forgets what it knows of the entry and of the one that shows the page as code, which goes.
void Pager::forget(const EntryPlace& place) {
    if (const auto mirror = reverse.mirror(place.table)) {
        const UserTable code(with_.physical, *mirror);
        if (!code[place.index].is_empty()) {
            code.set(place.index, UserPte());
            invalidate(place.page + mirror_distance, with_.tlb);
        }
    }
    invalidate(place.page, with_.tlb);
}

// Every entry that names the page, `entries` in number, becomes `pte`. What shares and users that means is the caller's
// business.
void Pager::set_entries(PageName page, UserPte pte, std::uint32_t entries) {
    const std::uint32_t found = reverse.for_each_entry(page, entries, [&](const EntryPlace& place, UserPte old) {
        place.entries.set(place.index, pte);
        if (old.is_present()) {
            forget(place);
        }
    });
    ensure(found == entries, "all entries that name a page are found");
}

void Pager::entry_released(UserPte pte, Frame table, std::uint32_t index) {
    if (pte.kind() == UserPteKind::swapped) {
        const SwapSlot slot = pte.slot();
        if (!SwapSpace::holds_word(slot) && swap.record(slot).users > 1) {
            reverse.entry_went(PageName::of(slot), table, index);
        }
        swap.release(slot);
        return;
    }
    const Frame frame = pte.frame();
    if (pte.dirty()) {
        note_written(frame);
    }
    if (with_.frames.owner(frame) == Owner::anonymous && with_.frames.share_count(frame) > 1) {
        reverse.entry_went(PageName::of(frame), table, index);
    }
    with_.frames.release_mapped(frame);
}

[[gnu::noinline]] void Pager::entry_went(Frame frame, Frame table, std::uint32_t index) {
    if (with_.frames.owner(frame) == Owner::anonymous) {
        reverse.entry_went(PageName::of(frame), table, index);
    }
}

void Pager::entry_moved(UserPte pte, Frame from, std::uint32_t from_index, Frame to, std::uint32_t to_index) {
    if (pte.kind() == UserPteKind::swapped) {
        if (!SwapSpace::holds_word(pte.slot())) {
            reverse.entry_moved(PageName::of(pte.slot()), from, from_index, to, to_index,
                                swap.record(pte.slot()).users == 1);
        }
    } else if (with_.frames.owner(pte.frame()) == Owner::anonymous) {
        reverse.entry_moved(PageName::of(pte.frame()), from, from_index, to, to_index,
                            with_.frames.share_count(pte.frame()) == 1);
    }
}

// ---- Room

void Pager::take_arrivals() {
    for (std::uint32_t at = 0; at < arrival_count_; ++at) {
        const Arrival arrival = arrivals_[at];
        if (is_page(Frame(arrival.frame)) && set_of(Frame(arrival.frame)) == nullptr) {
            replacement.loaded(Frame(arrival.frame), arrival.ghost);
        }
    }
    arrival_count_ = 0;
}

// What the policy wants to know when the page comes back lies in the record of its slot, if it has one.
void Pager::keep_ghost(Frame frame, Replacement::Ghost ghost) {
    if (SlotRecord* const copy = copy_record(frame)) {
        copy->ghost = ghost;
    }
}

Replacement::Ghost Pager::ghost_of(Frame frame) {
    const SlotRecord* const copy = copy_record(frame);
    return copy != nullptr ? copy->ghost : 0;
}

// Of the slot that has a copy of the page. Null where there is none, and where the slot is a repeated word's.
SlotRecord* Pager::copy_record(Frame frame) {
    const SwapSlot slot = SwapSlot::from_raw(with_.records[frame].slot);
    return SwapSpace::holds_word(slot) ? nullptr : &swap.record(slot);
}

[[gnu::noinline]] void Pager::note_arrival(Frame frame, Replacement::Ghost ghost) {
    if (!following_) {
        return;
    }
    arrivals_[arrival_count_++] = {frame.number(), ghost};
    if (arrival_count_ == most_arrivals) { // so many have come that it is time to look how many can yet
        learn_arrivals();
    }
}

void Pager::learn_arrivals() {
    take_arrivals();
    if (room_wanted() != 0 && keeper_ != nullptr) {
        keeper_->room_wanted();
    }
}

std::uint32_t Pager::room_wanted() const {
    const std::uint32_t coming = with_.frames.available() + writes_.busy;
    return is_paging() && coming < low_water() ? high_water() - coming : 0;
}

std::optional<Eviction> Pager::put_out_one() {
    if (!following_) {
        follow();
    }
    take_arrivals();
    if (pages_in_memory() <= least_resident + writes_.busy) {
        return std::nullopt;
    }
    return minds_faults_ ? put_out_by_turns() : put_out_from(replacement);
}

std::optional<Eviction> Pager::put_out_from(Replacement& who) {
    const std::optional<Replacement::Chosen> chosen = choose_from(who);
    if (!chosen) {
        return std::nullopt;
    }
    keep_ghost(chosen->frame, chosen->ghost);
    const Anchor place = Anchor::from_raw(with_.records[chosen->frame].origin); // none of an object's page
    const Eviction eviction = evict(chosen->frame);
    switch (eviction) {
    case Eviction::freed: break;
    case Eviction::begun: keep_ghost(chosen->frame, chosen->ghost); break;
    case Eviction::stays:
    case Eviction::no_slot:
    case Eviction::all_busy: who.adopt(chosen->frame); break;
    }
    if (cluster_ != 1 && &who == &replacement && place.any() &&
        (eviction == Eviction::freed || eviction == Eviction::begun)) {
        put_out_cluster(place);
    }
    return eviction;
}

Pager::Room Pager::make_room(std::uint32_t wanted) {
    Room room;
    std::uint32_t refused = 0;
    while (room.free_now + room.later < wanted && refused < most_refused) {
        const std::optional<Eviction> eviction = put_out_one();
        if (!eviction) {
            break;
        }
        switch (*eviction) {
        case Eviction::freed: ++room.free_now; break;
        case Eviction::begun: ++room.later; break;
        case Eviction::stays:
        case Eviction::no_slot: ++refused; break;
        case Eviction::all_busy:
            room.later += writes_.busy; // whose end makes room
            return room;
        }
    }
    return room;
}

PageUses::Use Pager::use_since_last(Frame frame) {
    const Use use = use_of(frame, true);
    statistics_.scanned += use != Use::gone ? 1 : 0;
    return use;
}

// Looks at the accessed bits of all entries, of those that show the page as code, too, and clears them where `forget`.
PageUses::Use Pager::use_of(Frame frame, bool forget) {
    if (!is_page(frame)) {
        return Use::gone;
    }
    if (!may_go(frame)) {
        return Use::stays;
    }
    bool used = false, locked = false;
    if (PageGroup* const group = group_of(frame)) {
        const PageMarks marks = group->object->marks(*group, frame, forget);
        used = marks.used;
        locked = marks.locked;
    } else {
        const bool may_be_locked = locked_ != nullptr && locked_->any_locked();
        reverse.for_each_entry(PageName::of(frame), with_.frames.share_count(frame),
                               [&](const EntryPlace& place, UserPte) {
                                   used = was_used(place, forget) || used;
                                   locked = locked || (may_be_locked && locked_->is_locked(place.table, place.page));
                               });
    }
    return locked ? Use::stays : used ? Use::used : Use::unused;
}

// Whether the entry, or its mirror's, was used.
bool Pager::was_used(const EntryPlace& place, bool forget) {
    bool used = was_touched(place.entries, place.index, place.page, forget, with_.tlb);
    if (const auto mirror = reverse.mirror(place.table)) {
        const UserTable code(with_.physical, *mirror);
        used = was_touched(code, place.index, place.page + mirror_distance, forget, with_.tlb) || used;
    }
    return used;
}

// ---- Out

Pager::Entries Pager::entries_of(Frame frame) {
    Entries use;
    const bool may_be_locked = locked_ != nullptr && locked_->any_locked();
    use.count = reverse.for_each_entry(
        PageName::of(frame), with_.frames.share_count(frame), [&](const EntryPlace& place, UserPte pte) {
            use.dirty = use.dirty || pte.dirty();
            use.locked = use.locked || (may_be_locked && locked_->is_locked(place.table, place.page));
            use.in_shared_table = use.in_shared_table || with_.frames.share_count(place.table) > 1;
            use.as_code = use.as_code || reverse.mirror(place.table);
            use.without_access = use.without_access || pte.kind() == UserPteKind::no_access;
        });
    return use;
}

void Pager::count(const Entries& use, bool is_of_object) {
    statistics_.in_shared_tables += use.in_shared_table ? 1 : 0;
    statistics_.as_code += use.as_code ? 1 : 0;
    statistics_.without_access += use.without_access ? 1 : 0;
    statistics_.of_objects += is_of_object ? 1 : 0;
}

bool Pager::may_go(Frame frame) {
    return is_page(frame) && with_.requests.find(frame) == nullptr && !with_.pinned.is_pinned(frame) &&
           (swap.any() || needs_no_area(frame));
}

Eviction Pager::evict(Frame frame) {
    if (!may_go(frame)) {
        return Eviction::stays;
    }
    PageGroup* const group = group_of(frame);
    const Entries use = group != nullptr ? take_from_tables(*group, frame) : entries_of(frame);
    if (use.locked || use.count != with_.frames.share_count(frame)) {
        return Eviction::stays;
    }
    count(use, group != nullptr);
    if (group != nullptr && group->object->can_be_made_again()) {
        return drop_made(*group, frame);
    }
    if (use.dirty) {
        forget_copy(frame);
    }
    if (with_.records[frame].slot != 0) {
        return drop_clean(frame, use.count);
    }
    return drop_word(frame, use.count) ? Eviction::freed : begin_write(frame, use.count);
}

// All entries name the slot from now on, and the frame loses their shares.
void Pager::put_into_slot(Frame frame, SwapSlot slot, std::uint32_t entries) {
    if (PageGroup* const group = group_of(frame)) {
        put_object_page_into_slot(*group, frame, slot);
        return;
    }
    swap.retain(slot, entries);
    set_entries(PageName::of(frame), UserPte::swapped(slot), entries);
    if (SwapSpace::holds_word(slot)) { // which stands for many pages
        reverse.forgotten(PageName::of(frame));
    } else {
        reverse.renamed(PageName::of(frame), PageName::of(slot));
    }
    for (std::uint32_t each = 0; each < entries; ++each) {
        with_.frames.release_mapped(frame);
    }
}

Eviction Pager::drop_clean(Frame frame, std::uint32_t entries) {
    const SwapSlot slot = SwapSlot::from_raw(with_.records[frame].slot);
    const std::uint32_t now = refaults_.page_goes();
    if (SlotRecord* const copy = copy_record(frame)) {
        copy->gone_at = now;
    }
    put_into_slot(frame, slot, entries); // and with the last share the frame's own use of the slot goes
    ++statistics_.dropped_clean;
    ++statistics_.freed;
    return Eviction::freed;
}

// A page that is one word over and over is not written.
bool Pager::drop_word(Frame frame, std::uint32_t entries) {
    const std::optional<std::uint32_t> word = repeated_word(words_of(with_.physical.map_temporarily(frame)));
    const std::optional<SwapSlot> slot = word ? swap.take_word(*word) : std::nullopt;
    if (!slot) {
        return false;
    }
    put_into_slot(frame, *slot, entries);
    swap.release(*slot);
    refaults_.page_goes(); // many pages have the word's slot
    ++statistics_.words;
    ++statistics_.freed;
    return true;
}

Eviction Pager::begin_write(Frame frame, std::uint32_t entries) {
    if (writes_.idle.empty()) {
        return Eviction::all_busy;
    }
    const std::optional<SwapSlot> slot = swap.take();
    if (!slot) {
        return Eviction::no_slot;
    }
    Transfer& transfer = *writes_.take();
    if (group_of(frame) == nullptr) {
        set_entries(PageName::of(frame), UserPte::in_transit(frame), entries);
    }
    transfer.slot = *slot; // with the user that take() counted
    swap.record(*slot).gone_at = refaults_.page_goes();
    keep_copy(frame, *slot);
    with_.requests.begin_leaving(transfer, frame);
    start(transfer, PageTransfer::Direction::write);
    return Eviction::begun;
}

std::uint32_t Pager::check_of(Frame frame, SwapSlot slot) {
    return page_check(words_of(with_.physical.map_temporarily(frame)), slot.raw());
}

void Pager::start(Transfer& transfer, PageTransfer::Direction direction) {
    if (direction == PageTransfer::Direction::write) {
        swap.record(transfer.slot).check = check_of(transfer.PageRequest::frame(), transfer.slot);
    }
    transfer.direction = direction;
    transfer.page = transfer.slot.number();
    transfer.PageTransfer::frame = transfer.PageRequest::frame();
    swap.area(transfer.slot).store().start(transfer);
}

// ---- Back

// Whether a page can be read from there now. Errors: input_output (it is lost), must_wait (for room).
Result<void> Pager::check_read(SwapSlot slot) {
    if (swap.record(slot).lost != 0) {
        return fail(Error::input_output);
    }
    if (reads_.idle.empty()) {
        with_.requests.answer_must_wait_for_room();
        return fail(Error::must_wait);
    }
    return {};
}

// The frame, which is the page's from now on, gets its content from the slot; one user of that becomes the transfer's.
void Pager::begin_read(Frame frame, SwapSlot slot, PageReturn why) {
    keep_copy(frame, slot);
    Transfer& transfer = *reads_.take();
    transfer.slot = slot;
    with_.requests.begin(transfer, frame);
    if ((why == PageReturn::touched || why == PageReturn::touched_alone) && returns(swap.record(slot))) {
        transfer.note_just_gone();
    }
    start(transfer, PageTransfer::Direction::read);
}

Error Pager::bring_in(SwapSlot slot, PageReturn why) {
    if (const Result<void> can = check_read(slot); !can) {
        return can.error();
    }
    const Result<Frame> taken = with_.frames.allocate(Owner::anonymous);
    if (!taken) {
        return Error::out_of_memory;
    }
    const Frame frame = *taken;
    const std::uint32_t entries = swap.record(slot).users;
    for (std::uint32_t each = 1; each < entries; ++each) {
        with_.frames.share_mapped(frame);
    }
    set_entries(PageName::of(slot), UserPte::in_transit(frame), entries);
    reverse.renamed(PageName::of(slot), PageName::of(frame));
    swap.release(slot, entries - 1);
    begin_read(frame, slot, why);
    if (why == PageReturn::touched) {
        read_ahead(slot);
        if (cluster_ != 1) {
            bring_in_cluster(Anchor::from_raw(with_.records[frame].origin));
        }
    }
    with_.requests.answer_must_wait(frame); // not for one that is read ahead
    return Error::must_wait;
}

// Reads what is likely to be touched next, from the slots behind this one, while there are frames that nobody lacks.
void Pager::read_ahead(SwapSlot slot) {
    ReadAhead::Run& run = read_ahead_.touched(slot);
    const std::uint32_t end = slot.raw() + 1 + run.pages;
    for (run.next = slot.raw() + 1; run.next != end && has_room_ahead(); ++run.next) {
        read_untouched(SwapSlot::from_raw(run.next));
    }
    if (run.pages != 0 && room_wanted() != 0 && keeper_ != nullptr) {
        keeper_->room_wanted();
    }
}

// A page of a program's own begins to come back before it is touched. Where that fails, a touch tries again.
void Pager::read_untouched(SwapSlot slot) {
    if (can_be_read_ahead(slot) && bring_in(slot, PageReturn::read_ahead) == Error::must_wait) {
        ++statistics_.read_ahead;
    }
}

// Whether it has a page of a program's own that is nowhere else.
bool Pager::can_be_read_ahead(SwapSlot slot) const {
    return swap.users(slot) != 0 && swap.record(slot).lost == 0 && Anchor::from_raw(swap.record(slot).origin).any();
}

// The page whose copy is in that slot is touched, for the first time since it went. Whether it had just gone.
bool Pager::returns(SlotRecord& record) {
    return refaults_.page_returns(std::exchange(record.gone_at, 0), pages_in_memory());
}

bool Pager::note_touched(Frame frame) {
    SlotRecord* const copy = copy_record(frame);
    if (copy == nullptr || copy->gone_at == 0) {
        return false;
    }
    const bool had_just_gone = returns(*copy);
    PageRequest* const coming = with_.requests.find(frame);
    if (coming == nullptr) {
        note_arrival(frame, copy->ghost);
    } else if (had_just_gone) {
        coming->note_just_gone();
    }
    return true;
}

Error Pager::bring_back(SwapSlot slot) {
    const std::uint32_t origin = swap.record(slot).origin;
    if (Anchor::from_raw(origin).any()) {
        return bring_in(slot, PageReturn::area_leaves);
    }
    PageGroup* const group = group_at(origin);
    const Result<void> begun = group->object->bring_back(*group, slot);
    return begun ? Error::must_wait : begun.error();
}

PagerStatistics Pager::statistics() const {
    PagerStatistics now = statistics_;
    now.taken_back = with_.requests.taken_back();
    return now;
}

// ---- When a transfer is over

void Pager::transferred(Transfer& transfer, const Result<void>& result) {
    if (transfer.direction == PageTransfer::Direction::write) {
        written(transfer, result.has_value());
    } else {
        arrived(transfer, result.has_value());
    }
}

void Pager::written(Transfer& transfer, bool well) {
    const Frame frame = transfer.PageRequest::frame();
    const SwapSlot slot = transfer.slot;
    const bool still_its_copy = with_.records[frame].slot == slot.raw();
    if (well) {
        ++statistics_.written;
    } else {
        ++statistics_.write_errors;
        swap.area(slot).retire(slot.number());
        if (still_its_copy) {
            forget_copy(frame);
        }
        if (still_its_copy && !transfer.was_taken_back() && write_elsewhere(transfer)) {
            return;
        }
    }
    // The request has a share; the entries that are left have the others.
    const std::uint32_t entries = with_.frames.share_count(frame) - 1;
    if (entries != 0) {
        if (well && still_its_copy && !transfer.was_taken_back()) {
            put_into_slot(frame, slot, entries);
            ++statistics_.freed;
        } else {
            note_arrival(frame, ghost_of(frame)); // it stays
            swap.record(slot).gone_at = 0;
        }
    }
    swap.release(slot);
    writes_.give_back(transfer);
    with_.requests.complete(transfer);
    with_.requests.room_came();
}

// The page is written to another slot instead. False where there is none: it stays in memory.
bool Pager::write_elsewhere(Transfer& transfer) {
    const std::optional<SwapSlot> slot = swap.take();
    if (!slot) {
        return false;
    }
    swap.record(*slot).gone_at = swap.record(transfer.slot).gone_at;
    swap.release(transfer.slot);
    transfer.slot = *slot;
    keep_copy(transfer.PageRequest::frame(), *slot);
    start(transfer, PageTransfer::Direction::write);
    return true;
}

void Pager::arrived(Transfer& transfer, bool well) {
    const Frame frame = transfer.PageRequest::frame();
    const SwapSlot slot = transfer.slot;
    const bool unchanged = well && check_of(frame, slot) == swap.record(slot).check;
    if (unchanged) {
        ++statistics_.read;
        const SlotRecord& record = swap.record(slot);
        if (record.gone_at == 0) {
            note_arrival(frame, record.ghost);
        } else if (following_) { // nobody has touched it yet
            replacement.adopt(frame);
        }
    } else {
        ++statistics_.read_errors;
        statistics_.changed_on_disk += well ? 1 : 0;
        SwapArea& area = swap.area(slot);
        area.record(slot.number()).lost = 1;
        area.retire(slot.number());
        if (PageGroup* const group = group_of(frame)) {
            group->object->unmap(*group, frame);
        }
        const std::uint32_t entries = with_.frames.share_count(frame) - 1;
        if (entries != 0) {
            put_into_slot(frame, slot, entries);
        }
    }
    swap.release(slot);
    reads_.give_back(transfer);
    with_.requests.complete(transfer);
    with_.requests.room_came();
}

} // namespace quire
