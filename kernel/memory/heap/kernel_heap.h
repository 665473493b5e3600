// The kernel heap: blocks of any size out of one range of virtual pages that it fills with memory as it needs it.
// Small blocks lie in slabs, larger ones are runs of whole pages. All its books lie in pages of its own in front of the
// blocks, so a writer past the end of a block cannot hurt them, and every wrong free is noticed. It owns the range and
// the pages committed there; it never asks for the address space, locks nothing, and is not for interrupt handlers.
#pragma once

#include "kernel/lib/audit_report.h"
#include "kernel/memory/heap/heap_page_info.h"
#include "kernel/memory/heap/heap_quarantine.h"
#include "kernel/memory/heap/heap_runs.h"
#include "kernel/memory/heap/heap_slabs.h"
#include "kernel/memory/heap/heap_types.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <source_location>
#include <span>
#include <string_view>

namespace quire {

struct HeapOptions {
    HeapMode mode = HeapMode::plain;
    HeapWatcher* watcher = nullptr;                      // told of misuse; may be absent
    std::uint32_t cache_pages = 32;                      // free pages that stay committed at least, until trim()
    std::size_t quarantine_bytes = std::size_t{1} << 20; // debug mode: freed blocks that wait, at most; and 512 of them
};

class KernelHeap {
public:
    static constexpr std::size_t default_alignment = heap::granule;
    static constexpr std::size_t largest_alignment = heap::largest_alignment;
    static constexpr std::size_t unlimited = std::numeric_limits<std::size_t>::max();

    // Manages the `maximum_bytes` from `base` on (page aligned; at least 256 KiB, at most 4 GiB), none of them
    // committed. Commits nothing before the first allocation. Part of the range is for books: see docs/heap.md.
    KernelHeap(HeapPages& pages, std::byte* base, std::size_t maximum_bytes, const HeapOptions& options = {});
    KernelHeap(const KernelHeap&) = delete;
    KernelHeap& operator=(const KernelHeap&) = delete;

    // A block of at least `bytes` bytes (0 gives the smallest block), aligned to `alignment` (a power of two), with any
    // content, charged to `owner`. Errors: out_of_memory; limit_reached (the owner's); too_large; invalid_argument
    // (alignment). O(1), and what the pages cost that are committed for it.
    [[nodiscard]] Result<void*> allocate(std::size_t bytes, std::size_t alignment = default_alignment,
                                         HeapOwner owner = HeapOwner::kernel,
                                         std::source_location where = std::source_location::current());

    // A block for `count` things of `bytes` bytes each, all zero. Errors: as allocate; too_large also where the product
    // overflows. O(size).
    [[nodiscard]] Result<void*> allocate_zeroed(std::size_t count, std::size_t bytes,
                                                std::size_t alignment = default_alignment,
                                                HeapOwner owner = HeapOwner::kernel,
                                                std::source_location where = std::source_location::current());

    // Frees a block; null is nothing to free. Errors, each also told to the watcher with `where`: double_free;
    // interior (points into a live block); foreign (never handed out here). O(1), and what the pages cost that are
    // decommitted; naming an interior pointer of a large block is O(its pages).
    Result<void> free(void* pointer, std::source_location where = std::source_location::current());

    // The block at `pointer` made at least `bytes` long: in place where it can be, else moved, with its content (up to
    // the shorter size), alignment and owner. Null allocates. Errors: those of allocate and free; the block is as it
    // was then. O(1) in place, O(size) moved.
    [[nodiscard]] Result<void*> reallocate(void* pointer, std::size_t bytes,
                                           std::source_location where = std::source_location::current());

    // Registers an owner; `name` must outlive the heap. Errors: overflow after the 16th.
    [[nodiscard]] Result<HeapOwner> add_owner(std::string_view name, std::size_t limit_bytes = unlimited);
    // What is above the limit already stays. Errors: invalid_argument for an owner never registered.
    Result<void> set_limit(HeapOwner owner, std::size_t limit_bytes);
    [[nodiscard]] std::size_t owner_count() const { return owner_count_; }
    [[nodiscard]] HeapOwnerUsage usage(HeapOwner owner) const;

    // Decommits every page that no block needs; releases the quarantine. Returns how many. O(free runs).
    std::uint32_t trim();
    // At most this many pages are committed from now on, books included; what is committed already stays.
    void set_maximum(std::uint32_t pages);

    [[nodiscard]] HeapMode mode() const { return mode_; }
    [[nodiscard]] HeapStatistics statistics() const;
    [[nodiscard]] static constexpr unsigned size_class_count() { return heap::class_count; }
    [[nodiscard]] HeapSizeClass size_class(unsigned number) const;

