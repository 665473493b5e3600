// Mapping kernel stacks and taking them away again.
#include "kernel/memory/paging/kernel_stacks.h"

#include "kernel/lib/panic.h"

namespace quire {

namespace {

constexpr Page area_start = Page::containing(area(AreaKind::stacks).first);
constexpr std::size_t slot_bytes = std::size_t{KernelStacks::slot_pages} * page_size;

constexpr Page guard_of(std::uint32_t slot) {
    return area_start + slot * KernelStacks::slot_pages;
}
constexpr Page first_page_in(std::uint32_t slot) {
    return guard_of(slot) + 1;
}

std::byte* area_bytes() {
    return machine::mapped(area(AreaKind::stacks).first);
}

} // namespace

KernelStacks::KernelStacks(FrameAllocator& frames, PageDirectory& directory, TlbStatistics& flushes)
    : frames_(&frames), directory_(&directory), flushes_(&flushes), slots_(slot_words_, most_stacks) {
    ensure(slots_.free_run(0, most_stacks), "all slots of a new bitmap are taken");
}

Result<std::byte*> KernelStacks::allocate() {
    if (!ready_.empty()) {
        const std::uint32_t slot = ready_[ready_.size() - 1];
        ready_.erase(ready_.size() - 1);
        return area_bytes() + (slot + 1) * slot_bytes;
    }
    const auto slot = slots_.find();
    if (!slot) {
        return fail(Error::limit_reached);
    }
    if (const Result<void> mapped = map_slot(*slot); !mapped) {
        return fail(mapped.error());
    }
    ensure(slots_.take(*slot), "a slot that was found is free");
    return area_bytes() + (*slot + 1) * slot_bytes;
}

void KernelStacks::free(std::byte* top) {
    const auto offset = static_cast<std::size_t>(top - area_bytes());
    const auto slot = static_cast<std::uint32_t>(offset / slot_bytes - 1);
    ensure(offset % slot_bytes == 0 && offset != 0 && slot < most_stacks && !slots_.is_free(slot),
           "what comes back is a kernel stack's top");
    if (ready_.push_back(slot)) {
        return;
    }
    unmap_slot(slot, stack_pages);
    ensure(slots_.free(slot), "the slot of a stack in use is taken");
}

std::uint32_t KernelStacks::trim() {
    const auto count = static_cast<std::uint32_t>(ready_.size());
    for (const std::uint32_t slot : ready_) {
        unmap_slot(slot, stack_pages);
        ensure(slots_.free(slot), "the slot of a ready stack is taken");
    }
    ready_.clear();
    return count * stack_pages;
}

Result<void> KernelStacks::map_slot(std::uint32_t slot) {
    Result<FrameReservation> reserved = frames_->reserve(stack_pages);
    if (!reserved) {
        return fail(reserved.error());
    }
    for (std::uint32_t page = 0; page < stack_pages; ++page) {
        const Frame frame = reserved->take(Owner::stack);
        const Result<void> mapped = directory_->map(first_page_in(slot) + page, frame, protection::kernel_data);
        if (!mapped) {
            ensure(frames_->free(frame).has_value(), "a frame just taken can be freed");
            unmap_slot(slot, page);
            return mapped;
        }
    }
    return {};
}

// Takes away the first `pages` pages of the slot's stack.
void KernelStacks::unmap_slot(std::uint32_t slot, std::uint32_t pages) {
    std::array<Frame, stack_pages> unmapped;
    TlbFlush flush(*flushes_);
    for (std::uint32_t page = 0; page < pages; ++page) {
        const Result<Frame> frame = directory_->unmap(first_page_in(slot) + page, flush);
        ensure(frame.has_value(), "a kernel stack's pages are mapped");
        unmapped[page] = *frame;
    }
    flush.commit();
    for (std::uint32_t page = 0; page < pages; ++page) {
        ensure(frames_->free(unmapped[page]).has_value(), "a kernel stack's frame is its own");
    }
}

void KernelStacks::audit(AuditReport& report) const {
    slots_.audit(report);
    std::uint32_t taken = 0;
    for (std::uint32_t slot = 0; slot < most_stacks; ++slot) {
        if (!slots_.is_free(slot)) {
            ++taken;
            audit_slot(slot, report);
        }
    }
    const Page end = area_start + area(AreaKind::stacks).pages();
    std::uint32_t pages = 0;
    for (auto run = directory_->next_run(area_start); run && run->first < end; run = directory_->next_run(run->end())) {
        pages += run->count;
    }
    const std::uint32_t owned = frames_->statistics().of(Owner::stack);
    report.check(pages == taken * stack_pages, "{} pages are mapped where kernel stacks lie, {} stacks have {}", pages,
                 taken, taken * stack_pages);
    report.check(owned == pages, "{} frames are kernel stacks, {} pages are mapped where they lie", owned, pages);
}

void KernelStacks::audit_slot(std::uint32_t slot, AuditReport& report) const {
    const VirtAddr guard = guard_of(slot).start();
    report.check(!directory_->translate(guard).has_value(), "the guard page at {:#010x} is mapped", guard.value());
    for (std::uint32_t page = 0; page < stack_pages; ++page) {
        const VirtAddr address = (first_page_in(slot) + page).start();
        const Result<Translation> found = directory_->translate(address);
        report.check(found && frames_->owner(found->frame()) == Owner::stack &&
                         frames_->share_count(found->frame()) == 1 && found->protection.writable &&
                         !found->protection.user,
                     "the page of a kernel stack at {:#010x} is not a writable frame of its own", address.value());
    }
}

} // namespace quire
