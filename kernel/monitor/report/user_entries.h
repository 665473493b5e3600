// What stands in a program's page table, in words: frames, pages on a disk by area and slot, pages on their way by
// direction, pages that are one word over and over by that word. For the shell's commands; it changes nothing and
// brings no page back.
#pragma once

#include "kernel/lib/format.h"
#include "kernel/memory/memory.h"
#include "kernel/memory/paging/page_directory.h"
#include "kernel/memory/paging/user_pte.h"

#include <cstdint>
#include <optional>

namespace quire {

// "swapped out to area 1 (/dev/hda), slot 0x2c". O(1).
struct UserEntryText {
    const Memory& memory;
    UserPte pte;
};
void print_to(Sink& sink, const UserEntryText& text);

// Why the content behind the entry, which has none that can be read, is not in memory: the end of a sentence that
// begins with an address. O(1).
struct AbsenceText {
    const Memory& memory;
    UserPte pte;
};
void print_to(Sink& sink, const AbsenceText& text);

// Whether the frame of the entry has the page's content: it is there, or goes out and has not gone. O(1).
[[nodiscard]] bool content_is_there(const Memory& memory, UserPte pte);

// Pages in a row whose entries are alike: frames in a row with one protection, slots in a row of one area, one word.
struct EntryRun {
    Page first;
    std::uint32_t count = 0;
    UserPte pte;             // of the first page
    Protection protection{}; // of pages that are present, by both levels of the tables

    [[nodiscard]] Page end() const { return first + count; }
    // Whether `next`, one page, belongs to it.
    [[nodiscard]] bool is_continued_by(const EntryRun& next) const;
};

// Calls visit(const EntryRun&) for each run of entries in [from, to) that are not empty, from the bottom up, until it
// answers false; whether it never did. O(pages under tables).
template <class Visitor> bool for_each_run(const UserTables& tables, Page from, Page to, Visitor&& visit) {
    std::optional<EntryRun> run;
    for (Page page = from; page < to;) {
        const Pde pde = tables.directory_entry(directory_index(page));
        if (!pde.present()) {
            page = first_page_of(directory_index(page) + 1);
            continue;
        }
        if (const UserPte pte = tables.pte(page); !pte.is_empty()) {
            EntryRun here{.first = page, .count = 1, .pte = pte};
            if (pte.is_present()) {
                here.protection = pte.word().protection();
                here.protection.writable = here.protection.writable && pde.writable();
            }
            if (run && run->is_continued_by(here)) {
                ++run->count;
            } else {
                if (run && !visit(*run)) {
                    return false;
                }
                run = here;
            }
        }
        page = page + 1;
    }
    return !run || visit(*run);
}

// A line of a table: where to, how it is mapped; or where the page is instead. 43 columns at most but for names.
struct EntryRunText {
    const Memory& memory;
    const EntryRun& run;
};
void print_to(Sink& sink, const EntryRunText& text);

} // namespace quire
