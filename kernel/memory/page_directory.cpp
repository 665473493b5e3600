// The operations on a page directory. Ranges are cut into spans, one per directory entry; each operation walks its
// spans twice, first to check and then, when nothing can fail any more, to change.
#include "kernel/memory/page_directory.h"

#include "arch/x86/include/mmu.h"
#include "kernel/lib/panic.h"
#include "kernel/memory/address_text.h"
#include "kernel/memory/page_table.h"

#include <algorithm>
#include <utility>

namespace quire {

namespace {

constexpr std::uint32_t directory_index(Page page) {
    return page.number() / entries_per_table;
}
constexpr std::uint32_t table_index(Page page) {
    return page.number() % entries_per_table;
}
constexpr Page first_page_of(std::uint32_t directory_index) {
    return Page(directory_index * entries_per_table);
}
constexpr std::uint32_t first_kernel_index = directory_index(PageDirectory::first_kernel_page);

constexpr bool is_window_table(Entry pde) {
    return pde.present() && !pde.maps_large_page() && pde.available() == window_table_mark;
}

// How many entries of a table those who look around are shown. Windows come and go, even while somebody looks through
// one; what lasts of their table is slot 0, which shows the table itself.
constexpr std::uint32_t lasting_entries(Entry pde) {
    return is_window_table(pde) ? 1 : entries_per_table;
}

// Where entry `index` of the directory or table in `frame` lies.
constexpr PhysAddr entry_address(Frame frame, std::uint32_t index) {
    return frame.start() + index * static_cast<std::uint32_t>(sizeof(Entry));
}

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

// What two levels allow together: Intel SDM vol. 3A §4.6.1. The memory type is the last level's.
constexpr Protection combined(Entry pde, Entry pte) {
    Protection both = pte.protection();
    both.writable = both.writable && pde.writable();
    both.user = both.user && pde.user();
    return both;
}

// Calls step(part) for each part of the range under one directory entry, in order.
template <class Span, class Step> void for_each_span(Page first, std::uint32_t count, Step step) {
    while (count != 0) {
        const std::uint32_t here = std::min(count, entries_per_table - table_index(first));
        step(Span{directory_index(first), first, here});
        first = first + here;
        count -= here;
    }
}

} // namespace

// --- The directory itself

Result<PageDirectory> PageDirectory::create(PhysicalMemory& memory, FrameSource& source, PagingFeatures features) {
    const Result<Frame> frame = source.allocate_table();
    if (!frame) {
        return fail(frame.error());
    }
    memory.zero(*frame);
    return PageDirectory(memory, source, features, *frame);
}

PageDirectory::PageDirectory(PageDirectory&& other) noexcept
    : memory_(other.memory_), source_(other.source_), features_(other.features_), frame_(other.frame_),
      owner_(std::exchange(other.owner_, false)), tables_(std::exchange(other.tables_, 0)), used_(other.used_) {}

PageDirectory::~PageDirectory() {
    if (!owner_) {
        return;
    }
    ensure(!loaded(), "the page directory in use was destroyed");
    for (std::uint32_t index = 0; index < entries_per_table && tables_ != 0; ++index) {
        const Entry pde = directory_entry(index);
        if (pde.present() && !pde.maps_large_page()) {
            source_->free_table(pde.frame());
            --tables_;
        }
    }
    source_->free_table(frame_);
}

void PageDirectory::load() const {
    machine::load_page_directory(frame_.start());
}

bool PageDirectory::loaded() const {
    return machine::page_directory() == frame_.start();
}

Entry PageDirectory::directory_entry(std::uint32_t index) const {
    return PageTable(*memory_, frame_)[index];
}

void PageDirectory::set_directory_entry(std::uint32_t index, Entry entry) const {
    PageTable(*memory_, frame_).set(index, entry);
}

void PageDirectory::add_table(std::uint32_t index, Frame table, std::uint32_t mark) {
    memory_->zero(table);
    set_directory_entry(index, Entry::for_table(table, index < first_kernel_index).with(EntryField::available, mark));
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

bool PageDirectory::maps_as_large(Span span, Frame frame) const {
    return features_.large_pages && span.count == entries_per_table && frame.number() % frames_per_large_page == 0;
}

bool PageDirectory::any_present(Frame table, Span span) const {
    const PageTable entries(*memory_, table);
    const std::uint32_t from = table_index(span.first);
    for (std::uint32_t index = from; index < from + span.count; ++index) {
        if (entries[index].present()) {
            return true;
        }
    }
    return false;
}

bool PageDirectory::all_present(Frame table, Span span) const {
    const PageTable entries(*memory_, table);
    const std::uint32_t from = table_index(span.first);
    for (std::uint32_t index = from; index < from + span.count; ++index) {
        if (!entries[index].present()) {
            return false;
        }
    }
    return true;
}

// Checks that nothing is mapped in the range and counts the tables that mapping it needs.
Result<std::uint32_t> PageDirectory::tables_to_add(Page first, Frame frame, std::uint32_t count) const {
    Result<std::uint32_t> tables = 0;
    for_each_span<Span>(first, count, [&](Span span) {
        if (!tables) {
            return;
        }
        const Entry pde = directory_entry(span.index);
        if (!pde.present()) {
            *tables += maps_as_large(span, frame + (span.first - first)) ? 0U : 1U;
        } else if (is_window_table(pde)) {
            tables = fail(Error::reserved);
        } else if (pde.maps_large_page() || any_present(pde.frame(), span)) {
            tables = fail(Error::already_mapped);
        }
    });
    return tables;
}

void PageDirectory::map_span(Span span, Frame frame, Protection protection, FrameChain& reserved) {
    Entry pde = directory_entry(span.index);
    if (!pde.present() && maps_as_large(span, frame)) {
        set_directory_entry(span.index, Entry::for_large_page(frame, protection));
        return;
    }
    if (!pde.present()) {
        add_table(span.index, reserved.pop(), 0);
        pde = directory_entry(span.index);
    }
    const PageTable table(*memory_, pde.frame());
    for (std::uint32_t page = 0; page < span.count; ++page) {
        table.set(table_index(span.first) + page, Entry::for_page(frame + page, protection));
    }
    used_[span.index] = static_cast<std::uint16_t>(used_[span.index] + span.count);
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
    FrameChain reserved(*memory_, *source_);
    if (const auto filled = reserved.fill(*tables); !filled) {
        return filled;
    }
    for_each_span<Span>(first, count,
                        [&](Span span) { map_span(span, frame + (span.first - first), usable(protection), reserved); });
    return {};
}

Result<void> PageDirectory::map(Page page, Frame frame, Protection protection) {
    return map_range(page, frame, 1, protection);
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

Result<void> PageDirectory::add_window_table() {
    const std::uint32_t index = directory_index(Page::containing(machine::windows_start));
    if (directory_entry(index).present()) {
        return fail(Error::already_mapped);
    }
    const Result<Frame> table = source_->allocate_table();
    if (!table) {
        return fail(table.error());
    }
    add_table(index, *table, window_table_mark);
    PageTable(*memory_, *table).set(0, Entry::for_page(*table, {.writable = true}));
    return {};
}

// --- Changing

// Checks that every page of the range is mapped and that no 4 MiB page is in it but in part.
Result<void> PageDirectory::check_change(Page first, std::uint32_t count) const {
    Result<void> result = check_pages(first, count);
    if (!result) {
        return result;
    }
    for_each_span<Span>(first, count, [&](Span span) {
        if (!result) {
            return;
        }
        const Entry pde = directory_entry(span.index);
        if (!pde.present()) {
            result = fail(Error::not_mapped);
        } else if (is_window_table(pde)) {
            result = fail(Error::reserved);
        } else if (pde.maps_large_page()) {
            result = span.count == entries_per_table ? result : fail(Error::large_page);
        } else if (!all_present(pde.frame(), span)) {
            result = fail(Error::not_mapped);
        }
    });
    return result;
}

void PageDirectory::unmap_span(Span span, TlbFlush& flush) {
    const Entry pde = directory_entry(span.index);
    const bool cached = may_be_cached(span.first);
    if (pde.maps_large_page()) {
        set_directory_entry(span.index, Entry());
        if (cached) {
            flush.add_large(pde.global());
        }
        return;
    }
    {
        const PageTable table(*memory_, pde.frame());
        for (std::uint32_t page = 0; page < span.count; ++page) {
            const std::uint32_t index = table_index(span.first) + page;
            if (cached) {
                flush.add(span.first + page, table[index].global());
            }
            table.set(index, Entry());
        }
    }
    used_[span.index] = static_cast<std::uint16_t>(used_[span.index] - span.count);
    if (used_[span.index] == 0) {
        set_directory_entry(span.index, Entry());
        --tables_;
        flush.free_table(pde.frame(), *memory_, *source_);
    }
}

Result<Frame> PageDirectory::unmap(Page page, TlbFlush& flush) {
    if (const auto checked = check_change(page, 1); !checked) {
        return fail(checked.error());
    }
    const Frame frame = PageTable(*memory_, directory_entry(directory_index(page)).frame())[table_index(page)].frame();
    unmap_span({directory_index(page), page, 1}, flush);
    return frame;
}

Result<void> PageDirectory::unmap_range(Page first, std::uint32_t count, TlbFlush& flush) {
    if (const auto checked = check_change(first, count); !checked) {
        return checked;
    }
    for_each_span<Span>(first, count, [&](Span span) { unmap_span(span, flush); });
    return {};
}

void PageDirectory::protect_span(Span span, Protection protection, TlbFlush& flush) {
    const Entry pde = directory_entry(span.index);
    const bool cached = may_be_cached(span.first);
    if (pde.maps_large_page()) {
        const Entry changed = pde.with(protection);
        set_directory_entry(span.index, changed);
        if (cached && changed != pde) {
            flush.add_large(pde.global());
        }
        return;
    }
    const PageTable table(*memory_, pde.frame());
    for (std::uint32_t page = 0; page < span.count; ++page) {
        const std::uint32_t index = table_index(span.first) + page;
        const Entry before = table[index];
        const Entry changed = before.with(protection);
        table.set(index, changed);
        if (cached && changed != before) {
            flush.add(span.first + page, before.global());
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
    for_each_span<Span>(first, count, [&](Span span) { protect_span(span, usable(protection), flush); });
    return {};
}

// --- Looking

Result<Translation> PageDirectory::translate(VirtAddr address) const {
    const Page page = Page::containing(address);
    const Entry pde = directory_entry(directory_index(page));
    if (!pde.present()) {
        return fail(Error::not_mapped);
    }
    if (pde.maps_large_page()) {
        return Translation{.address = pde.large_frame().start() + (address.value() & (large_page_size - 1)),
                           .protection = pde.protection(),
                           .large = true,
                           .accessed = pde.accessed(),
                           .dirty = pde.dirty()};
    }
    const Entry pte = PageTable(*memory_, pde.frame())[table_index(page)];
    if (!pte.present()) {
        return fail(Error::not_mapped);
    }
    return Translation{.address = pte.frame().start() + address.offset_in_page(),
                       .protection = combined(pde, pte),
                       .large = false,
                       .accessed = pte.accessed(),
                       .dirty = pte.dirty()};
}

Walk PageDirectory::walk(VirtAddr address) const {
    const Page page = Page::containing(address);
    const std::uint32_t index = directory_index(page);
    const Entry pde = directory_entry(index);
    Walk walk{
        .address = address, .directory = {pde.directory_kind(), index, entry_address(frame_, index), pde}, .table = {}};
    if (pde.present() && !pde.maps_large_page()) {
        const std::uint32_t inner = table_index(page);
        walk.table = WalkStep{EntryKind::page, inner, entry_address(pde.frame(), inner),
                              PageTable(*memory_, pde.frame())[inner]};
    }
    return walk;
}

// The lowest mapped page that is `page` or above it.
std::optional<Page> PageDirectory::mapped_from(Page page) const {
    for (; page < end_of_pages; page = first_page_of(directory_index(page) + 1)) {
        const Entry pde = directory_entry(directory_index(page));
        if (!pde.present()) {
            continue;
        }
        if (pde.maps_large_page()) {
            return page;
        }
        const PageTable table(*memory_, pde.frame());
        for (std::uint32_t index = table_index(page); index < lasting_entries(pde); ++index) {
            if (table[index].present()) {
                return first_page_of(directory_index(page)) + index;
            }
        }
    }
    return {};
}

std::optional<Page> PageDirectory::next_mapped(Page page) const {
    return mapped_from(page + 1);
}

std::optional<Page> PageDirectory::previous_mapped(Page page) const {
    // `end` moves down: pages from it on have been looked at.
    for (Page end = std::min(page, end_of_pages); end > Page(0);) {
        const std::uint32_t index = directory_index(end - 1);
        const Entry pde = directory_entry(index);
        if (pde.present() && pde.maps_large_page()) {
            return end - 1;
        }
        if (pde.present()) {
            const PageTable table(*memory_, pde.frame());
            const Page first = first_page_of(index);
            for (Page candidate = std::min(end, first + lasting_entries(pde)); candidate > first;) {
                candidate = candidate - 1;
                if (table[table_index(candidate)].present()) {
                    return candidate;
                }
            }
        }
        end = first_page_of(index);
    }
    return {};
}

// `page` if it is mapped, or what is left from it on of the 4 MiB page that it is in.
std::optional<MappedRun> PageDirectory::piece_at(Page page) const {
    const Result<Translation> translation = translate(page.start());
    if (!translation || table_index(page) >= lasting_entries(directory_entry(directory_index(page)))) {
        return {};
    }
    const std::uint32_t count = translation->large ? entries_per_table - table_index(page) : 1;
    return MappedRun{page, count, translation->frame(), translation->protection, translation->large};
}

std::optional<MappedRun> PageDirectory::next_run(Page from) const {
    const std::optional<Page> first = mapped_from(from);
    if (!first) {
        return {};
    }
    MappedRun run = *piece_at(*first);
    while (run.end() < end_of_pages) {
        const std::optional<MappedRun> next = piece_at(run.end());
        if (!next || next->frame != run.frame + run.count || next->protection != run.protection ||
            next->large != run.large) {
            break;
        }
        run.count += next->count;
    }
    return run;
}

// --- Proof

void PageDirectory::audit_table(std::uint32_t index, Entry pde, AuditReport& report) const {
    const bool user = index < first_kernel_index;
    const VirtAddr start = first_page_of(index).start();
    report.check(source_->is_table(pde.frame()), "the table of {} is in {}, which is not out as a table", start,
                 pde.frame());
    report.check(pde.writable() && pde.user() == user, "the entry of the table of {} decides what its pages should",
                 start);
    const PageTable table(*memory_, pde.frame());
    std::uint32_t present = 0;
    for (std::uint32_t inner = 0; inner < entries_per_table; ++inner) {
        const Entry pte = table[inner];
        if (!pte.present()) {
            continue;
        }
        ++present;
        const VirtAddr address = (first_page_of(index) + inner).start();
        report.check(user || !pte.user(), "{} is the kernel's and open to user programs", address);
        report.check(!pte.user() || !pte.global(), "{} is a user page and global", address);
    }
    if (!is_window_table(pde)) {
        report.check(present == used_[index] && present != 0, "the table of {} has {} entries in use, counted were {}",
                     start, present, used_[index]);
    }
}

void PageDirectory::audit(AuditReport& report) const {
    report.check(source_->is_table(frame_), "the directory is in {}, which is not out as a table", frame_);
    std::uint32_t tables = 0;
    for (std::uint32_t index = 0; index < entries_per_table; ++index) {
        const Entry pde = directory_entry(index);
        if (!pde.present()) {
            report.check(used_[index] == 0, "{} has no table, yet {} entries of it are counted",
                         first_page_of(index).start(), used_[index]);
        } else if (pde.maps_large_page()) {
            const VirtAddr start = first_page_of(index).start();
            report.check(pde.wrong_bits(EntryKind::large_page) == 0, "reserved bits are set in the 4 MiB page {}",
                         start);
            report.check(features_.large_pages, "{} is a 4 MiB page, which the processor lacks", start);
            report.check(index < first_kernel_index || !pde.user(), "{} is the kernel's and open to user programs",
                         start);
            report.check(!pde.user() || !pde.global(), "{} is a user page and global", start);
        } else {
            ++tables;
            audit_table(index, pde, report);
        }
    }
    report.check(tables == tables_, "the directory has {} tables, counted were {}", tables, tables_);
}

// --- For people

namespace {

void print_step(Sink& sink, const WalkStep& step) {
    print(sink, "{} {} at {} = {:#010x}: {}\n", step.kind == EntryKind::page ? "PTE" : "PDE", step.index, step.at,
          step.entry.raw(), EntryText{step.entry, step.kind});
}

} // namespace

void print_to(Sink& sink, const Walk& walk) {
    print_step(sink, walk.directory);
    if (walk.table) {
        print_step(sink, *walk.table);
    }
}

} // namespace quire
