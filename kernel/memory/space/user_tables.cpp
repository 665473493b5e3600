// User tables made, shared, copied, emptied and given back.
#include "kernel/memory/space/user_tables.h"

#include "kernel/lib/panic.h"

#include <algorithm>
#include <cstring>

namespace quire {
namespace {

constexpr std::uint32_t first_kernel_index = directory_index(PageDirectory::first_kernel_page);

// Entries [from, to) of a table, in place.
Entry* entries_of(const FrameWindow& window, std::uint32_t from) {
    return window.as<Entry>() + from;
}

void clear(const FrameWindow& window, std::uint32_t from, std::uint32_t to) {
    std::memset(window.data() + from * sizeof(Entry), 0, (to - from) * sizeof(Entry));
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
    const FrameWindow kernels = with_.physical.open(with_.kernel.frame());
    constexpr std::size_t user_bytes = first_kernel_index * sizeof(Entry);
    std::memset(ours, 0, user_bytes);
    std::memcpy(ours + user_bytes, kernels.data() + user_bytes, page_size - user_bytes);
    entries_ = reinterpret_cast<Entry*>(ours);
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

Result<Entry> UserTables::make_own(std::uint32_t index, const RegionTree& regions) {
    const Entry pde = directory_entry(index);
    if (pde.writable()) {
        return pde;
    }
    if (pde.present()) {
        return own_present(index, pde, regions);
    }
    const Result<Frame> frame = take_table();
    if (!frame) {
        return fail(frame.error());
    }
    const Entry made = Entry::for_table(*frame, true);
    set_directory_entry(index, made);
    return made;
}

// Makes a table that is there, and may not be written through `pde`, the directory's own.
Entry UserTables::own_present(std::uint32_t index, Entry pde, const RegionTree& regions) {
    if (with_.frames.share_count(pde.frame()) != 1) {
        return copy_table(index, pde, regions);
    }
    pde = pde.with(EntryField::writable, 1); // all others have gone
    set_directory_entry(index, pde);
    return pde;
}

// Gives this directory copies of a shared table and its twin, and its shares of the two back.
Entry UserTables::copy_table(std::uint32_t index, Entry pde, const RegionTree& regions) {
    const Entry twin = twin_of(index);
    const Frame copy = with_.table_copies.take(Owner::page_table);
    copy_entries(index, pde.frame(), copy, regions);
    with_.frames.release_mapped(pde.frame());
    pde = Entry::for_table(copy, true);
    set_directory_entry(index, pde);
    if (twin.present()) {
        const Frame twin_copy = with_.table_copies.take(Owner::page_table);
        with_.physical.copy(twin.frame(), twin_copy);
        with_.frames.release_mapped(twin.frame());
        set_directory_entry(index + twin_distance, Entry::for_table(twin_copy, true));
    }
    return pde;
}

// Fills the table in `to` with the entries in `from`; each frame gets one more share. Entries of private pages lose the
// right to write in both, for now two tables have them.
void UserTables::copy_entries(std::uint32_t index, Frame from, Frame to, const RegionTree& regions) {
    const FrameWindow source = with_.physical.open(from);
    const FrameWindow target = with_.physical.open(to);
    const Page start = first_page_of(index);
    std::uint32_t done = 0; // entries of the target that are written
    const Region* region = regions.at_or_above(start);
    for (; region != nullptr && region->first < start + entries_per_table; region = RegionTree::next(*region)) {
        const std::uint32_t first = region->first > start ? region->first - start : 0;
        const std::uint32_t end = std::min(region->end() - start, entries_per_table);
        const bool writable = region->traits.shared;
        clear(target, done, first);
        for (done = first; done < end; ++done) {
            Entry entry = *entries_of(source, done);
            if (holds_frame(entry)) {
                with_.frames.share_mapped(entry.frame());
                if (entry.writable() && !writable) {
                    entry = entry.with(EntryField::writable, 0);
                    *entries_of(source, done) = entry;
                }
            }
            *entries_of(target, done) = entry;
        }
    }
    clear(target, done, entries_per_table);
}

// Gives back a table, empty or shared, and its twin.
void UserTables::drop_table(std::uint32_t index, TlbFlush& flush) {
    const Entry pde = directory_entry(index);
    if (is_shared(pde)) {
        drop_shared(index, pde, flush);
        return;
    }
    const Entry twin = twin_of(index);
    set_directory_entry(index, Entry());
    give_table(pde.frame());
    if (twin.present()) {
        set_directory_entry(index + twin_distance, Entry());
        give_table(twin.frame());
    }
    if (loaded()) { // the translations went with the entries; the processor's copies of both directory entries go now
        flush.add(first_page_of(index), false);
    }
}

// Gives back the directory's share of a table and of its twin, and what was promised for copies of them. The TLB may
// have a translation of each of their pages.
void UserTables::drop_shared(std::uint32_t index, Entry pde, TlbFlush& flush) {
    const Entry twin = twin_of(index);
    set_directory_entry(index, Entry());
    with_.frames.release_mapped(pde.frame());
    with_.table_copies.give_back(twin.present() ? 2 : 1);
    if (twin.present()) {
        set_directory_entry(index + twin_distance, Entry());
        with_.frames.release_mapped(twin.frame());
    }
    if (loaded()) {
        flush.add_all(false);
    }
}

Entry UserTables::entry(Page page) const {
    const Entry pde = directory_entry(directory_index(page));
    return pde.present() ? table(pde)[table_index(page)] : Entry();
}

Result<void> UserTables::show_code(Page page, Entry entry) {
    const std::uint32_t index = directory_index(page) + twin_distance;
    Entry pde = directory_entry(index);
    if (!pde.present()) {
        const Result<Frame> frame = take_table();
        if (!frame) {
            return fail(frame.error());
        }
        pde = Entry::for_table(*frame, true);
        set_directory_entry(index, pde);
    }
    table(pde).set(table_index(page), Entry::for_page(entry.frame(), protection::user_read_only));
    return {};
}

bool UserTables::hide_code(Page page) {
    const Entry pde = twin_of(directory_index(page));
    if (!pde.present()) {
        return false;
    }
    const PageTable entries = table(pde);
    const bool shown = holds_frame(entries[table_index(page)]);
    entries.set(table_index(page), Entry());
    return shown;
}

void UserTables::hide_code(Page page, TlbFlush& flush) {
    if (hide_code(page) && loaded()) {
        flush.add(page + mirror_distance, false);
    }
}

// ---- Ranges

// own_range() where something may be shared.
void UserTables::own_shared_range(Page first, Page end, const RegionTree& regions, TlbFlush& flush) {
    for_each_span(first, end, [&](Span span) {
        const Entry pde = directory_entry(span.index);
        if (changeable(pde)) {
            return;
        }
        own_present(span.index, pde, regions);
        if (loaded()) {
            flush.add(span.page(span.from), false);
        }
    });
}

// own_edges() where something may be shared.
void UserTables::own_shared_edges(Page first, Page end, const RegionTree& regions, TlbFlush& flush) {
    const Page low = first_page_of(directory_index(first));
    if (low < first && is_shared(directory_entry(directory_index(first))) && regions.any_in(low, first)) {
        own_range(first, first + 1, regions, flush);
    }
    const Page high = first_page_of(directory_index(end - 1) + 1);
    if (end < high && is_shared(directory_entry(directory_index(end))) && regions.any_in(end, high)) {
        own_range(end - 1, end, regions, flush);
    }
}

void UserTables::empty_range(Page first, Page end, TlbFlush& flush) {
    for_each_span(first, end, [&](Span span) {
        const Entry pde = directory_entry(span.index);
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
        empty_span(span, pde, flush);
    });
}

void UserTables::empty_span(Span span, Entry pde, TlbFlush& flush) {
    const bool cached = loaded();
    const bool code = twin_of(span.index).present();
    const PageTable entries = table(pde);
    FrameReturn frames(with_.frames);
    for (std::uint32_t at = span.from; at < span.to; ++at) {
        const Entry entry = entries[at];
        if (!holds_frame(entry)) {
            continue;
        }
        entries.set(at, Entry());
        if (cached) {
            flush.add(span.page(at), false);
        }
        if (code) {
            hide_code(span.page(at), flush);
        }
        frames.add(entry.frame());
    }
}

bool UserTables::empty_everywhere(Page page, bool anonymous) {
    const Entry pde = directory_entry(directory_index(page));
    if (!pde.present()) {
        return false;
    }
    const PageTable entries = table(pde);
    const Entry entry = entries[table_index(page)];
    if (!holds_frame(entry) || (!anonymous && with_.frames.owner(entry.frame()) == Owner::anonymous)) {
        return false;
    }
    entries.set(table_index(page), Entry());
    static_cast<void>(hide_code(page)); // most pages are not executable
    with_.frames.release_mapped(entry.frame());
    return true;
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
    for_each_span(first, end, [&](Span span) {
        const Entry pde = directory_entry(span.index);
        if (!pde.present()) {
            return;
        }
        const bool code = !traits.access.execute && twin_of(span.index).present();
        const PageTable entries = table(pde);
        for (std::uint32_t at = span.from; at < span.to; ++at) {
            const Entry entry = entries[at];
            if (!holds_frame(entry)) {
                continue;
            }
            const bool writable =
                traits.access.write && (traits.shared || with_.frames.is_sole_anonymous(entry.frame()));
            const Entry changed = entry.with(EntryField::present, visible ? 1 : 0)
                                      .with(EntryField::available, visible ? 0 : hidden_mark)
                                      .with(EntryField::writable, writable ? 1 : 0);
            entries.set(at, changed);
            if (cached && entry.present() && changed != entry) {
                flush.add(span.page(at), false);
            }
            if (code) {
                hide_code(span.page(at), flush);
            }
        }
    });
}

void UserTables::move_range(Page first, Page end, Page to, TlbFlush& flush) {
    const bool cached = loaded();
    for_each_span(first, end, [&](Span span) {
        const Entry pde = directory_entry(span.index);
        if (!pde.present()) {
            return;
        }
        const PageTable entries = table(pde);
        for (std::uint32_t at = span.from; at < span.to; ++at) {
            const Entry entry = entries[at];
            if (!holds_frame(entry)) {
                continue;
            }
            const Page target = to + (span.page(at) - first);
            table(directory_entry(directory_index(target))).set(table_index(target), entry);
            entries.set(at, Entry());
            if (cached) {
                flush.add(span.page(at), false);
            }
            hide_code(span.page(at), flush);
        }
    });
}

bool UserTables::share_range(std::uint32_t from, std::uint32_t to, UserTables& other, std::uint32_t& room) {
    std::uint32_t left = room;
    bool all = true;
    for (std::uint32_t index = from; index < to; ++index) {
        const Entry pde = directory_entry(index);
        if (!pde.present()) {
            continue;
        }
        const Entry twin = twin_of(index);
        if (left < 2) [[unlikely]] { // it may have a twin
            all = false;
            break;
        }
        --left;
        with_.frames.share_mapped(pde.frame());
        if (twin.present()) {
            --left;
            with_.frames.share_mapped(twin.frame());
            other.set_directory_entry(index + twin_distance, twin);
        }
        const Entry shared = pde.with(EntryField::writable, 0);
        set_directory_entry(index, shared);
        other.set_directory_entry(index, shared);
    }
    room = left;
    return all;
}

} // namespace quire
