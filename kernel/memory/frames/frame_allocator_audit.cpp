// Whether owner bytes, counts, bitmap and cache agree.
#include "kernel/memory/frames/frame_allocator.h"

namespace quire {

void FrameAllocator::audit(AuditReport& report) const {
    bitmap_.audit(report);
    audit_cache(report);
    audit_frames(report);
    report.check(promised_ <= free_count(), "frames: {} are promised and {} free", promised_, free_count());
    const std::optional<std::uint32_t> lowest = bitmap_.find(last_below_);
    report.check(!lowest || rank(*lowest) >= lowest_rank_, "frames: frame {:#x} is free below the lowest known free",
                 lowest.value_or(0));
}

void FrameAllocator::audit_cache(AuditReport& report) const {
    for (std::uint32_t i = 0; i < cache_count_; ++i) {
        const Frame frame(cache_[i]);
        report.check(owner(frame) == Owner::free && !bitmap_.is_free(cache_[i]),
                     "frames: frame {:#x} in the cache is free, but not in the bitmap", cache_[i]);
    }
}

// Every frame's owner byte against the bitmap, the counters and the share counts.
void FrameAllocator::audit_frames(AuditReport& report) const {
    std::array<std::uint32_t, owner_count> counted{};
    std::uint32_t in_cache = 0, watched = 0;
    for (std::uint32_t number = 0; number < frame_count(); ++number) {
        const std::uint8_t byte = owners_[number];
        const auto who = static_cast<std::uint8_t>(byte & owner_mask);
        if (who >= owner_count) {
            report.check(false, "frames: frame {:#x} has an owner class, not {}", number, who);
            continue;
        }
        ++counted[who];
        watched += is_watched(Frame(number)) ? 1U : 0U;
        const bool in_bitmap = bitmap_.is_free(number);
        if (who == byte_of(Owner::free)) {
            in_cache += in_bitmap ? 0 : 1;
        } else if (in_bitmap) {
            report.check(false, "frames: frame {:#x}, owned as {}, is taken in the bitmap", number,
                         name_of(static_cast<Owner>(who)));
        }
        if ((byte & shared_flag) != 0) {
            report.check(handed_out(static_cast<Owner>(who)) && share_counts_[number] >= 2,
                         "frames: shared frame {:#x}, owned as {}, has {} sharers", number,
                         name_of(static_cast<Owner>(who)), share_counts_[number]);
        }
    }
    report.check(watched == watched_, "frames: {} are watched, and {} counted", watched, watched_);
    report.check(in_cache == cache_count_, "frames: {} free frames are not in the bitmap, and {} in the cache",
                 in_cache, cache_count_);
    const FrameStatistics statistics = this->statistics();
    std::uint32_t all = 0;
    for (const Owner owner : all_owners()) {
        const std::uint32_t count = counted[byte_of(owner)];
        all += count;
        report.check(count == statistics.of(owner), "frames: {} are owned as {}, and {} counted", count, name_of(owner),
                     statistics.of(owner));
    }
    report.check(all == frame_count(), "frames: the owner classes add up to {} of {} frames", all, frame_count());
}

} // namespace quire
