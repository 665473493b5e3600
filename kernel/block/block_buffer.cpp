// Frames, a request, and the wait for it.
#include "kernel/block/block_buffer.h"

#include "kernel/lib/panic.h"
#include "kernel/memory/heap/object.h"

#include <algorithm>

namespace quire {

Result<BlockBuffer> BlockBuffer::create(KernelMemory& memory, Scheduler& scheduler, std::uint64_t bytes) {
    const Result<Transfer*> transfer = make_object<Transfer>(memory.heap, memory);
    if (!transfer) {
        return fail(transfer.error());
    }
    const std::uint64_t whole = std::uint64_t{most_frames} * page_size;
    const std::uint32_t wanted = pages_for(std::min(bytes, whole));
    Transfer& its = **transfer;
    while (its.frame_count < wanted) {
        const Result<Frame> frame = memory.frames.allocate(Owner::file);
        if (!frame) {
            break;
        }
        memory.records[*frame].origin = 0; // it stays in memory
        its.all[its.frame_count++] = *frame;
    }
    if (its.frame_count == 0 && wanted != 0) {
        its.end();
        return fail(Error::out_of_memory);
    }
    return BlockBuffer(scheduler, its);
}

BlockBuffer::~BlockBuffer() {
    if (transfer_ == nullptr) {
        return;
    }
    if (transfer_->under_way()) {
        transfer_->abandoned = true; // completed() ends it
    } else {
        transfer_->end();
    }
}

void BlockBuffer::Transfer::completed(Result<void> result) {
    outcome = result;
    over.wake();
    if (abandoned) {
        end();
    }
}

void BlockBuffer::Transfer::end() {
    for (const Frame each : std::span(all).first(frame_count)) {
        must_succeed(memory->frames.free(each));
    }
    destroy_object(memory->heap, this);
}

Result<void> BlockBuffer::carry_out(BlockDevice& device, BlockOperation operation, std::uint64_t first,
                                    std::uint32_t sectors, std::uint32_t frame) {
    transfer_->operation = operation;
    transfer_->first_sector = first;
    transfer_->sectors = sectors;
    transfer_->frames = std::span(transfer_->all).first(transfer_->frame_count).subspan(frame);
    if (const Result<void> taken = device.submit(*transfer_); !taken) {
        return taken;
    }
    Thread& thread = scheduler_->current();
    const Stall stall(scheduler_->pressure, {.io = true});
    thread.waits_for = WaitsFor::disk;
    while (transfer_->under_way()) {
        if (const Result<void> waited = scheduler_->wait_killable(transfer_->over); !waited) {
            thread.waits_for = WaitsFor::event;
            return waited;
        }
    }
    thread.waits_for = WaitsFor::event;
    return transfer_->outcome;
}

} // namespace quire
