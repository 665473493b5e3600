// One transfer between a block device and memory. Whoever wants it made owns the request and the frames; from submit()
// until completed() both stay where they are and belong to the device, which may write to the frames at any time.
// Nothing is copied and nothing is allocated on the way, so that a page can be written out where no memory is left.
#pragma once

#include "kernel/lib/list.h"
#include "kernel/lib/result.h"
#include "kernel/machine/address.h"
#include "kernel/machine/disks.h"

#include <cstdint>
#include <span>

namespace quire {

class BlockDevice;

inline constexpr std::uint32_t sector_size = machine::disk_sector_size; // bytes; of all block devices here
inline constexpr std::uint32_t sectors_per_page = page_size / sector_size;

enum class BlockOperation : std::uint8_t {
    read,
    write,
    flush, // what was written and completed before this was submitted is on the medium; has no sectors and no frames
};

class BlockRequest {
public:
    BlockRequest() = default;
    BlockRequest(const BlockRequest&) = delete;
    BlockRequest& operator=(const BlockRequest&) = delete;

    BlockOperation operation = BlockOperation::read;
    std::uint64_t first_sector = 0; // of the device that it is submitted to
    std::uint32_t sectors = 0;      // 1 or more
    // The memory: the first sector is at the beginning of the first frame, and so on without gaps. Any frames, also
    // above the direct map.
    std::span<const Frame> frames{};

    // The request is over, and everything in it is its owner's again: it may be changed, submitted again or destroyed.
    // Called once for each time that it was submitted, at a safe point, never within submit(). Errors: input_output
    // (the device failed, or is gone), timed_out (it did not answer). Of a read that failed, what the frames hold is
    // not known; of a write, what the sectors do.
    virtual void completed(Result<void> outcome) = 0;

    // Whether it was submitted and is not over.
    [[nodiscard]] bool under_way() const { return progress.device != nullptr; }

    // What the device notes while it is under way; nobody else's business.
    struct Progress {
        BlockDevice* device = nullptr;  // what it was submitted to; null: it is not under way
        std::uint64_t disk_sector = 0;  // the first sector, counted from where the disk begins
        std::uint64_t submitted_at = 0; // nanoseconds of the monotonic clock
        std::uint32_t done = 0;         // sectors that are transferred already
        std::uint8_t failures = 0;      // transfers of it that failed
    } progress;
    ListLink<BlockRequest> link; // in the device's queue

protected:
    ~BlockRequest() = default;
};

} // namespace quire
