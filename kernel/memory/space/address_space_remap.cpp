// Mappings made longer, shorter or moved: mremap. Pages that move keep their frames; only entries are rewritten.
#include "kernel/memory/space/address_space.h"
#include "kernel/memory/space/user_memory.h"

#include <algorithm>

namespace quire {

Result<Page> AddressSpace::remap(const RemapRequest& request) {
    const Page first = request.old_first;
    const Page old_end = first + request.old_pages;
    const bool moves = request.fixed || request.keep_old;
    if (request.new_pages == 0 || (moves && !request.may_move) || !fits(first, request.old_pages) ||
        (request.keep_old && request.old_pages != request.new_pages)) {
        return fail(Error::invalid_argument);
    }
    if (request.fixed) {
        const Page new_end = request.new_first + request.new_pages;
        if (!fits(request.new_first, request.new_pages) || (request.new_first < old_end && first < new_end)) {
            return fail(Error::invalid_argument);
        }
        if (request.new_first < first_user_page) {
            return fail(Error::not_permitted);
        }
    }
    Region* const region = first < end_of_user_pages ? regions_.find(first) : nullptr;
    if (region == nullptr) {
        return fail(Error::bad_address);
    }
    if (request.old_pages == 0 && !region->traits.shared) {
        return fail(Error::invalid_argument);
    }
    if (request.old_pages >= request.new_pages && !moves) {
        if (request.old_pages > request.new_pages) {
            const std::uint32_t pages = request.old_pages - request.new_pages;
            if (const Result<void> cut_off = unmap(first + request.new_pages, pages); !cut_off) {
                return fail(cut_off.error());
            }
        }
        return first;
    }
    if (old_end <= region->end()) {
        return grow_or_move(*region, request);
    }
    // The old range may reach beyond its region where that part goes anyway.
    if (!request.fixed || request.keep_old || request.old_pages <= request.new_pages ||
        first + request.new_pages > region->end()) {
        return fail(Error::bad_address);
    }
    if (const Result<void> cut_off = unmap(first + request.new_pages, request.old_pages - request.new_pages);
        !cut_off) {
        return fail(cut_off.error());
    }
    RemapRequest rest = request;
    rest.old_pages = request.new_pages;
    return grow_or_move(*regions_.find(first), rest);
}

// The longer or moved mapping, of which only the limits and where it goes is left to decide. Errors: as remap().
Result<Page> AddressSpace::grow_or_move(Region& region, const RemapRequest& request) {
    if (region.object != nullptr &&
        region.object_index(request.old_first) + request.new_pages < region.object_index(request.old_first)) {
        return fail(Error::invalid_argument); // an object has no such pages
    }
    const std::uint32_t leaving = request.keep_old ? 0 : request.old_pages;
    const std::uint32_t more = request.new_pages > leaving ? request.new_pages - leaving : 0;
    const auto above = [more](std::uint32_t now, std::uint32_t limit) {
        return more != 0 && (now > limit || more > limit - now);
    };
    if (region.traits.locked && above(locked_pages_, limits.locked)) {
        return fail(Error::would_block);
    }
    if (above(virtual_pages_, limits.address_space) || (is_data(region.traits) && above(data_pages_, limits.data))) {
        return fail(Error::out_of_memory);
    }
    const Page old_end = request.old_first + request.old_pages;
    const std::uint32_t charge = region.traits.charged ? more : 0;
    const bool moves = request.fixed || request.keep_old;
    if (!moves && old_end == region.end() && fits(old_end, more) && !regions_.any_in(old_end, old_end + more)) {
        return grow_in_place(region, request, charge);
    }
    if (!request.may_move || !may_have_more_regions(4)) {
        return fail(Error::out_of_memory); // of regions Linux wants three to spare
    }
    Page to = request.new_first;
    if (!request.fixed) {
        const Result<Page> place = find_place({.pages = request.new_pages});
        if (!place) {
            return place;
        }
        to = *place;
    }
    return move(region, request, to, charge);
}

Result<Page> AddressSpace::grow_in_place(Region& region, const RemapRequest& request, std::uint32_t charge) {
    if (const Result<void> room = memory_.region_pool.reserve(1); !room) {
        return fail(room.error());
    }
    if (const Result<void> charged = memory_.commit.charge(charge); !charged) {
        return fail(charged.error());
    }
    const Page end = region.end();
    const Run more{end, request.old_first + request.new_pages, region.traits, region.object, region.object_index(end)};
    insert(more, RegionTree::next(region));
    if (more.traits.locked) {
        touch_new(more.first, more.end);
    }
    return request.old_first;
}

// Moves the region's pages from the old range to `to`. What was at the target goes; of what is left of the old range,
// nothing stays, or an empty mapping (keep_old).
Result<Page> AddressSpace::move(Region& region, const RemapRequest& request, Page to, std::uint32_t charge) {
    const Page first = request.old_first;
    const Page old_end = first + request.old_pages;
    const Page to_end = to + request.new_pages;
    const Page moved_end = first + std::min(request.old_pages, request.new_pages);
    if (const Result<void> room = memory_.region_pool.reserve(4); !room) {
        return fail(room.error());
    }
    if (const Result<void> charged = memory_.commit.charge(charge); !charged) {
        return fail(charged.error());
    }
    // What is at the target may be the last region that has the object.
    const Ref<MemoryObject> hold = region.object != nullptr ? Ref<MemoryObject>(*region.object) : nullptr;
    TlbFlush flush(memory_.tlb);
    tables_.unshare_edges(to, to_end, regions_, flush);
    if (old_end != first) {
        tables_.unshare_range(first, old_end, regions_, flush);
    }
    Result<void> prepared = tables_.prepare_move(first, moved_end);
    if (prepared) {
        prepared = prepare_target(first, moved_end, to, flush);
    }
    if (!prepared) {
        flush.commit();
        memory_.commit.discharge(charge);
        return fail(prepared.error());
    }
    const Run run{to, to_end, region.traits, region.object, region.object_index(first)};
    Region* const above = remove_regions(regions_.at_or_above(to), to, to_end, flush);
    tables_.move_range(first, moved_end, to, flush);
    insert(run, above);
    if (!request.keep_old && request.old_pages != 0) {
        // The region may have been merged with others since, or carved: what is left at the old range is found again.
        tables_.zap_range(moved_end, old_end, flush);
        if (run.traits.charged && request.old_pages > request.new_pages) {
            memory_.commit.discharge(request.old_pages - request.new_pages);
        }
        drop_unused_tables(first, old_end, carve(*regions_.find(first), first, old_end), flush);
    }
    flush.commit();
    if (run.traits.locked) {
        touch_new(to, to_end);
    }
    return to;
}

// Sees to it that the target has a table wherever the pages that move have one. Errors: out_of_memory; the tables that
// were added are gone then.
Result<void> AddressSpace::prepare_target(Page first, Page end, Page to, TlbFlush& flush) {
    for (Page page = first; page < end; page = first_page_of(directory_index(page) + 1)) {
        if (!tables_.directory_entry(directory_index(page)).present()) {
            continue;
        }
        const Page last = std::min(first_page_of(directory_index(page) + 1), end) - 1;
        for (const Page edge : {page, last}) {
            const Page target = to + (edge - first);
            if (const Result<Pde> own = tables_.unshare_table(directory_index(target), regions_); !own) {
                drop_unused_tables(to, to + (end - first), flush);
                return fail(own.error());
            }
            if (tables_.loaded()) {
                flush.add(target, false);
            }
        }
    }
    return {};
}

// Gives back those tables of the range under which no region has a page.
void AddressSpace::drop_unused_tables(Page first, Page end, TlbFlush& flush) {
    for (std::uint32_t index = directory_index(first); index <= directory_index(end - 1); ++index) {
        if (!regions_.any_in(first_page_of(index), first_page_of(index + 1))) {
            tables_.drop_range(index, index + 1, flush);
        }
    }
}

} // namespace quire
