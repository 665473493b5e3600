// The list of block devices, and partitions made from what the disk's table says.
#include "kernel/block/block_devices.h"

#include "kernel/block/partition.h"
#include "kernel/block/partition_table.h"
#include "kernel/lib/format.h"
#include "kernel/memory/heap/object.h"

#include <algorithm>
#include <array>

namespace quire {

namespace {

// Sectors of a disk, one at a time.
class DiskReader final : public SectorReader {
public:
    DiskReader(BlockDevice& disk, BlockBuffer& buffer) : disk_(&disk), buffer_(&buffer) {}

    Result<void> read(std::uint64_t number, Sector& into) override {
        if (const Result<void> got = buffer_->read(*disk_, number, 1); !got) {
            return got;
        }
        buffer_->visit(0, sector_size, [&](std::span<std::byte> bytes) {
            std::ranges::copy(bytes, into.begin());
            return static_cast<std::uint32_t>(bytes.size());
        });
        return {};
    }

private:
    BlockDevice* disk_;
    BlockBuffer* buffer_;
};

} // namespace

void BlockDevices::insert(BlockDevice& device) {
    BlockDevice* before = all_.front();
    while (before != nullptr && before->number() < device.number()) {
        before = All::next(*before);
    }
    all_.insert_before(device, before);
}

void BlockDevices::add(BlockDevice& disk) {
    insert(disk);
}

void BlockDevices::remove(BlockDevice& disk) {
    end_partitions(disk);
    all_.erase(disk);
    if (observer != nullptr) {
        observer->device_ends(disk);
    }
}

BlockDevice* BlockDevices::find(std::string_view name) const {
    BlockDevice* device = all_.front();
    while (device != nullptr && device->name() != name) {
        device = All::next(*device);
    }
    return device;
}

// ---- Partitions

// While the table is read, the disk is the reader's alone, so that nobody else makes the same partitions.
Result<void> BlockDevices::read_partitions(BlockDevice& disk, Claim claim) {
    if (disk.disk() != nullptr) {
        return fail(Error::invalid_argument);
    }
    if (disk.parts_in_use()) {
        return fail(Error::busy);
    }
    if (claim == Claim::callers) {
        return make_partitions(disk);
    }
    if (const Result<void> claimed = disk.claim(); !claimed) {
        return claimed;
    }
    const Result<void> made = make_partitions(disk);
    disk.release();
    return made;
}

Result<void> BlockDevices::make_partitions(BlockDevice& disk) {
    end_partitions(disk);
    Result<BlockBuffer> buffer = make_buffer(sector_size);
    if (!buffer) {
        return fail(buffer.error());
    }
    DiskReader reader(disk, *buffer);
    const Result<PartitionTable> table = read_partition_table(reader, disk.sectors());
    if (!table) {
        return fail(table.error());
    }
    if (!table->complaint.empty() && watcher != nullptr) {
        watcher->told({.disk = disk.name(), .kind = DiskTrouble::Kind::bad_partitions, .text = table->complaint});
    }
    Result<void> made;
    for (const PartitionEntry& each : table->entries) {
        if (made) {
            made = make_partition(disk, each.number, each.start, each.sectors);
        }
    }
    if (!made) {
        end_partitions(disk);
    }
    return made;
}

Result<void> BlockDevices::make_partition(BlockDevice& disk, std::uint32_t number, std::uint64_t start,
                                          std::uint64_t sectors) {
    std::array<char, BlockDevice::longest_name> buffer{};
    BufferSink name(buffer);
    print(name, "{}{}", disk.name(), number);
    const BlockDevice::Number id{disk.number().major, disk.number().minor + number};
    const Result<Partition*> partition = make_object<Partition>(memory_->heap, name.text(), id, disk, start, sectors);
    if (!partition) {
        return fail(partition.error());
    }
    insert(**partition);
    return {};
}

void BlockDevices::end_partitions(const BlockDevice& disk) {
    for (BlockDevice* each = all_.front(); each != nullptr;) {
        BlockDevice* const next = All::next(*each);
        if (each->disk() == &disk) {
            all_.erase(*each);
            if (observer != nullptr) {
                observer->device_ends(*each);
            }
            destroy_object(memory_->heap, static_cast<Partition*>(each)); // disks have no other parts
        }
        each = next;
    }
}

} // namespace quire
