// The machine's disks: found at boot, one queue for each channel, and their part of every safe point.
#pragma once

#include "kernel/block/block_devices.h"
#include "kernel/block/block_queue.h"
#include "kernel/block/disk.h"
#include "kernel/machine/disks.h"
#include "kernel/memory/heap/kernel_memory.h"

#include <array>
#include <optional>

namespace quire {

class Disks {
public:
    // Both must outlive it.
    Disks(BlockDevices& devices, KernelMemory& memory) : devices_(&devices), memory_(&memory) {}
    Disks(const Disks&) = delete;
    Disks& operator=(const Disks&) = delete;

    // Looks for disks, and makes block devices of them: hda, hdb on the first channel, hdc, hdd on the second. Once.
    // `watcher` is told what goes wrong with them from now on. `dma`: whether it may be used.
    void find(DiskWatcher& watcher, bool dma);
    // Makes devices of the partitions of all of them. Waits: interrupts are on. What goes wrong, the watcher is told.
    void find_partitions();
    // Calls visit(const Disk&) for each, in the order of their names.
    template <class Visitor> void for_each(Visitor&& visit) const {
        for (const std::optional<Disk>& each : disks_) {
            if (each) {
                visit(*each);
            }
        }
    }

    // See SafePointWork. Whether a request has come to its end.
    bool at_safe_point(bool tick) {
        bool ended = false;
        for (std::optional<BlockQueue>& each : queues_) {
            ended = (each && each->at_safe_point(tick)) || ended;
        }
        return ended;
    }

private:
    BlockDevices* devices_;
    KernelMemory* memory_;
    std::array<std::optional<BlockQueue>, machine::disk_channels> queues_;
    std::array<std::optional<Disk>, machine::disk_channels * machine::disks_on_channel> disks_;
};

} // namespace quire
