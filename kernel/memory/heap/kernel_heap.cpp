// Allocating, freeing and reallocating: the order of every operation is check, reserve, then change what cannot fail.
// What is looked up and reported stands in kernel_heap_report.cpp, what debug mode adds in kernel_heap_debug.cpp.
#include "kernel/memory/heap/kernel_heap.h"

#include "kernel/lib/panic.h"

#include <algorithm>
#include <cstring>

namespace quire {

using heap::BlockDetail;
using heap::BlockTag;
using heap::no_class;
using heap::no_page;
using heap::PageInfo;
using heap::PageKind;
using heap::size_classes;

namespace {

std::uint32_t page_number(const std::byte* address) {
    return static_cast<std::uint32_t>(reinterpret_cast<std::uintptr_t>(address) >> page_shift);
}

constexpr std::uint32_t round_up_divide(std::uint32_t value, std::uint32_t unit) {
    return (value + unit - 1) / unit;
}

} // namespace

// Books take at most a sixteenth of what the blocks take in plain mode (one byte for the smallest blocks), and in the
// other modes are given a quarter: that is never short unless most of the heap is blocks of less than 48 bytes.
KernelHeap::Layout::Layout(std::size_t maximum_bytes, HeapMode mode)
    : total(static_cast<std::uint32_t>(maximum_bytes >> page_shift)),
      metadata(total / (mode == HeapMode::plain ? 16 : 4) + 8) {
    ensure(total >= 64 && maximum_bytes <= (std::uint64_t{1} << 32), "a heap has 256 KiB to 4 GiB");
    metadata_infos = round_up_divide(metadata, heap::infos_per_page);
    payload_infos = round_up_divide(total - metadata - metadata_infos, heap::infos_per_page);
    metadata_first = metadata_infos + payload_infos;
    payload_first = metadata_first + metadata + 1; // the page between is never committed
    payload = total - payload_first;
}

KernelHeap::KernelHeap(HeapPages& pages, std::byte* base, std::size_t maximum_bytes, const HeapOptions& options)
    : KernelHeap(pages, base, Layout(maximum_bytes, options.mode), options) {}

KernelHeap::KernelHeap(HeapPages& pages, std::byte* base, const Layout& layout, const HeapOptions& options)
    : payload_(base + (std::size_t{layout.payload_first} << page_shift)),
      metadata_(base + (std::size_t{layout.metadata_first} << page_shift)),
      infos_(reinterpret_cast<PageInfo*>(base + (std::size_t{layout.metadata_infos} << page_shift))),
      mode_(options.mode), watcher_(options.watcher), quarantine_limit_(options.quarantine_bytes),
      committed_(pages, layout.total),
      metadata_runs_(committed_, layout.metadata_first, layout.metadata, reinterpret_cast<PageInfo*>(base), 0,
                     page_number(metadata_), options.cache_pages / 4),
      runs_(committed_, layout.payload_first, layout.payload, infos_, layout.metadata_infos, page_number(payload_),
            options.cache_pages),
      metadata_slabs_(metadata_runs_), slabs_(runs_) {
    ensure((reinterpret_cast<std::uintptr_t>(base) & (page_size - 1)) == 0, "the heap's range starts on a page");
    accounts_[0].name = "kernel";
    quick_owners_ = mode_ == HeapMode::debug ? 0 : owner_count_;
}

// ---- Accounts ----

Result<HeapOwner> KernelHeap::add_owner(std::string_view name, std::size_t limit_bytes) {
    if (owner_count_ == most_heap_owners) {
        return fail(Error::overflow);
    }
    accounts_[owner_count_] = {.name = name, .limit = limit_bytes};
    ++owner_count_;
    quick_owners_ = mode_ == HeapMode::debug ? 0 : owner_count_;
    return static_cast<HeapOwner>(owner_count_ - 1);
}

Result<void> KernelHeap::set_limit(HeapOwner owner, std::size_t limit_bytes) {
    if (static_cast<std::size_t>(owner) >= owner_count_) {
        return fail(Error::invalid_argument);
    }
    accounts_[static_cast<std::size_t>(owner)].limit = limit_bytes;
    return {};
}

inline void KernelHeap::charge(Account& account, std::size_t bytes) {
    account.used += bytes;
    account.peak = std::max(account.peak, account.used);
    ++account.allocations;
}

inline void KernelHeap::discharge(HeapOwner owner, std::size_t bytes) {
    Account& account = accounts_[static_cast<std::size_t>(owner)];
    account.used -= bytes;
    ++account.frees;
}

std::unexpected<Error> KernelHeap::refuse(Error error) {
    ++refused_;
    return fail(error);
}

// ---- Allocating ----

// The common case alone, without a call: a small block from a slab that has one. All else goes on in
// allocate_unusual, which repeats the checks.
Result<void*> KernelHeap::allocate(std::size_t bytes, std::size_t alignment, HeapOwner owner,
                                   std::source_location where) {
    if (alignment != default_alignment || bytes > heap::most_looked_up ||
        static_cast<std::size_t>(owner) >= quick_owners_) [[unlikely]] {
        return allocate_unusual(bytes, alignment, owner, where);
    }
    const unsigned size_class = heap::class_of(bytes);
    const std::uint32_t page = slabs_.partial(size_class);
    if (page == no_page) [[unlikely]] {
        return allocate_unusual(bytes, alignment, owner, where);
    }
    Account& account = accounts_[static_cast<std::size_t>(owner)];
    PageInfo& slab = infos_[page];
    const std::size_t block_bytes = slab.block_bytes;
    if (account.used + block_bytes > account.limit) [[unlikely]] {
        return allocate_unusual(bytes, alignment, owner, where);
    }
    charge(account, block_bytes);
    const std::uint32_t block = slabs_.take(size_class, slab);
    slab.slab.records[block] = static_cast<std::byte>(owner); // a BlockTag with the default alignment
    if (mode_ == HeapMode::tracked) {
        record(slab, block, block_bytes - bytes, where);
    }
    return payload_page(page) + block * block_bytes;
}

Result<void*> KernelHeap::allocate_unusual(std::size_t bytes, std::size_t alignment, HeapOwner owner,
                                           std::source_location where) {
    if (alignment == 0 || (alignment & (alignment - 1)) != 0 || alignment > largest_alignment ||
        static_cast<std::size_t>(owner) >= owner_count_) {
        return refuse(Error::invalid_argument);
    }
    alignment = std::max(alignment, default_alignment);
    return mode_ == HeapMode::debug ? allocate_guarded(bytes, alignment, owner, where)
                                    : allocate_block(bytes, bytes, alignment, owner, where);
}

Result<void*> KernelHeap::allocate_block(std::size_t bytes, std::size_t requested, std::size_t alignment,
                                         HeapOwner owner, std::source_location where) {
    const unsigned size_class = heap::class_of(bytes, alignment);
    if (size_class == no_class) {
        return allocate_run(bytes, requested, alignment, owner, where);
    }
    Account& account = accounts_[static_cast<std::size_t>(owner)];
    const std::size_t block_bytes = size_classes[size_class].block_bytes;
    if (account.used + block_bytes > account.limit) {
        return refuse(Error::limit_reached);
    }
    std::uint32_t page = slabs_.partial(size_class);
    if (page == no_page) {
        const Result<std::uint32_t> added = add_slab(size_class);
        if (!added) {
            return refuse(added.error());
        }
        page = *added;
    }
    charge(account, block_bytes);
    PageInfo& slab = infos_[page];
    const std::uint32_t block = slabs_.take(size_class, slab);
    slab.slab.records[block] = std::byte{BlockTag::make(owner, alignment).raw};
    if (mode_ != HeapMode::plain) {
        record(slab, block, block_bytes - requested, where);
    }
    return payload_page(page) + block * block_bytes;
}

Result<void*> KernelHeap::allocate_run(std::size_t bytes, std::size_t requested, std::size_t alignment, HeapOwner owner,
                                       std::source_location where) {
    if (bytes > std::size_t{runs_.limit()} << page_shift) {
        return refuse(Error::too_large);
    }
    const std::uint32_t pages = std::max(pages_for(bytes), 1U);
    const std::size_t block_bytes = std::size_t{pages} << page_shift;
    Account& account = accounts_[static_cast<std::size_t>(owner)];
    if (account.used + block_bytes > account.limit) {
        return refuse(Error::limit_reached);
    }
    const auto alignment_pages = static_cast<std::uint32_t>(std::max<std::size_t>(alignment >> page_shift, 1));
    const Result<std::uint32_t> page = take_run(pages, alignment_pages);
    if (!page) {
        return refuse(page.error());
    }
    const auto slack = static_cast<std::uint32_t>(block_bytes - requested);
    PageInfo& info = runs_.info(*page);
    info.kind = PageKind::large;
    info.run = {.count = pages,
                .slack = slack,
                .tag = BlockTag::make(owner, alignment),
                .detail = {.site = where, .slack = 0, .mark = mark_},
                .freed = {}};
    slack_bytes_ += slack;
    charge(account, block_bytes);
    return payload_page(*page);
}

Result<void*> KernelHeap::allocate_zeroed(std::size_t count, std::size_t bytes, std::size_t alignment, HeapOwner owner,
                                          std::source_location where) {
    std::size_t total = 0;
    if (__builtin_mul_overflow(count, bytes, &total)) {
        return refuse(Error::too_large);
    }
    const Result<void*> block = allocate(total, alignment, owner, where);
    if (block) {
        std::memset(*block, 0, total);
    }
    return block;
}

inline void KernelHeap::record(const PageInfo& slab, std::uint32_t block, std::size_t slack,
                               std::source_location where) {
    BlockDetail& written = heap::details(slab)[block];
    written = {.site = where, .slack = static_cast<std::uint16_t>(slack), .mark = mark_};
    slack_bytes_ += slack;
}

// Memory that is only kept for speed is given up before an allocation fails for want of it.
Result<std::uint32_t> KernelHeap::take_run(std::uint32_t pages, std::uint32_t alignment) {
    Result<std::uint32_t> page = runs_.allocate(pages, alignment);
    if (!page && trim() > 0) {
        page = runs_.allocate(pages, alignment);
    }
    return page;
}

Result<std::uint32_t> KernelHeap::add_slab(unsigned size_class) {
    Result<std::uint32_t> page = try_add_slab(size_class);
    if (!page && trim() > 0) {
        page = try_add_slab(size_class);
    }
    return page;
}

Result<std::uint32_t> KernelHeap::try_add_slab(unsigned size_class) {
    const std::size_t bytes = records_bytes(size_class, mode_);
    const Result<std::byte*> records = allocate_metadata(bytes);
    if (!records) {
        return fail(records.error());
    }
    const Result<std::uint32_t> page = slabs_.add(size_class, *records);
    if (!page) {
        free_metadata(*records);
    } else if (mode_ != HeapMode::plain) {
        std::memset(*records, 0, bytes); // no block has a site yet
    }
    return page;
}

// ---- Books: blocks of the heap's own, which have no records themselves ----

std::size_t KernelHeap::records_bytes(unsigned size_class, HeapMode mode) {
    const std::uint32_t capacity = size_classes[size_class].capacity;
    std::size_t bytes = capacity;
    if (mode != HeapMode::plain) {
        bytes = heap::tags_bytes(capacity) + capacity * sizeof(BlockDetail);
    }
    return mode == HeapMode::debug ? bytes + capacity * sizeof(std::source_location) : bytes;
}

Result<std::byte*> KernelHeap::allocate_metadata(std::size_t bytes) {
    unsigned size_class = heap::class_of(bytes);
    size_class = size_class == no_class ? heap::class_of(page_size + 1) : size_class;
    std::uint32_t page = metadata_slabs_.partial(size_class);
    if (page == no_page) {
        const Result<std::uint32_t> added = metadata_slabs_.add(size_class, nullptr);
        if (!added) {
            return fail(added.error());
        }
        page = *added;
    }
    const std::uint32_t block = metadata_slabs_.take(size_class, metadata_runs_.info(page));
    return metadata_ + (std::size_t{page} << page_shift) + std::size_t{block} * size_classes[size_class].block_bytes;
}

void KernelHeap::free_metadata(std::byte* metadata) {
    const auto offset = static_cast<std::uint32_t>(metadata - metadata_);
    const std::uint32_t page = metadata_runs_.run_of(offset >> page_shift);
    PageInfo& slab = metadata_runs_.info(page);
    const std::uint32_t block = heap::SlabOffset(offset - (page << page_shift), slab.reciprocal).block();
    if (const std::uint32_t surplus = metadata_slabs_.put_any(slab, block); surplus != no_page) {
        metadata_slabs_.retire(surplus);
    }
}

// ---- Freeing ----

// The common case alone, without a call: a small block of a slab that keeps another one in use. All else, wrong
// pointers among it, goes on in free_unusual, which repeats the checks.
Result<void> KernelHeap::free(void* pointer, std::source_location where) {
    const std::uintptr_t offset =
        reinterpret_cast<std::uintptr_t>(pointer) - reinterpret_cast<std::uintptr_t>(payload_);
    if ((offset >> page_shift) >= runs_.frontier()) [[unlikely]] {
        return free_unusual(pointer, where);
    }
    PageInfo* info = infos_ + (offset >> page_shift);
    auto in_slab = static_cast<std::uint32_t>(offset & (page_size - 1));
    if (info->kind != PageKind::slab) {
        if (info->kind != PageKind::slab_inner) [[unlikely]] {
            return free_unusual(pointer, where);
        }
        in_slab += std::uint32_t{info->pages} << page_shift;
        info -= info->pages;
    }
    const heap::SlabOffset place(in_slab, info->reciprocal);
    const std::uint32_t block = place.block();
    if (!place.starts_block(info->reciprocal) || block >= info->capacity || info->is_free(block) || info->live == 1 ||
        (info->full() && slabs_.idle(info->size_class) != no_page)) [[unlikely]] {
        return free_unusual(pointer, where);
    }
    if (mode_ != HeapMode::plain) {
        if (mode_ == HeapMode::debug) [[unlikely]] {
            return free_unusual(pointer, where);
        }
        note_freed(*info, block, where);
    }
    discharge(BlockTag{std::to_integer<std::uint8_t>(info->slab.records[block])}.owner(), info->block_bytes);
    slabs_.put(*info, block);
    return {};
}

inline void KernelHeap::note_freed(const PageInfo& slab, std::uint32_t block, std::source_location where) {
    BlockDetail& written = heap::details(slab)[block];
    slack_bytes_ -= written.slack;
    written.site = where;
}

Result<void> KernelHeap::free_unusual(void* pointer, std::source_location where) {
    if (pointer == nullptr) {
        return {};
    }
    const Result<BlockReference> place = live_block(pointer, where);
    if (!place) {
        return fail(place.error());
    }
    if (mode_ == HeapMode::debug) {
        free_guarded(*place, where);
        return {};
    }
    account_free(*place, where);
    give_back(*place);
    return {};
}

// The block in use that `pointer` is the address of; else reports what it is instead.
Result<KernelHeap::BlockReference> KernelHeap::live_block(const void* pointer, std::source_location where) {
    const std::optional<BlockReference> place = place_of(pointer);
    if (place && is_live(*place) && user_address(*place) == pointer) {
        return *place;
    }
    return fail(refuse_free(pointer, place, where));
}

// Takes a block off its owner's account.
void KernelHeap::account_free(const BlockReference& place, std::source_location where) {
    slack_bytes_ -= slack(place);
    discharge(tag(place).owner(), place.bytes);
    if (mode_ == HeapMode::debug) {
        freed_by(place) = where;
    } else if (mode_ == HeapMode::tracked && place.slab) {
        detail(place).site = where;
    }
}

// Makes a block that is on no account free for the next one.
void KernelHeap::give_back(const BlockReference& place) {
    PageInfo& info = runs_.info(place.page);
    if (!place.slab) {
        const std::uint32_t pages = info.run.count;
        info.kind = PageKind::none;
        runs_.free(place.page, pages);
    } else if (const std::uint32_t surplus = slabs_.put_any(info, place.block); surplus != no_page) {
        free_metadata(slabs_.retire(surplus));
    }
}

std::uint32_t KernelHeap::trim() {
    const std::uint32_t before = committed_.committed();
    release_quarantine();
    for (unsigned size_class = 0; size_class < heap::class_count; ++size_class) {
        if (const std::uint32_t page = slabs_.idle(size_class); page != no_page) {
            free_metadata(slabs_.retire(page));
        }
    }
    for (unsigned size_class = 0; size_class < heap::class_count; ++size_class) {
        if (const std::uint32_t page = metadata_slabs_.idle(size_class); page != no_page) {
            metadata_slabs_.retire(page);
        }
    }
    runs_.trim();
    metadata_runs_.trim();
    return before - committed_.committed();
}

// ---- Reallocating ----

Result<void*> KernelHeap::reallocate(void* pointer, std::size_t bytes, std::source_location where) {
    if (pointer == nullptr) {
        return allocate(bytes, default_alignment, HeapOwner::kernel, where);
    }
    const Result<BlockReference> place = live_block(pointer, where);
    if (!place) {
        return fail(place.error());
    }
    if (mode_ == HeapMode::debug) { // always moves, so that old pointers are found out
        return move(*place, bytes, where);
    }
    const Result<bool> in_place = place->slab ? resize_in_slab(*place, bytes) : resize_run(*place, bytes);
    if (!in_place) {
        return refuse(in_place.error());
    }
    if (*in_place) {
        account_resize(*place, bytes, where);
        return pointer;
    }
    const Result<void*> moved = move(*place, bytes, where);
    if (!moved && bytes <= place->bytes) { // it only was to become smaller
        account_resize(*place, bytes, where);
        return pointer;
    }
    return moved;
}

// A small block stays where it is unless more than half of it would be unused.
Result<bool> KernelHeap::resize_in_slab(const BlockReference& place, std::size_t bytes) const {
    return bytes <= place.bytes && (bytes > place.bytes / 2 ||
                                    heap::class_of(bytes, tag(place).alignment()) == runs_.peek(place.page).size_class);
}

Result<bool> KernelHeap::resize_run(const BlockReference& place, std::size_t bytes) {
    if (bytes > std::size_t{runs_.limit()} << page_shift) {
        return fail(Error::too_large);
    }
    PageInfo& info = runs_.info(place.page);
    if (heap::class_of(bytes, info.run.tag.alignment()) != no_class) {
        return false;
    }
    const std::uint32_t pages = std::max(pages_for(bytes), 1U);
    const std::uint32_t old_pages = info.run.count;
    Account& account = accounts_[static_cast<std::size_t>(info.run.tag.owner())];
    if (pages > old_pages) {
        const std::size_t more = std::size_t{pages - old_pages} << page_shift;
        if (account.used + more > account.limit) {
            return fail(Error::limit_reached);
        }
        if (!runs_.extend(place.page, old_pages, pages)) {
            return false;
        }
    } else if (pages < old_pages) {
        runs_.free(place.page + pages, old_pages - pages);
    }
    info.run.count = pages;
    const std::size_t change = (std::size_t{pages} - old_pages) << page_shift; // modulo 2^n where it is less
    account.used += change;
    account.peak = std::max(account.peak, account.used);
    return true;
}

// Writes down that the block has been resized where it is.
void KernelHeap::account_resize(const BlockReference& place, std::size_t bytes, std::source_location where) {
    const PageInfo& info = runs_.peek(place.page);
    slack_bytes_ -= slack(place);
    if (place.slab) {
        if (mode_ != HeapMode::plain) {
            record(info, place.block, place.bytes - bytes, where);
        }
        return;
    }
    const std::size_t block_bytes = std::size_t{info.run.count} << page_shift;
    infos_[place.page].run.slack = static_cast<std::uint32_t>(block_bytes - bytes);
    infos_[place.page].run.detail = {.site = where, .slack = 0, .mark = mark_};
    slack_bytes_ += block_bytes - bytes;
}

Result<void*> KernelHeap::move(const BlockReference& place, std::size_t bytes, std::source_location where) {
    const BlockTag old_tag = tag(place);
    const std::size_t old_bytes = requested(place);
    const Result<void*> moved = allocate(bytes, old_tag.alignment(), old_tag.owner(), where);
    if (!moved) {
        return moved;
    }
    std::byte* const old = user_address(place);
    std::memcpy(*moved, old, std::min(bytes, old_bytes));
    if (mode_ == HeapMode::debug) {
        free_guarded(place, where);
    } else {
        account_free(place, where);
        give_back(place);
    }
    return moved;
}

} // namespace quire