    // An address in a live block as a word, which is never 0, and back: for books that have no room for more, where
    // addresses are longer. As even as the address. O(1).
    [[nodiscard]] std::uint32_t word_of(const void* address) const {
        return static_cast<std::uint32_t>(static_cast<const std::byte*>(address) - metadata_);
    }
    [[nodiscard]] void* address_of(std::uint32_t word) const { return metadata_ + word; }

    // What `address` is in: a block, live or freed, as far as the books tell. Nothing if it is in no block. O(1), for
    // large blocks O(pages).
    [[nodiscard]] std::optional<HeapBlock> block_at(const void* address) const;
    // True for an address in pages that blocks have used once and none does now. O(1).
    [[nodiscard]] bool in_free_pages(const void* address) const;
    // Calls visitor(const HeapBlock&) for each live block in address order. O(pages + blocks). The visitor must not
    // change the heap.
    template <class Visitor> void for_each_block(Visitor&& visitor) const {
        visit_blocks([](void* context,
                        const HeapBlock& block) { (*static_cast<std::remove_reference_t<Visitor>*>(context))(block); },
                     const_cast<void*>(static_cast<const void*>(&visitor)));
    }

    // Remembers this moment, for leaks(). Not in plain mode, where it is always the same. O(1); each 65,535th time
    // O(blocks), and all older marks are forgotten.
    [[nodiscard]] HeapMark mark();
    // The live blocks allocated since `since`, by site, most bytes first, into `table`; returns the part of it that was
    // used. What does not fit is added up in the last entry, without a site. O(blocks × table).
    [[nodiscard]] std::span<HeapLeak> leaks(HeapMark since, std::span<HeapLeak> table) const;

    // Checks that the books agree with each other; in debug mode also every red zone and freed block. O(pages +
    // blocks).
    void audit(AuditReport& report) const;

private:
    // A power of two long, so that finding one takes a shift.
    struct alignas(8 * sizeof(void*)) Account {
        std::string_view name{};
        std::size_t limit = unlimited;
        std::size_t used = 0;
        std::size_t peak = 0;
        std::uint64_t allocations = 0;
        std::uint64_t frees = 0;
    };
    // Where the parts of the range lie, in pages from its base: records of the pages of books, records of the pages of
    // blocks, books, one page that is never committed, blocks.
    struct Layout {
        Layout(std::size_t maximum_bytes, HeapMode mode);
        std::uint32_t total = 0;
        std::uint32_t metadata_infos = 0; // always at page 0
        std::uint32_t payload_infos = 0;
        std::uint32_t metadata_first = 0;
        std::uint32_t metadata = 0;
        std::uint32_t payload_first = 0;
        std::uint32_t payload = 0;
    };
    // A block of the books, in use or not.
    struct BlockReference {
        std::uint32_t page = 0;  // first page of its slab or run
        std::uint32_t block = 0; // in its slab; 0 for a run
        bool slab = false;
        bool in_use = false; // also while it is in the quarantine
        std::byte* start = nullptr;
        std::size_t bytes = 0;
    };
    using BlockVisitor = void (*)(void* context, const HeapBlock& block);

    KernelHeap(HeapPages& pages, std::byte* base, const Layout& layout, const HeapOptions& options);

    // Allocating (kernel_heap.cpp). `bytes` are those of the block, `requested` those that were asked for.
    // Never inlined: what is rare must not cost the common case registers.
    [[nodiscard, gnu::noinline]] Result<void*> allocate_unusual(std::size_t bytes, std::size_t alignment,
                                                                HeapOwner owner, std::source_location where);
    [[nodiscard]] Result<void*> allocate_block(std::size_t bytes, std::size_t requested, std::size_t alignment,
                                               HeapOwner owner, std::source_location where);
    [[nodiscard]] Result<void*> allocate_run(std::size_t bytes, std::size_t requested, std::size_t alignment,
                                             HeapOwner owner, std::source_location where);
    [[nodiscard]] Result<std::uint32_t> add_slab(unsigned size_class);
    [[nodiscard]] Result<std::uint32_t> try_add_slab(unsigned size_class);
    [[nodiscard]] Result<std::uint32_t> take_run(std::uint32_t pages, std::uint32_t alignment);
    [[nodiscard]] static std::size_t records_bytes(unsigned size_class, HeapMode mode);
    [[nodiscard]] Result<std::byte*> allocate_metadata(std::size_t bytes);
    void free_metadata(std::byte* metadata);
    void charge(Account& account, std::size_t bytes);
    void discharge(HeapOwner owner, std::size_t bytes);
    void record(const heap::PageInfo& slab, std::uint32_t block, std::size_t slack, std::source_location where);
    void note_freed(const heap::PageInfo& slab, std::uint32_t block, std::source_location where);
    std::unexpected<Error> refuse(Error error);

