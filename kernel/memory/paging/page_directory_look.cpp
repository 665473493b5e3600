// Looking at a page directory: translation, walks, neighbours, runs and the audit. Nothing here changes an entry.
#include "kernel/memory/frames/address_text.h"
#include "kernel/memory/paging/page_directory.h"
#include "kernel/memory/paging/page_table.h"

#include <algorithm>

namespace quire {

namespace {

// What two levels allow together: Intel SDM vol. 3A §4.6.1. The memory type is the last level's.
constexpr Protection combined(Pde pde, Pte pte) {
    Protection both = pte.protection();
    both.writable = both.writable && pde.writable();
    both.user = both.user && pde.user();
    return both;
}

// How many entries of a table those who look around are shown. Windows come and go, even while somebody looks through
// one; what lasts of their table is slot 0, which shows the table itself.
constexpr std::uint32_t lasting_entries(Pde pde) {
    return is_temporary_table(pde) ? 1 : entries_per_table;
}

} // namespace

Result<Translation> PageDirectory::translate(VirtAddr address) const {
    const Page page = Page::containing(address);
    const Pde pde = directory_entry(directory_index(page));
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
    const Pte pte = PageTable(*memory_, pde.frame())[table_index(page)];
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
    const Pde pde = directory_entry(index);
    Walk walk{.address = address, .directory = {pde.kind(), index, entry_address(frame_, index), pde}, .table = {}};
    if (pde.present() && !pde.maps_large_page()) {
        const std::uint32_t inner = table_index(page);
        walk.table = WalkStep{EntryKind::page, inner, entry_address(pde.frame(), inner),
                              PageTable(*memory_, pde.frame())[inner]};
    }
    return walk;
}

// The lowest mapped page that is `page` or above it.
std::optional<Page> PageDirectory::mapped_from(Page page) const {
    const DirectoryTable directory(*memory_, frame_);
    for (; page < end_of_pages; page = first_page_of(directory_index(page) + 1)) {
        const Pde pde = directory[directory_index(page)];
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
    const DirectoryTable directory(*memory_, frame_);
    // `end` moves down: pages from it on have been looked at.
    for (Page end = std::min(page, end_of_pages); end > Page(0);) {
        const std::uint32_t index = directory_index(end - 1);
        const Pde pde = directory[index];
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

void PageDirectory::audit_table(std::uint32_t index, Pde pde, AuditReport& report) const {
    const bool user = index < directory_index(first_kernel_page);
    const VirtAddr start = first_page_of(index).start();
    report.check(allocator_->is_table(pde.frame()), "the table of {} is in {}, which is not out as a table", start,
                 pde.frame());
    report.check(pde.writable() && pde.user() == user, "the entry of the table of {} decides what its pages should",
                 start);
    const PageTable table(*memory_, pde.frame());
    std::uint32_t present = 0;
    for (std::uint32_t inner = 0; inner < entries_per_table; ++inner) {
        const Pte pte = table[inner];
        if (!pte.present()) {
            continue;
        }
        ++present;
        const VirtAddr address = (first_page_of(index) + inner).start();
        report.check(user || !pte.user(), "{} is the kernel's and open to user programs", address);
        report.check(!pte.user() || !pte.global(), "{} is a user page and global", address);
    }
    if (!is_temporary_table(pde)) {
        report.check(present == used_[index] && present != 0, "the table of {} has {} entries in use, counted were {}",
                     start, present, used_[index]);
    }
}

void PageDirectory::audit(AuditReport& report) const {
    report.check(allocator_->is_table(frame_), "the directory is in {}, which is not out as a table", frame_);
    std::uint32_t tables = 0;
    for (std::uint32_t index = 0; index < entries_per_table; ++index) {
        const Pde pde = directory_entry(index);
        if (!pde.present()) {
            report.check(used_[index] == 0, "{} has no table, yet {} entries of it are counted",
                         first_page_of(index).start(), used_[index]);
        } else if (pde.maps_large_page()) {
            const VirtAddr start = first_page_of(index).start();
            report.check(pde.wrong_bits(EntryKind::large_page) == 0, "reserved bits are set in the 4 MiB page {}",
                         start);
            report.check(features_.large_pages, "{} is a 4 MiB page, which the processor lacks", start);
            report.check(index < directory_index(first_kernel_page) || !pde.user(),
                         "{} is the kernel's and open to user programs", start);
            report.check(!pde.user() || !pde.global(), "{} is a user page and global", start);
        } else {
            ++tables;
            audit_table(index, pde, report);
        }
    }
    report.check(tables == tables_, "the directory has {} tables, counted were {}", tables, tables_);
}

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
