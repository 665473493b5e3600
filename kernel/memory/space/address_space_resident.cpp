// How many pages of the program may be in memory at a time, and by which policy they are replaced: its resident set
// (kernel/memory/pager/resident_set.h), which pages join when they are touched. Locked pages are in none.
#include "kernel/memory/space/address_space.h"
#include "kernel/memory/space/user_memory.h"

#include <algorithm>
#include <utility>

namespace quire {
namespace {

// Whether the fault brought a page into memory, or another frame for it.
bool brought_page(FaultOutcome outcome) {
    switch (outcome) {
    case FaultOutcome::demand_zero:
    case FaultOutcome::copy_on_write:
    case FaultOutcome::file_page:
    case FaultOutcome::stack_grown:
    case FaultOutcome::arrived:
    case FaultOutcome::swapped_in: return true;
    default: return false;
    }
}

} // namespace

// A fault while some address space has a set, or while touches are watched.
[[gnu::noinline]] FaultOutcome AddressSpace::handle_minded_fault(Page touched, FaultAccess access) {
    const bool as_code = touched >= end_of_user_pages;
    const Page page = as_code ? touched - mirror_distance : touched;
    const auto entry = [&] { return page < end_of_user_pages ? tables_.pte(page) : UserPte(); };
    const UserPte before = entry();
    if (resident_set_ != nullptr && !make_room_in_set(page, before, access.write)) {
        memory_.requests.answer_must_wait_for_room();
        return FaultOutcome::must_wait;
    }
    const FaultOutcome outcome = as_code ? serve_code(page, access.write) : serve(page, access.write);
    faults_.count(outcome);
    // Where there is no memory for a copy, or to show the page as code, it may have become present all the same.
    if (quire::served(outcome) || (!before.is_present() && entry().is_present())) {
        if (resident_set_ != nullptr) {
            note_resident(page, before, outcome);
        }
        if (memory_.pager.watches_touches()) {
            memory_.pager.entry_touched({.directory = tables_.directory(),
                                         .table = tables_.directory_entry(directory_index(page)).frame(),
                                         .page = page,
                                         .brought = brought_page(outcome)});
        }
    }
    return outcome;
}

// Where the fault is likely to bring a page, one of the set's own goes first. False where that has to wait.
bool AddressSpace::make_room_in_set(Page page, UserPte pte, bool write) {
    const Region* const region = find(page); // null: perhaps the stack grows
    const std::optional<std::uint32_t> limit = resident_limit();
    if (!limit || (region != nullptr && region->traits.locked)) {
        return true;
    }
    // Zeros that are read are nobody's page, and a copy of a page comes instead of it.
    const bool are_zeros = pte.has_content() ? pte.frame() == memory_.zero_frame()
                                             : pte.is_empty() && (region == nullptr || region->object == nullptr);
    const bool brings = are_zeros ? write : !pte.has_content();
    return !brings || memory_.pager.shrink(*resident_set_, *limit - 1);
}

// The page, which is present now, is one of the set's. What it was copied from is left to others.
void AddressSpace::note_resident(Page page, UserPte before, FaultOutcome outcome) {
    Pager& pager = memory_.pager;
    const UserPte now = tables_.pte(page);
    if (before.has_content() && before.frame() != now.frame() && pager.set_of(before.frame()) == resident_set_) {
        pager.leave_set(before.frame());
    }
    if (const Region* const region = find(page); region != nullptr && !region->traits.locked) {
        pager.join(*resident_set_, now.frame(), brought_page(outcome));
    }
}

// The set has what is in memory and not locked.
void AddressSpace::recount_resident() {
    if (resident_set_ == nullptr) {
        return;
    }
    Pager& pager = memory_.pager;
    for_each_region([&](const Region& region) {
        tables_.for_each_pte(region.first, region.end(), [&](Page, UserPte pte) {
            if (!pte.has_content()) {
                return;
            }
            if (!region.traits.locked) {
                pager.join(*resident_set_, pte.frame(), false);
            } else if (pager.set_of(pte.frame()) == resident_set_) {
                pager.leave_set(pte.frame());
            }
        });
    });
    if (const std::optional<std::uint32_t> limit = resident_limit()) {
        may_fail(pager.shrink(*resident_set_, *limit)); // else the next fault waits for the rest
    }
}

// Where pages were unlocked since the limit was set, it may be too low.
std::optional<std::uint32_t> AddressSpace::resident_limit() const {
    return resident_set_ != nullptr && resident_set_->limit
               ? std::optional(std::max(*resident_set_->limit, least_resident_limit()))
               : std::nullopt;
}

std::uint32_t AddressSpace::least_resident_limit() const {
    constexpr std::uint32_t least_beside_locked = 2; // what is touched may lie across two pages
    return std::max(Pager::least_resident - std::min(Pager::least_resident, locked_pages_), least_beside_locked);
}

Result<void> AddressSpace::need_resident_set() {
    if (resident_set_ == nullptr) {
        const Result<ResidentSet*> made = memory_.pager.make_set();
        if (!made) {
            return fail(made.error());
        }
        resident_set_ = *made;
    }
    return {};
}

void AddressSpace::end_needless_set() {
    if (resident_set_ != nullptr && resident_set_->is_needless()) {
        end_resident_set();
    }
}

void AddressSpace::end_resident_set() {
    if (resident_set_ != nullptr) {
        memory_.pager.end_set(*resident_set_);
        resident_set_ = nullptr;
    }
}

// Nothing is mapped any more. What is in the set yet is others'.
void AddressSpace::leave_resident() {
    if (resident_set_ != nullptr) {
        memory_.pager.release_pages(*resident_set_);
    }
    if (memory_.pager.watches_touches()) {
        memory_.pager.directory_emptied(tables_.directory());
    }
}

Result<void> AddressSpace::limit_resident(std::optional<std::uint32_t> pages) {
    if (pages && *pages < least_resident_limit()) {
        return fail(Error::invalid_argument);
    }
    if (const Result<void> there = need_resident_set(); !there) {
        return there;
    }
    resident_set_->limit = pages;
    recount_resident();
    end_needless_set();
    return {};
}

Result<void> AddressSpace::use_policy(std::optional<ReplacementPolicy> policy) {
    if (const Result<void> there = need_resident_set(); !there) {
        return there;
    }
    memory_.pager.use_policy(*resident_set_, policy);
    recount_resident();
    end_needless_set();
    return {};
}

const PageReplacer& AddressSpace::policy() const {
    return (resident_set_ != nullptr ? resident_set_->replacement : memory_.pager.replacement).current();
}

void AddressSpace::take_resident_set(AddressSpace& other) {
    if (other.resident_set_ != nullptr && other.holders_ == 1 && resident_set_ == nullptr) {
        memory_.pager.release_pages(*other.resident_set_);
        resident_set_ = std::exchange(other.resident_set_, nullptr);
        recount_resident();
    }
}

} // namespace quire
