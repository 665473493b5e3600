// Runs of whole pages for the kernel heap: two-level good fit over free runs, with the books (PageInfo) far from the
// pages. A PageRuns owns one part of the heap's range and the records of its pages; it never touches the pages.
//
// What was needed a short while ago will be needed again: free pages stay cached while the heap has used as many within
// the last windows (see worth_keeping), so that programs that come and go commit nothing. The rest is given back.
//
// A free run is either cached (committed: the next block is quick) or reserved (not committed: costs no memory).
// Neighbours of one kind are always one run. Pages at and above `frontier` are in no run and have no records.
#pragma once

#include "kernel/lib/audit_report.h"
#include "kernel/memory/heap/heap_page_info.h"
#include "kernel/memory/heap/heap_types.h"

#include <array>
#include <cstdint>

namespace quire::heap {

// HeapPages, counted.
class CommittedPages {
public:
    CommittedPages(HeapPages& pages, std::uint32_t maximum) : pages_(&pages), maximum_(maximum) {}

    // Errors: those of HeapPages; out_of_memory where the maximum would be exceeded. Nothing has changed then.
    [[nodiscard]] Result<void> commit(std::uint32_t first, std::uint32_t count);
    void decommit(std::uint32_t first, std::uint32_t count);

    [[nodiscard]] std::uint32_t maximum() const { return maximum_; }
    void set_maximum(std::uint32_t pages) { maximum_ = pages; }
    [[nodiscard]] std::uint32_t committed() const { return committed_; }
    [[nodiscard]] std::uint32_t peak() const { return peak_; }
    [[nodiscard]] std::uint64_t commits() const { return commits_; }
    [[nodiscard]] std::uint64_t decommits() const { return decommits_; }

private:
    HeapPages* pages_;
    std::uint32_t maximum_;
    std::uint32_t committed_ = 0;
    std::uint32_t peak_ = 0;
    std::uint64_t commits_ = 0;
    std::uint64_t decommits_ = 0;
};

// Free runs by length: exact up to 8 pages, then eight steps from one power of two to the next. Two bitmap levels find
// a long enough run in two words. Runs are linked through their first page's record.
class RunBins {
public:
    RunBins() { heads_.fill(no_page); }
    void insert(PageInfo* infos, std::uint32_t page);
    void remove(PageInfo* infos, std::uint32_t page);
    // The first page of a run of at least `count` pages, or no_page. Looks at no more than one run that is too short.
    [[nodiscard]] std::uint32_t find(const PageInfo* infos, std::uint32_t count) const;
    // A run of the longest bin, or no_page.
    [[nodiscard]] std::uint32_t longest() const;
    [[nodiscard]] std::uint32_t head(unsigned bin) const { return heads_[bin]; }
    [[nodiscard]] static unsigned bin_of(std::uint32_t count);

    static constexpr unsigned groups = 19; // up to 2^21 pages
    static constexpr unsigned bins_per_group = 8;

private:
    std::uint32_t used_groups_ = 0;
    std::array<std::uint8_t, groups> used_bins_{};
    std::array<std::uint32_t, std::size_t{groups} * bins_per_group> heads_{};
};

class PageRuns {
public:
    // Manages `limit` pages from page `first` of the heap's range, which is page `address_page` of the address space.
    // `infos` is their records' place, from page `info_first` of the range on; committed here as the frontier moves up.
    PageRuns(CommittedPages& committed, std::uint32_t first, std::uint32_t limit, PageInfo* infos,
             std::uint32_t info_first, std::uintptr_t address_page, std::uint32_t cache_pages)
        : committed_(&committed), infos_(infos), address_page_(address_page), first_(first), limit_(limit),
          info_first_(info_first), cache_pages_(cache_pages) {}

    // Takes `count` committed pages, the first at an address that is a multiple of `alignment` pages (a power of two);
    // returns its number in this part. The caller sets its record; until then all records of the run are `none`.
    // Errors: out_of_memory (no room, or no pages). O(1), and what committing `count` pages costs.
    [[nodiscard]] Result<std::uint32_t> allocate(std::uint32_t count, std::uint32_t alignment = 1);
    // Gives back pages taken before; all their records must be `none`. O(1), and the cost of decommitting
    // where too much lies idle.
    void free(std::uint32_t page, std::uint32_t count);
    // Makes the `count` pages from `page` on `wanted` pages long (more), in place. Errors: out_of_memory.
    [[nodiscard]] Result<void> extend(std::uint32_t page, std::uint32_t count, std::uint32_t wanted);
    // Decommits every cached run and the records that are no longer needed. O(cached runs).
    void trim();

