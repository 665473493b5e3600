// What went wrong with a disk, for a person to read, and who is told of it.
#pragma once

#include "kernel/block/block_request.h"
#include "kernel/lib/format.h"
#include "kernel/machine/disks.h"

#include <cstdint>
#include <string_view>

namespace quire {

struct DiskTrouble {
    enum class Kind : std::uint8_t {
        failed,        // a request has failed, and is not tried again
        no_answer,     // a transfer was not finished in time; its channel is reset
        dma_abandoned, // from now on the processor moves this disk's data
        gone,          // it did not come back from a reset: nothing is asked of it any more
        bad_partitions // its partition table is damaged, and not used
    };

    std::string_view disk;
    Kind kind = Kind::failed;
    // Of failed and no_answer: the sectors on the disk, and what the disk said.
    BlockOperation operation = BlockOperation::read;
    std::uint64_t first_sector = 0;
    std::uint32_t sectors = 0;
    machine::DiskOutcome outcome{};
    std::string_view text{}; // of bad_partitions: what is wrong with them
};

// "hda: reading sectors 16 to 23 failed: the medium cannot be read (status 0x51, error 0x40)", without an end of line.
void print_to(Sink& sink, const DiskTrouble& trouble);

class DiskWatcher {
public:
    virtual void told(const DiskTrouble& trouble) = 0;

protected:
    constexpr ~DiskWatcher() = default;
};

} // namespace quire
