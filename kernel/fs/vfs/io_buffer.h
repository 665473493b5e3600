// The other end of a read or a write: one or several pieces of memory, a program's or the kernel's, filled or emptied
// from the front. A program's memory may turn out not to be there: then the transfer ends, and what was moved before
// counts. It owns none of the memory.
//
// Moving bytes never waits, so a file may do it in the middle of a change. Where a page of the program's is on its way,
// the transfer ends as well: the file returns what it moved, whoever called it waits for the page, and resume() lets
// the rest be moved by calling the file again.
#pragma once

#include "kernel/lib/result.h"
#include "kernel/machine/address.h"
#include "kernel/machine/user_memory.h"
#include "kernel/memory/paging/layout.h"

#include <cstddef>
#include <cstdint>
#include <span>

namespace quire {

// A piece of the loaded program's memory; as in the iovec of a 32-bit program.
struct IoPiece {
    VirtAddr start;
    std::uint32_t size = 0;
};
static_assert(sizeof(IoPiece) == 8);

class IoBuffer {
public:
    // A program's memory. `pieces` must live as long as this; their sizes together are less than 2^31.
    IoBuffer(VirtAddr start, std::uint32_t size)
        : user_(start), piece_left_(size), left_(size), failed_(start > user_last && size != 0) {}
    explicit IoBuffer(std::span<const IoPiece> pieces);
    // The kernel's own memory: to be filled by a read, or to be written.
    explicit IoBuffer(std::span<std::byte> memory)
        : kernel_(memory.data()), piece_left_(static_cast<std::uint32_t>(memory.size())), left_(piece_left_) {}
    [[nodiscard]] static IoBuffer from(std::span<const std::byte> memory) {
        return IoBuffer(std::span<std::byte>(const_cast<std::byte*>(memory.data()), memory.size()));
    }
    IoBuffer(const IoBuffer&) = delete;
    IoBuffer& operator=(const IoBuffer&) = delete;
    IoBuffer(IoBuffer&&) = default;

    // Bytes still to be moved.
    [[nodiscard]] std::uint32_t left() const { return left_; }
    // Whether a byte could not be moved; no more are then, but after resume().
    [[nodiscard]] bool failed() const { return failed_; }
    // A page of the file's is on its way, or there is no room for it: the transfer ends as where a page of the
    // program's is. PageRequests::answer_must_wait() was called, or that for room.
    void stall();
    // The page that was on its way has come. `moved`: bytes were moved before that.
    void resume(bool moved) {
        failed_ = false;
        continues_ = moved;
    }
    // Whether this goes on with a transfer of which part is done: a read then does not wait for more bytes.
    [[nodiscard]] bool continues() const { return continues_; }
    // At most `limit` bytes are still to be moved.
    void shorten(std::uint32_t limit) { left_ = limit < left_ ? limit : left_; }

    // Moves as many bytes as there are and fit, and returns how many. Faults in the program's memory are resolved on
    // the way; one that cannot be ends it, with failed(). One whose page is on its way ends it as if nothing of this
    // call had been moved: what fits into one call is moved as a whole.
    std::uint32_t put(std::span<const std::byte> from) {
        const std::uint32_t bytes = quick_bytes(from.size());
        if (bytes != 0 && machine::copy_to_user(user_, from.data(), bytes) == 0) [[likely]] {
            return advance(bytes);
        }
        return move(Way::put, const_cast<std::byte*>(from.data()), static_cast<std::uint32_t>(from.size()));
    }
    std::uint32_t put_zeros(std::uint32_t bytes);
    std::uint32_t take(std::span<std::byte> to) {
        const std::uint32_t bytes = quick_bytes(to.size());
        if (bytes != 0 && machine::copy_from_user(to.data(), user_, bytes) == 0) [[likely]] {
            return advance(bytes);
        }
        return move(Way::take, to.data(), static_cast<std::uint32_t>(to.size()));
    }

    // What a call that moved `moved` bytes returns: bad_address where it moved none because the memory is not there.
    [[nodiscard]] Result<std::uint32_t> outcome(std::uint32_t moved) const {
        if (moved == 0 && failed_) {
            return fail(Error::bad_address);
        }
        return moved;
    }

private:
    enum class Way : std::uint8_t { put, take, zero };
    static constexpr VirtAddr user_last = area(AreaKind::user).last;

    // How many bytes move at once, in the common case that a program's piece in front has them all; else 0.
    [[nodiscard]] std::uint32_t quick_bytes(std::size_t wanted) const {
        const auto bytes = static_cast<std::uint32_t>(wanted < left_ ? wanted : left_);
        return bytes <= piece_left_ && kernel_ == nullptr && !failed_ ? bytes : 0;
    }
    std::uint32_t advance(std::uint32_t bytes) {
        user_ = user_ + bytes;
        piece_left_ -= bytes;
        left_ -= bytes;
        return bytes;
    }
    std::uint32_t move(Way way, std::byte* other, std::uint32_t bytes);
    [[nodiscard]] std::uint32_t move_pieces(Way way, std::byte* other, std::uint32_t bytes);
    [[nodiscard]] std::uint32_t move_piece(Way way, std::byte* other, std::uint32_t bytes);

    std::byte* kernel_ = nullptr; // null: a program's memory
    VirtAddr user_;
    std::uint32_t piece_left_ = 0; // of the piece in front
    std::uint32_t left_ = 0;       // of all
    std::span<const IoPiece> rest_;
    bool failed_ = false;
    bool continues_ = false;
};

// The argument of an ioctl: a number, or where in the program's memory a structure lies. Tests give kernel memory.
class ControlArgument {
public:
    explicit ControlArgument(std::uint32_t value) : value_(value) {}
    explicit ControlArgument(std::span<std::byte> memory) : memory_(memory) {}

    [[nodiscard]] std::uint32_t value() const { return value_; }
    // Errors: bad_address.
    template <class T> [[nodiscard]] Result<T> get() const {
        T value{};
        IoBuffer memory = buffer(sizeof(T));
        if (memory.take(std::as_writable_bytes(std::span(&value, 1))) != sizeof(T)) {
            return fail(Error::bad_address);
        }
        return value;
    }
    template <class T> Result<void> put(const T& value) const {
        IoBuffer memory = buffer(sizeof(T));
        if (memory.put(std::as_bytes(std::span(&value, 1))) != sizeof(T)) {
            return fail(Error::bad_address);
        }
        return {};
    }

private:
    [[nodiscard]] IoBuffer buffer(std::uint32_t size) const {
        return memory_.empty() ? IoBuffer(VirtAddr(value_), size) : IoBuffer(memory_);
    }

    std::uint32_t value_ = 0;
    std::span<std::byte> memory_;
};

} // namespace quire
