// References to sources, and pages taken from all who map them.
#include "kernel/memory/objects/page_source.h"

#include "kernel/lib/panic.h"
#include "kernel/machine/mmu.h"
#include "kernel/memory/space/address_space.h"

#include <algorithm>

namespace quire {

Result<void> PageSource::discard(std::uint32_t, std::uint32_t) {
    return fail(Error::not_supported);
}

Result<void> PageSource::sync(std::uint32_t, std::uint32_t) {
    return {};
}

void PageSource::release() {
    ensure(references_ != 0, "a source that is released is held");
    if (--references_ == 0) {
        ensure(regions_.empty(), "a region holds the source that it maps");
        destroy();
    }
}

void PageSource::unmap_pages(std::uint32_t first, std::uint32_t count, PrivateCopies copies) {
    bool any = false;
    const std::uint64_t end = std::uint64_t{first} + count;
    for (Region* region = regions_.front(); region != nullptr; region = decltype(regions_)::next(*region)) {
        const std::uint64_t from = std::max(region->source_page, first);
        const std::uint64_t to = std::min(std::uint64_t{region->source_page} + region->pages, end);
        for (std::uint64_t index = from; index < to; ++index) {
            const Page page = region->first + (static_cast<std::uint32_t>(index) - region->source_page);
            any = region->space->tables_.empty_everywhere(page, copies == PrivateCopies::go) || any;
        }
    }
    if (any) { // whose directory is loaded does not matter: tables are shared
        machine::flush_tlb();
    }
}

bool PageSource::mapped_writable() const {
    for (const Region* region = regions_.front(); region != nullptr; region = decltype(regions_)::next(*region)) {
        if (region->traits.shared && region->traits.most.write) {
            return true;
        }
    }
    return false;
}

} // namespace quire
