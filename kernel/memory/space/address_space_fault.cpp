// The main road of this kernel: what a page fault asks for is found, made and entered. What is common comes first and
// short; what is rare stands in functions of its own.
#include "kernel/lib/panic.h"
#include "kernel/machine/mmu.h"
#include "kernel/memory/space/address_space.h"
#include "kernel/memory/space/user_memory.h"

namespace quire {
namespace {

bool allows(Access access, bool write) {
    return write ? access.write : access.any();
}

} // namespace

FaultOutcome AddressSpace::handle_fault(VirtAddr address, FaultAccess access) {
    const Page page = Page::containing(address);
    if (memory_.pager.minds_faults()) [[unlikely]] {
        return handle_minded_fault(page, access);
    }
    const FaultOutcome outcome =
        page < end_of_user_pages ? serve(page, access.write) : serve_code(page - mirror_distance, access.write);
    faults_.count(outcome);
    return outcome;
}

// The road itself: the region says whether the access is allowed; the table is made, or made this space's own, where it
// must be; then what stands for the page in it says what is missing.
FaultOutcome AddressSpace::serve(Page page, bool write) {
    const Region* region = regions_.find(page);
    bool grown = false;
    if (region == nullptr) [[unlikely]] {
        region = grow_down_to(page);
        if (region == nullptr) {
            return FaultOutcome::no_region;
        }
        grown = true;
    }
    if (!allows(region->traits.access, write)) {
        return FaultOutcome::protection_error;
    }
    const std::uint32_t index = directory_index(page);
    Pde pde = tables_.directory_entry(index);
    bool unshared = false;
    if (!pde.writable()) [[unlikely]] {
        unshared = pde.present();
        const Result<Pde> own = tables_.unshare_table(index, regions_);
        if (!own) {
            return FaultOutcome::out_of_memory;
        }
        pde = *own;
        forget_translation(page);
    }
    const UserTable table(memory_.physical, pde.frame());
    const UserPte pte = table[table_index(page)];
    FaultOutcome outcome = FaultOutcome::spurious;
    switch (pte.kind()) {
    case UserPteKind::empty:
        outcome = region->object == nullptr ? fill_anonymous(table, pde.frame(), page, write)
                                            : fill_from_object(table, pde.frame(), *region, page, write);
        break;
    case UserPteKind::present:
        if (write && !pte.writable()) {
            outcome = break_cow(table, pde.frame(), *region, page, pte);
        } else {
            forget_translation(page);
            outcome = unshared ? FaultOutcome::table_unshared : FaultOutcome::spurious;
        }
        break;
    case UserPteKind::in_transit: outcome = meet_in_transit(table, pde.frame(), *region, page, pte, write); break;
    case UserPteKind::swapped: outcome = bring_back(table, pde.frame(), *region, page, pte, write); break;
    case UserPteKind::hidden: outcome = show_hidden(table, pde.frame(), *region, page, pte, write); break;
    case UserPteKind::no_access: panic("a page that nobody may touch is in a region that may be touched");
    }
    return grown && quire::served(outcome) ? FaultOutcome::stack_grown : outcome;
}

// The first touch of a page with nothing behind it: what is read is zeros, and what is written gets a page of its own.
inline FaultOutcome AddressSpace::fill_anonymous(const UserTable& table, Frame table_frame, Page page, bool write) {
    if (!write) {
        if (memory_.requests.must_wait(memory_.zero_frame())) [[unlikely]] {
            return await(table, page, memory_.zero_frame());
        }
        table.set(table_index(page), UserPte::present(memory_.zero_frame(), false));
        return FaultOutcome::zero_page;
    }
    const Result<Frame> frame = memory_.frames.allocate(Owner::anonymous);
    if (!frame) {
        return FaultOutcome::out_of_memory;
    }
    memory_.physical.zero(*frame);
    memory_.pager.page_made(*frame, table_frame, table_index(page));
    if (memory_.requests.must_wait(*frame)) [[unlikely]] {
        return await(table, page, *frame);
    }
    table.set(table_index(page), UserPte::present(*frame, true));
    return FaultOutcome::demand_zero;
}

// The page's content is on its way into `frame`, of which the entry takes over a share.
[[gnu::noinline]] FaultOutcome AddressSpace::await(const UserTable& table, Page page, Frame frame) {
    table.set(table_index(page), UserPte::in_transit(frame));
    memory_.requests.answer_must_wait(frame);
    return FaultOutcome::must_wait;
}

// A page whose content is still on its way, or has come since, or was on its way out.
[[gnu::noinline]] FaultOutcome AddressSpace::meet_in_transit(const UserTable& table, Frame table_frame,
                                                             const Region& region, Page page, UserPte pte, bool write) {
    const Frame frame = pte.frame();
    const bool on_its_way = memory_.requests.find(frame) != nullptr;
    if (on_its_way && !memory_.requests.take_back(frame)) {
        may_fail(memory_.pager.note_touched(frame)); // others wait for it
        return await(table, page, frame);
    }
    const RegionTraits& traits = region.traits;
    const bool writable = traits.access.write && (traits.shared || memory_.frames.is_sole_anonymous(frame));
    const UserPte there = UserPte::present(frame, writable);
    table.set(table_index(page), there);
    const bool did_not_wait = on_its_way || memory_.pager.note_touched(frame);
    if (write && !writable) {
        return break_cow(table, table_frame, region, page, there);
    }
    return did_not_wait ? FaultOutcome::swapped_in : FaultOutcome::arrived;
}

// A page that is in memory as any other, but for the processor.
[[gnu::noinline]] FaultOutcome AddressSpace::show_hidden(const UserTable& table, Frame table_frame,
                                                         const Region& region, Page page, UserPte pte, bool write) {
    const UserPte shown = pte.shown();
    table.set(table_index(page), shown);
    return write && !shown.writable() ? break_cow(table, table_frame, region, page, shown) : FaultOutcome::touch_seen;
}

// A page that is in a swap slot: it is asked for. One that is a word over and over is made at once.
[[gnu::noinline]] FaultOutcome AddressSpace::bring_back(const UserTable& table, Frame table_frame, const Region& region,
                                                        Page page, UserPte pte, bool write) {
    const SwapSlot slot = pte.slot();
    if (!SwapSpace::holds_word(slot)) {
        const bool is_limited = resident_set_ != nullptr && resident_set_->limit;
        return outcome_of(memory_.pager.bring_in(slot, is_limited ? PageReturn::touched_alone : PageReturn::touched));
    }
    const std::uint32_t word = memory_.pager.swap.word(slot);
    const std::uint32_t at = table_index(page);
    if (word == 0 && !write) {
        table.set(at, UserPte::present(memory_.zero_frame(), false));
    } else {
        const Result<Frame> frame = memory_.frames.allocate(Owner::anonymous);
        if (!frame) {
            return FaultOutcome::out_of_memory;
        }
        memory_.physical.fill(*frame, word);
        memory_.pager.page_made(*frame, table_frame, at);
        table.set(at, UserPte::present(*frame, region.traits.access.write));
    }
    memory_.pager.entry_released(pte, table_frame, at);
    return FaultOutcome::swapped_in;
}

// A page of a file or of shared memory. A private page that is written at once is copied at once.
FaultOutcome AddressSpace::fill_from_object(const UserTable& table, Frame table_frame, const Region& region, Page page,
                                            bool write) {
    const bool shared = region.traits.shared;
    const bool writable = shared && region.traits.access.write;
    const Result<ObjectPage> found = region.object->page(region.object_index(page), writable);
    if (!found) {
        return outcome_of(found.error());
    }
    if (memory_.requests.must_wait(found->frame)) [[unlikely]] {
        memory_.frames.share_mapped(found->frame);
        return await(table, page, found->frame);
    }
    if (write && !shared) {
        const Result<Frame> copy = memory_.frames.allocate(Owner::anonymous);
        if (!copy) {
            return FaultOutcome::out_of_memory;
        }
        memory_.physical.copy(found->frame, *copy);
        memory_.pager.page_made(*copy, table_frame, table_index(page));
        table.set(table_index(page), UserPte::present(*copy, true));
        return FaultOutcome::copy_on_write;
    }
    memory_.frames.share_mapped(found->frame);
    table.set(table_index(page), UserPte::present(found->frame, writable));
    return FaultOutcome::file_page;
}

// A write to a page that is there but may only be read yet.
FaultOutcome AddressSpace::break_cow(const UserTable& table, Frame table_frame, const Region& region, Page page,
                                     UserPte pte) {
    const std::uint32_t at = table_index(page);
    const Frame frame = pte.frame();
    if (region.traits.shared || memory_.frames.is_sole_anonymous(frame)) {
        table.set(at, pte.with_writable(true));
        forget_translation(page);
        return FaultOutcome::reused;
    }
    const Result<Frame> copy = memory_.frames.allocate(Owner::anonymous);
    if (!copy) {
        return FaultOutcome::out_of_memory;
    }
    const bool zero = frame == memory_.zero_frame();
    if (zero) {
        memory_.physical.zero(*copy);
    } else {
        memory_.physical.copy(frame, *copy);
    }
    table.set(at, UserPte::present(*copy, true));
    if (region.traits.access.execute && tables_.zap_mirror(page)) {
        forget_translation(page + mirror_distance);
    }
    forget_translation(page);
    if (zero) {
        memory_.pager.page_made(*copy, table_frame, at);
    } else {
        memory_.pager.entry_got_copy(frame, *copy, table_frame, at);
    }
    return zero ? FaultOutcome::demand_zero : FaultOutcome::copy_on_write;
}

// An instruction fetch from `page`: the page's frame is shown in the mirror, too.
[[gnu::noinline]] FaultOutcome AddressSpace::serve_code(Page page, bool write) {
    const Region* const region = page < end_of_user_pages ? regions_.find(page) : nullptr;
    if (region == nullptr) {
        return FaultOutcome::no_region;
    }
    if (write || !region->traits.access.execute) {
        return FaultOutcome::protection_error;
    }
    if (const FaultOutcome outcome = serve(page, false); !quire::served(outcome)) {
        return outcome;
    }
    if (!tables_.map_in_mirror(page, tables_.pte(page).frame())) {
        return FaultOutcome::out_of_memory;
    }
    forget_translation(page + mirror_distance);
    return FaultOutcome::code_mirrored;
}

// Extends the region above `page`, if that grows down and may grow so far; null where it does not. What would be served
// by it is not mapped yet. The guard gap to what lies below stays free.
Region* AddressSpace::grow_down_to(Page page) {
    Region* const region = regions_.at_or_above(page);
    if (region == nullptr || !region->traits.grows_down || page < first_user_page) {
        return nullptr;
    }
    const Region* const below = RegionTree::previous(*region);
    const bool too_close = below != nullptr && below->traits.access.any() && !below->traits.grows_down &&
                           page - below->end() < guard_gap_pages;
    const std::uint32_t more = region->first - page;
    if (too_close || region->end() - page > limits.stack || virtual_pages_ + more > limits.address_space ||
        (region->traits.locked && locked_pages_ + more > limits.locked)) {
        return nullptr;
    }
    if (region->traits.charged && !memory_.commit.charge(more)) {
        return nullptr;
    }
    count(region->traits, more, true);
    region->object_page -= region->object != nullptr ? more : 0;
    regions_.resize(*region, page, region->pages + more);
    return region;
}

void AddressSpace::forget_translation(Page page) const {
    if (tables_.loaded()) {
        machine::invalidate_page(page);
        ++memory_.tlb.pages_invalidated;
    }
}

} // namespace quire
