// Reading the master boot record and the chain behind it. What the bytes mean is told by Microsoft's and IBM's manuals
// alike; where they differ, what Linux's block/partitions/msdos.c takes for right is.
#include "kernel/block/partition_table.h"

#include <optional>

namespace quire {

namespace {

constexpr std::size_t table_offset = 446, entry_size = 16, entry_count = 4, signature_offset = 510;
constexpr std::uint8_t bootable = 0x80;
constexpr std::uint8_t extended_types[] = {0x05, 0x0F, 0x85}; // DOS's, Windows', Linux's
constexpr std::uint8_t protective_type = 0xEE;                // the disk has a GPT, which is not read here
constexpr std::uint32_t first_logical = 5;

struct Entry {
    std::uint8_t flags = 0, type = 0;
    std::uint32_t start = 0, sectors = 0;
    [[nodiscard]] bool used() const { return type != 0 && sectors != 0; }
    [[nodiscard]] bool extended() const {
        return type == extended_types[0] || type == extended_types[1] || type == extended_types[2];
    }
};

std::uint32_t number_at(const Sector& sector, std::size_t at, unsigned bytes) {
    std::uint32_t number = 0;
    for (unsigned i = bytes; i-- > 0;) {
        number = number << 8 | std::to_integer<std::uint32_t>(sector[at + i]);
    }
    return number;
}

bool has_signature(const Sector& sector) {
    return number_at(sector, signature_offset, 2) == 0xAA55;
}

Entry entry_of(const Sector& sector, std::size_t number) {
    const std::size_t at = table_offset + number * entry_size;
    return {.flags = static_cast<std::uint8_t>(number_at(sector, at, 1)),
            .type = static_cast<std::uint8_t>(number_at(sector, at + 4, 1)),
            .start = number_at(sector, at + 8, 4),
            .sectors = number_at(sector, at + 12, 4)};
}

// Reads one table. What is found goes to it as long as nothing is wrong.
class TableReader {
public:
    TableReader(SectorReader& reader, std::uint64_t sectors) : reader_(&reader), disk_{0, sectors} {}

    Result<PartitionTable> read() {
        Sector sector{};
        if (const Result<void> got = reader_->read(0, sector); !got) {
            return fail(got.error());
        }
        if (has_signature(sector) && is_table(sector)) {
            if (const Result<void> got = read_primaries(sector); !got) {
                return fail(got.error());
            }
        }
        if (!table_.complaint.empty()) {
            table_.entries.clear();
        }
        return table_;
    }

private:
    struct Range {
        std::uint64_t start = 0, sectors = 0;
    };

    // A file system's first sector ends like a table does, but has no such flags.
    static bool is_table(const Sector& sector) {
        for (std::size_t i = 0; i < entry_count; ++i) {
            const std::uint8_t flags = entry_of(sector, i).flags;
            if (flags != 0 && flags != bootable) {
                return false;
            }
        }
        return true;
    }

    // What was wrong first counts.
    void complain(std::string_view what) { table_.complaint = table_.complaint.empty() ? what : table_.complaint; }

    // `range` as a partition, if it lies within `outer` and is not where the table itself is.
    void add(std::uint32_t number, Range range, Range outer, std::uint64_t table_at) {
        const bool inside = range.start >= outer.start && range.start - outer.start < outer.sectors &&
                            range.sectors <= outer.sectors - (range.start - outer.start);
        if (!inside || range.start <= table_at) {
            complain(outer.start == 0 ? "a partition is not all on the disk"
                                      : "a logical partition is not all in the extended one");
        } else if (number > PartitionTable::most || !table_.entries.push_back({number, range.start, range.sectors})) {
            complain("there are more partitions than there are numbers for");
        }
    }

    Result<void> read_primaries(const Sector& sector) {
        std::optional<Range> extended;
        for (std::size_t i = 0; i < entry_count && table_.complaint.empty(); ++i) {
            const Entry entry = entry_of(sector, i);
            if (!entry.used()) {
                continue;
            }
            if (entry.type == protective_type) {
                complain("it is a GPT, which is not read here");
            } else if (!entry.extended()) {
                add(static_cast<std::uint32_t>(i) + 1, {entry.start, entry.sectors}, disk_, 0);
            } else if (extended) {
                complain("there are two extended partitions");
            } else if (entry.start == 0 || entry.start >= disk_.sectors ||
                       entry.sectors > disk_.sectors - entry.start) {
                complain("the extended partition is not all on the disk");
            } else {
                extended = Range{entry.start, entry.sectors};
            }
        }
        return extended && table_.complaint.empty() ? read_logicals(*extended) : Result<void>();
    }

    // Each table of the chain has a partition, counted from that table on, and where the next table is, counted from
    // the extended partition on. Where it leads in a circle, numbers run out.
    Result<void> read_logicals(Range extended) {
        std::uint64_t table_at = extended.start;
        for (std::uint32_t number = first_logical; table_.complaint.empty(); ++number) {
            Sector sector{};
            if (const Result<void> got = reader_->read(table_at, sector); !got) {
                return got;
            }
            if (!has_signature(sector) || !is_table(sector)) {
                complain("the chain of logical partitions leads nowhere");
                return {};
            }
            const Entry partition = entry_of(sector, 0), next = entry_of(sector, 1);
            if (partition.used() && !partition.extended()) {
                add(number, {table_at + partition.start, partition.sectors}, extended, table_at);
            }
            if (!next.used() || !next.extended()) {
                return {};
            }
            if (next.start == 0 || next.start >= extended.sectors || number > PartitionTable::most) {
                complain("the chain of logical partitions leads nowhere");
            }
            table_at = extended.start + next.start;
        }
        return {};
    }

    SectorReader* reader_;
    Range disk_;
    PartitionTable table_;
};

} // namespace

Result<PartitionTable> read_partition_table(SectorReader& reader, std::uint64_t sectors) {
    return TableReader(reader, sectors).read();
}

} // namespace quire
