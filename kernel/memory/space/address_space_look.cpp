// Address spaces looked at and into, and audited.
#include "kernel/lib/panic.h"
#include "kernel/memory/space/address_space.h"
#include "kernel/memory/space/user_memory.h"

#include <algorithm>

namespace quire {
// ---- Looking into the program's memory

// The frame behind a page, made ready for the access as a fault would.
Result<Frame> AddressSpace::frame_for(Page page, bool write) {
    if (page >= end_of_user_pages) {
        return fail(Error::bad_address);
    }
    UserPte pte = tables_.pte(page);
    const bool own = tables_.directory_entry(directory_index(page)).writable();
    if (!pte.is_present() || (write && (!pte.writable() || !own))) {
        const FaultOutcome outcome = handle_fault(page.start(), {.write = write});
        if (!quire::served(outcome)) {
            return fail(error_of(outcome));
        }
        pte = tables_.pte(page);
    }
    if (write) {
        tables_.set_dirty(page); // the processor does not see what the kernel writes past it
    }
    return pte.frame();
}

Result<void> AddressSpace::read(VirtAddr from, std::span<std::byte> into) {
    while (!into.empty()) {
        const Result<Frame> frame = frame_for(Page::containing(from), false);
        if (!frame) {
            return fail(frame.error());
        }
        const auto part = std::min<std::size_t>(into.size(), page_size - from.offset_in_page());
        memory_.physical.read(*frame, from.offset_in_page(), into.first(part));
        into = into.subspan(part);
        from = from + static_cast<std::uint32_t>(part);
    }
    return {};
}

Result<void> AddressSpace::write(VirtAddr to, std::span<const std::byte> from) {
    while (!from.empty()) {
        const Result<Frame> frame = frame_for(Page::containing(to), true);
        if (!frame) {
            return fail(frame.error());
        }
        const auto part = std::min<std::size_t>(from.size(), page_size - to.offset_in_page());
        memory_.physical.write(*frame, to.offset_in_page(), from.first(part));
        from = from.subspan(part);
        to = to + static_cast<std::uint32_t>(part);
    }
    return {};
}

// ---- Looking at it

PageState AddressSpace::page_state(Page page) const {
    PageState state;
    state.mapped = find(page) != nullptr;
    if (!state.mapped) {
        return state;
    }
    const Pde pde = tables_.directory_entry(directory_index(page));
    const UserPte pte = tables_.pte(page);
    if (pte.kind() == UserPteKind::swapped) {
        state.slot = pte.slot();
        state.sharers = memory_.pager.swap.users(pte.slot());
    }
    if (!pte.has_content()) {
        return state;
    }
    const Frame frame = pte.frame();
    return {.mapped = true,
            .resident = true,
            .writable = pde.writable() && pte.is_present() && pte.writable(),
            .dirty = pte.dirty(),
            .accessed = pte.accessed(),
            .frame = frame,
            .owner = memory_.frames.owner(frame),
            .sharers = memory_.frames.is_counted(frame) ? memory_.frames.share_count(frame) : 0};
}

PageCounts AddressSpace::count_pages(const Region& region) const {
    return tables_.count(region.first, region.end());
}

SpaceStatistics AddressSpace::statistics() const {
    SpaceStatistics statistics{.virtual_pages = virtual_pages_,
                               .tables = tables_.table_count(),
                               .shared_tables = tables_.shared_table_count(),
                               .locked = locked_pages_,
                               .data = data_pages_,
                               .charged = charged_pages_,
                               .regions = regions_.count(),
                               .faults = faults_};
    for_each_region([&](const Region& region) {
        const PageCounts counts = count_pages(region);
        statistics.resident += counts.resident;
        statistics.shared += counts.shared;
        statistics.swapped += counts.swapped;
        statistics.used += counts.used;
        statistics.stack += region.traits.grows_down ? region.pages : 0;
        statistics.code += region.traits.access.execute ? region.pages : 0;
    });
    return statistics;
}

// ---- Auditing

void AddressSpace::audit(AuditReport& report) const {
    regions_.audit(report);
    tables_.audit(regions_, report);
    SpaceStatistics sums;
    for_each_region([&](const Region& region) {
        const RegionTraits& traits = region.traits;
        const std::uint32_t address = region.first.start().value();
        report.check(region.first >= first_user_page && region.end() <= end_of_user_pages && region.holder == this,
                     "address space: the region at {:#010x} is the program's", address);
        report.check(traits.access.within(traits.max_access) || !traits.shared,
                     "address space: the region at {:#010x} has no access that it may not have", address);
        report.check(!traits.shared || region.object != nullptr,
                     "address space: the shared region at {:#010x} has an object", address);
        sums.virtual_pages += region.pages;
        sums.data += is_data(traits) ? region.pages : 0;
        sums.locked += traits.locked ? region.pages : 0;
        sums.charged += traits.charged ? region.pages : 0;
    });
    report.check(sums.virtual_pages == virtual_pages_ && sums.data == data_pages_ && sums.locked == locked_pages_ &&
                     sums.charged == charged_pages_,
                 "address space: its {} pages, {} of data, {} locked, {} charged are counted so", sums.virtual_pages,
                 sums.data, sums.locked, sums.charged);
}

} // namespace quire
