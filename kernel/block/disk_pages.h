// A block device as a place for pages: page N lies in its eight sectors from 8 N on. The orders that carry pages exist
// from the beginning, so that a page can be written out where no memory is left.
#pragma once

#include "kernel/block/block_device.h"
#include "kernel/lib/list.h"
#include "kernel/memory/heap/kernel_heap.h"
#include "kernel/memory/swap/page_store.h"

#include <algorithm>
#include <cstdint>
#include <span>

namespace quire {

class DiskPages final : public PageStore {
public:
    // On `device`, which must outlive it, with `orders` orders: as many transfers as will be under way at a time.
    // Error: out_of_memory. O(orders).
    [[nodiscard]] static Result<DiskPages*> create(KernelHeap& heap, BlockDevice& device, std::uint32_t orders);
    // No transfer is under way.
    void destroy(KernelHeap& heap);

    // For create() and destroy().
    explicit DiskPages(BlockDevice& device) : device_(&device) {}
    ~DiskPages() = default;

    [[nodiscard]] BlockDevice& device() const { return *device_; }

    // PageStore
    [[nodiscard]] std::uint32_t pages() const override {
        return static_cast<std::uint32_t>(std::min<std::uint64_t>(device_->sectors() / sectors_per_page, ~0U));
    }
    void start(PageTransfer& transfer) override;
    void print_name(Sink& sink) const override { print(sink, "/dev/{}", device_->name()); }

private:
    struct Order final : BlockRequest {
        void completed(Result<void> outcome) override;

        DiskPages* store = nullptr;
        PageTransfer* transfer = nullptr;
        Frame frame;
        ListLink<Order> idle_link;
    };

    BlockDevice* device_;
    std::span<Order> orders_;
    List<Order, &Order::idle_link> idle_;
};

} // namespace quire
