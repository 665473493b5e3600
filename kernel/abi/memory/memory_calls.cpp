// brk, mmap, munmap, mprotect, mremap, remap_file_pages: see memory_calls.h. Sources of what is checked, and in which
// order: man 2 of each call, and Linux 6.1 mm/mmap.c, mm/mprotect.c and mm/mremap.c for the order.
#include "kernel/abi/memory/memory_calls.h"

#include "kernel/abi/uapi.h"
#include "kernel/abi/user_memory.h"
#include "kernel/fs/vfs/file_table.h"
#include "kernel/memory/space/address_space.h"
#include "kernel/process/user_pages.h"

#include <algorithm>
#include <optional>
#include <utility>

namespace quire::abi {

namespace {

[[nodiscard]] constexpr bool has(std::uint32_t flags, std::uint32_t flag) {
    return (flags & flag) != 0;
}
[[nodiscard]] constexpr bool is_page_aligned(VirtAddr address) {
    return address.offset_in_page() == 0;
}
// man 2 personality: under READ_IMPLIES_EXEC what may be read may be executed.
[[nodiscard]] Access access_of(const Process& process, std::uint32_t protection) {
    const std::uint32_t executed_by =
        has(process.umbrella, uapi::READ_IMPLIES_EXEC) ? PROT_EXEC | PROT_READ : PROT_EXEC;
    return {.read = has(protection, PROT_READ),
            .write = has(protection, PROT_WRITE),
            .execute = has(protection, executed_by)};
}

// Whole pages that hold `bytes` bytes; none where Linux's rounding up in 32 bits comes out as zero.
[[nodiscard]] std::optional<std::uint32_t> whole_pages(std::uint32_t bytes) {
    const std::uint32_t pages = pages_for(bytes);
    return pages == 0 || pages == frames_in_4_gib ? std::nullopt : std::optional(pages);
}

// Pages that are locked, or to be populated, are there when the call returns; those that cannot be come when they are
// touched.
void finish_touching(Process& process) {
    if (process.space->is_touching()) [[unlikely]] {
        may_fail(retry_while_pages_come(process, [&] { return process.space->finish_touching(); })); // as above
    }
}

} // namespace

VirtAddr set_break(Process& process, VirtAddr wanted) {
    const VirtAddr end = process.space->set_break(wanted);
    finish_touching(process);
    return end;
}

// ---- mmap

namespace {

// What the flags say of a mapping without a file. Errors: invalid_argument.
Result<void> describe_anonymous(MapRequest& request, std::uint32_t flags) {
    switch (flags & MAP_TYPE) {
    case MAP_SHARED:
        if (request.grows_down) {
            return fail(Error::invalid_argument);
        }
        request.shared = true;
        return {};
    case MAP_PRIVATE: return {};
    default: return fail(Error::invalid_argument);
    }
}

// Flags that mean something to mmap; MAP_SHARED_VALIDATE refuses others. Linux calls them LEGACY_MAP_MASK.
constexpr std::uint32_t known_flags = MAP_SHARED | MAP_PRIVATE | MAP_FIXED | MAP_ANONYMOUS | MAP_DENYWRITE |
                                      MAP_EXECUTABLE | MAP_UNINITIALIZED | MAP_GROWSDOWN | MAP_LOCKED | MAP_NORESERVE |
                                      MAP_POPULATE | MAP_NONBLOCK | MAP_STACK | MAP_HUGETLB | MAP_32BIT | MAP_HUGE_2MB |
                                      MAP_HUGE_1GB;

// The same for a mapping of `file`. Errors: invalid_argument, not_supported, no_access, no_device.
Result<void> describe_file(MapRequest& request, const File& file, std::uint32_t flags) {
    switch (flags & MAP_TYPE) {
    case MAP_SHARED_VALIDATE:
        if (has(flags, ~(known_flags | MAP_SHARED_VALIDATE))) {
            return fail(Error::not_supported);
        }
        [[fallthrough]];
    case MAP_SHARED:
        if (request.access.write && !file.writable()) {
            return fail(Error::no_access);
        }
        if (request.access.write && !file.inode().mappings_may_write()) {
            return fail(Error::not_permitted);
        }
        request.shared = true;
        request.max_access.write = file.writable() && file.inode().mappings_may_write();
        break;
    case MAP_PRIVATE: break;
    default: return fail(Error::invalid_argument);
    }
    if (!file.readable()) {
        return fail(Error::no_access);
    }
    const auto source = file.inode().pages();
    if (!source) {
        return fail(source.error());
    }
    if (request.grows_down) {
        return fail(Error::invalid_argument);
    }
    request.object = *source;
    if (file.notes_reading()) {
        file.inode().was_mapped();
    }
    return {};
}

Result<VirtAddr> map(Process& process, MapRequest& request, std::uint32_t flags, const File* file) {
    const auto described = file != nullptr ? describe_file(request, *file, flags) : describe_anonymous(request, flags);
    if (!described) {
        return fail(described.error());
    }
    const auto mapped = process.space->map(request);
    if (!mapped) {
        return fail(mapped.error());
    }
    finish_touching(process);
    return mapped->start();
}

} // namespace

Result<VirtAddr> map_memory(Process& process, VirtAddr hint, std::uint32_t bytes, Protection protection,
                            MapFlags map_flags, Descriptor descriptor, std::uint32_t first_page) {
    const std::uint32_t flags = std::to_underlying(map_flags);
    Ref<File> file;
    if (!has(flags, MAP_ANONYMOUS)) {
        auto found = process.files->get(static_cast<std::uint32_t>(descriptor));
        if (!found || (*found)->is_path()) {
            return fail(Error::bad_descriptor);
        }
        file = *std::move(found);
    }
    if (has(flags, MAP_HUGETLB)) {
        // No page of the pool, which is empty; there are pools of two sizes, the usual one and 2 MiB.
        const std::uint32_t size = flags & (std::uint32_t{MAP_HUGE_MASK} << MAP_HUGE_SHIFT);
        return fail(file || (size != 0 && size != MAP_HUGE_2MB) ? Error::invalid_argument : Error::out_of_memory);
    }
    if (bytes == 0) {
        return fail(Error::invalid_argument);
    }
    const auto pages = whole_pages(bytes);
    if (!pages) {
        return fail(Error::out_of_memory);
    }
    if (first_page + *pages < first_page) {
        return fail(Error::overflow);
    }
    const bool no_replace = has(flags, MAP_FIXED_NOREPLACE);
    const bool fixed = has(flags, MAP_FIXED) || no_replace;
    if (fixed && (*pages > end_of_user_pages.number() || hint.value() > (end_of_user_pages - *pages).start().value())) {
        return fail(Error::out_of_memory);
    }
    if (fixed && !is_page_aligned(hint)) {
        return fail(Error::invalid_argument);
    }
    MapRequest request{.hint = Page::containing(hint),
                       .pages = *pages,
                       .access = access_of(process, std::to_underlying(protection)),
                       .fixed = fixed,
                       .no_replace = no_replace,
                       .grows_down = has(flags, MAP_GROWSDOWN),
                       .no_reserve = has(flags, MAP_NORESERVE),
                       .populate = has(flags, MAP_LOCKED) || (flags & (MAP_POPULATE | MAP_NONBLOCK)) == MAP_POPULATE,
                       .locked = has(flags, MAP_LOCKED),
                       .object_page = file ? first_page : 0};
    return map(process, request, flags, file.get());
}

Result<VirtAddr> map_memory_old(Process& process, UserPointer<OldMapArguments> arguments) {
    const auto given = read_value(arguments);
    if (!given) {
        return fail(given.error());
    }
    if (given->offset % page_size != 0) {
        return fail(Error::invalid_argument);
    }
    return map_memory(process, VirtAddr(given->address), given->length, Protection(given->protection),
                      MapFlags(given->flags), Descriptor(static_cast<std::int32_t>(given->descriptor)),
                      given->offset / page_size);
}

// ---- munmap, mprotect, mremap

Result<void> unmap_memory(Process& process, VirtAddr start, std::uint32_t bytes) {
    const std::uint32_t end_of_user = end_of_user_pages.start().value();
    if (!is_page_aligned(start) || start.value() > end_of_user || bytes > end_of_user - start.value() || bytes == 0) {
        return fail(Error::invalid_argument);
    }
    return process.space->unmap(Page::containing(start), pages_for(bytes));
}

Result<void> protect_memory(Process& process, VirtAddr start, std::uint32_t bytes, Protection wanted) {
    constexpr std::uint32_t growing = PROT_GROWSDOWN | PROT_GROWSUP;
    const std::uint32_t protection = std::to_underlying(wanted) & ~growing;
    const std::uint32_t growth = std::to_underlying(wanted) & growing;
    if (growth == growing || !is_page_aligned(start)) {
        return fail(Error::invalid_argument);
    }
    if (bytes == 0) {
        return {};
    }
    std::uint32_t pages = pages_for(bytes);
    Page first = Page::containing(start);
    if (first.number() + pages > frames_in_4_gib - 1) {
        return fail(Error::out_of_memory);
    }
    if (has(protection, ~std::uint32_t{PROT_READ | PROT_WRITE | PROT_EXEC | PROT_SEM})) {
        return fail(Error::invalid_argument);
    }
    if (growth != 0) {
        // From the start of the stack that the range begins in. Nothing here grows up.
        const Region* const region = process.space->find(first);
        if (region == nullptr) {
            return fail(Error::out_of_memory);
        }
        if (growth == PROT_GROWSUP || !region->traits.grows_down) {
            return fail(Error::invalid_argument);
        }
        pages += first - region->first;
        first = region->first;
    }
    return process.space->protect(first, pages, access_of(process, protection));
}

Result<void> protect_memory_with_key(Process& process, VirtAddr start, std::uint32_t bytes, Protection protection,
                                     std::int32_t key) {
    if (key != -1) {
        return fail(Error::invalid_argument);
    }
    return protect_memory(process, start, bytes, protection);
}

Result<VirtAddr> remap_memory(Process& process, VirtAddr start, std::uint32_t old_bytes, std::uint32_t new_bytes,
                              RemapFlags remap_flags, VirtAddr new_start) {
    const std::uint32_t flags = std::to_underlying(remap_flags);
    const bool may_move = has(flags, MREMAP_MAYMOVE);
    const bool fixed = has(flags, MREMAP_FIXED);
    const bool keep_old = has(flags, MREMAP_DONTUNMAP);
    const bool unknown = has(flags, ~std::uint32_t{MREMAP_MAYMOVE | MREMAP_FIXED | MREMAP_DONTUNMAP});
    if (unknown || (fixed && !may_move) || (keep_old && (!may_move || old_bytes != new_bytes)) ||
        !is_page_aligned(start)) {
        return fail(Error::invalid_argument);
    }
    const std::uint32_t old_pages = whole_pages(old_bytes).value_or(0);
    const auto new_pages = whole_pages(new_bytes);
    if (!new_pages) {
        return fail(Error::invalid_argument);
    }
    if (process.space->find(Page::containing(start)) == nullptr) {
        return fail(Error::bad_address);
    }
    const std::uint32_t end_of_user = end_of_user_pages.number();
    if ((fixed || keep_old) && (!is_page_aligned(new_start) || *new_pages > end_of_user ||
                                Page::containing(new_start).number() > end_of_user - *new_pages)) {
        return fail(Error::invalid_argument);
    }
    const auto moved = process.space->remap({.old_first = Page::containing(start),
                                             .old_pages = old_pages,
                                             .new_pages = *new_pages,
                                             .new_first = Page::containing(new_start),
                                             .may_move = may_move,
                                             .fixed = fixed,
                                             .keep_old = keep_old});
    if (!moved) {
        return fail(moved.error());
    }
    finish_touching(process);
    return moved->start();
}

Result<void> show_file_pages(Process& process, VirtAddr start, std::uint32_t bytes, Protection protection,
                             std::uint32_t first_page, MapFlags flags) {
    if (protection != Protection{}) {
        return fail(Error::invalid_argument);
    }
    const bool populate = !has(std::to_underlying(flags), MAP_NONBLOCK);
    const auto shown =
        process.space->remap_object_pages(Page::containing(start), bytes / page_size, first_page, populate);
    finish_touching(process);
    return shown;
}

} // namespace quire::abi
