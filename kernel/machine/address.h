// Physical and virtual addresses, and the frames and pages they fall in, as four types that do not mix.
// They own nothing and never touch memory: turning an address into a pointer is the business of mmu.h.
#pragma once

#include <compare>
#include <cstdint>

namespace quire {

inline constexpr std::uint32_t page_shift = 12;
inline constexpr std::uint32_t page_size = 1U << page_shift; // bytes; Intel SDM vol. 3A §4.3
inline constexpr std::uint32_t large_page_shift = 22;
inline constexpr std::uint32_t large_page_size = 1U << large_page_shift; // bytes; CR4.PSE, §4.3
inline constexpr std::uint32_t frames_per_large_page = large_page_size / page_size;

// A 32-bit byte address in one of the two address spaces. Differences and offsets are in bytes.
template <class Space> class Address {
public:
    constexpr Address() = default;
    explicit constexpr Address(std::uint32_t value) : value_(value) {}

    [[nodiscard]] constexpr std::uint32_t value() const { return value_; }
    [[nodiscard]] constexpr std::uint32_t offset_in_page() const { return value_ & (page_size - 1); }
    [[nodiscard]] constexpr bool page_aligned() const { return offset_in_page() == 0; }

    friend constexpr Address operator+(Address a, std::uint32_t bytes) { return Address(a.value_ + bytes); }
    friend constexpr Address operator-(Address a, std::uint32_t bytes) { return Address(a.value_ - bytes); }
    friend constexpr std::uint32_t operator-(Address a, Address b) { return a.value_ - b.value_; }
    friend constexpr auto operator<=>(Address, Address) = default;

private:
    std::uint32_t value_ = 0;
};

// The number of one 4 KiB unit of an address space: 0 … 0xFFFFF.
template <class Space> class PageNumber {
public:
    constexpr PageNumber() = default;
    explicit constexpr PageNumber(std::uint32_t number) : number_(number) {}

    // The unit that `address` falls in.
    [[nodiscard]] static constexpr PageNumber containing(Address<Space> address) {
        return PageNumber(address.value() >> page_shift);
    }
    [[nodiscard]] constexpr std::uint32_t number() const { return number_; }
    [[nodiscard]] constexpr Address<Space> start() const { return Address<Space>(number_ << page_shift); }

    friend constexpr PageNumber operator+(PageNumber a, std::uint32_t count) { return PageNumber(a.number_ + count); }
    friend constexpr PageNumber operator-(PageNumber a, std::uint32_t count) { return PageNumber(a.number_ - count); }
    friend constexpr std::uint32_t operator-(PageNumber a, PageNumber b) { return a.number_ - b.number_; }
    friend constexpr auto operator<=>(PageNumber, PageNumber) = default;

private:
    std::uint32_t number_ = 0;
};

struct PhysicalSpace;
struct VirtualSpace;

using PhysAddr = Address<PhysicalSpace>;
using VirtAddr = Address<VirtualSpace>;
using Frame = PageNumber<PhysicalSpace>; // 4 KiB of physical memory
using Page = PageNumber<VirtualSpace>;   // 4 KiB of a virtual address space

// 4 GiB is 2^20 frames: one past the last frame a two-level table without PSE-36 can name.
inline constexpr std::uint32_t frames_in_4_gib = 1U << (32 - page_shift);

// Bytes rounded up to whole pages. Safe for every argument: the result is at most 2^20.
[[nodiscard]] constexpr std::uint32_t pages_for(std::uint64_t bytes) {
    return static_cast<std::uint32_t>((bytes + page_size - 1) >> page_shift);
}

static_assert(sizeof(PhysAddr) == 4 && sizeof(Frame) == 4);

} // namespace quire
