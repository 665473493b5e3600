// Reading and writing pipes.
#include "kernel/fs/pipe/pipe.h"

#include "kernel/fs/vfs/file.h"
#include "kernel/lib/panic.h"

#include <algorithm>
#include <bit>
#include <utility>

namespace quire {

Pipe::~Pipe() {
    drop_pages();
    if (slots_.data() != few_.data()) {
        must_succeed(heap_->free(slots_.data()));
    }
}

void Pipe::open(const File& file) {
    if (file.readable()) {
        ++readers_;
        ++reader_opens_;
    }
    if (file.writable()) {
        ++writers_;
        ++writer_opens_;
    }
    tell();
}

void Pipe::close(const File& file) {
    readers_ -= file.readable() ? 1U : 0U;
    writers_ -= file.writable() ? 1U : 0U;
    if (readers_ == 0 && writers_ == 0) {
        head_ = tail_ = 0;
        drop_pages();
    }
    tell();
}

// The other end may have been open in passing only: that counts.
Result<void> Pipe::meet_other_end(const File& file) {
    if (file.readable() && file.writable()) {
        return {};
    }
    const bool reads = file.readable();
    const std::uint32_t& others = reads ? writers_ : readers_;
    const std::uint32_t& opens = reads ? writer_opens_ : reader_opens_;
    const std::uint32_t opens_before = opens;
    if (file.nonblocking()) {
        return reads || others != 0 ? Result<void>{} : fail(Error::no_other_end);
    }
    while (others == 0 && opens == opens_before) {
        if (const Result<void> woken = wait(); !woken) {
            return woken;
        }
    }
    return {};
}

Result<void> Pipe::wait() {
    return services_->wait(changes) ? Result<void>{} : fail(Error::restart);
}

Result<std::uint32_t> Pipe::read(const File& file, IoBuffer& buffer) {
    if (buffer.left() == 0) {
        return 0U;
    }
    if (empty()) {
        if (const Result<void> there = wait_for_bytes(file.nonblocking() || buffer.continues()); !there) {
            return fail(there.error());
        }
    }
    std::uint32_t moved = 0;
    while (!empty() && buffer.left() != 0) {
        Slot& slot = at(tail_);
        const std::uint32_t done = buffer.put({slot.page + slot.offset, slot.length});
        if (buffer.failed()) { // what of it has arrived stays in the pipe, too, as on Linux (fs/pipe.c, pipe_read)
            break;
        }
        moved += done;
        slot.offset = static_cast<std::uint16_t>(slot.offset + done);
        slot.length = static_cast<std::uint16_t>(slot.length - done);
        if (slot.length == 0 || slot.packet) {
            ++tail_;
        }
        if (slot.packet) {
            break;
        }
    }
    if (empty()) {
        head_ = tail_ = 0; // so that a pipe of few bytes stays in its first page
    }
    tell();
    return buffer.outcome(moved);
}

// Until there are some, or nobody will write any.
Result<void> Pipe::wait_for_bytes(bool nonblocking) {
    while (empty() && writers_ != 0) {
        if (nonblocking) {
            return fail(Error::would_block);
        }
        if (const Result<void> woken = wait(); !woken) {
            return woken;
        }
    }
    return {};
}

Result<std::uint32_t> Pipe::write(const File& file, IoBuffer& buffer) {
    // The common case first: there is a reader, the pipe is empty, and all goes into its first page, which is there.
    const std::uint32_t wanted = buffer.left();
    if (readers_ == 0 || !empty() || wanted > page_bytes || slots_.front().page == nullptr || wanted == 0) {
        return wanted != 0 ? write_slots(file, buffer) : Result<std::uint32_t>(0U);
    }
    const std::uint32_t moved = fill(slots_.front(), buffer, file.direct());
    tell();
    return buffer.outcome(moved);
}

Result<std::uint32_t> Pipe::write_slots(const File& file, IoBuffer& buffer) {
    std::uint32_t moved = readers_ != 0 ? add_to_last(buffer) : 0;
    while (buffer.left() != 0 && !buffer.failed()) {
        Result<void> possible = wait_for_slot(file);
        if (possible && at(head_).page == nullptr) {
            const Result<void*> made = heap_->allocate(page_bytes);
            possible = made ? Result<void>() : fail(Error::out_of_memory);
            at(head_).page = static_cast<std::byte*>(made.value_or(nullptr));
        }
        if (!possible) {
            tell();
            return moved != 0 ? Result<std::uint32_t>(moved) : fail(possible.error());
        }
        moved += fill(at(head_), buffer, file.direct());
        tell();
    }
    tell();
    return buffer.outcome(moved);
}

Result<void> Pipe::wait_for_slot(const File& file) {
    for (;;) {
        if (readers_ == 0) {
            return fail(Error::broken_pipe);
        }
        if (!full()) {
            return {};
        }
        if (file.nonblocking()) {
            return fail(Error::would_block);
        }
        if (const Result<void> woken = wait(); !woken) {
            return woken;
        }
    }
}

// Moves all that fits, or nothing where part of it is not there: as on Linux (fs/pipe.c, pipe_write), no reader sees
// half of what was written at once.
std::uint32_t Pipe::take(IoBuffer& buffer, std::span<std::byte> to) {
    const std::uint32_t moved = buffer.take(to);
    return buffer.failed() ? 0 : moved;
}

// What is over a number of whole pages, where the slot filled last has room for it.
std::uint32_t Pipe::add_to_last(IoBuffer& buffer) {
    const std::uint32_t bytes = buffer.left() % page_bytes;
    if (empty() || bytes == 0) {
        return 0;
    }
    Slot& slot = at(head_ - 1);
    const std::uint32_t end = std::uint32_t{slot.offset} + slot.length;
    if (slot.packet || end + bytes > page_bytes) {
        return 0;
    }
    const std::uint32_t moved = take(buffer, {slot.page + end, bytes});
    slot.length = static_cast<std::uint16_t>(slot.length + moved);
    return moved;
}

// The next slot, which has a page, gets as much as fits.
std::uint32_t Pipe::fill(Slot& slot, IoBuffer& buffer, bool packet) {
    const std::uint32_t moved = take(buffer, {slot.page, page_bytes});
    slot.offset = 0;
    slot.length = static_cast<std::uint16_t>(moved);
    slot.packet = packet;
    head_ += moved != 0 ? 1U : 0U;
    return moved;
}

void Pipe::drop_pages() {
    for (Slot& slot : slots_) {
        must_succeed(heap_->free(slot.page));
        slot.page = nullptr;
    }
}

std::uint32_t Pipe::bytes() const {
    std::uint32_t bytes = 0;
    for (std::uint32_t position = tail_; position != head_; ++position) {
        bytes += at(position).length;
    }
    return bytes;
}

std::uint32_t Pipe::ready(const File& file) const {
    std::uint32_t events = 0;
    if (file.readable()) {
        events |= !empty() ? ready_event::readable : 0;
        // A FIFO that nobody has written to yet has not been hung up.
        events |= writers_ == 0 && writer_opens_ != 0 ? ready_event::hung_up : 0;
    }
    if (file.writable()) {
        events |= !full() ? ready_event::writable : 0;
        events |= readers_ == 0 ? ready_event::error : 0;
    }
    return events;
}

// Everybody is root, whom /proc/sys/fs/pipe-max-size does not bind.
Result<std::uint32_t> Pipe::set_capacity(std::uint32_t wanted) {
    if (wanted > std::uint32_t{1} << 31) {
        return fail(Error::invalid_argument);
    }
    const std::uint32_t count = std::bit_ceil(std::max(wanted, page_bytes)) / page_bytes;
    if (head_ - tail_ > count) {
        return fail(Error::busy);
    }
    const Result<void*> made = heap_->allocate_zeroed(count, sizeof(Slot));
    if (!made) {
        return fail(Error::out_of_memory);
    }
    const std::span<Slot> slots(static_cast<Slot*>(*made), count);
    std::uint32_t moved = 0;
    for (; tail_ != head_; ++tail_) {
        slots[moved++] = std::exchange(at(tail_), Slot{});
    }
    drop_pages();
    if (slots_.data() != few_.data()) {
        must_succeed(heap_->free(slots_.data()));
    }
    slots_ = slots;
    tail_ = 0;
    head_ = moved;
    tell();
    return capacity();
}

} // namespace quire
