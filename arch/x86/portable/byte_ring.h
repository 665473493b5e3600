// A queue of bytes of fixed capacity, in a ring. What does not fit is refused, never overwritten. It does not lock:
// whoever shares one with an interrupt handler keeps interrupts off.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

namespace quire::machine {

template <std::uint32_t capacity> class ByteRing {
public:
    [[nodiscard]] std::uint32_t size() const { return written_ - read_; }
    [[nodiscard]] std::uint32_t room() const { return capacity - size(); }
    [[nodiscard]] bool empty() const { return written_ == read_; }

    // False, and nothing happened, where the ring is full.
    bool push(char byte) {
        if (room() == 0) {
            return false;
        }
        bytes_[written_++ % capacity] = byte;
        return true;
    }

    [[nodiscard]] std::optional<char> pop() {
        if (empty()) {
            return std::nullopt;
        }
        return bytes_[read_++ % capacity];
    }

private:
    static_assert((capacity & (capacity - 1)) == 0, "the counters wrap at 2^32: positions must wrap with them");

    std::array<char, capacity> bytes_{};
    std::uint32_t written_ = 0, read_ = 0; // bytes ever written and read, modulo 2^32
};

using InputQueue = ByteRing<4096>; // what was typed and not yet read, from every keyboard there is

} // namespace quire::machine
