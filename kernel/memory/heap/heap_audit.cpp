// Proves that the books of runs and slabs agree with each other. Reads only.
#include "kernel/memory/heap/heap_slabs.h"

namespace quire::heap {

namespace {

constexpr bool is_free_run(PageKind kind) {
    return kind == PageKind::cached || kind == PageKind::reserved;
}

} // namespace

void PageRuns::audit(AuditReport& report) const {
    report.check(frontier_ <= limit_, "heap: frontier {} within {} pages", frontier_, limit_);
    report.check(frontier_ <= info_pages_ * infos_per_page, "heap: {} pages of records cover {} pages", info_pages_,
                 frontier_);
    std::uint32_t used = 0;
    std::uint32_t cached_runs = 0;
    std::uint32_t reserved_runs = 0;
    std::uint32_t cached = 0;
    PageKind before = PageKind::none;
    std::uint32_t page = 0;
    while (page < frontier_) {
        const PageInfo& head = infos_[page];
        const std::uint32_t length = run_length(page);
        const bool known = head.kind == PageKind::slab || head.kind == PageKind::large || is_free_run(head.kind);
        report.check(known && length > 0 && length <= frontier_ - page, "heap: a run of {} pages at page {}", length,
                     page);
        if (!known || length == 0 || length > frontier_ - page) {
            return; // where the next run starts is unknown
        }
        report.check(!is_free_run(head.kind) || head.kind != before, "heap: free run at page {} is joined", page);
        audit_run(report, page);
        used += is_free_run(head.kind) ? 0 : length;
        cached += head.kind == PageKind::cached ? length : 0;
        cached_runs += head.kind == PageKind::cached ? 1 : 0;
        reserved_runs += head.kind == PageKind::reserved ? 1 : 0;
        before = head.kind;
        page += length;
    }
    report.check(before != PageKind::reserved, "heap: no reserved run at the frontier");
    report.check(used == used_, "heap: {} pages used, {} noted", used, used_);
    report.check(cached == cached_, "heap: {} pages cached, {} noted", cached, cached_);
    audit_bins(report, cached_bins_, PageKind::cached, cached_runs);
    audit_bins(report, reserved_bins_, PageKind::reserved, reserved_runs);
    for (page = frontier_; page < info_pages_ * infos_per_page; ++page) {
        report.check(infos_[page].kind == PageKind::none, "heap: page {} beyond the frontier is unused", page);
    }
}

// The records behind a run's first.
void PageRuns::audit_run(AuditReport& report, std::uint32_t page) const {
    const PageInfo& head = infos_[page];
    const std::uint32_t length = run_length(page);
    for (std::uint32_t at = 1; at < length; ++at) {
        const PageInfo& inner = infos_[page + at];
        if (head.kind == PageKind::slab) {
            report.check(inner.kind == PageKind::slab_inner && inner.pages == at, "heap: page {} leads to slab {}",
                         page + at, page);
        } else if (is_free_run(head.kind) && at + 1 == length) {
            const PageKind end = head.kind == PageKind::cached ? PageKind::cached_end : PageKind::reserved_end;
            report.check(inner.kind == end && inner.run.count == page, "heap: page {} ends the run at {}", page + at,
                         page);
        } else {
            report.check(inner.kind == PageKind::none, "heap: page {} is inside the run at {}", page + at, page);
        }
    }
}

void PageRuns::audit_bins(AuditReport& report, const RunBins& bins, PageKind kind, std::uint32_t expected) const {
    std::uint32_t seen = 0;
    for (unsigned bin = 0; bin < RunBins::groups * RunBins::bins_per_group; ++bin) {
        std::uint32_t before = no_page;
        for (std::uint32_t page = bins.head(bin); page != no_page && seen <= expected; page = infos_[page].next) {
            const PageInfo& run = infos_[page];
            report.check(page < frontier_ && run.kind == kind && RunBins::bin_of(run.run.count) == bin &&
                             run.prev == before,
                         "heap: free run at page {} is listed where it belongs", page);
            before = page;
            ++seen;
        }
    }
    report.check(seen == expected, "heap: {} free runs listed, {} there", seen, expected);
}

void SlabSet::audit(AuditReport& report) const {
    std::array<std::uint32_t, class_count> seen{};
    std::array<std::uint32_t, class_count> partial{};
    for (std::uint32_t page = 0; page < runs_->frontier(); page += runs_->run_length(page)) {
        const PageInfo& slab = runs_->peek(page);
        if (slab.kind == PageKind::slab && slab.size_class < class_count) {
            audit_slab(report, page);
            ++seen[slab.size_class];
            partial[slab.size_class] += slab.full() ? 0U : 1U;
        }
    }
    for (unsigned number = 0; number < class_count; ++number) {
        report.check(seen[number] == slabs_[number], "heap: class of {} bytes has {} slabs, {} noted",
                     size_classes[number].block_bytes, seen[number], slabs_[number]);
        std::uint32_t listed = 0;
        std::uint32_t before = no_page;
        std::uint32_t page = partial_[number];
        for (; page != no_page && listed <= partial[number]; page = runs_->peek(page).next) {
            const PageInfo& slab = runs_->peek(page);
            report.check(slab.kind == PageKind::slab && slab.size_class == number && !slab.full() &&
                             slab.prev == before,
                         "heap: slab at page {} is listed where it belongs", page);
            before = page;
            ++listed;
        }
        report.check(listed == partial[number], "heap: {} slabs with a free block listed, {} there", listed,
                     partial[number]);
    }
}

void SlabSet::audit_slab(AuditReport& report, std::uint32_t page) const {
    const PageInfo& slab = runs_->peek(page);
    const SizeClass& size = size_classes[slab.size_class];
    report.check(slab.block_bytes == size.block_bytes && slab.capacity == size.capacity &&
                     slab.pages == size.slab_pages && slab.reciprocal == size.reciprocal,
                 "heap: slab at page {} is like its class", page);
    unsigned free_blocks = 0;
    for (unsigned word = 0; word < slab_words; ++word) {
        free_blocks += static_cast<unsigned>(std::popcount(slab.slab.free[word]));
        report.check(((slab.summary >> word) & 1U) == static_cast<unsigned>(slab.slab.free[word] != 0),
                     "heap: summary of slab at page {}", page);
    }
    report.check(free_blocks + slab.live == slab.capacity, "heap: slab at page {}: {} free + {} live = {}", page,
                 free_blocks, slab.live, slab.capacity);
    for (std::uint32_t block = slab.capacity; block < most_blocks_per_slab; ++block) {
        report.check(!slab.is_free(block), "heap: block {} beyond slab at page {}", block, page);
    }
    report.check(slab.live > 0 || partial_[slab.size_class] == page, "heap: empty slab at page {} is kept", page);
}

} // namespace quire::heap
