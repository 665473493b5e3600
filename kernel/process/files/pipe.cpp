// Reading and writing pipes.
#include "kernel/process/files/pipe.h"

#include "kernel/lib/panic.h"
#include "kernel/process/files/file.h"

#include <algorithm>
#include <bit>
#include <cstring>

namespace quire {

Pipe::~Pipe() {
    drop_pages();
    if (pages_.data() != few_.data()) {
        must_succeed(heap_->free(pages_.data()));
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
        written_ = read_ = 0;
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
    if (bytes() == 0) {
        if (const Result<void> there = wait_for_bytes(file); !there) {
            return fail(there.error());
        }
    }
    std::uint32_t moved = 0;
    while (bytes() != 0 && buffer.left() != 0 && !buffer.failed()) {
        const std::uint32_t done = buffer.put(piece(read_, bytes()));
        read_ += done;
        moved += done;
    }
    if (bytes() == 0) {
        read_ = written_ = 0; // so that a pipe of few bytes stays in its first page
    }
    tell();
    return buffer.outcome(moved);
}

// Until there are some, or nobody will write any.
Result<void> Pipe::wait_for_bytes(const File& file) {
    while (bytes() == 0 && writers_ != 0) {
        if (file.nonblocking()) {
            return fail(Error::would_block);
        }
        if (const Result<void> woken = wait(); !woken) {
            return woken;
        }
    }
    return {};
}

Result<std::uint32_t> Pipe::write(const File& file, IoBuffer& buffer) {
    // The common case first: there is a reader, and room in a page that is there.
    const std::uint32_t wanted = buffer.left();
    if (readers_ == 0 || wanted > room() || wanted > page_bytes - written_ % page_bytes || !has_page(written_) ||
        wanted == 0) {
        return write_pieces(file, buffer);
    }
    const std::uint32_t moved = buffer.take(piece(written_, wanted));
    written_ += moved;
    tell();
    return buffer.outcome(moved);
}

Result<std::uint32_t> Pipe::write_pieces(const File& file, IoBuffer& buffer) {
    std::uint32_t moved = 0;
    while (buffer.left() != 0 && !buffer.failed()) {
        const std::uint32_t wanted = buffer.left() <= atomic_bytes ? buffer.left() : 1;
        // What goes in one piece does so as a whole write only: the rest of a long one fills what room there is.
        Result<void> possible = wait_for_room(file, moved == 0 ? wanted : 1);
        const std::uint32_t bytes = std::min(buffer.left(), room());
        if (possible) {
            possible = make_pages(bytes);
        }
        if (!possible) {
            return moved != 0 ? Result<std::uint32_t>(moved) : fail(possible.error());
        }
        moved += put_in(buffer, bytes);
        tell();
    }
    return buffer.outcome(moved);
}

Result<void> Pipe::wait_for_room(const File& file, std::uint32_t wanted) {
    for (;;) {
        if (readers_ == 0) {
            return fail(Error::broken_pipe);
        }
        if (room() >= wanted) {
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

// There is room, and there are pages.
std::uint32_t Pipe::put_in(IoBuffer& buffer, std::uint32_t bytes) {
    const std::uint32_t start = written_;
    while (written_ - start != bytes && !buffer.failed()) {
        written_ += buffer.take(piece(written_, bytes - (written_ - start)));
    }
    return written_ - start;
}

// The pages that the next `bytes` bytes go to.
Result<void> Pipe::make_pages(std::uint32_t bytes) {
    const std::uint32_t pages = (written_ % page_bytes + bytes + page_bytes - 1) / page_bytes;
    for (std::uint32_t each = 0; each < pages; ++each) {
        std::byte*& page = pages_[(written_ / page_bytes + each) & (pages_.size() - 1)];
        if (page == nullptr) {
            const Result<void*> made = heap_->allocate(page_bytes);
            if (!made) {
                return fail(Error::out_of_memory);
            }
            page = static_cast<std::byte*>(*made);
        }
    }
    return {};
}

void Pipe::drop_pages() {
    for (std::byte*& page : pages_) {
        must_succeed(heap_->free(page));
        page = nullptr;
    }
}

std::uint32_t Pipe::ready(const File& file) const {
    std::uint32_t events = 0;
    if (file.readable()) {
        events |= bytes() != 0 ? ready_event::readable : 0;
        // A FIFO that nobody has written to yet has not been hung up.
        events |= writers_ == 0 && writer_opens_ != 0 ? ready_event::hung_up : 0;
    }
    if (file.writable()) {
        events |= room() >= atomic_bytes ? ready_event::writable : 0;
        events |= readers_ == 0 ? ready_event::error : 0;
    }
    return events;
}

Result<std::uint32_t> Pipe::set_capacity(std::uint32_t wanted) {
    if (wanted == 0 || wanted > std::uint32_t{1} << 31) {
        return fail(Error::invalid_argument);
    }
    const std::uint32_t rounded = std::bit_ceil(std::max(wanted, page_bytes));
    if (rounded > largest_capacity) {
        return fail(Error::not_permitted);
    }
    if (bytes() > rounded) {
        return fail(Error::busy);
    }
    const Result<Pages> table = make_table(rounded);
    if (!table) {
        return fail(table.error());
    }
    move_to(*table);
    tell();
    return capacity();
}

// Another table, with pages for what is in the pipe now.
Result<Pipe::Pages> Pipe::make_table(std::uint32_t capacity) {
    const std::uint32_t count = capacity / page_bytes;
    const Result<void*> made = heap_->allocate_zeroed(count, sizeof(std::byte*));
    if (!made) {
        return fail(Error::out_of_memory);
    }
    const Pages table(static_cast<std::byte**>(*made), count);
    for (std::uint32_t each = 0; each < (bytes() + page_bytes - 1) / page_bytes; ++each) {
        const Result<void*> page = heap_->allocate(page_bytes);
        if (!page) {
            for (std::byte* taken : table) {
                must_succeed(heap_->free(taken));
            }
            must_succeed(heap_->free(table.data()));
            return fail(Error::out_of_memory);
        }
        table[each] = static_cast<std::byte*>(*page);
    }
    return table;
}

// What is in the pipe lies from the first page of `table` on, which is the pipe's from now on.
void Pipe::move_to(Pages table) {
    const std::uint32_t there = bytes();
    for (std::uint32_t moved = 0; moved != there;) {
        const std::uint32_t offset = moved % page_bytes;
        const std::span<std::byte> from = piece(read_ + moved, std::min(there - moved, page_bytes - offset));
        std::memcpy(table[moved / page_bytes] + offset, from.data(), from.size());
        moved += static_cast<std::uint32_t>(from.size());
    }
    drop_pages();
    if (pages_.data() != few_.data()) {
        must_succeed(heap_->free(pages_.data()));
    }
    pages_ = table;
    read_ = 0;
    written_ = there;
}

} // namespace quire
