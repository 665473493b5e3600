// The simulated machine's physical memory: up to 4 GiB of zeros that cost the host nothing until they are touched.
// Every access is checked against its size.
#pragma once

#include "kernel/machine/address.h"

#include <cstddef>
#include <cstdint>

namespace quire::test {

class Ram {
public:
    explicit Ram(std::uint64_t bytes); // a multiple of 4 KiB, at most 4 GiB
    ~Ram();
    Ram(const Ram&) = delete;
    Ram& operator=(const Ram&) = delete;

    [[nodiscard]] std::uint64_t size() const { return size_; }
    [[nodiscard]] std::uint32_t frames() const { return static_cast<std::uint32_t>(size_ >> page_shift); }

    // Host memory that stands for `bytes` bytes from `address`. Throws std::out_of_range where there is no RAM.
    [[nodiscard]] std::byte* at(PhysAddr address, std::uint32_t bytes = 1);
    [[nodiscard]] std::uint32_t word(PhysAddr address);
    void set_word(PhysAddr address, std::uint32_t value);

private:
    std::uint64_t size_;
    std::byte* memory_;
};

} // namespace quire::test
