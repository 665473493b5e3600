// A part of a disk as a block device of its own: the disk's requests, moved to where the part begins.
#pragma once

#include "kernel/block/block_device.h"

namespace quire {

class Partition final : public BlockDevice {
public:
    Partition(std::string_view name, Number number, BlockDevice& disk, std::uint64_t start, std::uint64_t sectors)
        : BlockDevice(name, number, disk, start, sectors) {}
    ~Partition() = default;

private:
    void begin(BlockRequest& request) override { begin_on(*disk(), request); }
};

} // namespace quire
