// A pipe: bytes on their way from who writes to who reads, in a ring of pages that are taken as they are needed. It
// knows how many have it open for what, and who waits. Pipes without a name and FIFOs are two kinds of inode that have
// one of these each.
#pragma once

#include "kernel/lib/result.h"
#include "kernel/memory/kernel_heap.h"
#include "kernel/process/files/file_services.h"
#include "kernel/process/files/io_buffer.h"
#include "kernel/process/wait_queue.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace quire {

class File;

class Pipe {
public:
    static constexpr std::uint32_t atomic_bytes = 4096;         // PIPE_BUF: not mixed with others' bytes
    static constexpr std::uint32_t default_capacity = 1U << 16; // bytes
    static constexpr std::uint32_t largest_capacity = 1U << 20;

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
    // Errors: would_block, restart, bad_address. O(bytes).
    Result<std::uint32_t> read(const File& file, IoBuffer& buffer);
    // All bytes, waiting for room; without waiting (O_NONBLOCK) as many as there is room for. Up to atomic_bytes go in
    // one piece or not at all. Errors: broken_pipe (nobody reads), would_block, restart, bad_address, out_of_memory.
    // O(bytes).
    Result<std::uint32_t> write(const File& file, IoBuffer& buffer);
    // Which ready_events hold for an end.
    [[nodiscard]] std::uint32_t ready(const File& file) const;

    [[nodiscard]] std::uint32_t bytes() const { return written_ - read_; }
    [[nodiscard]] std::uint32_t capacity() const { return static_cast<std::uint32_t>(pages_.size()) * page_bytes; }
    // A capacity of at least `bytes`; returns what it became. Errors: invalid_argument, not_permitted (too much), busy
    // (more bytes are in it), out_of_memory.
    Result<std::uint32_t> set_capacity(std::uint32_t bytes);

    WaitQueue changes;

private:
    static constexpr std::uint32_t page_bytes = 4096;
    static constexpr std::uint32_t few_pages = default_capacity / page_bytes;
    using Pages = std::span<std::byte*>;

    [[nodiscard]] std::uint32_t room() const { return capacity() - bytes(); }
    // At most `bytes` bytes of the ring from `position` on: those that lie in its page.
    [[nodiscard]] std::span<std::byte> piece(std::uint32_t position, std::uint32_t bytes) const {
        const std::uint32_t offset = position % page_bytes;
        const std::uint32_t rest = page_bytes - offset;
        return {pages_[position / page_bytes & (pages_.size() - 1)] + offset, bytes < rest ? bytes : rest};
    }
    [[nodiscard]] bool has_page(std::uint32_t position) const {
        return pages_[position / page_bytes & (pages_.size() - 1)] != nullptr;
    }
    [[nodiscard]] Result<void> make_pages(std::uint32_t bytes);
    [[nodiscard]] Result<Pages> make_table(std::uint32_t capacity);
    void move_to(Pages table);
    void drop_pages();
    Result<void> wait_for_bytes(const File& file);
    Result<void> wait_for_room(const File& file, std::uint32_t wanted);
    Result<std::uint32_t> write_pieces(const File& file, IoBuffer& buffer);
    std::uint32_t put_in(IoBuffer& buffer, std::uint32_t bytes);
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
    // Bytes ever written and read, modulo 2^32, since it was last empty. The capacity is a power of two.
    std::uint32_t written_ = 0, read_ = 0;
    // Page n holds bytes n × 4096 … of the ring; null until it is needed. The table is in the heap where it is longer.
    std::array<std::byte*, few_pages> few_{};
    Pages pages_ = few_;
};

} // namespace quire
