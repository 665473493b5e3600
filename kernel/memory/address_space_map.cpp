// Mapping and unmapping, and the program break. Each operation first finds out whether it can be done and gets all that
// it needs; then it cannot fail.
#include "kernel/memory/address_space.h"
#include "kernel/memory/memory.h"
#include "kernel/memory/shared_memory.h"

#include <algorithm>

namespace quire {
namespace {

constexpr std::uint32_t most_user_pages = end_of_user_pages - first_user_page;

// The page that begins at `address` or the first above it; `address` is not above what programs have.
Page page_from(VirtAddr address) {
    return Page(pages_for(address.value()));
}

} // namespace

// ---- Mapping

// Where a mapping goes. Errors: as map().
Result<Page> AddressSpace::find_place(const MapRequest& request) const {
    if (request.pages == 0) {
        return fail(Error::invalid_argument);
    }
    if (request.pages > most_user_pages) {
        return fail(Error::out_of_memory);
    }
    const Page first = request.hint;
    const bool fitting = fits(first, request.pages);
    if (request.fixed || request.no_replace) {
        if (!fitting) {
            return fail(Error::out_of_memory);
        }
        if (first < first_user_page) {
            return fail(Error::not_permitted);
        }
        if (request.no_replace && regions_.any_in(first, first + request.pages)) {
            return fail(Error::exists);
        }
        return first;
    }
    if (first >= first_user_page && fitting) {
        // A wish counts where find_room could have chosen the place.
        if (const auto room = regions_.find_room(request.pages, first, first + request.pages)) {
            return *room;
        }
    }
    auto room = regions_.find_room(request.pages, first_user_page, mapping_top);
    if (!room && mapping_top < end_of_user_pages) {
        room = regions_.find_room(request.pages, first_user_page, end_of_user_pages);
    }
    return room ? Result<Page>(*room) : fail(Error::out_of_memory);
}

RegionTraits AddressSpace::traits_of(const MapRequest& request) const {
    const bool reserved = !request.no_reserve || memory_.commit.policy() == CommitPolicy::never;
    return {.access = request.access,
            .most = request.most,
            .kind = request.kind,
            .shared = request.shared,
            .grows_down = request.grows_down,
            .no_reserve = !reserved,
            .charged = request.access.write && !request.shared && reserved,
            .locked = request.locked || lock_future_};
}

// Pages of [first, end) that are in regions.
std::uint32_t AddressSpace::pages_in(Page first, Page end) const {
    std::uint32_t pages = 0;
    const Region* region = regions_.at_or_above(first);
    for (; region != nullptr && region->first < end; region = RegionTree::next(*region)) {
        pages += std::min(region->end(), end) - std::max(region->first, first);
    }
    return pages;
}

// Whether a run may be added, what is there now being replaced. Errors: out_of_memory, would_block (locked pages).
Result<void> AddressSpace::check_limits(const Run& run) const {
    const std::uint32_t pages = run.end - run.first;
    const auto above = [pages](std::uint32_t now, std::uint32_t limit) { return now > limit || pages > limit - now; };
    if (above(virtual_pages_, limits.address_space) &&
        above(virtual_pages_ - pages_in(run.first, run.end), limits.address_space)) {
        return fail(Error::out_of_memory);
    }
    if (is_data(run.traits) && above(data_pages_, limits.data)) {
        return fail(Error::out_of_memory);
    }
    if (run.traits.locked && above(locked_pages_, limits.locked)) {
        return fail(Error::would_block);
    }
    return {};
}

Result<Page> AddressSpace::map(const MapRequest& request) {
    const Result<Page> place = find_place(request);
    if (!place) {
        return place;
    }
    Run run{*place, *place + request.pages, traits_of(request), request.source, request.source_page};
    if (const Result<void> allowed = check_limits(run); !allowed) {
        return fail(allowed.error());
    }
    SourceHold made; // the region will have a reference of its own
    if (request.shared && request.source == nullptr) {
        const Result<SharedMemory*> source = SharedMemory::create(memory_, request.pages);
        if (!source) {
            return fail(source.error());
        }
        made = SourceHold(**source);
        run.source = *source;
        run.source_page = 0;
    }
    if (const Result<void> room = memory_.region_pool.reserve(2); !room) {
        return fail(room.error());
    }
    const std::uint32_t charge = run.traits.charged ? request.pages : 0;
    if (const Result<void> charged = memory_.commit.charge(charge); !charged) {
        return fail(charged.error());
    }
    if (request.fixed) {
        TlbFlush flush(memory_.tlb);
        const Result<void> prepared = prepare_removal(run.first, run.end, flush);
        if (prepared) {
            remove(run.first, run.end, flush);
        }
        flush.commit();
        if (!prepared) {
            memory_.commit.discharge(charge);
            return fail(prepared.error());
        }
    }
    insert(run);
    if (request.populate || run.traits.locked) {
        (void)touch(run.first, run.end, run.traits.access.write && !run.traits.shared);
    }
    return run.first;
}

// Touches every page as the program would, as far as that works. Whether it worked for all.
bool AddressSpace::touch(Page first, Page end, bool write) {
    for (Page page = first; page < end; page = page + 1) {
        if (!quire::resolved(resolve(page.start(), {.write = write}))) {
            return false;
        }
    }
    return true;
}

// ---- Unmapping

Result<void> AddressSpace::unmap(Page first, std::uint32_t pages) {
    if (pages == 0 || !fits(first, pages)) {
        return fail(Error::invalid_argument);
    }
    const Page end = first + pages;
    if (!regions_.any_in(first, end)) {
        return {};
    }
    TlbFlush flush(memory_.tlb);
    const Result<void> prepared = prepare_removal(first, end, flush);
    if (prepared) {
        remove(first, end, flush);
    }
    flush.commit();
    return prepared;
}

// Gets what remove() needs: a region for what is left above a hole, and tables of this space's own. Errors:
// out_of_memory.
Result<void> AddressSpace::prepare_removal(Page first, Page end, TlbFlush& flush) {
    if (const Result<void> room = memory_.region_pool.reserve(2); !room) {
        return room;
    }
    return tables_.own_edges(first, end, regions_, flush);
}

// Takes what is mapped in [first, end) away: entries, regions, and tables that nothing needs any more.
void AddressSpace::remove(Page first, Page end, TlbFlush& flush) {
    remove_regions(first, end, flush);
    tables_.drop_unused(first, end, regions_, flush);
}

// The same, but tables stay.
void AddressSpace::remove_regions(Page first, Page end, TlbFlush& flush) {
    Region* region = regions_.at_or_above(first);
    while (region != nullptr && region->first < end) {
        Region* const next = RegionTree::next(*region);
        const Page from = std::max(region->first, first);
        const Page to = std::min(region->end(), end);
        tables_.empty_range(from, to, flush);
        discharge(region->traits, to - from);
        cut(*region, from, to);
        region = next;
    }
}

// Takes [first, end), which are pages of the region, from it: all of it goes, or an end, or two regions are left.
void AddressSpace::cut(Region& region, Page first, Page end) {
    count(region.traits, end - first, false);
    const Page region_end = region.end();
    if (first == region.first && end == region_end) {
        regions_.erase(region);
        forget(region);
    } else if (end == region_end) {
        regions_.resize(region, region.first, first - region.first);
    } else if (first == region.first) {
        region.source_page += end - first;
        regions_.resize(region, end, region_end - end);
    } else {
        const Run above{end, region_end, region.traits, region.source, region.source_index(end)};
        regions_.resize(region, region.first, first - region.first);
        insert_alone(above, RegionTree::next(region));
    }
}

// ---- The program break

void AddressSpace::set_program_break_start(VirtAddr start) {
    break_start_ = break_ = start;
}

VirtAddr AddressSpace::set_break(VirtAddr wanted) {
    if (wanted < break_start_ || wanted > end_of_user_pages.start()) {
        return break_;
    }
    const Page end = page_from(break_);
    const Page wanted_end = page_from(wanted);
    if (wanted_end > end) {
        // One page more must be free, so that the heap touches nothing else.
        const bool taken = wanted_end == end_of_user_pages || regions_.any_in(end, wanted_end + 1);
        if (taken || !map({.hint = end,
                           .pages = wanted_end - end,
                           .access = {.read = true, .write = true},
                           .kind = RegionKind::heap,
                           .no_replace = true})) {
            return break_;
        }
    } else if (wanted_end < end && !unmap(wanted_end, end - wanted_end)) {
        return break_;
    }
    break_ = wanted;
    return break_;
}

} // namespace quire
