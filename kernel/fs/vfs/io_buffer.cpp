// Moving bytes between the kernel and the two ends of a transfer.
#include "kernel/fs/vfs/io_buffer.h"

#include "kernel/machine/cpu.h"

#include <algorithm>
#include <cstring>

namespace quire {

namespace {

std::uint32_t total(std::span<const IoPiece> pieces) {
    std::uint32_t bytes = 0;
    for (const IoPiece& piece : pieces) {
        bytes += piece.size;
    }
    return bytes;
}

} // namespace

IoBuffer::IoBuffer(std::span<const IoPiece> pieces) : left_(total(pieces)), rest_(pieces) {
    failed_ = std::any_of(pieces.begin(), pieces.end(),
                          [](const IoPiece& piece) { return piece.start > user_last && piece.size != 0; });
}

std::uint32_t IoBuffer::put_zeros(std::uint32_t bytes) {
    return move(Way::zero, nullptr, bytes);
}

void IoBuffer::stall() {
    failed_ = true;
    machine::cpu_local->copy_stalled = true;
}

std::uint32_t IoBuffer::move(Way way, std::byte* other, std::uint32_t bytes) {
    const VirtAddr user = user_;
    const std::uint32_t piece_left = piece_left_;
    const std::span<const IoPiece> rest = rest_;
    const std::uint32_t moved = move_pieces(way, other, bytes);
    if (failed_ && machine::cpu_local->copy_stalled) { // as if it had not begun
        user_ = user;
        piece_left_ = piece_left;
        rest_ = rest;
        left_ += moved;
        return 0;
    }
    return moved;
}

std::uint32_t IoBuffer::move_pieces(Way way, std::byte* other, std::uint32_t bytes) {
    const std::uint32_t wanted = std::min(bytes, left_);
    std::uint32_t moved = 0;
    while (moved < wanted && !failed_) {
        if (piece_left_ == 0) {
            user_ = rest_.front().start;
            piece_left_ = rest_.front().size;
            rest_ = rest_.subspan(1);
            continue;
        }
        const std::uint32_t part = std::min(wanted - moved, piece_left_);
        const std::uint32_t done = move_piece(way, way == Way::zero ? nullptr : other + moved, part);
        failed_ = done < part;
        moved += done;
        piece_left_ -= done;
    }
    left_ -= moved;
    return moved;
}

// Part of the piece in front, which moves on.
std::uint32_t IoBuffer::move_piece(Way way, std::byte* other, std::uint32_t bytes) {
    if (kernel_ != nullptr) {
        std::byte* const here = kernel_;
        kernel_ += bytes;
        if (way == Way::zero) {
            std::memset(here, 0, bytes);
        } else {
            std::memcpy(way == Way::put ? here : other, way == Way::put ? other : here, bytes);
        }
        return bytes;
    }
    if (user_ > user_last) {
        return 0;
    }
    // A range that runs off user space is good up to there; the machine would refuse all of it.
    const std::uint32_t reachable = std::min(bytes, user_last - user_ + 1);
    const std::size_t missing = way == Way::zero  ? machine::zero_user(user_, reachable)
                                : way == Way::put ? machine::copy_to_user(user_, other, reachable)
                                                  : machine::copy_from_user(other, user_, reachable);
    const std::uint32_t done = reachable - static_cast<std::uint32_t>(missing);
    user_ = user_ + done;
    return done;
}

} // namespace quire
