// Takes, cuts, joins and gives back runs of pages. See heap_runs.h for what is promised.
#include "kernel/memory/heap/heap_runs.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace quire::heap {

Result<void> CommittedPages::commit(std::uint32_t first, std::uint32_t count) {
    if (committed_ >= maximum_ || count > maximum_ - committed_) {
        return fail(Error::out_of_memory);
    }
    if (const Result<void> done = pages_->commit(first, count); !done) {
        return done;
    }
    committed_ += count;
    peak_ = std::max(peak_, committed_);
    ++commits_;
    return {};
}

void CommittedPages::decommit(std::uint32_t first, std::uint32_t count) {
    pages_->decommit(first, count);
    committed_ -= count;
    ++decommits_;
}

unsigned RunBins::bin_of(std::uint32_t count) {
    if (count < bins_per_group) {
        return count;
    }
    const auto power = static_cast<unsigned>(std::bit_width(count)) - 1; // at least 3
    return (power - 2) * bins_per_group + ((count >> (power - 3)) & (bins_per_group - 1));
}

void RunBins::insert(PageInfo* infos, std::uint32_t page) {
    const unsigned bin = bin_of(infos[page].run.count);
    infos[page].prev = no_page;
    infos[page].next = heads_[bin];
    if (heads_[bin] != no_page) {
        infos[heads_[bin]].prev = page;
    }
    heads_[bin] = page;
    used_groups_ |= 1U << (bin / bins_per_group);
    used_bins_[bin / bins_per_group] |= static_cast<std::uint8_t>(1U << (bin % bins_per_group));
}

void RunBins::remove(PageInfo* infos, std::uint32_t page) {
    const PageInfo& run = infos[page];
    if (run.next != no_page) {
        infos[run.next].prev = run.prev;
    }
    if (run.prev != no_page) {
        infos[run.prev].next = run.next;
        return;
    }
    const unsigned bin = bin_of(run.run.count);
    heads_[bin] = run.next;
    if (run.next == no_page) {
        const unsigned group = bin / bins_per_group;
        used_bins_[group] &= static_cast<std::uint8_t>(~(1U << (bin % bins_per_group)));
        if (used_bins_[group] == 0) {
            used_groups_ &= ~(1U << group);
        }
    }
}

std::uint32_t RunBins::find(const PageInfo* infos, std::uint32_t count) const {
    const unsigned bin = bin_of(count);
    if (heads_[bin] != no_page && infos[heads_[bin]].run.count >= count) {
        return heads_[bin]; // the only bin that holds both longer and shorter runs
    }
    const unsigned next = bin + 1;
    const unsigned group = next / bins_per_group;
    if (group >= groups) {
        return no_page;
    }
    const unsigned in_group = used_bins_[group] & (0xFFU << (next % bins_per_group));
    if (in_group != 0) {
        return heads_[group * bins_per_group + static_cast<unsigned>(std::countr_zero(in_group))];
    }
    const std::uint32_t above = used_groups_ & (~std::uint32_t{0} << group << 1);
    if (above == 0) {
        return no_page;
    }
    const auto found = static_cast<unsigned>(std::countr_zero(above));
    const auto lowest = static_cast<unsigned>(std::countr_zero(unsigned{used_bins_[found]}));
    return heads_[found * bins_per_group + lowest];
}

std::uint32_t RunBins::longest() const {
    if (used_groups_ == 0) {
        return no_page;
    }
    const auto group = static_cast<unsigned>(std::bit_width(used_groups_)) - 1;
    const auto bin = static_cast<unsigned>(std::bit_width(unsigned{used_bins_[group]})) - 1;
    return heads_[group * bins_per_group + bin];
}

namespace {

// Pages of records for the pages below `frontier`.
std::uint32_t info_pages_for(std::uint32_t frontier) {
    return (frontier + infos_per_page - 1) / infos_per_page;
}

PageKind end_of(PageKind kind) {
    return kind == PageKind::cached ? PageKind::cached_end : PageKind::reserved_end;
}

// Pages that are committed at once when the heap grows by small runs: an eighth of what it has, up to so many. So what
// nobody asked for is a small part of any heap, and a large one pays for a commit every sixteenth time. And runs
// decommitted in one operation, so that none takes long.
constexpr std::uint32_t growth_pages = 16;
constexpr std::uint32_t most_given_back = 4;

} // namespace

void PageRuns::link(PageKind kind, std::uint32_t page, std::uint32_t count) {
    if (count > 1) {
        PageInfo& last = info(page + count - 1);
        last.kind = end_of(kind);
        last.run.count = page;
    }
    PageInfo& head = info(page);
    head.kind = kind;
    head.run.count = count;
    bins(kind).insert(infos_, page);
}

