// Mapping and unmapping, and the program break. Each operation first finds out whether it can be done and gets all that
// it needs; then it cannot fail.
#include "kernel/memory/objects/anonymous_object.h"
#include "kernel/memory/space/address_space.h"
#include "kernel/memory/space/user_memory.h"

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
            .max_access = request.max_access,
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
    if (regions_.count() > memory_.max_map_count) [[unlikely]] {
        return fail(Error::out_of_memory);
    }
    Run run{*place, *place + request.pages, traits_of(request), request.object, request.object_page};
    if (const Result<void> allowed = check_limits(run); !allowed) {
        return fail(allowed.error());
    }
    Region* above = regions_.at_or_above(run.first);
    if (above != nullptr && above->first < run.first && above->end() > run.end && !may_have_more_regions(1)) {
        return fail(Error::out_of_memory);
    }
    Ref<AnonymousObject> made; // the region will have a reference of its own
    if (request.shared && request.object == nullptr) {
        const Result<AnonymousObject*> object = AnonymousObject::create(memory_, memory_.pager, memory_.commit,
                                                                        memory_.next_object_number(), request.pages);
        if (!object) {
            return fail(object.error());
        }
        made = Ref<AnonymousObject>::adopt(*object);
        run.object = *object;
        run.object_page = 0;
    }
    if (const Result<void> room = memory_.region_pool.reserve(2); !room) {
        return fail(room.error());
    }
    const std::uint32_t charge = run.traits.charged ? request.pages : 0;
    if (const Result<void> charged = memory_.commit.charge(charge); !charged) {
        return fail(charged.error());
    }
    if (above != nullptr && above->first < run.end) {
        replace(run.first, run.end, above);
    }
    insert(run, above);
    if (request.populate || run.traits.locked) {
        touch_new(run.first, run.end);
    }
    return run.first;
}

// Makes room where something is mapped. `region` is the first region there, and afterwards the one above.
void AddressSpace::replace(Page first, Page end, Region*& region) {
    TlbFlush flush(memory_.tlb);
    tables_.unshare_edges(first, end, regions_, flush);
    region = remove_regions(region, first, end, flush);
    flush.commit();
}

// Touches every page as the program would, as far as that works; pages that are on their way were asked for. Errors:
// must_wait (for the last of these), out_of_memory (whatever else it was).
Result<void> AddressSpace::touch(Page first, Page end, bool write) {
    Result<void> result;
    for (Page page = first; page < end; page = page + 1) {
        const FaultOutcome outcome = handle_fault(page.start(), {.write = write});
        if (outcome == FaultOutcome::must_wait) {
            result = fail(Error::must_wait);
        } else if (!quire::served(outcome)) {
            return fail(Error::out_of_memory);
        }
    }
    return result;
}

// Touches what is newly mapped. As on Linux: what cannot be had now is asked for again when it is touched.
void AddressSpace::touch_new(Page first, Page end) {
    if (touch_regions(first, end) == fail(Error::must_wait)) {
        touching_first_ = first;
        touching_end_ = end;
    }
}

Result<void> AddressSpace::finish_touching() {
    if (!is_touching()) {
        return {};
    }
    const Result<void> touched = touch_regions(touching_first_, touching_end_);
    if (touched != fail(Error::must_wait)) {
        touching_first_ = touching_end_;
    }
    return touched;
}

// ---- Unmapping

Result<void> AddressSpace::unmap(Page first, std::uint32_t pages) {
    if (pages == 0 || !fits(first, pages)) {
        return fail(Error::invalid_argument);
    }
    const Page end = first + pages;
    Region* const region = regions_.at_or_above(first);
    if (region == nullptr || region->first >= end) {
        return {};
    }
    // A region is needed for what is left above a hole.
    const bool splits = region->first < first && region->end() > end;
    if (splits) {
        if (!may_have_more_regions(1)) {
            return fail(Error::out_of_memory);
        }
        if (const Result<void> room = memory_.region_pool.reserve_last(1); !room) {
            return room;
        }
    }
    TlbFlush flush(memory_.tlb);
    tables_.unshare_edges(first, end, regions_, flush);
    remove(region, first, end, flush);
    flush.commit();
    return {};
}

