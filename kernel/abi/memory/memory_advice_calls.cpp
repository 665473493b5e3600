// madvise, mincore, msync and the mlock family: what is said or asked about memory that is mapped. See memory_calls.h.
// The order of checks: Linux 6.1 mm/madvise.c, mm/mincore.c, mm/msync.c, mm/mlock.c.
#include "kernel/abi/memory/memory_calls.h"
#include "kernel/abi/uapi.h"
#include "kernel/abi/user_memory.h"
#include "kernel/memory/space/address_space.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

namespace quire::abi {

namespace {

// Whole pages, none of them cut off.
struct PageRange {
    Page first;
    std::uint32_t pages = 0;
};

// The pages of a range that has to start on a page. Nothing where it ends beyond 4 GiB.
[[nodiscard]] std::optional<PageRange> range_of(VirtAddr start, std::uint32_t bytes) {
    const PageRange range{.first = Page::containing(start), .pages = pages_for(bytes)};
    return range.first.number() + range.pages < frames_in_4_gib ? std::optional(range) : std::nullopt;
}

// What Linux's advice asks of the address space; normal where it changes nothing here. Nothing for what Linux refuses.
[[nodiscard]] std::optional<Advice> meaning_of(std::uint32_t advice) {
    switch (advice) {
    case MADV_NORMAL:
    case MADV_RANDOM:
    case MADV_SEQUENTIAL:
    case MADV_MERGEABLE:   // pages are never merged,
    case MADV_UNMERGEABLE: // never dumped, and of
    case MADV_DONTDUMP:    // one size
    case MADV_DODUMP:
    case MADV_HUGEPAGE:
    case MADV_NOHUGEPAGE: return Advice::normal;
    case MADV_COLD: return Advice::cold;
    case MADV_PAGEOUT: return Advice::page_out;
    case MADV_WILLNEED: return Advice::will_need;
    case MADV_DONTNEED: return Advice::dont_need;
    case MADV_FREE: return Advice::free;
    case MADV_REMOVE: return Advice::remove;
    case MADV_DONTFORK: return Advice::dont_fork;
    case MADV_DOFORK: return Advice::do_fork;
    case MADV_WIPEONFORK: return Advice::wipe_on_fork;
    case MADV_KEEPONFORK: return Advice::keep_on_fork;
    case MADV_POPULATE_READ: return Advice::populate_read;
    case MADV_POPULATE_WRITE: return Advice::populate_write;
    default: return std::nullopt;
    }
}

} // namespace

Result<void> advise_memory(Process& process, VirtAddr start, std::uint32_t bytes, AdviceCode code) {
    const auto advice = meaning_of(std::to_underlying(code));
    const auto range = range_of(start, bytes);
    if (!advice || start.offset_in_page() != 0 || !range) {
        return fail(Error::invalid_argument);
    }
    if (range->pages == 0) {
        return {};
    }
    return process.space->advise(range->first, range->pages, *advice);
}

Result<void> memory_residency(Process& process, VirtAddr start, std::uint32_t bytes, VirtAddr into) {
    if (start.offset_in_page() != 0) {
        return fail(Error::invalid_argument);
    }
    const auto range = range_of(start, bytes);
    if (!range || range->first.number() + range->pages > end_of_user_pages.number()) {
        return fail(Error::out_of_memory);
    }
    std::array<std::byte, 256> part{};
    for (std::uint32_t done = 0; done < range->pages;) {
        const auto now = std::span(part).first(std::min<std::size_t>(part.size(), range->pages - done));
        if (const auto looked = process.space->residency(range->first + done, now); !looked) {
            return looked;
        }
        if (const auto told = write_memory(into + done, now); !told) {
            return told;
        }
        done += static_cast<std::uint32_t>(now.size());
    }
    return {};
}

Result<void> sync_memory(Process& process, VirtAddr start, std::uint32_t bytes, SyncFlags sync_flags) {
    const std::uint32_t flags = std::to_underlying(sync_flags);
    if ((flags & ~std::uint32_t{MS_ASYNC | MS_INVALIDATE | MS_SYNC}) != 0 || start.offset_in_page() != 0 ||
        (flags & (MS_ASYNC | MS_SYNC)) == (MS_ASYNC | MS_SYNC)) {
        return fail(Error::invalid_argument);
    }
    const auto range = range_of(start, bytes);
    if (!range) {
        return fail(Error::out_of_memory);
    }
    if (range->pages == 0) {
        return {};
    }
    return process.space->sync(range->first, range->pages, (flags & MS_INVALIDATE) != 0);
}

// ---- The mlock family

namespace {

// The pages that the bytes lie in. Errors: invalid_argument where they reach beyond 4 GiB.
[[nodiscard]] Result<PageRange> pages_around(VirtAddr start, std::uint32_t bytes) {
    const std::uint64_t end = std::uint64_t{start.value()} + bytes;
    const PageRange range{.first = Page::containing(start),
                          .pages = pages_for(start.offset_in_page() + std::uint64_t{bytes})};
    if (end > (std::uint64_t{frames_in_4_gib} - 1) << page_shift) {
        return fail(Error::invalid_argument);
    }
    return range;
}

Result<void> lock(Process& process, VirtAddr start, std::uint32_t bytes, bool on_fault) {
    const auto range = pages_around(start, bytes);
    if (!range) {
        return fail(range.error());
    }
    return range->pages == 0 ? Result<void>() : process.space->lock(range->first, range->pages, on_fault);
}

} // namespace

Result<void> lock_memory(Process& process, VirtAddr start, std::uint32_t bytes) {
    return lock(process, start, bytes, false);
}

Result<void> lock_memory_with_flags(Process& process, VirtAddr start, std::uint32_t bytes, Bits flags) {
    if ((std::to_underlying(flags) & ~std::uint32_t{MLOCK_ONFAULT}) != 0) {
        return fail(Error::invalid_argument);
    }
    return lock(process, start, bytes, flags != Bits{});
}

Result<void> unlock_memory(Process& process, VirtAddr start, std::uint32_t bytes) {
    const auto range = pages_around(start, bytes);
    if (!range) {
        return fail(range.error());
    }
    return range->pages == 0 ? Result<void>() : process.space->unlock(range->first, range->pages);
}

Result<void> lock_all_memory(Process& process, LockFlags lock_flags) {
    const std::uint32_t flags = std::to_underlying(lock_flags);
    if ((flags & ~std::uint32_t{MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT}) != 0 ||
        (flags & (MCL_CURRENT | MCL_FUTURE)) == 0) {
        return fail(Error::invalid_argument);
    }
    return process.space->lock_all((flags & MCL_CURRENT) != 0, (flags & MCL_FUTURE) != 0, (flags & MCL_ONFAULT) != 0);
}

Result<void> unlock_all_memory(Process& process) {
    process.space->unlock_all();
    return {};
}

} // namespace quire::abi
