// The partition table that PCs have in a disk's first sector (the master boot record), and the chain of further ones
// within an extended partition. It decides what of it can be believed; making devices of it is block_devices.h's
// business.
#pragma once

#include "kernel/block/block_request.h"
#include "kernel/lib/result.h"
#include "kernel/lib/static_vector.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace quire {

using Sector = std::array<std::byte, sector_size>;

class SectorReader {
public:
    virtual Result<void> read(std::uint64_t number, Sector& into) = 0;

protected:
    constexpr ~SectorReader() = default;
};

// One partition, as the table tells: 1 to 4 are the four of the first sector, 5 and up those within the extended one.
struct PartitionEntry {
    std::uint32_t number = 0;
    std::uint64_t start = 0, sectors = 0;
};

struct PartitionTable {
    static constexpr std::size_t most = 63; // Linux's minor numbers of an IDE disk have room for so many
    StaticVector<PartitionEntry, most> entries;
    // What is wrong with the table, so that `entries` is empty; empty where all is well, or the disk has none.
    std::string_view complaint;
};

// Reads the table of a disk of `sectors` sectors. A disk without one has no partitions. One that is damaged is not used
// at all: who wrote it meant something else. Errors: the reader's. Reads a sector for each logical partition.
[[nodiscard]] Result<PartitionTable> read_partition_table(SectorReader& reader, std::uint64_t sectors);

} // namespace quire
