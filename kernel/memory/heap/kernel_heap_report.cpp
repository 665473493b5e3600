// What the heap can tell: which block an address is in, all blocks, leaks, totals, misuse and the audit of its books.
#include "kernel/memory/heap/kernel_heap.h"

#include <utility>

namespace quire {

using heap::BlockDetail;
using heap::BlockTag;
using heap::PageInfo;
using heap::PageKind;

// ---- From an address to a block ----

KernelHeap::BlockReference KernelHeap::slab_place(std::uint32_t page, std::uint32_t block) const {
    const PageInfo& slab = infos_[page];
    return {.page = page,
            .block = block,
            .slab = true,
            .in_use = !slab.is_free(block),
            .start = payload_page(page) + std::size_t{block} * slab.block_bytes,
            .bytes = slab.block_bytes};
}

KernelHeap::BlockReference KernelHeap::run_place(std::uint32_t page) const {
    return {.page = page,
            .block = 0,
            .slab = false,
            .in_use = true,
            .start = payload_page(page),
            .bytes = std::size_t{infos_[page].run.count} << page_shift};
}

std::optional<KernelHeap::BlockReference> KernelHeap::place_of(const void* address) const {
    const std::uintptr_t offset =
        reinterpret_cast<std::uintptr_t>(address) - reinterpret_cast<std::uintptr_t>(payload_);
    if ((offset >> page_shift) >= runs_.frontier()) {
        return std::nullopt;
    }
    const std::uint32_t first = runs_.run_of(static_cast<std::uint32_t>(offset >> page_shift));
    const PageInfo& info = infos_[first];
    if (info.kind == PageKind::large) {
        return run_place(first);
    }
    if (info.kind != PageKind::slab) {
        return std::nullopt;
    }
    const auto in_slab = static_cast<std::uint32_t>(offset - (std::uintptr_t{first} << page_shift));
    const std::uint32_t block = heap::SlabOffset(in_slab, info.reciprocal).block();
    return block < info.capacity ? std::optional(slab_place(first, block)) : std::nullopt;
}

BlockTag KernelHeap::tag(const BlockReference& place) const {
    const PageInfo& info = infos_[place.page];
    return place.slab ? BlockTag{std::to_integer<std::uint8_t>(info.slab.records[place.block])} : info.run.tag;
}

BlockDetail& KernelHeap::detail(const BlockReference& place) const {
    PageInfo& info = infos_[place.page];
    return place.slab ? heap::details(info)[place.block] : info.run.detail;
}

std::source_location& KernelHeap::freed_by(const BlockReference& place) const {
    PageInfo& info = infos_[place.page];
    return place.slab ? heap::freed_sites(info)[place.block] : info.run.freed;
}

std::size_t KernelHeap::slack(const BlockReference& place) const {
    if (!place.slab) {
        return infos_[place.page].run.slack;
    }
    return mode_ == HeapMode::plain ? 0 : detail(place).slack;
}

std::size_t KernelHeap::requested(const BlockReference& place) const {
    return place.bytes - slack(place);
}

std::byte* KernelHeap::user_address(const BlockReference& place) const {
    return place.start + (mode_ == HeapMode::debug ? tag(place).alignment() : 0);
}

bool KernelHeap::is_live(const BlockReference& place) const {
    return place.in_use && (mode_ != HeapMode::debug || freed_by(place).line() == 0);
}

HeapBlock KernelHeap::describe(const BlockReference& place) const {
    HeapBlock block{.address = user_address(place), .bytes = place.bytes, .requested = requested(place)};
    block.owner = tag(place).owner();
    if (is_live(place)) {
        block.state = HeapBlock::State::live;
    } else if (place.in_use) {
        block.state = HeapBlock::State::quarantined;
    }
    if (mode_ == HeapMode::plain) {
        return block;
    }
    const bool site_is_of_free = mode_ == HeapMode::tracked && !place.in_use;
    block.allocated = site_is_of_free ? std::source_location{} : detail(place).site;
    block.freed = site_is_of_free ? detail(place).site : std::source_location{};
    if (mode_ == HeapMode::debug) {
        block.freed = freed_by(place);
    }
    return block;
}

std::optional<HeapBlock> KernelHeap::block_at(const void* address) const {
    const std::optional<BlockReference> place = place_of(address);
    return place ? std::optional(describe(*place)) : std::nullopt;
}

// ---- Misuse ----

void KernelHeap::report(const HeapMisuse& misuse) {
    ++misuses_;
    if (watcher_ != nullptr) {
        watcher_->misused(misuse);
    }
}

Error KernelHeap::refuse_free(const void* pointer, const std::optional<BlockReference>& place,
                              std::source_location where) {
    HeapMisuse misuse{.kind = HeapMisuse::Kind::foreign, .pointer = pointer, .caller = where, .block = {}};
    Error error = Error::foreign;
    if (place) {
        const bool live = is_live(*place);
        misuse.block = describe(*place);
        misuse.kind = live ? HeapMisuse::Kind::interior : HeapMisuse::Kind::double_free;
        error = live ? Error::interior : Error::double_free;
    } else if (in_free_pages(pointer)) {
        misuse.kind = HeapMisuse::Kind::double_free;
        error = Error::double_free;
    }
    report(misuse);
    return error;
}

bool KernelHeap::in_free_pages(const void* address) const {
    const std::uintptr_t page =
        (reinterpret_cast<std::uintptr_t>(address) - reinterpret_cast<std::uintptr_t>(payload_)) >> page_shift;
    if (page >= runs_.frontier()) {
        return page < runs_.highest_frontier();
    }
    const PageKind kind = infos_[runs_.run_of(static_cast<std::uint32_t>(page))].kind;
    return kind == PageKind::cached || kind == PageKind::reserved;
}

// ---- All blocks ----

template <class Visitor> void KernelHeap::visit_places(Visitor&& visitor) const {
    for (std::uint32_t page = 0; page < runs_.frontier(); page += runs_.run_length(page)) {
        const PageInfo& info = infos_[page];
        if (info.kind == PageKind::large) {
            visitor(run_place(page));
        }
        for (std::uint32_t block = 0; info.kind == PageKind::slab && block < info.capacity; ++block) {
            if (!info.is_free(block)) {
                visitor(slab_place(page, block));
            }
        }
    }
}

void KernelHeap::visit_blocks(BlockVisitor visitor, void* context) const {
    visit_places([&](const BlockReference& place) {
        if (is_live(place)) {
            visitor(context, describe(place));
        }
    });
}

HeapMark KernelHeap::mark() {
    if (mark_ == std::numeric_limits<std::uint16_t>::max()) {
        visit_places([&](const BlockReference& place) {
            if (mode_ != HeapMode::plain || !place.slab) {
                detail(place).mark = 0;
            }
        });
        mark_ = 0;
    }
    return {++mark_};
}

namespace {

bool same_site(const std::source_location& a, const std::source_location& b) {
    return a.line() == b.line() && a.column() == b.column() &&
           std::string_view(a.file_name()) == std::string_view(b.file_name());
}

// Adds a block to its site's entry; to the last entry, which then has no site, where the table is full.
void add_leak(std::span<HeapLeak> table, std::size_t& used, const std::source_location& site, std::size_t bytes) {
    std::size_t at = 0;
    while (at < used && !same_site(table[at].site, site)) {
        ++at;
    }
    if (at == table.size()) {
        at = table.size() - 1;
        table[at].site = {};
    } else if (at == used) {
        table[used++] = {.site = site};
    }
    ++table[at].blocks;
    table[at].bytes += bytes;
}

} // namespace

std::span<HeapLeak> KernelHeap::leaks(HeapMark since, std::span<HeapLeak> table) const {
    if (table.empty()) {
        return table;
    }
    std::size_t used = 0;
    visit_places([&](const BlockReference& place) {
        if (!is_live(place)) {
            return;
        }
        if (mode_ == HeapMode::plain) {
            add_leak(table, used, {}, requested(place));
        } else if (const BlockDetail& known = detail(place); known.mark >= since.number) {
            add_leak(table, used, known.site, requested(place));
        }
    });
    const std::span<HeapLeak> found = table.first(used);
    for (std::size_t at = 1; at < found.size(); ++at) { // insertion sort: few sites, and short code
        for (std::size_t i = at; i > 0 && found[i - 1].bytes < found[i].bytes; --i) {
            std::swap(found[i - 1], found[i]);
        }
    }
    return found;
}

// ---- Totals ----

HeapOwnerUsage KernelHeap::usage(HeapOwner owner) const {
    const auto number = static_cast<std::size_t>(owner);
    if (number >= owner_count_) {
        return {};
    }
    const Account& account = accounts_[number];
    return {.name = account.name,
            .limit = account.limit,
            .used = account.used,
            .peak = account.peak,
            .blocks = static_cast<std::size_t>(account.allocations - account.frees)};
}

HeapStatistics KernelHeap::statistics() const {
    std::uint64_t allocations = 0;
    std::uint64_t frees = 0;
    std::size_t live_bytes = 0;
    std::size_t peak_bytes = 0;
    for (const Account& account : accounts_) {
        live_bytes += account.used;
        peak_bytes += account.peak;
        allocations += account.allocations;
        frees += account.frees;
    }
    return {.live_blocks = static_cast<std::size_t>(allocations - frees),
            .live_bytes = live_bytes,
            .requested_bytes = live_bytes - slack_bytes_,
            .peak_live_bytes = peak_bytes,
            .quarantined_bytes = quarantine_.bytes(),
            .allocations = allocations,
            .frees = frees,
            .refused = refused_,
            .misuses = misuses_,
            .maximum_pages = committed_.maximum(),
            .committed_pages = committed_.committed(),
            .peak_committed_pages = committed_.peak(),
            .used_pages = runs_.used_pages(),
            .cached_pages = runs_.cached_pages() + metadata_runs_.cached_pages(),
            .metadata_pages = metadata_runs_.used_pages() + metadata_runs_.info_pages() + runs_.info_pages(),
            .commits = committed_.commits(),
            .decommits = committed_.decommits(),
            .records_touched = runs_.records_touched() + metadata_runs_.records_touched()};
}

HeapSizeClass KernelHeap::size_class(unsigned number) const {
    return slabs_.usage(number);
}

void KernelHeap::set_maximum(std::uint32_t pages) {
    committed_.set_maximum(pages);
}

// ---- Audit ----

void KernelHeap::audit(AuditReport& report) const {
    metadata_runs_.audit(report);
    runs_.audit(report);
    metadata_slabs_.audit(report);
    slabs_.audit(report);
    audit_totals(report);
    audit_blocks(report);
}

void KernelHeap::audit_totals(AuditReport& report) const {
    const HeapStatistics now = statistics();
    report.check(now.committed_pages == now.used_pages + now.cached_pages + now.metadata_pages,
                 "heap: {} pages committed = {} used + {} cached + {} books", now.committed_pages, now.used_pages,
                 now.cached_pages, now.metadata_pages);
    std::uint32_t records = quarantine_.is_open() ? 1 : 0;
    for (unsigned number = 0; number < size_class_count(); ++number) {
        records += slabs_.slabs(number);
    }
    std::uint32_t metadata = 0;
    for (unsigned number = 0; number < size_class_count(); ++number) {
        metadata += metadata_slabs_.usage(number).live_blocks;
    }
    report.check(records == metadata, "heap: {} blocks of books for {} slabs and the quarantine", metadata, records);
}

// Every block's account, and in debug mode its surroundings.
void KernelHeap::audit_blocks(AuditReport& report) const {
    std::array<Account, most_heap_owners> seen{};
    std::size_t slack_seen = 0;
    std::size_t quarantined = 0;
    visit_places([&](const BlockReference& place) {
        if (mode_ == HeapMode::debug) {
            audit_contents(report, place);
        }
        if (!is_live(place)) {
            quarantined += place.bytes;
            return;
        }
        const BlockTag known = tag(place);
        report.check((reinterpret_cast<std::uintptr_t>(user_address(place)) & (known.alignment() - 1)) == 0,
                     "heap: block {} is aligned to {}", user_address(place), known.alignment());
        ++seen[static_cast<std::size_t>(known.owner())].allocations;
        seen[static_cast<std::size_t>(known.owner())].used += place.bytes;
        slack_seen += slack(place);
    });
    for (std::size_t owner = 0; owner < most_heap_owners; ++owner) {
        const Account& account = accounts_[owner];
        const std::uint64_t blocks = account.allocations - account.frees;
        report.check(seen[owner].used == account.used && seen[owner].allocations == blocks,
                     "heap: owner {} has {} bytes in {} blocks, its account says {} in {}", account.name,
                     seen[owner].used, seen[owner].allocations, account.used, blocks);
    }
    report.check(slack_seen == slack_bytes_, "heap: {} bytes not asked for, {} noted", slack_seen, slack_bytes_);
    report.check(quarantined == quarantine_.bytes(), "heap: {} bytes wait in the quarantine, {} noted", quarantined,
                 quarantine_.bytes());
}

void KernelHeap::audit_contents(AuditReport& report, const BlockReference& place) const {
    if (!is_live(place)) {
        const std::byte* const changed = changed_after_free(place);
        report.check(changed == nullptr, "heap: freed block {} was written at {}", place.start, changed);
        return;
    }
    const std::byte* const front = changed_in_front(place);
    report.check(front == nullptr, "heap: red zone in front of block {} was written at {}", user_address(place), front);
    const std::byte* const behind = changed_behind(place);
    report.check(behind == nullptr, "heap: red zone behind block {} was written at {}", user_address(place), behind);
}

// ---- Words ----

std::string_view name_of(HeapMode mode) {
    switch (mode) {
    case HeapMode::plain: return "plain";
    case HeapMode::tracked: return "tracked";
    case HeapMode::debug: return "debug";
    }
    return "?";
}

std::string_view explain(HeapMisuse::Kind kind) {
    switch (kind) {
    case HeapMisuse::Kind::double_free: return "the block is free already";
    case HeapMisuse::Kind::interior: return "the pointer is inside a block, not at its start";
    case HeapMisuse::Kind::foreign: return "the heap never handed this pointer out";
    case HeapMisuse::Kind::overrun: return "bytes behind the block were overwritten";
    case HeapMisuse::Kind::underrun: return "bytes in front of the block were overwritten";
    case HeapMisuse::Kind::written_after_free: return "the block was written after it was freed";
    }
    return "?";
}

namespace {

// The function's own name: "free" of "void quire::heap::free(void*)".
std::string_view function_name(const std::source_location& site) {
    std::string_view name = site.function_name();
    name = name.substr(0, name.find('('));
    name.remove_prefix(name.find_last_of(" :") + 1); // npos + 1 is 0
    return name;
}

void print_site(Sink& sink, std::string_view what, const std::source_location& site) {
    if (site.line() != 0) {
        print(sink, "; {} by {} at {}:{}", what, function_name(site), site.file_name(), site.line());
    }
}

} // namespace

void print_to(Sink& sink, const HeapMisuse& misuse) {
    print(sink, "heap misuse at {:#010x}: {}", misuse.pointer, explain(misuse.kind));
    print_site(sink, "freed", misuse.caller);
    if (misuse.block.address != nullptr) {
        print(sink, "; {} bytes from {:#010x}", misuse.block.requested, misuse.block.address);
    }
    print_site(sink, "allocated", misuse.block.allocated);
    print_site(sink, "first freed", misuse.block.freed);
}

} // namespace quire
