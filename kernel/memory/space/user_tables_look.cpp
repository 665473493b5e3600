// User tables counted and audited.
#include "kernel/memory/space/user_tables.h"

namespace quire {

PageCounts UserTables::count(Page first, Page end) const {
    PageCounts counts;
    for_each_pte(first, end, [&](Page page, UserPte pte) {
        counts.swapped += pte.kind() == UserPteKind::swapped ? 1U : 0U;
        if (!pte.has_content() || with_.frames.owner(pte.frame()) == Owner::zero) {
            return;
        }
        ++counts.resident;
        const bool table_shared = is_shared(directory_entry(directory_index(page)));
        counts.shared += table_shared || with_.frames.share_count(pte.frame()) != 1 ? 1U : 0U;
        counts.dirty += pte.dirty() ? 1U : 0U;
        counts.used += is_used(page, pte) ? 1U : 0U;
    });
    return counts;
}

// Whether the processor has marked the entry as accessed, or the one that shows the page as code.
bool UserTables::is_used(Page page, UserPte pte) const {
    const Pde mirror = mirror_of(directory_index(page));
    return pte.accessed() || (mirror.present() && table(mirror)[table_index(page)].accessed());
}

std::uint32_t UserTables::table_count() const {
    std::uint32_t tables = 1 + (spare_ ? 1U : 0U);
    for (std::uint32_t index = 0; index < 2 * mirror_table_distance; ++index) {
        tables += directory_entry(index).present() ? 1U : 0U;
    }
    return tables;
}

std::uint32_t UserTables::shared_table_count() const {
    std::uint32_t tables = 0;
    for (std::uint32_t index = 0; index < 2 * mirror_table_distance; ++index) {
        const Pde pde = directory_entry(index);
        tables += pde.present() && with_.frames.share_count(pde.frame()) > 1 ? 1U : 0U;
    }
    return tables;
}

void UserTables::audit(const RegionTree& regions, AuditReport& report) const {
    for (std::uint32_t index = 0; index < mirror_table_distance; ++index) {
        const Page start = first_page_of(index);
        if (directory_entry(index).present()) {
            report.check(regions.any_in(start, start + entries_per_table),
                         "address space: the table at {:#010x} has a region above it", start.start().value());
            audit_table(index, regions, report);
        }
        if (mirror_of(index).present()) {
            audit_mirror(index, regions, report);
        }
    }
    const TemporaryMapping ours = with_.physical.map_temporarily(directory_);
    const TemporaryMapping kernels = with_.physical.map_temporarily(with_.kernel.frame());
    for (std::uint32_t index = 2 * mirror_table_distance; index < entries_per_table; ++index) {
        // The processor sets accessed and dirty bits in whichever directory is loaded.
        const auto plain = [index](const TemporaryMapping& mapping) {
            const Pde entry = mapping.as<Pde>()[index].with(EntryField::accessed, 0);
            return entry.maps_large_page() ? entry.with(EntryField::dirty, 0) : entry;
        };
        report.check(plain(ours) == plain(kernels), "address space: directory entry {} is the kernel's", index);
    }
}

// Each entry lies in a region, allows no more than it, and has a frame that a program may have.
void UserTables::audit_table(std::uint32_t index, const RegionTree& regions, AuditReport& report) const {
    const Pde pde = directory_entry(index);
    const Page start = first_page_of(index);
    report.check(with_.frames.owner(pde.frame()) == Owner::page_table && pde.user(),
                 "address space: the table at {:#010x} is a user's table", start.start().value());
    const Region* region = regions.at_or_above(start);
    for_each_pte(start, start + entries_per_table, [&](Page page, UserPte pte) {
        while (region != nullptr && region->end() <= page) {
            region = RegionTree::next(*region);
        }
        const std::uint32_t address = page.start().value();
        if (region == nullptr || page < region->first) {
            report.check(false, "address space: the page at {:#010x}, which has a frame, is in a region", address);
            return;
        }
        const RegionTraits& traits = region->traits;
        report.check(pte.well_formed(),
                     "address space: the entry of the page at {:#010x} is {:#010x}, one of its kinds", address,
                     pte.word().raw());
        if (pte.kind() == UserPteKind::swapped) {
            audit_swapped(pde.frame(), page, pte, traits, report);
            return;
        }
        if (!pte.has_frame()) {
            return;
        }
        const Frame frame = pte.frame();
        report.check(with_.frames.owner(frame) != Owner::anonymous ||
                         with_.pager.reverse.finds(PageName::of(frame), pde.frame(), table_index(page)),
                     "address space: the entry of the page at {:#010x} is found from its frame {:#x}", address,
                     frame.number());
        const Owner owner = with_.frames.owner(frame);
        report.check(owner == Owner::anonymous || owner == Owner::file || owner == Owner::shared ||
                         owner == Owner::module || owner == Owner::zero,
                     "address space: the page at {:#010x} has a {} frame", address, name_of(owner));
        const bool may_be_touched = pte.is_present() || pte.kind() == UserPteKind::hidden;
        report.check(!may_be_touched || (pte.word().user() && traits.access.any()),
                     "address space: the page at {:#010x} can be touched, as its region allows", address);
        const bool sole = with_.frames.is_sole_anonymous(frame);
        report.check(!pte.writable() || (traits.access.write && (traits.shared || sole)),
                     "address space: the page at {:#010x} may be written, as its region allows", address);
        report.check(!traits.shared || owner != Owner::anonymous, "address space: the page at {:#010x} is its object's",
                     address);
    });
}

// A page that is in a slot is private, and found from there.
void UserTables::audit_swapped(Frame table, Page page, UserPte pte, const RegionTraits& traits,
                               AuditReport& report) const {
    const SwapSlot slot = pte.slot();
    report.check(
        !traits.shared && with_.pager.swap.users(slot) != 0 &&
            (SwapSpace::holds_word(slot) || with_.pager.reverse.finds(PageName::of(slot), table, table_index(page))),
        "address space: the page at {:#010x} is in slot {} of area {}, and found from there", page.start().value(),
        slot.number(), slot.area());
}

// Each entry of a mirror is its main entry's, read-only, and lies in an executable region.
void UserTables::audit_mirror(std::uint32_t index, const RegionTree& regions, AuditReport& report) const {
    const Pde main = directory_entry(index);
    const Pde mirror = mirror_of(index);
    const Page start = first_page_of(index);
    if (!main.present()) {
        report.check(false, "address space: the code table at {:#010x} has a main table", start.start().value());
        return;
    }
    report.check(with_.frames.share_count(main.frame()) == with_.frames.share_count(mirror.frame()),
                 "address space: the code table at {:#010x} is shared as its main table is", start.start().value());
    const UserTable shown = table(mirror);
    const UserTable entries = table(main);
    for (std::uint32_t at = 0; at < entries_per_table; ++at) {
        const UserPte code = shown[at];
        if (code.is_empty()) {
            continue;
        }
        const Page page = start + at;
        const Region* const region = regions.find(page);
        report.check(code.is_present() && !code.writable() && entries[at].is_present() &&
                         entries[at].frame() == code.frame(),
                     "address space: the code shown of page {:#010x} is that page's frame", page.start().value());
        report.check(region != nullptr && region->traits.access.execute,
                     "address space: the page at {:#010x}, shown as code, may be executed", page.start().value());
    }
}

} // namespace quire
