// Freed blocks that wait before they are used again, so that writing to one of them is noticed (debug mode). A ring of
// addresses in the heap's own pages; it never touches the blocks.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace quire::heap {

class Quarantine {
public:
    // Starts to use `ring` as its place; was empty and without one.
    void open(std::span<std::byte*> ring) { ring_ = ring; }
    [[nodiscard]] bool is_open() const { return !ring_.empty(); }
    [[nodiscard]] bool full() const { return count_ == ring_.size(); }
    [[nodiscard]] bool empty() const { return count_ == 0; }
    [[nodiscard]] std::size_t bytes() const { return bytes_; }
    [[nodiscard]] std::uint32_t count() const { return count_; }
    [[nodiscard]] std::span<std::byte*> ring() const { return ring_; }

    // Must not be full.
    void push(std::byte* block, std::size_t bytes) {
        ring_[(oldest_ + count_) % ring_.size()] = block;
        ++count_;
        bytes_ += bytes;
    }
    [[nodiscard]] std::byte* oldest() const { return ring_[oldest_]; }
    void pop(std::size_t bytes) {
        oldest_ = static_cast<std::uint32_t>((oldest_ + 1) % ring_.size());
        --count_;
        bytes_ -= bytes;
    }
    // Must be empty.
    void close() {
        ring_ = {};
        oldest_ = 0;
    }

private:
    std::span<std::byte*> ring_{};
    std::uint32_t oldest_ = 0;
    std::uint32_t count_ = 0;
    std::size_t bytes_ = 0;
};

} // namespace quire::heap
