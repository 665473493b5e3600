// All block devices there are, found by name or number: disks, which others own, and their partitions, which are made
// and ended here. In the order of their numbers, so that a list of them can be gone on with.
#pragma once

#include "kernel/block/block_buffer.h"
#include "kernel/block/block_device.h"
#include "kernel/block/disk_trouble.h"
#include "kernel/lib/list.h"
#include "kernel/lib/result.h"
#include "kernel/memory/heap/kernel_memory.h"
#include "kernel/sched/scheduler.h"

#include <cstdint>
#include <string_view>

namespace quire {

// Who is told of devices that end.
class BlockDeviceObserver {
public:
    virtual void device_ends(BlockDevice& device) = 0;

protected:
    constexpr ~BlockDeviceObserver() = default;
};

class BlockDevices {
public:
    // Both must outlive it.
    BlockDevices(KernelMemory& memory, Scheduler& scheduler) : memory_(&memory), scheduler_(&scheduler) {}
    BlockDevices(const BlockDevices&) = delete;
    BlockDevices& operator=(const BlockDevices&) = delete;

    // A disk is there from now on, until remove(): then it and its parts are used by nobody, nor read just now.
    void add(BlockDevice& disk);
    void remove(BlockDevice& disk);

    // Makes devices of the partitions that the disk's table has now, in the place of those that were. Waits. `claim`:
    // whether the caller has the disk claimed. Errors: invalid_argument (it is no disk), busy (a part of it is open or
    // claimed, or another has claimed the disk, or reads its table just now), out_of_memory, and those of BlockBuffer:
    // then the disk has no partitions from now on.
    enum class Claim : std::uint8_t { none, callers };
    Result<void> read_partitions(BlockDevice& disk, Claim claim = Claim::none);

    [[nodiscard]] BlockDevice* find(std::string_view name) const;
    [[nodiscard]] BlockDevice* first() const { return all_.front(); }
    [[nodiscard]] static BlockDevice* next(const BlockDevice& device) { return All::next(device); }

    // A buffer for reading and writing them. See BlockBuffer::create().
    [[nodiscard]] Result<BlockBuffer> make_buffer(std::uint64_t bytes) {
        return BlockBuffer::create(*memory_, *scheduler_, bytes);
    }
    [[nodiscard]] Scheduler& scheduler() const { return *scheduler_; }

    // Who is told of damaged partition tables, and of devices that end; null: nobody.
    DiskWatcher* watcher = nullptr;
    BlockDeviceObserver* observer = nullptr;

private:
    using All = List<BlockDevice, &BlockDevice::link>;

    void insert(BlockDevice& device);
    Result<void> make_partitions(BlockDevice& disk);
    Result<void> make_partition(BlockDevice& disk, std::uint32_t number, std::uint64_t start, std::uint64_t sectors);
    void end_partitions(const BlockDevice& disk);

    KernelMemory* memory_;
    Scheduler* scheduler_;
    All all_;
};

} // namespace quire
