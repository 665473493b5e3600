// The disks that pages are put on: swapon, swapoff and /proc/swaps. It owns the stores between the pager and the block
// devices, and keeps each device claimed for as long as it is one of them.
#pragma once

#include "kernel/block/block_devices.h"
#include "kernel/block/disk_pages.h"
#include "kernel/lib/format.h"
#include "kernel/memory/memory.h"

#include <array>
#include <cstdint>
#include <optional>

namespace quire {

struct Process;

class SwapAreas {
public:
    // Both must outlive it.
    SwapAreas(Memory& memory, BlockDevices& devices) : memory_(&memory), devices_(&devices) {}
    SwapAreas(const SwapAreas&) = delete;
    SwapAreas& operator=(const SwapAreas&) = delete;

    // Pages may be put on the device from now on, whose first page mkswap has written; a line about what is wrong with
    // it goes to `why`. Waits. Errors: invalid_argument (no swap area), busy (it is one already, or otherwise used),
    // read_only, out_of_memory, limit_reached, and those of BlockBuffer.
    Result<void> add(BlockDevice& device, std::optional<std::int32_t> priority, Sink& why);
    // The device is one no longer: all that is on it comes back into memory, or goes to other areas. Waits, for
    // `process`. Errors: invalid_argument (it is none), out_of_memory, input_output (a page cannot be read),
    // interrupted (the process is killed); then the device is used on.
    Result<void> remove(const BlockDevice& device, Process& process);

    // Calls visit(const SwapArea&) for each, in the order in which they were added.
    template <class Visitor> void for_each(Visitor&& visit) const {
        for (const Used& each : used_) {
            if (each.area != nullptr) {
                visit(*each.area);
            }
        }
    }

private:
    struct Used {
        SwapArea* area = nullptr; // null: nothing
        DiskPages* pages = nullptr;
    };

    [[nodiscard]] Result<SwapArea*> read_area(DiskPages& pages, std::optional<std::int32_t> priority, Sink& why);
    Result<void> add_claimed(Used& place, BlockDevice& device, std::optional<std::int32_t> priority, Sink& why);
    Result<void> empty(SwapArea& area, Process& process);
    Result<void> bring_back(SwapSlot slot, Process& process);

    Memory* memory_;
    BlockDevices* devices_;
    std::array<Used, SwapSpace::most_areas> used_{};
};

} // namespace quire