void PageRuns::unlink(PageKind kind, std::uint32_t page) {
    bins(kind).remove(infos_, page);
    PageInfo& head = info(page);
    info(page + head.run.count - 1).kind = PageKind::none;
    head.kind = PageKind::none;
}

void PageRuns::add_free(PageKind kind, std::uint32_t page, std::uint32_t count) {
    if (page > 0) {
        const PageInfo& before = info(page - 1);
        if (before.kind == kind || before.kind == end_of(kind)) {
            const std::uint32_t first = before.kind == kind ? page - 1 : before.run.count;
            unlink(kind, first);
            count += page - first;
            page = first;
        }
    }
    if (page + count < frontier_ && info(page + count).kind == kind) {
        const std::uint32_t behind = page + count;
        count += infos_[behind].run.count;
        unlink(kind, behind);
    }
    if (kind == PageKind::reserved && page + count == frontier_) {
        lower_frontier(page);
    } else {
        link(kind, page, count);
    }
}

void PageRuns::carve(PageKind kind, std::uint32_t page, std::uint32_t from, std::uint32_t count) {
    const std::uint32_t end = page + infos_[page].run.count;
    unlink(kind, page);
    if (from > page) {
        link(kind, page, from - page);
    }
    if (end > from + count) {
        link(kind, from + count, end - (from + count));
    }
}

Result<std::uint32_t> PageRuns::allocate(std::uint32_t count, std::uint32_t alignment) {
    const std::uint32_t room = count + alignment - 1;
    if (const std::uint32_t page = cached_bins_.find(infos_, room); page != no_page) {
        const std::uint32_t from = aligned(page, alignment);
        carve(PageKind::cached, page, from, count);
        cached_ -= count;
        used_ += count;
        return from;
    }
    if (const std::uint32_t page = reserved_bins_.find(infos_, room); page != no_page) {
        return take_reserved(page, aligned(page, alignment), count);
    }
    return take_new(aligned(frontier_, alignment), count);
}

Result<std::uint32_t> PageRuns::take_reserved(std::uint32_t page, std::uint32_t from, std::uint32_t count) {
    const std::uint32_t end = page + infos_[page].run.count;
    const Result<std::uint32_t> committed = commit_some(from, count, end - from);
    if (!committed) {
        return committed;
    }
    carve(PageKind::reserved, page, from, *committed);
    used_ += count;
    if (*committed > count) {
        cached_ += *committed - count;
        add_free(PageKind::cached, from + count, *committed - count);
    }
    return from;
}

Result<std::uint32_t> PageRuns::take_new(std::uint32_t from, std::uint32_t count) {
    if (from > limit_ || count > limit_ - from) {
        return fail(Error::out_of_memory);
    }
    const std::uint32_t info_pages_before = info_pages_;
    if (const Result<void> covered = cover(from + count); !covered) {
        return fail(covered.error());
    }
    // No records beyond those pages that are committed now: growing a little more must not need another page of them.
    const std::uint32_t room = std::min(limit_, info_pages_ * infos_per_page) - from;
    const Result<std::uint32_t> committed = commit_some(from, count, room);
    if (!committed) {
        uncover(info_pages_before);
        return committed;
    }
    const std::uint32_t skipped = frontier_;
    frontier_ = from + *committed;
    highest_frontier_ = std::max(highest_frontier_, frontier_);
    used_ += count;
    if (skipped < from) {
        link(PageKind::reserved, skipped, from - skipped);
    }
    if (*committed > count) {
        cached_ += *committed - count;
        link(PageKind::cached, from + count, *committed - count);
    }
    return from;
}

// Commits `count` pages from `page` on; a few more of the `room` there is, if the heap is large and they can be had.
Result<std::uint32_t> PageRuns::commit_some(std::uint32_t page, std::uint32_t count, std::uint32_t room) {
    const std::uint32_t more = count < growth_pages ? std::min(used_ / 8, growth_pages - count) : 0;
    const std::uint32_t most = std::min(room, count + more);
    if (most > count && committed_->commit(first_ + page, most)) {
        return most;
    }
    const Result<void> committed = committed_->commit(first_ + page, count);
    return committed ? Result<std::uint32_t>(count) : fail(committed.error());
}

