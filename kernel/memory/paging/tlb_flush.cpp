// Collecting what the TLB must forget, and telling it.
#include "kernel/memory/paging/tlb_flush.h"

#include "kernel/machine/mmu.h"

#include <algorithm>
#include <span>
#include <utility>

namespace quire {

// NOLINTNEXTLINE(cppcoreguidelines-pro-type-member-init): of page_numbers_ only what was written is read
TlbFlush::TlbFlush(TlbFlush&& other) noexcept
    : statistics_(other.statistics_), count_(std::exchange(other.count_, 0)),
      whole_(std::exchange(other.whole_, false)), global_(std::exchange(other.global_, false)),
      freed_tables_(std::move(other.freed_tables_)) {
    std::copy_n(other.page_numbers_.begin(), count_, page_numbers_.begin());
    other.freed_tables_.reset();
}

void TlbFlush::add_all(bool global) {
    global_ = global_ || global;
    whole_ = true;
}

void TlbFlush::free_table(Frame table, PhysicalMemory& memory, PageTableAllocator& allocator) {
    if (!freed_tables_) {
        freed_tables_.emplace(memory, allocator);
    }
    freed_tables_->push(table);
}

void TlbFlush::flush_now() {
    if (whole_) {
        if (global_) {
            machine::flush_tlb_global();
        } else {
            machine::flush_tlb();
        }
        ++statistics_->full_flushes;
        statistics_->global_flushes += global_ ? 1 : 0;
    } else {
        for (const std::uint32_t number : std::span(page_numbers_).first(count_)) {
            machine::invalidate_page(Page(number));
        }
        statistics_->pages_invalidated += count_;
    }
    statistics_->commits += whole_ || count_ != 0 ? 1 : 0;
    count_ = 0;
    whole_ = false;
    global_ = false;
    freed_tables_.reset(); // frees them
}

} // namespace quire