// Takes what is mapped in [first, end) away: entries, regions, and tables that nothing needs any more. `region` is the
// first region there; returns the one above the range.
Region* AddressSpace::remove(Region* region, Page first, Page end, TlbFlush& flush) {
    Region* const above = remove_regions(region, first, end, flush);
    drop_unused_tables(first, end, above, flush);
    return above;
}

// The same, but tables stay.
Region* AddressSpace::remove_regions(Region* region, Page first, Page end, TlbFlush& flush) {
    while (region != nullptr && region->first < end) {
        const Page from = std::max(region->first, first);
        const Page to = std::min(region->end(), end);
        tables_.zap_range(from, to, flush);
        discharge(region->traits, to - from);
        region = carve(*region, from, to);
    }
    return region;
}

// Gives back the tables of [first, end), where no region is any more, that the regions around it do not need either.
void AddressSpace::drop_unused_tables(Page first, Page end, const Region* above, TlbFlush& flush) {
    const Region* const below = above != nullptr ? RegionTree::previous(*above) : regions_.last();
    tables_.drop_unused(first, end, below != nullptr ? below->end() : Page(0),
                        above != nullptr ? above->first : end_of_user_pages, flush);
}

// Takes [first, end), which are pages of the region, from it: all of it goes, or an end, or two regions are left.
// Returns the region above what went.
Region* AddressSpace::carve(Region& region, Page first, Page end) {
    count(region.traits, end - first, false);
    const Page region_end = region.end();
    Region* const next = RegionTree::next(region);
    if (end != region_end) {
        if (first == region.first) {
            region.object_page += end - first;
            regions_.resize(region, end, region_end - end);
            return &region;
        }
        const Run above{end, region_end, region.traits, region.object, region.object_index(end)};
        regions_.resize(region, region.first, first - region.first);
        return &insert_alone(above, next);
    }
    if (first == region.first) {
        regions_.erase(region);
        forget(region);
    } else {
        regions_.resize(region, region.first, first - region.first);
    }
    return next;
}

// ---- Other pages of an object

Result<void> AddressSpace::remap_object_pages(Page first, std::uint32_t pages, std::uint32_t object_page,
                                              bool populate) {
    const Region* const region = find(first);
    if (region == nullptr || !region->traits.shared || pages == 0 || !fits(first, pages) ||
        object_page + pages < object_page) {
        return fail(Error::invalid_argument);
    }
    const Page end = first + pages;
    for (const Region* last = region; last->end() < end;) {
        const Region* const next = RegionTree::next(*last);
        if (next == nullptr || next->first != last->end() || next->object != region->object ||
            next->traits != region->traits) {
            return fail(Error::invalid_argument);
        }
        last = next;
    }
    const Ref<MemoryObject> hold(*region->object); // the region may be the last that has it
    const Result<Page> mapped = map({.hint = first,
                                     .pages = pages,
                                     .access = region->traits.access,
                                     .max_access = region->traits.max_access,
                                     .kind = region->traits.kind,
                                     .shared = true,
                                     .fixed = true,
                                     .populate = populate,
                                     .locked = region->traits.locked,
                                     .object = hold.get(),
                                     .object_page = object_page});
    return mapped ? Result<void>() : fail(mapped.error());
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
    const bool done = wanted_end > end   ? grow_heap(end, wanted_end)
                      : wanted_end < end ? unmap(wanted_end, end - wanted_end).has_value()
                                         : true;
    break_ = done ? wanted : break_;
    return break_;
}

// Maps the heap's pages from `end` to `wanted`. One page more must be free, so that the heap touches nothing else.
bool AddressSpace::grow_heap(Page end, Page wanted) {
    const RegionTraits traits{.access = heap_access, .kind = RegionKind::heap, .charged = true, .locked = lock_future_};
    const Run run{end, wanted, traits};
    Region* const above = regions_.at_or_above(end);
    if (wanted == end_of_user_pages || (above != nullptr && above->first <= wanted) || !check_limits(run) ||
        regions_.count() > memory_.max_map_count || !memory_.region_pool.reserve(1) ||
        !memory_.commit.charge(wanted - end)) {
        return false;
    }
    insert(run, above);
    if (traits.locked) {
        touch_new(end, wanted);
    }
    return true;
}

} // namespace quire
