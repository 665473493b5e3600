// Pages as requests of a block device.
#include "kernel/block/disk_pages.h"

#include "kernel/lib/panic.h"
#include "kernel/memory/heap/object.h"

namespace quire {

Result<DiskPages*> DiskPages::create(KernelHeap& heap, BlockDevice& device, std::uint32_t orders) {
    const Result<DiskPages*> made = make_object<DiskPages>(heap, device);
    if (!made) {
        return made;
    }
    const Result<void*> place = heap.allocate_zeroed(orders, sizeof(Order));
    if (!place) {
        destroy_object(heap, *made);
        return fail(Error::out_of_memory);
    }
    DiskPages& pages = **made;
    pages.orders_ = {static_cast<Order*>(*place), orders};
    for (Order& each : pages.orders_) {
        Order* const order = ::new (&each) Order;
        order->store = &pages;
        pages.idle_.push_back(*order);
    }
    return made;
}

void DiskPages::destroy(KernelHeap& heap) {
    ensure(idle_.count() == orders_.size(), "no page is on its way to a disk that is given up");
    must_succeed(heap.free(orders_.data()));
    destroy_object(heap, this);
}

void DiskPages::start(PageTransfer& transfer) {
    Order* const order = idle_.pop_front();
    if (order == nullptr) {
        panic("no more pages are on their way than there are orders");
    }
    order->transfer = &transfer;
    order->frame = transfer.frame;
    order->operation =
        transfer.direction == PageTransfer::Direction::write ? BlockOperation::write : BlockOperation::read;
    order->first_sector = std::uint64_t{transfer.page} * sectors_per_page;
    order->sectors = sectors_per_page;
    order->frames = {&order->frame, 1};
    must_succeed(device_->submit(*order)); // the device has the page, and may be written to: swapon saw to that
}

void DiskPages::Order::completed(Result<void> outcome) {
    PageTransfer& over = *transfer;
    store->idle_.push_back(*this);
    over.transferred(outcome ? Result<void>() : fail(Error::input_output));
}

} // namespace quire