    [[nodiscard]] PageInfo& info(std::uint32_t page) {
        ++records_touched_;
        return infos_[page];
    }
    [[nodiscard]] const PageInfo& peek(std::uint32_t page) const { return infos_[page]; }
    [[nodiscard]] PageInfo* infos() const { return infos_; }
    [[nodiscard]] std::uint32_t first() const { return first_; }
    [[nodiscard]] std::uint32_t limit() const { return limit_; }
    [[nodiscard]] std::uint32_t frontier() const { return frontier_; }
    // No page at or above this one has ever been used.
    [[nodiscard]] std::uint32_t highest_frontier() const { return highest_frontier_; }
    [[nodiscard]] std::uint32_t used_pages() const { return used_; }
    [[nodiscard]] std::uint32_t cached_pages() const { return cached_; }
    [[nodiscard]] std::uint32_t info_pages() const { return info_pages_; }
    [[nodiscard]] std::uint64_t records_touched() const { return records_touched_; }

    // The page that starts the run `page` is in: `page` itself or one before it. O(pages of the run); page < frontier.
    [[nodiscard]] std::uint32_t run_of(std::uint32_t page) const;
    // Pages from the run's first page to the next run's.
    [[nodiscard]] std::uint32_t run_length(std::uint32_t first_page) const;

    void audit(AuditReport& report) const;

private:
    // `Kind` is cached or reserved: which of the two sets of free runs.
    using Kind = PageKind;
    [[nodiscard]] RunBins& bins(Kind kind) { return kind == Kind::cached ? cached_bins_ : reserved_bins_; }
    void link(Kind kind, std::uint32_t page, std::uint32_t count);
    void unlink(Kind kind, std::uint32_t page); // its records become `none`
    // Makes pages whose records are `none` a free run, joined with free neighbours of the same kind.
    void add_free(Kind kind, std::uint32_t page, std::uint32_t count);
    // Cuts the pages [from, from + count) out of the free run at `page`; what is left of it stays free.
    void carve(Kind kind, std::uint32_t page, std::uint32_t from, std::uint32_t count);

    [[nodiscard]] std::uint32_t aligned(std::uint32_t page, std::uint32_t alignment) const {
        const std::uintptr_t at = address_page_ + page + alignment - 1;
        return static_cast<std::uint32_t>((at & ~std::uintptr_t{alignment - 1}) - address_page_);
    }
    [[nodiscard]] Result<std::uint32_t> take_reserved(std::uint32_t page, std::uint32_t from, std::uint32_t count);
    [[nodiscard]] Result<std::uint32_t> take_new(std::uint32_t from, std::uint32_t count);
    [[nodiscard]] Result<std::uint32_t> commit_some(std::uint32_t page, std::uint32_t count, std::uint32_t room);
    [[nodiscard]] Result<void> cover(std::uint32_t pages);
    void uncover(std::uint32_t info_pages);
    void lower_frontier(std::uint32_t to);
    void give_back(std::uint32_t keep, std::uint32_t most_runs);
    [[nodiscard]] std::uint32_t worth_keeping() const;
    void audit_run(AuditReport& report, std::uint32_t page) const;
    void audit_bins(AuditReport& report, const RunBins& bins, Kind kind, std::uint32_t expected) const;

    CommittedPages* committed_;
    PageInfo* infos_;
    std::uintptr_t address_page_;
    std::uint32_t first_;
    std::uint32_t limit_;
    std::uint32_t info_first_;
    std::uint32_t cache_pages_;
    std::uint32_t frontier_ = 0;
    std::uint32_t highest_frontier_ = 0;
    std::uint32_t info_pages_ = 0;
    std::uint32_t used_ = 0;
    std::uint32_t cached_ = 0;
    // Most pages in use in this window and in the one before. A window ends when 16 times as many pages as that have
    // been freed in it.
    std::uint32_t window_peak_ = 0;
    std::uint32_t previous_peak_ = 0;
    std::uint32_t window_freed_ = 0;
    std::uint64_t records_touched_ = 0;
    RunBins cached_bins_;
    RunBins reserved_bins_;
};

} // namespace quire::heap
