// What the TLB must forget after entries were changed. Whoever takes a mapping away or changes one is handed a
// TlbFlush, which collects; commit() then tells the processor in the cheapest way. Dropping one that was not committed
// is a panic: a missing flush is the hardest bug to find later. It never changes an entry.
#pragma once

#include "kernel/lib/panic.h"
#include "kernel/machine/address.h"
#include "kernel/memory/paging/free_table_list.h"

#include <array>
#include <cstdint>
#include <optional>

namespace quire {

// What was flushed since the start, for vmstat.
struct TlbStatistics {
    std::uint64_t commits = 0;           // with something to do
    std::uint64_t pages_invalidated = 0; // by invlpg
    std::uint64_t full_flushes = 0;      // of which
    std::uint64_t global_flushes = 0;    // dropped global translations too
};

class TlbFlush {
public:
    // Up to so many pages an invlpg each is cheaper than one full flush and what it costs to fill the TLB again:
    // measured in docs/decisions/004-tlb-flush.md.
    static constexpr std::uint32_t full_flush_threshold = 32;

    // What is done is added to `statistics`.
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-member-init): of page_numbers_ only what was written is read
    explicit TlbFlush(TlbStatistics& statistics) : statistics_(&statistics) {}
    TlbFlush(TlbFlush&& other) noexcept; // `other` is left with nothing to do
    TlbFlush& operator=(TlbFlush&&) = delete;
    // Panics if there is something to do. (May throw on the host, where panic does.)
    ~TlbFlush() noexcept(false) {
        ensure(!pending(), "a TLB flush was dropped: entries have changed, and the processor was not told");
    }

    // The translation of `page`, or of `count` pages from `first`, is to go. `global`: their entries had the bit set.
    void add(Page page, bool global) {
        global_ = global_ || global;
        static_cast<void>(add(page)); // one more page changes nothing about a full flush
    }
    // The same for a page whose entry has not. False: it is a full flush from now on, and no further such page needs to
    // be added.
    [[nodiscard]] bool add(Page page) {
        if (count_ == full_flush_threshold) {
            whole_ = true;
            return false;
        }
        page_numbers_[count_++] = page.number();
        return true;
    }
    // More pages than could be named: the flush becomes a full one. Also for a 4 MiB page, of which v86's invlpg drops
    // but 4 KiB. `global`: as above.
    void add_all(bool global);
    // A table that no directory entry points to any more. It is freed once the TLB and the processor's copy of the
    // directory entry (Intel SDM vol. 3A §4.10.3) are gone: at commit.
    void free_table(Frame table, PhysicalMemory& memory, PageTableAllocator& allocator);

    // Tells the processor, then frees the tables. May be called again after more was added. O(pages collected), at
    // most full_flush_threshold invlpg.
    void commit() {
        if (pending()) {
            flush_now();
        }
    }

    [[nodiscard]] bool pending() const { return count_ != 0 || whole_ || freed_tables_.has_value(); }

private:
    void flush_now();

    TlbStatistics* statistics_;
    std::array<std::uint32_t, full_flush_threshold> page_numbers_; // the first count_
    std::uint32_t count_ = 0;
    bool whole_ = false;  // too many, or a large page
    bool global_ = false; // some entry was global
    std::optional<FreeTableList> freed_tables_;
};

} // namespace quire
