// References to objects, and pages taken from all who map them.
#include "kernel/memory/objects/memory_object.h"

#include "kernel/lib/panic.h"
#include "kernel/machine/mmu.h"
#include "kernel/memory/paging/layout.h"

#include <algorithm>

namespace quire {

Result<void> MemoryObject::discard(std::uint32_t, std::uint32_t) {
    return fail(Error::not_supported);
}

Result<void> MemoryObject::sync(std::uint32_t, std::uint32_t) {
    return {};
}

void MemoryObject::release() {
    ensure(references_ != 0, "an object that is released is held");
    if (--references_ == 0) {
        ensure(mappings_.empty(), "a mapping holds its object");
        destroy();
    }
}

void MemoryObject::unmap_pages(std::uint32_t first, std::uint32_t count, PrivateCopies copies) {
    constexpr std::uint32_t few = 8; // pages that are forgotten one by one
    std::uint32_t taken = 0;
    const std::uint64_t end = std::uint64_t{first} + count;
    for (ObjectMapping* each = mappings_.front(); each != nullptr; each = decltype(mappings_)::next(*each)) {
        const std::uint64_t from = std::max(each->object_page, first);
        const std::uint64_t to = std::min(std::uint64_t{each->object_page} + each->pages, end);
        for (std::uint64_t index = from; index < to; ++index) {
            const Page page = each->first + (static_cast<std::uint32_t>(index) - each->object_page);
            if (each->holder->take_page(page, copies == PrivateCopies::go) && ++taken <= few) {
                machine::invalidate_page(page);
                machine::invalidate_page(page + mirror_distance);
            }
        }
    }
    if (taken > few) { // whose directory is loaded does not matter: tables are shared
        machine::flush_tlb();
    }
}

PageMarks MemoryObject::page_marks(std::uint32_t index, Frame frame, bool forget_use) {
    PageMarks all;
    for (ObjectMapping* each = mappings_.front(); each != nullptr; each = decltype(mappings_)::next(*each)) {
        if (index - each->object_page < each->pages) {
            const Page page = each->first + (index - each->object_page);
            const PageMarks marks = each->holder->page_marks(*each, page, frame, forget_use);
            all.used = all.used || marks.used;
            all.dirty = all.dirty || marks.dirty;
            all.locked = all.locked || marks.locked;
        }
    }
    return all;
}

bool MemoryObject::mapped_writable() const {
    for (const ObjectMapping* each = mappings_.front(); each != nullptr; each = decltype(mappings_)::next(*each)) {
        if (each->holder->may_write(*each)) {
            return true;
        }
    }
    return false;
}

} // namespace quire