    // Freeing and reallocating (kernel_heap.cpp).
    [[gnu::noinline]] Result<void> free_unusual(void* pointer, std::source_location where);
    void account_free(const BlockReference& place, std::source_location where);
    void give_back(const BlockReference& place);
    [[nodiscard]] Result<BlockReference> live_block(const void* pointer, std::source_location where);
    [[nodiscard]] Result<bool> resize_in_slab(const BlockReference& place, std::size_t bytes) const;
    [[nodiscard]] Result<bool> resize_run(const BlockReference& place, std::size_t bytes);
    void account_resize(const BlockReference& place, std::size_t bytes, std::source_location where);
    [[nodiscard]] Result<void*> move(const BlockReference& place, std::size_t bytes, std::source_location where);

    // What debug mode adds (kernel_heap_debug.cpp).
    [[nodiscard]] Result<void*> allocate_guarded(std::size_t bytes, std::size_t alignment, HeapOwner owner,
                                                 std::source_location where);
    void free_guarded(const BlockReference& place, std::source_location where);
    void open_quarantine();
    void release_oldest();
    void release_quarantine();
    [[nodiscard]] BlockReference known_place_of(const void* address) const; // of a block that is the heap's own
    [[nodiscard]] const std::byte* changed_in_front(const BlockReference& place) const; // null where all is well
    [[nodiscard]] const std::byte* changed_behind(const BlockReference& place) const;
    [[nodiscard]] static const std::byte* changed_after_free(const BlockReference& place);

    // Looking up and through (kernel_heap_report.cpp). O(1) but place_of an address inside a large block.
    [[nodiscard]] std::byte* payload_page(std::uint32_t page) const {
        return payload_ + (std::size_t{page} << page_shift);
    }
    [[nodiscard]] std::optional<BlockReference> place_of(const void* address) const;
    [[nodiscard]] BlockReference slab_place(std::uint32_t page, std::uint32_t block) const;
    [[nodiscard]] BlockReference run_place(std::uint32_t page) const;
    [[nodiscard]] bool is_live(const BlockReference& place) const;
    [[nodiscard]] std::byte* user_address(const BlockReference& place) const;
    [[nodiscard]] std::size_t requested(const BlockReference& place) const;
    [[nodiscard]] std::size_t slack(const BlockReference& place) const;
    [[nodiscard]] heap::BlockTag tag(const BlockReference& place) const;
    [[nodiscard]] heap::BlockDetail& detail(const BlockReference& place) const; // not of a small block in plain mode
    [[nodiscard]] std::source_location& freed_by(const BlockReference& place) const; // debug mode
    [[nodiscard]] HeapBlock describe(const BlockReference& place) const;
    [[nodiscard]] Error refuse_free(const void* pointer, const std::optional<BlockReference>& place,
                                    std::source_location where);
    void report(const HeapMisuse& misuse);
    // Calls visitor(const BlockReference&) for each block in use, those in the quarantine too, in address order.
    template <class Visitor> void visit_places(Visitor&& visitor) const;
    void visit_blocks(BlockVisitor visitor, void* context) const;
    void audit_totals(AuditReport& report) const;
    void audit_blocks(AuditReport& report) const;
    void audit_contents(AuditReport& report, const BlockReference& place) const;

    std::byte* payload_;
    std::byte* metadata_;
    heap::PageInfo* infos_; // of the pages of blocks
    HeapMode mode_;
    std::uint16_t mark_ = 0;
    std::uint32_t misuses_ = 0;
    std::size_t slack_bytes_ = 0; // of live blocks: what was not asked for
    std::uint32_t refused_ = 0;
    std::uint32_t owner_count_ = 1;
    std::uint32_t quick_owners_ = 0; // owner_count_; 0 in debug mode, which has no quick way
    HeapWatcher* watcher_;
    std::size_t quarantine_limit_;
    heap::CommittedPages committed_;
    heap::PageRuns metadata_runs_;
    heap::PageRuns runs_;
    heap::SlabSet metadata_slabs_;
    heap::SlabSet slabs_;
    heap::Quarantine quarantine_;
    std::array<Account, most_heap_owners> accounts_{};
};

} // namespace quire
