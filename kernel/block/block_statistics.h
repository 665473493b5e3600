// What a block device has done since boot: what /proc/diskstats tells, and how often something went wrong.
#pragma once

#include <cstdint>

namespace quire {

// Of one operation. A request counts once, however many transfers it took.
struct BlockOperationCounts {
    std::uint64_t requests = 0;    // that are over, failed ones too
    std::uint64_t merged = 0;      // of these, that were transferred together with the one before
    std::uint64_t sectors = 0;     // of 512 bytes
    std::uint64_t nanoseconds = 0; // from submit() to completed(), added up
};

struct BlockStatistics {
    BlockOperationCounts reads, writes, flushes;
    std::uint32_t under_way = 0;        // requests submitted and not over
    std::uint64_t busy_nanoseconds = 0; // in which some request was under way
    std::uint32_t errors = 0;           // requests that failed in the end
    std::uint32_t retries = 0;          // how often a request was tried again
    std::uint32_t time_outs = 0;        // transfers that the disk did not finish in time
};

} // namespace quire
