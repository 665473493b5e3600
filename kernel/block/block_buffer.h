// Frames of the kernel's between a block device and whoever reads or writes it a byte at a time, and the wait for the
// device. The wait ends early where the caller is killed; then the frames and the request stay until the device has
// finished with them, whatever becomes of this object.
#pragma once

#include "kernel/block/block_device.h"
#include "kernel/lib/result.h"
#include "kernel/memory/heap/kernel_memory.h"
#include "kernel/sched/scheduler.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>

namespace quire {

class BlockBuffer {
public:
    static constexpr std::uint32_t most_frames = 32;

    // With frames for `bytes` bytes, or for as many of them as memory and most_frames allow: one frame at least, but
    // none for no bytes. Error: out_of_memory.
    [[nodiscard]] static Result<BlockBuffer> create(KernelMemory& memory, Scheduler& scheduler, std::uint64_t bytes);
    BlockBuffer(BlockBuffer&& other) noexcept
        : scheduler_(other.scheduler_), transfer_(std::exchange(other.transfer_, nullptr)) {}
    BlockBuffer& operator=(BlockBuffer&&) = delete;
    ~BlockBuffer();

    [[nodiscard]] std::uint32_t size() const { return transfer_->frame_count * page_size; } // bytes

    // Moves sectors to or from the buffer, from the beginning of its frame number `frame` on; nothing else is held.
    // Waits. Errors: interrupted (the caller is killed, and the buffer is of no use to it any more), and those of
    // BlockDevice::submit() and of completed().
    Result<void> read(BlockDevice& device, std::uint64_t first, std::uint32_t sectors, std::uint32_t frame = 0) {
        return carry_out(device, BlockOperation::read, first, sectors, frame);
    }
    Result<void> write(BlockDevice& device, std::uint64_t first, std::uint32_t sectors, std::uint32_t frame = 0) {
        return carry_out(device, BlockOperation::write, first, sectors, frame);
    }
    Result<void> flush(BlockDevice& device) { return carry_out(device, BlockOperation::flush, 0, 0, 0); }

    // Calls visit(std::span<std::byte>), which says how many bytes it took, for one piece after the other of the
    // `bytes` bytes from `offset` on, as long as it takes all of them. Returns how many were taken. Nothing may wait
    // meanwhile.
    template <class Visitor> std::uint32_t visit(std::uint32_t offset, std::uint32_t bytes, Visitor&& visitor) {
        std::uint32_t taken = 0;
        while (taken < bytes) {
            const std::uint32_t at = offset + taken;
            const std::uint32_t in_page = at % page_size;
            const std::uint32_t count = bytes - taken < page_size - in_page ? bytes - taken : page_size - in_page;
            const TemporaryMapping page = transfer_->memory->physical.map_temporarily(transfer_->all[at / page_size]);
            const std::uint32_t now = visitor(std::span(page.data() + in_page, count));
            taken += now;
            if (now != count) {
                break;
            }
        }
        return taken;
    }

private:
    struct Transfer final : BlockRequest {
        explicit Transfer(KernelMemory& its_memory) : memory(&its_memory) {}
        ~Transfer() = default;
        void completed(Result<void> result) override;
        void end();

        KernelMemory* memory;
        std::array<Frame, most_frames> all{};
        std::uint32_t frame_count = 0;
        bool abandoned = false;
        Result<void> outcome;
        WaitQueue over;
    };

    BlockBuffer(Scheduler& scheduler, Transfer& transfer) : scheduler_(&scheduler), transfer_(&transfer) {}
    Result<void> carry_out(BlockDevice& device, BlockOperation operation, std::uint64_t first, std::uint32_t sectors,
                           std::uint32_t frame);

    Scheduler* scheduler_;
    Transfer* transfer_;
};

} // namespace quire
