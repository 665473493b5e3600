// A pipe: bytes on their way from who writes to who reads, in a ring of slots of a page each, which are filled as Linux
// fills them: a write adds to the last slot where all of it, or what is over a number of whole pages, fits there, and
// else takes slots of its own. It knows how many have it open for what, and who waits. Pipes without a name and FIFOs
// are two kinds of inode that have one of these each.
#pragma once

#include "kernel/fs/vfs/file_services.h"
#include "kernel/fs/vfs/io_buffer.h"
#include "kernel/lib/result.h"
#include "kernel/memory/heap/kernel_heap.h"
#include "kernel/sched/wait_queue.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace quire {

class File;

class Pipe {
public:
    static constexpr std::uint32_t page_bytes = 4096;
    static constexpr std::uint32_t default_capacity = 1U << 16; // bytes

    Pipe(KernelHeap& heap, FileServices& services) : heap_(&heap), services_(&services) {}
    Pipe(const Pipe&) = delete;
    Pipe& operator=(const Pipe&) = delete;
    ~Pipe();

    // Someone opens or closes it, for what the file says. The last one to close drops what is in it.
    void open(const File& file);
    void close(const File& file);
    // Waits until the other end is open, too, as opening a FIFO does. Errors: restart; no_other_end (O_NONBLOCK for
    // writing, and nobody reads).
    Result<void> meet_other_end(const File& file);

    // Bytes that are there, as many as fit; waits for the first one while somebody may write. 0: nobody does any more.
    // Of a packet (O_DIRECT) what does not fit is lost, and nothing comes behind it. Errors: would_block, restart,
    // bad_address. O(bytes).
    Result<std::uint32_t> read(const File& file, IoBuffer& buffer);
    // All bytes, waiting for room; without waiting (O_NONBLOCK) as many as there is room for. Up to PIPE_BUF (4096) go
    // in one piece or not at all. A file that is O_DIRECT writes packets, of up to a page each. Errors: broken_pipe
    // (nobody reads), would_block, restart, bad_address, out_of_memory. O(bytes).
    Result<std::uint32_t> write(const File& file, IoBuffer& buffer);
    // Which ready_events hold for an end.
    [[nodiscard]] std::uint32_t ready(const File& file) const;

    // Bytes in it. O(slots).
    [[nodiscard]] std::uint32_t bytes() const;
    [[nodiscard]] std::uint32_t capacity() const { return static_cast<std::uint32_t>(slots_.size()) * page_bytes; }
    // A capacity of at least `bytes`, rounded up to a power of two; returns what it became. Errors: invalid_argument,
    // busy (more slots are in use), out_of_memory.
    Result<std::uint32_t> set_capacity(std::uint32_t bytes);

    WaitQueue changes;

private:
    struct Slot {
        std::byte* page = nullptr; // kept for the next time where the slot is empty
        std::uint16_t offset = 0, length = 0;
        bool packet = false;
    };
    static constexpr std::uint32_t few_slots = default_capacity / page_bytes;

    [[nodiscard]] bool empty() const { return head_ == tail_; }
    [[nodiscard]] bool full() const { return head_ - tail_ == slots_.size(); }
    [[nodiscard]] Slot& at(std::uint32_t position) const { return slots_[position & (slots_.size() - 1)]; }
    void drop_pages();
    Result<void> wait_for_bytes(bool nonblocking);
    Result<void> wait_for_slot(const File& file);
    Result<std::uint32_t> write_slots(const File& file, IoBuffer& buffer);
    static std::uint32_t take(IoBuffer& buffer, std::span<std::byte> to);
    std::uint32_t add_to_last(IoBuffer& buffer);
    std::uint32_t fill(Slot& slot, IoBuffer& buffer, bool packet);
    Result<void> wait();
    void tell() {
        if (!changes.empty()) {
            changes.wake();
        }
    }

    KernelHeap* heap_;
    FileServices* services_;
    std::uint32_t readers_ = 0, writers_ = 0;
    std::uint32_t reader_opens_ = 0, writer_opens_ = 0; // ever
    // Slots ever filled and emptied, modulo 2^32, since the pipe was last empty. There is a power of two of them, in
    // the heap where they are more than a few.
    std::uint32_t head_ = 0, tail_ = 0;
    std::array<Slot, few_slots> few_{};
    std::span<Slot> slots_ = few_;
};

} // namespace quire
