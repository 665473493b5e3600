// Address spaces made, cloned, emptied and given back, and the books of their regions.
#include "kernel/memory/space/address_space.h"

#include "kernel/lib/panic.h"
#include "kernel/machine/mmu.h"
#include "kernel/memory/heap/object.h"
#include "kernel/memory/space/user_memory.h"

#include <algorithm>

namespace quire {

// ---- Life

AddressSpace::AddressSpace(UserMemory& memory)
    : memory_(memory), tables_({.frames = memory.frames,
                                .table_copies = memory.table_copies,
                                .physical = memory.physical,
                                .pager = memory.pager,
                                .kernel = memory.directory,
                                .flushes = memory.tlb}) {}

Result<AddressSpace*> AddressSpace::create(UserMemory& memory) {
    const Result<AddressSpace*> space = make_object<AddressSpace>(memory.heap, memory);
    if (!space) {
        return space;
    }
    if (const Result<void> made = (*space)->tables_.create(); !made) {
        destroy_object(memory.heap, *space);
        return fail(made.error());
    }
    memory.observer.space_made(**space);
    return space;
}

void AddressSpace::release() {
    ensure(holders_ != 0, "an address space that is released is held");
    if (--holders_ != 0) {
        return;
    }
    UserMemory& memory = memory_;
    if (loaded()) {
        memory.directory.load();
    }
    clear();
    end_resident_set();
    tables_.destroy();
    memory.observer.space_ends(*this);
    memory.region_pool.trim();
    memory.pager.reverse.trim();
    destroy_object(memory.heap, this);
}

void AddressSpace::load() const {
    machine::load_page_directory(tables_.directory().start());
}

void AddressSpace::clear() {
    TlbFlush flush(memory_.tlb);
    while (Region* const region = regions_.pop_first()) {
        const std::uint32_t from = directory_index(region->first);
        std::uint32_t to = directory_index(region->end() - 1) + 1;
        if (to - from > 1 || tables_.directory_entry(from).present()) {
            tables_.zap_range(region->first, region->end(), flush);
            if (const Region* const next = regions_.first(); next != nullptr) {
                to = std::min(to, directory_index(next->first)); // the next region may have pages under the last table
            }
            tables_.drop_range(from, to, flush);
        }
        forget(*region);
    }
    flush.commit();
    memory_.commit.discharge(charged_pages_);
    virtual_pages_ = data_pages_ = locked_pages_ = charged_pages_ = 0;
    break_start_ = break_ = VirtAddr();
    lock_future_ = false;
    if (memory_.pager.minds_faults()) [[unlikely]] {
        leave_resident();
    }
}

// ---- Cloning

Result<AddressSpace*> AddressSpace::clone() {
    if (const Result<void> room = memory_.region_pool.reserve(regions_.count()); !room) {
        return fail(room.error());
    }
    if (const Result<void> charged = memory_.commit.charge(charged_pages_); !charged) {
        return fail(charged.error());
    }
    const Result<AddressSpace*> created = create(memory_);
    if (!created) {
        memory_.commit.discharge(charged_pages_);
        memory_.region_pool.trim();
        return fail(created.error());
    }
    AddressSpace* const child = *created;
    child->copy_regions(*this);
    if (const Result<void> shared = share_tables(*child); !shared) {
        child->release();
        return fail(shared.error());
    }
    return child;
}

void AddressSpace::copy_regions(const AddressSpace& other) {
    regions_.copy_from(other.regions_, [this](const Region& region) {
        Region* const copy = memory_.region_pool.take();
        copy->first = region.first;
        copy->pages = region.pages;
        copy->traits = region.traits;
        copy->traits.locked = false;
        copy->object = region.object;
        copy->object_page = region.object_page;
        copy->holder = this;
        copy->gap = region.gap;
        copy->largest_gap = region.largest_gap;
        if (copy->object != nullptr) {
            copy->object->attach(*copy);
        }
        return copy;
    });
    virtual_pages_ = other.virtual_pages_;
    data_pages_ = other.data_pages_;
    charged_pages_ = other.charged_pages_;
    break_start_ = other.break_start_;
    break_ = other.break_;
    limits = other.limits;
    mapping_top = other.mapping_top;
    heap_access = other.heap_access;
    signal_page = other.signal_page;
}

// Gives the child, which has the same regions, this space's tables, and sees to what it must not have.
// Errors: out_of_memory, where not each table could be copied later.
Result<void> AddressSpace::share_tables(AddressSpace& child) {
    bool shared = true;
    bool exceptions = false;
    const std::uint32_t available = memory_.frames.available();
    std::uint32_t room = available;
    Page done; // the tables of the pages below this one are shared
    for (const Region* region = regions_.first(); region != nullptr; region = RegionTree::next(*region)) {
        if (region->end() > done) {
            const std::uint32_t to = directory_index(region->end() - 1) + 1;
            const std::uint32_t from = directory_index(std::max(done, region->first));
            if (!tables_.share_range(from, to, child.tables_, room)) {
                shared = false;
                break;
            }
            done = first_page_of(to);
        }
        exceptions = exceptions || region->traits.dont_fork || region->traits.wipe_on_fork;
    }
    must_succeed(memory_.table_copies.promise(available - room));
    if (loaded()) { // none of it may be written any more
        TlbFlush flush(memory_.tlb);
        flush.add_all(false);
        flush.commit();
    }
    Region* region = exceptions ? child.regions_.first() : nullptr;
    while (region != nullptr && shared) {
        Region* const next = RegionTree::next(*region);
        child.apply_fork_advice(*region);
        region = next;
    }
    return shared ? Result<void>() : memory_.frames.refuse();
}

// What a clone does not get of a region that it has just got.
void AddressSpace::apply_fork_advice(Region& region) {
    if (region.traits.dont_fork) {
        must_succeed(unmap(region.first, region.pages)); // nothing is carved
    } else if (region.traits.wipe_on_fork) {
        drop_pages(region.first, region.end());
    }
}

// ---- Regions and their sums

// Adds a run, which lies in no region, to the regions: to its neighbours where it continues them, else as one of its
// own, for which there is room in the pool. `above`: the region above it.
void AddressSpace::insert(const Run& run, Region* above) {
    const std::uint32_t pages = run.end - run.first;
    Region* const below = above != nullptr ? RegionTree::previous(*above) : regions_.last();
    const bool joins_above = above != nullptr && continues(run, *above);
    count(run.traits, pages, true);
    if (below != nullptr && continues(*below, run)) {
        std::uint32_t joined = below->pages + pages;
        if (joins_above) {
            joined += above->pages;
            regions_.erase(*above);
            forget(*above);
        }
        regions_.resize(*below, below->first, joined);
    } else if (joins_above) {
        above->object_page = run.object_page;
        regions_.resize(*above, run.first, above->pages + pages);
    } else {
        insert_alone(run, above);
    }
}

Region& AddressSpace::insert_alone(const Run& run, Region* above) {
    Region* const region = memory_.region_pool.take();
    region->first = run.first;
    region->pages = run.end - run.first;
    region->traits = run.traits;
    region->object = run.object;
    region->object_page = run.object_page;
    region->holder = this;
    if (run.object != nullptr) {
        run.object->attach(*region);
    }
    regions_.insert_before(*region, above);
    return *region;
}

// Ends a region that is in the tree no longer.
void AddressSpace::forget(Region& region) {
    if (region.object != nullptr) {
        region.object->detach(region);
    }
    memory_.region_pool.give_back(&region);
}

void AddressSpace::discharge(const RegionTraits& traits, std::uint32_t pages) {
    if (traits.charged) {
        memory_.commit.discharge(pages);
    }
}

// Whether there may be so many regions more, by Linux's count.
bool AddressSpace::may_have_more_regions(std::uint32_t count) const {
    return regions_.count() + count <= memory_.max_map_count;
}

// Whether each page of [first, end) is in some region.
// Where the first hole in [first, end) is; `end` where there is none.
Page AddressSpace::first_hole(Page first, Page end) const {
    const Region* region = regions_.at_or_above(first);
    while (region != nullptr && region->first <= first) {
        first = region->end();
        if (first >= end) {
            return end;
        }
        region = RegionTree::next(*region);
    }
    return first;
}

} // namespace quire