void PageRuns::free(std::uint32_t page, std::uint32_t count) {
    window_peak_ = std::max(window_peak_, used_);
    used_ -= count;
    cached_ += count;
    window_freed_ += count;
    add_free(PageKind::cached, page, count);
    if (window_freed_ / 16 > std::max(window_peak_, previous_peak_)) [[unlikely]] {
        previous_peak_ = std::exchange(window_peak_, used_);
        window_freed_ = 0;
    }
    const std::uint32_t keep = worth_keeping();
    if (cached_ > keep + keep / 8) [[unlikely]] {
        give_back(keep, most_given_back);
    }
}

// Pages to keep cached: as many as were in use lately beside those that are now, but a sixteenth of all at most.
std::uint32_t PageRuns::worth_keeping() const {
    const std::uint32_t lately = std::max(window_peak_, previous_peak_);
    const std::uint32_t wanted = std::max(lately, used_) - used_;
    return std::max(cache_pages_, std::min(wanted, limit_ / 16));
}

Result<void> PageRuns::extend(std::uint32_t page, std::uint32_t count, std::uint32_t wanted) {
    const std::uint32_t end = page + count;
    const std::uint32_t missing = wanted - count;
    const bool cached = end < frontier_ && info(end).kind == PageKind::cached;
    const std::uint32_t from_cached = cached ? std::min(infos_[end].run.count, missing) : 0;
    const std::uint32_t rest = missing - from_cached;
    const std::uint32_t rest_at = end + from_cached;
    if (rest > 0) {
        const bool at_frontier = rest_at == frontier_;
        if (at_frontier ? rest > limit_ - frontier_
                        : info(rest_at).kind != PageKind::reserved || infos_[rest_at].run.count < rest) {
            return fail(Error::out_of_memory);
        }
        const std::uint32_t info_pages_before = info_pages_;
        if (const Result<void> covered = cover(rest_at + rest); !covered) {
            return covered;
        }
        if (const Result<void> committed = committed_->commit(first_ + rest_at, rest); !committed) {
            uncover(info_pages_before);
            return committed;
        }
        if (at_frontier) {
            frontier_ += rest;
            highest_frontier_ = std::max(highest_frontier_, frontier_);
        } else {
            carve(PageKind::reserved, rest_at, rest_at, rest);
        }
    }
    if (from_cached > 0) {
        carve(PageKind::cached, end, end, from_cached);
        cached_ -= from_cached;
    }
    used_ += missing;
    return {};
}

// Decommits the longest cached runs until at most `keep` cached pages are left or `most_runs` runs are done.
void PageRuns::give_back(std::uint32_t keep, std::uint32_t most_runs) {
    for (; cached_ > keep && most_runs > 0; --most_runs) {
        const std::uint32_t page = cached_bins_.longest();
        const std::uint32_t count = infos_[page].run.count;
        unlink(PageKind::cached, page);
        committed_->decommit(first_ + page, count);
        cached_ -= count;
        add_free(PageKind::reserved, page, count);
    }
}

void PageRuns::trim() {
    give_back(0, no_page);
    uncover(info_pages_for(frontier_));
}

Result<void> PageRuns::cover(std::uint32_t pages) {
    const std::uint32_t needed = info_pages_for(pages);
    if (needed <= info_pages_) {
        return {};
    }
    const std::uint32_t more = needed - info_pages_;
    if (const Result<void> committed = committed_->commit(info_first_ + info_pages_, more); !committed) {
        return committed;
    }
    std::memset(static_cast<void*>(infos_ + std::size_t{info_pages_} * infos_per_page), 0,
                std::size_t{more} * page_size);
    info_pages_ = needed;
    return {};
}

void PageRuns::uncover(std::uint32_t info_pages) {
    if (info_pages < info_pages_) {
        committed_->decommit(info_first_ + info_pages, info_pages_ - info_pages);
        info_pages_ = info_pages;
    }
}

void PageRuns::lower_frontier(std::uint32_t to) {
    frontier_ = to;
    uncover(2 * info_pages_for(to) + 1); // some are kept, so that growing again soon costs nothing
}

std::uint32_t PageRuns::run_of(std::uint32_t page) const {
    while (infos_[page].kind == PageKind::none) {
        --page;
    }
    const PageInfo& found = infos_[page];
    switch (found.kind) {
    case PageKind::slab_inner: return page - found.pages;
    case PageKind::cached_end:
    case PageKind::reserved_end: return found.run.count;
    default: return page;
    }
}

std::uint32_t PageRuns::run_length(std::uint32_t first_page) const {
    const PageInfo& head = infos_[first_page];
    return head.kind == PageKind::slab ? head.pages : head.run.count;
}

} // namespace quire::heap
