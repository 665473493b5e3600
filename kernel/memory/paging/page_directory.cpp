// The operations that change a page directory. Ranges are cut into spans, one per directory entry; each operation walks
// its spans twice, first to check and then, when nothing can fail any more, to change.
#include "kernel/memory/paging/page_directory.h"

#include "kernel/lib/panic.h"
#include "kernel/machine/mmu.h"
#include "kernel/memory/paging/page_table.h"

#include <algorithm>
#include <utility>

namespace quire {

namespace {

Result<void> check_pages(Page first, std::uint32_t count) {
    if (count == 0) {
        return fail(Error::invalid_argument);
    }
    const std::uint32_t end = PageDirectory::end_of_pages.number();
    return first.number() < end && count <= end - first.number() ? Result<void>() : fail(Error::out_of_range);
}

Result<void> check_frames(Frame first, std::uint32_t count) {
    const bool fits = first.number() < frames_in_4_gib && count <= frames_in_4_gib - first.number();
    return fits ? Result<void>() : fail(Error::out_of_range);
}

// No user page in the kernel's part, and none that outlives its address space in the TLB. `count` pages are in range.
Result<void> check_protection(Page first, std::uint32_t count, Protection protection) {
    const bool touches_kernel = first + count > PageDirectory::first_kernel_page;
    const bool refused = protection.user && (touches_kernel || protection.global);
    return refused ? fail(Error::invalid_argument) : Result<void>();
}

// Whether a directory entry points to a table whose entries are the directory's to write.
bool is_plain_table(Pde pde) {
    return pde.present() && !pde.maps_large_page() && pde.available() != temporary_table_mark;
}

} // namespace

// --- The directory itself

Result<PageDirectory> PageDirectory::create(PhysicalMemory& memory, PageTableAllocator& allocator,
                                            PagingFeatures features) {
    const Result<Frame> frame = allocator.allocate_table();
    if (!frame) {
        return fail(frame.error());
    }
    memory.zero(*frame);
    return PageDirectory(memory, allocator, features, *frame);
}

PageDirectory::PageDirectory(PageDirectory&& other) noexcept
    : memory_(other.memory_), allocator_(other.allocator_), features_(other.features_), observer_(other.observer_),
      frame_(other.frame_), owner_(std::exchange(other.owner_, false)), tables_(std::exchange(other.tables_, 0)),
      used_(other.used_) {}

PageDirectory::~PageDirectory() {
    if (!owner_) {
        return;
    }
    ensure(!loaded(), "the page directory in use was destroyed");
    for (std::uint32_t index = 0; index < entries_per_table && tables_ != 0; ++index) {
        const Pde pde = directory_entry(index);
        if (pde.present() && !pde.maps_large_page()) {
            allocator_->free_table(pde.frame());
            --tables_;
        }
    }
    allocator_->free_table(frame_);
}

void PageDirectory::load() const {
    machine::load_page_directory(frame_.start());
}

bool PageDirectory::loaded() const {
    return machine::page_directory() == frame_.start();
}

Pde PageDirectory::directory_entry(std::uint32_t index) const {
    return DirectoryTable(*memory_, frame_)[index];
}

void PageDirectory::set_directory_entry(std::uint32_t index, Pde entry) const {
    DirectoryTable(*memory_, frame_).set(index, entry);
    if (observer_ != nullptr && index >= directory_index(first_kernel_page)) {
        observer_->kernel_mapping_changed(index, entry);
    }
}

void PageDirectory::add_table(std::uint32_t index, Frame table, std::uint32_t mark) {
    memory_->zero(table);
    set_directory_entry(
        index, Pde::for_table(table, index < directory_index(first_kernel_page)).with(EntryField::available, mark));
    ++tables_;
}

Protection PageDirectory::usable(Protection protection) const {
    protection.global = protection.global && features_.global_pages;
    return protection;
}

// The kernel's part is the same in every directory, so whichever is loaded may have put it into the TLB.
bool PageDirectory::may_be_cached(Page page) const {
    return page >= first_kernel_page || loaded();
}

// --- Adding

bool PageDirectory::maps_as_large(TableSpan span, Frame frame) const {
    return features_.large_pages && span.count() == entries_per_table && frame.number() % frames_per_large_page == 0;
}

bool PageDirectory::any_present(Frame table, TableSpan span) const {
    const PageTable entries(*memory_, table);
    const std::uint32_t from = span.from;
    for (std::uint32_t index = from; index < from + span.count(); ++index) {
        if (entries[index].present()) {
            return true;
        }
    }
    return false;
}

bool PageDirectory::all_present(Frame table, TableSpan span) const {
    const PageTable entries(*memory_, table);
    const std::uint32_t from = span.from;
    for (std::uint32_t index = from; index < from + span.count(); ++index) {
        if (!entries[index].present()) {
            return false;
        }
    }
    return true;
}

// Checks that nothing is mapped in the range and counts the tables that mapping it needs.
Result<std::uint32_t> PageDirectory::tables_to_add(Page first, Frame frame, std::uint32_t count) const {
    Result<std::uint32_t> tables = 0;
    for_each_span(first, first + count, [&](TableSpan span) {
        if (!tables) {
            return;
        }
        const Pde pde = directory_entry(span.index);
        if (!pde.present()) {
            *tables += maps_as_large(span, frame + (span.first() - first)) ? 0U : 1U;
        } else if (is_temporary_table(pde)) {
            tables = fail(Error::reserved);
        } else if (pde.maps_large_page() || any_present(pde.frame(), span)) {
            tables = fail(Error::already_mapped);
        }
    });
    return tables;
}

void PageDirectory::map_span(TableSpan span, Frame frame, Protection protection, FreeTableList& reserved) {
    Pde pde = directory_entry(span.index);
    if (!pde.present() && maps_as_large(span, frame)) {
        set_directory_entry(span.index, Pde::for_large_page(frame, protection));
        return;
    }
    if (!pde.present()) {
        add_table(span.index, reserved.pop(), 0);
        pde = directory_entry(span.index);
    }
    const PageTable table(*memory_, pde.frame());
    const Pte first = Pte::for_page(frame, protection);
    for (std::uint32_t page = 0; page < span.count(); ++page) {
        table.set(span.from + page, first.with(EntryField::frame, frame.number() + page));
    }
    used_[span.index] = static_cast<std::uint16_t>(used_[span.index] + span.count());
}

Result<void> PageDirectory::map_range(Page first, Frame frame, std::uint32_t count, Protection protection) {
    if (const auto checked = check_pages(first, count); !checked) {
        return checked;
    }
    if (const auto checked = check_frames(frame, count); !checked) {
        return checked;
    }
    if (const auto checked = check_protection(first, count, protection); !checked) {
        return checked;
    }
    const Result<std::uint32_t> tables = tables_to_add(first, frame, count);
    if (!tables) {
        return fail(tables.error());
    }
    FreeTableList reserved(*memory_, *allocator_);
    if (const auto filled = reserved.fill(*tables); !filled) {
        return filled;
    }
    for_each_span(first, first + count, [&](TableSpan span) {
        map_span(span, frame + (span.first() - first), usable(protection), reserved);
    });
    return {};
}

Result<void> PageDirectory::map(Page page, Frame frame, Protection protection) {
    const Pde pde = page < end_of_pages ? directory_entry(directory_index(page)) : Pde();
    if (!is_plain_table(pde) || frame.number() >= frames_in_4_gib || !check_protection(page, 1, protection)) {
        return map_range(page, frame, 1, protection);
    }
    // The common case, short: the table is there, and one entry is all there is to check and to write.
    const PageTable table(*memory_, pde.frame());
    if (table[table_index(page)].present()) {
        return fail(Error::already_mapped);
    }
    table.set(table_index(page), Pte::for_page(frame, usable(protection)));
    ++used_[directory_index(page)];
    return {};
}

Result<void> PageDirectory::map_large(Page first, Frame frame, Protection protection) {
    if (!features_.large_pages) {
        return fail(Error::not_supported);
    }
    if (table_index(first) != 0 || frame.number() % frames_per_large_page != 0) {
        return fail(Error::misaligned);
    }
    return map_range(first, frame, entries_per_table, protection);
}

Result<void> PageDirectory::add_temporary_table() {
    const std::uint32_t index = directory_index(Page::containing(machine::temporary_start));
    if (directory_entry(index).present()) {
        return fail(Error::already_mapped);
    }
    const Result<Frame> table = allocator_->allocate_table();
    if (!table) {
        return fail(table.error());
    }
    add_table(index, *table, temporary_table_mark);
    PageTable(*memory_, *table).set(0, Pte::for_page(*table, {.writable = true}));
    return {};
}

// --- Changing

// Checks that every page of the range is mapped and that no 4 MiB page is in it but in part.
Result<void> PageDirectory::check_change(Page first, std::uint32_t count) const {
    Result<void> result = check_pages(first, count);
    if (!result) {
        return result;
    }
    for_each_span(first, first + count, [&](TableSpan span) {
        if (!result) {
            return;
        }
        const Pde pde = directory_entry(span.index);
        if (!pde.present()) {
            result = fail(Error::not_mapped);
        } else if (is_temporary_table(pde)) {
            result = fail(Error::reserved);
        } else if (pde.maps_large_page()) {
            result = span.count() == entries_per_table ? result : fail(Error::large_page);
        } else if (!all_present(pde.frame(), span)) {
            result = fail(Error::not_mapped);
        }
    });
    return result;
}

void PageDirectory::unmap_span(TableSpan span, Pde pde, TlbFlush& flush) {
    const bool cached = may_be_cached(span.first());
    if (pde.maps_large_page()) {
        set_directory_entry(span.index, Pde());
        if (cached) {
            flush.add_all(pde.global());
        }
        return;
    }
    {
        const PageTable table(*memory_, pde.frame());
        for (std::uint32_t page = 0; page < span.count(); ++page) {
            const std::uint32_t index = span.from + page;
            if (cached) {
                flush.add(span.first() + page, table[index].global());
            }
            table.set(index, Pte());
        }
    }
    used_[span.index] = static_cast<std::uint16_t>(used_[span.index] - span.count());
    if (used_[span.index] == 0) {
        set_directory_entry(span.index, Pde());
        --tables_;
        flush.free_table(pde.frame(), *memory_, *allocator_);
    }
}

Result<Frame> PageDirectory::unmap(Page page, TlbFlush& flush) {
    const Pde pde = page < end_of_pages ? directory_entry(directory_index(page)) : Pde();
    const Pte pte = is_plain_table(pde) ? PageTable(*memory_, pde.frame())[table_index(page)] : Pte();
    if (!pte.present()) {
        const auto refused = check_change(page, 1);
        return fail(refused ? Error::not_mapped : refused.error());
    }
    unmap_span({directory_index(page), table_index(page), table_index(page) + 1}, pde, flush);
    return pte.frame();
}

Result<void> PageDirectory::unmap_range(Page first, std::uint32_t count, TlbFlush& flush) {
    if (const auto checked = check_change(first, count); !checked) {
        return checked;
    }
    for_each_span(first, first + count, [&](TableSpan span) { unmap_span(span, directory_entry(span.index), flush); });
    return {};
}

void PageDirectory::protect_span(TableSpan span, Protection protection, TlbFlush& flush) {
    const Pde pde = directory_entry(span.index);
    const bool cached = may_be_cached(span.first());
    if (pde.maps_large_page()) {
        const Pde changed = pde.with(protection);
        set_directory_entry(span.index, changed);
        if (cached && changed != pde) {
            flush.add_all(pde.global());
        }
        return;
    }
    const PageTable table(*memory_, pde.frame());
    for (std::uint32_t page = 0; page < span.count(); ++page) {
        const std::uint32_t index = span.from + page;
        const Pte before = table[index];
        const Pte changed = before.with(protection);
        table.set(index, changed);
        if (cached && changed != before) {
            flush.add(span.first() + page, before.global());
        }
    }
}

Result<void> PageDirectory::protect(Page page, Protection protection, TlbFlush& flush) {
    return protect_range(page, 1, protection, flush);
}

Result<void> PageDirectory::protect_range(Page first, std::uint32_t count, Protection protection, TlbFlush& flush) {
    if (const auto checked = check_change(first, count); !checked) {
        return checked;
    }
    if (const auto checked = check_protection(first, count, protection); !checked) {
        return checked;
    }
    for_each_span(first, first + count, [&](TableSpan span) { protect_span(span, usable(protection), flush); });
    return {};
}

} // namespace quire
