// User tables made, shared, copied, emptied and given back.
#include "kernel/memory/space/user_tables.h"

#include "kernel/lib/panic.h"

#include <algorithm>
#include <cstring>

namespace quire {
namespace {

constexpr std::uint32_t first_kernel_index = directory_index(PageDirectory::first_kernel_page);

// Empties entries [from, to) of a table.
void clear(const TemporaryMapping& mapping, std::uint32_t from, std::uint32_t to) {
    std::memset(mapping.data() + from * sizeof(UserPte), 0, (to - from) * sizeof(UserPte));
}

} // namespace

// ---- The directory

Result<void> UserTables::create() {
    const Result<Frame> frame = take_directory();
    if (!frame) {
        return fail(frame.error());
    }
    directory_ = *frame;
    std::byte* const ours = machine::direct_map(directory_.start());
    const TemporaryMapping kernels = with_.physical.map_temporarily(with_.kernel.frame());
    constexpr std::size_t user_bytes = first_kernel_index * sizeof(Pde);
    std::memset(ours, 0, user_bytes);
    std::memcpy(ours + user_bytes, kernels.data() + user_bytes, page_size - user_bytes);
    entries_ = reinterpret_cast<Pde*>(ours);
    return {};
}

Result<Frame> UserTables::take_directory() {
    const Result<Frame> frame = with_.frames.allocate(Owner::page_table);
    if (!frame || with_.physical.is_direct(*frame)) {
        return frame;
    }
    with_.frames.free_table(*frame);
    return with_.frames.allocate_below(Owner::page_table, Frame(with_.physical.direct_frames()));
}

void UserTables::destroy() {
    if (spare_) {
        with_.frames.free_table(*spare_);
        spare_.reset();
    }
    with_.frames.free_table(directory_);
}

// ---- Tables

Result<Frame> UserTables::take_table() {
    if (spare_) {
        const Frame frame = *spare_;
        spare_.reset();
        return frame;
    }
    const Result<Frame> frame = with_.frames.allocate(Owner::page_table);
    if (frame) {
        with_.physical.zero(*frame);
    }
    return frame;
}

// Takes back a table that is full of zeros and nobody's else, or a share of one.
void UserTables::give_table(Frame frame) {
    if (with_.frames.share_count(frame) == 1 && !spare_) {
        spare_ = frame;
        return;
    }
    with_.frames.release_mapped(frame);
}

Result<Pde> UserTables::unshare_table(std::uint32_t index, const RegionTree& regions) {
    const Pde pde = directory_entry(index);
    if (pde.writable()) {
        return pde;
    }
    if (pde.present()) {
        return unshare_present(index, pde, regions);
    }
    const Result<Frame> frame = take_table();
    if (!frame) {
        return fail(frame.error());
    }
    const Pde made = Pde::for_table(*frame, true);
    set_directory_entry(index, made);
    with_.pager.reverse.add_table(*frame, index);
    return made;
}

// Makes a table that is there, and may not be written through `pde`, the directory's own.
Pde UserTables::unshare_present(std::uint32_t index, Pde pde, const RegionTree& regions) {
    if (with_.frames.share_count(pde.frame()) != 1) {
        return copy_table(index, pde, regions);
    }
    pde = pde.with(EntryField::writable, 1); // all others have gone
    set_directory_entry(index, pde);
    return pde;
}

// Gives this directory copies of a shared table and its mirror, and its shares of the two back.
Pde UserTables::copy_table(std::uint32_t index, Pde pde, const RegionTree& regions) {
    const Pde mirror = mirror_of(index);
    const Frame copy = with_.table_copies.take(Owner::page_table);
    copy_entries(index, pde.frame(), copy, regions);
    with_.pager.reverse.add_copy(copy, pde.frame());
    with_.frames.release_mapped(pde.frame());
    pde = Pde::for_table(copy, true);
    set_directory_entry(index, pde);
    if (mirror.present()) {
        const Frame mirror_copy = with_.table_copies.take(Owner::page_table);
        with_.physical.copy(mirror.frame(), mirror_copy);
        with_.frames.release_mapped(mirror.frame());
        set_directory_entry(index + mirror_table_distance, Pde::for_table(mirror_copy, true));
        with_.pager.reverse.set_mirror(copy, mirror_copy);
    }
    if (with_.pager.watches_touches()) [[unlikely]] {
        hide_copy(index);
    }
    return pde;
}

// While touches are watched: entries that have become present without one are hidden. None is shown as code.
[[gnu::noinline]] void UserTables::hide_range(Page first, Page end, TlbFlush& flush) {
    for_each_pte(first, end, [&](Page page, UserPte pte) {
        if (!pte.is_present()) {
            return;
        }
        table(directory_entry(directory_index(page))).set(table_index(page), pte.hidden());
        zap_mirror(page, flush);
        if (loaded()) {
            flush.add(page, false);
        }
    });
}

// The same for all of a table that is a copy.
[[gnu::noinline]] void UserTables::hide_copy(std::uint32_t index) {
    TlbFlush flush(with_.flushes);
    hide_range(first_page_of(index), first_page_of(index + 1), flush);
    flush.commit();
}

// Fills the table in `to` with the entries in `from`; each frame gets one more share. Entries of private pages lose the
// right to write in both, for now two tables have them.
void UserTables::copy_entries(std::uint32_t index, Frame from, Frame to, const RegionTree& regions) {
    const TemporaryMapping source = with_.physical.map_temporarily(from);
    const TemporaryMapping target = with_.physical.map_temporarily(to);
    const Page start = first_page_of(index);
    std::uint32_t done = 0; // entries of the target that are written
    const Region* region = regions.at_or_above(start);
    for (; region != nullptr && region->first < start + entries_per_table; region = RegionTree::next(*region)) {
        const std::uint32_t first = region->first > start ? region->first - start : 0;
        const std::uint32_t end = std::min(region->end() - start, entries_per_table);
        const bool writable = region->traits.shared;
        clear(target, done, first);
        for (done = first; done < end; ++done) {
            UserPte pte = source.as<UserPte>()[done];
            switch (pte.kind()) {
            case UserPteKind::empty: break;
            case UserPteKind::in_transit:
            case UserPteKind::swapped: with_.pager.entry_copied(pte); break;
            case UserPteKind::present:
            case UserPteKind::hidden:
            case UserPteKind::no_access:
                with_.frames.share_mapped(pte.frame());
                if (pte.writable() && !writable) {
                    pte = pte.with_writable(false);
                    source.as<UserPte>()[done] = pte;
                }
            }
            target.as<UserPte>()[done] = pte;
        }
    }
    clear(target, done, entries_per_table);
}

// Gives back a table, which is empty and the directory's own, and its mirror.
void UserTables::drop_table(std::uint32_t index, TlbFlush& flush) {
    const Pde pde = directory_entry(index);
    ensure(!is_shared(pde), "all that is under a shared table was zapped before, and its share given back with that");
    const Pde mirror = mirror_of(index);
    set_directory_entry(index, Pde());
    with_.pager.reverse.remove_table(pde.frame());
    give_table(pde.frame());
    if (mirror.present()) {
        set_directory_entry(index + mirror_table_distance, Pde());
        give_table(mirror.frame());
    }
    if (loaded()) { // the translations went with the entries; the processor's copies of both directory entries go now
        flush.add(first_page_of(index), false);
    }
}

// Gives back the directory's share of a table and of its mirror, and what was promised for copies of them. The TLB may
// have a translation of each of their pages.
void UserTables::drop_shared(std::uint32_t index, Pde pde, TlbFlush& flush) {
    const Pde mirror = mirror_of(index);
    set_directory_entry(index, Pde());
    with_.frames.release_mapped(pde.frame());
    with_.table_copies.give_back(mirror.present() ? 2 : 1);
    if (mirror.present()) {
        set_directory_entry(index + mirror_table_distance, Pde());
        with_.frames.release_mapped(mirror.frame());
    }
    if (loaded()) {
        flush.add_all(false);
    }
}

UserPte UserTables::pte(Page page) const {
    const Pde pde = directory_entry(directory_index(page));
    return pde.present() ? table(pde)[table_index(page)] : UserPte();
}

void UserTables::set_clean(Page page) {
    const UserTable entries = table(directory_entry(directory_index(page)));
    entries.set(table_index(page), entries[table_index(page)].with_dirty(false));
}

Result<void> UserTables::map_in_mirror(Page page, Frame frame) {
    const std::uint32_t index = directory_index(page) + mirror_table_distance;
    Pde pde = directory_entry(index);
    if (!pde.present()) {
        const Result<Frame> taken = take_table();
        if (!taken) {
            return fail(taken.error());
        }
        pde = Pde::for_table(*taken, true);
        set_directory_entry(index, pde);
        with_.pager.reverse.set_mirror(directory_entry(directory_index(page)).frame(), *taken);
    }
    table(pde).set(table_index(page), UserPte::present(frame, false));
    return {};
}

bool UserTables::zap_mirror(Page page) {
    const Pde pde = mirror_of(directory_index(page));
    if (!pde.present()) {
        return false;
    }
    const UserTable entries = table(pde);
    const bool shown = !entries[table_index(page)].is_empty();
    entries.set(table_index(page), UserPte());
    return shown;
}

void UserTables::zap_mirror(Page page, TlbFlush& flush) {
    if (zap_mirror(page) && loaded()) {
        flush.add(page + mirror_distance, false);
    }
}

// ---- Ranges

// unshare_range() where something may be shared.
void UserTables::unshare_range_slowly(Page first, Page end, const RegionTree& regions, TlbFlush& flush) {
    for_each_span(first, end, [&](TableSpan span) {
        const Pde pde = directory_entry(span.index);
        if (changeable(pde)) {
            return;
        }
        unshare_present(span.index, pde, regions);
        if (loaded()) {
            flush.add(span.page(span.from), false);
        }
    });
}

// unshare_edges() where something may be shared.
void UserTables::unshare_edges_slowly(Page first, Page end, const RegionTree& regions, TlbFlush& flush) {
    const Page low = first_page_of(directory_index(first));
    if (low < first && is_shared(directory_entry(directory_index(first))) && regions.any_in(low, first)) {
        unshare_range(first, first + 1, regions, flush);
    }
    const Page high = first_page_of(directory_index(end - 1) + 1);
    if (end < high && is_shared(directory_entry(directory_index(end))) && regions.any_in(end, high)) {
        unshare_range(end - 1, end, regions, flush);
    }
}

void UserTables::zap_range(Page first, Page end, TlbFlush& flush) {
    for_each_span(first, end, [&](TableSpan span) {
        const Pde pde = directory_entry(span.index);
        if (!pde.present()) {
            return;
        }
        if (!pde.writable()) [[unlikely]] {
            if (is_shared(pde)) {
                drop_shared(span.index, pde, flush);
                return;
            }
            set_directory_entry(span.index, pde.with(EntryField::writable, 1));
        }
        zap_span(span, pde, flush);
    });
}

void UserTables::zap_span(TableSpan span, Pde pde, TlbFlush& flush) {
    bool named = loaded(); // the flush is to know of each page
    const bool code = mirror_of(span.index).present();
    const UserTable entries = table(pde);
    // Frames are free again before the flush is committed: nothing else runs until then, and the flush is committed
    // before ring 3 does.
    ReleaseBatch frames(with_.frames);
    for (std::uint32_t at = span.from; at < span.to; ++at) {
        const UserPte pte = entries[at];
        if (pte.is_empty()) {
            continue;
        }
        entries.set(at, UserPte());
        if (named && !flush.add(span.page(at))) {
            named = false;
        }
        if (code) {
            zap_mirror(span.page(at), flush);
        }
        if (!pte.is_present() || !frames.add(pte.frame())) [[unlikely]] {
            with_.pager.entry_released(pte, pde.frame(), at);
        }
    }
}

bool UserTables::zap_page(Page page, bool anonymous) {
    const Pde pde = directory_entry(directory_index(page));
    if (!pde.present()) {
        return false;
    }
    const UserTable entries = table(pde);
    const UserPte pte = entries[table_index(page)];
    const bool is_anonymous =
        pte.kind() == UserPteKind::swapped || (pte.has_frame() && with_.frames.owner(pte.frame()) == Owner::anonymous);
    if (pte.is_empty() || (!anonymous && is_anonymous)) {
        return false;
    }
    entries.set(table_index(page), UserPte());
    static_cast<void>(zap_mirror(page)); // most pages are not executable
    with_.pager.entry_released(pte, pde.frame(), table_index(page));
    return true;
}

PageMarks UserTables::marks(Page page, Frame frame, bool forget_use) {
    PageMarks marks;
    const std::uint32_t index = directory_index(page);
    for (const auto& [pde, shown] :
         {std::pair(directory_entry(index), page), std::pair(mirror_of(index), page + mirror_distance)}) {
        if (!pde.present()) {
            continue;
        }
        const UserTable entries = table(pde);
        const UserPte pte = entries[table_index(page)];
        if (!pte.has_content() || pte.frame() != frame) {
            continue;
        }
        marks.dirty = marks.dirty || pte.dirty();
        marks.used = was_touched(entries, table_index(page), shown, forget_use, with_.flushes) || marks.used;
    }
    return marks;
}

void UserTables::drop_unused(Page first, Page end, Page gap_first, Page gap_end, TlbFlush& flush) {
    const std::uint32_t from = std::max(directory_index(first), directory_index(gap_first + (entries_per_table - 1)));
    const std::uint32_t to = std::min(directory_index(end - 1) + 1, directory_index(gap_end));
    drop_range(from, to, flush);
}

void UserTables::drop_range(std::uint32_t from, std::uint32_t to, TlbFlush& flush) {
    for (std::uint32_t index = from; index < to; ++index) {
        if (directory_entry(index).present()) {
            drop_table(index, flush);
        }
    }
}

void UserTables::protect_range(Page first, Page end, const RegionTraits& traits, TlbFlush& flush) {
    const bool cached = loaded();
    const bool visible = traits.access.any();
    for_each_span(first, end, [&](TableSpan span) {
        const Pde pde = directory_entry(span.index);
        if (!pde.present()) {
            return;
        }
        const bool code = !traits.access.execute && mirror_of(span.index).present();
        const UserTable entries = table(pde);
        for (std::uint32_t at = span.from; at < span.to; ++at) {
            const UserPte pte = entries[at];
            if (!pte.has_content()) { // in transit: what may be done with it is decided when it comes
                continue;
            }
            const bool writable = traits.access.write && (traits.shared || with_.frames.is_sole_anonymous(pte.frame()));
            const UserPte changed = pte.with_access(visible).with_writable(writable);
            entries.set(at, changed);
            if (cached && pte.is_present() && changed != pte) {
                flush.add(span.page(at), false);
            }
            if (code) {
                zap_mirror(span.page(at), flush);
            }
        }
    });
    if (with_.pager.watches_touches()) [[unlikely]] {
        hide_range(first, end, flush);
    }
}

// Whether the page is a private one that more than one entry names, or a request.
bool UserTables::others_name(UserPte pte) const {
    if (pte.kind() == UserPteKind::swapped) {
        return !SwapSpace::holds_word(pte.slot()) && with_.pager.swap.record(pte.slot()).users > 1;
    }
    return with_.frames.owner(pte.frame()) == Owner::anonymous && with_.frames.share_count(pte.frame()) > 1;
}

Result<void> UserTables::prepare_move(Page first, Page end) {
    std::uint32_t named_by_others = 0;
    for_each_pte(first, end, [&](Page, UserPte pte) { named_by_others += others_name(pte) ? 1U : 0U; });
    return named_by_others != 0 ? with_.pager.reverse.reserve(named_by_others) : Result<void>();
}

void UserTables::move_range(Page first, Page end, Page to, TlbFlush& flush) {
    const bool cached = loaded();
    for_each_span(first, end, [&](TableSpan span) {
        const Pde pde = directory_entry(span.index);
        if (!pde.present()) {
            return;
        }
        const UserTable entries = table(pde);
        for (std::uint32_t at = span.from; at < span.to; ++at) {
            const UserPte pte = entries[at];
            if (pte.is_empty()) {
                continue;
            }
            const Page target = to + (span.page(at) - first);
            const Frame target_table = directory_entry(directory_index(target)).frame();
            UserTable(with_.physical, target_table).set(table_index(target), pte);
            entries.set(at, UserPte());
            with_.pager.entry_moved(pte, pde.frame(), at, target_table, table_index(target));
            if (cached) {
                flush.add(span.page(at), false);
            }
            zap_mirror(span.page(at), flush);
        }
    });
    if (with_.pager.watches_touches()) [[unlikely]] {
        hide_range(to, to + (end - first), flush);
    }
}

bool UserTables::share_range(std::uint32_t from, std::uint32_t to, UserTables& other, std::uint32_t& room) {
    std::uint32_t left = room;
    bool all = true;
    for (std::uint32_t index = from; index < to; ++index) {
        const Pde pde = directory_entry(index);
        if (!pde.present()) {
            continue;
        }
        const Pde mirror = mirror_of(index);
        if (left < 2) [[unlikely]] { // it may have a mirror
            all = false;
            break;
        }
        --left;
        with_.frames.share_mapped(pde.frame());
        if (mirror.present()) {
            --left;
            with_.frames.share_mapped(mirror.frame());
            other.set_directory_entry(index + mirror_table_distance, mirror);
        }
        const Pde shared = pde.with(EntryField::writable, 0);
        set_directory_entry(index, shared);
        other.set_directory_entry(index, shared);
    }
    room = left;
    return all;
}

} // namespace quire
