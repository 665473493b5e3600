// One of the machine's disks as a block device. Its requests go to the queue of the channel that it is on.
#pragma once

#include "kernel/block/block_device.h"
#include "kernel/block/block_queue.h"
#include "kernel/machine/disks.h"

#include <cstdint>

namespace quire {

class Disk final : public BlockDevice {
public:
    // Disk `number` (0, 1) of the queue's channel. The queue must outlive it.
    Disk(std::string_view name, Number id, BlockQueue& queue, unsigned number, const machine::DiskIdentity& identity)
        : BlockDevice(name, id, identity.sectors), identity_(identity), queue_(&queue), number_(number),
          dma_(identity.dma) {}
    ~Disk() = default;

    [[nodiscard]] const machine::DiskIdentity& identity() const { return identity_; }
    [[nodiscard]] unsigned number() const { return number_; }

    // Whether its data is moved by DMA, and that it no longer is.
    [[nodiscard]] bool dma() const { return dma_; }
    void abandon_dma() { dma_ = false; }

    // ---- For the queue.
    std::uint8_t dma_failures = 0; // requests that succeeded only without DMA
    void count_merged(BlockOperation operation) { ++counts(operation).merged; }
    void count_retry() { ++statistics_.retries; }
    void count_time_out() { ++statistics_.time_outs; }

private:
    void begin(BlockRequest& request) override { queue_->add(request); }

    machine::DiskIdentity identity_;
    BlockQueue* queue_;
    unsigned number_;
    bool dma_;
};

} // namespace quire
