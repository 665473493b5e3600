// Registers and segments that ring 3 may have: how they begin, and how those that a program made up become harmless.
#include "arch/x86/portable/selectors.h"
#include "kernel/machine/user.h"

namespace quire::machine {

namespace {

// EFLAGS. Intel SDM vol. 1 §3.4.3.
constexpr std::uint32_t always_one = 1U << 1, interrupts = 1U << 9;
// Carry, parity, adjust, zero, sign, trap, direction, overflow; resume and alignment check.
constexpr std::uint32_t programs_choice = 0x0DD5 | 1U << 16 | 1U << 18;
// Nested task and identification: ring 3 can set them, and they mean nothing there.
constexpr std::uint32_t programs_own = 1U << 14 | 1U << 21;

constexpr std::uint32_t selector_bits = 0xFFFF, ring_3 = 3;

// A segment descriptor's high word. Intel SDM vol. 3A, figure 3-8.
constexpr std::uint32_t accessed = 1U << 8, writable = 1U << 9, contents_shift = 10, data_segment = 1U << 12,
                        privilege_3 = 3U << 13, present = 1U << 15, available = 1U << 20, operands_32_bit = 1U << 22,
                        pages = 1U << 23;
constexpr std::uint32_t base_middle = 0x000000FF, base_high = 0xFF000000, limit_high = 0x000F0000;

} // namespace

TrapFrame initial_user_registers(VirtAddr entry, VirtAddr stack_pointer) {
    TrapFrame registers{};
    set_user_selectors(registers);
    registers.eip = entry.value();
    registers.eflags = user_eflags(0, 0);
    registers.user_esp = stack_pointer.value();
    return registers;
}

void set_user_selectors(TrapFrame& registers) {
    registers.cs = selector::user_code;
    registers.ds = registers.es = registers.user_ss = selector::user_data;
}

std::uint32_t user_eflags(std::uint32_t wanted, std::uint32_t present) {
    return (wanted & programs_choice) | (present & programs_own) | interrupts | always_one;
}

void make_harmless(TrapFrame& registers) {
    for (std::uint32_t* const data : {&registers.gs, &registers.fs, &registers.es, &registers.ds}) {
        *data &= selector_bits;
    }
    for (std::uint32_t* const of_ring_3 : {&registers.cs, &registers.user_ss}) {
        *of_ring_3 = (*of_ring_3 & selector_bits) | ring_3;
    }
}

ThreadSegment ThreadSegment::of(const Description& description) {
    const auto bit = [](bool set, std::uint32_t mask) { return set ? mask : 0; };
    ThreadSegment segment;
    segment.low_ = (description.limit & 0xFFFF) | description.base << 16;
    segment.high_ = (description.base >> 16 & base_middle) | (description.base & base_high) |
                    (description.limit & limit_high) | accessed | bit(!description.read_only, writable) |
                    (description.contents & 1U) << contents_shift | data_segment | privilege_3 |
                    bit(!description.not_present, present) | bit(description.useable, available) |
                    bit(description.operands_32_bit, operands_32_bit) | bit(description.limit_in_pages, pages);
    return segment;
}

ThreadSegment::Description ThreadSegment::description() const {
    const auto is_set = [&](std::uint32_t mask) { return (high_ & mask) != 0; };
    return {
        .base = low_ >> 16 | (high_ & base_middle) << 16 | (high_ & base_high),
        .limit = (low_ & 0xFFFF) | (high_ & limit_high),
        .operands_32_bit = is_set(operands_32_bit),
        .contents = static_cast<std::uint8_t>(high_ >> contents_shift & 1U),
        .read_only = !is_set(writable),
        .limit_in_pages = is_set(pages),
        .not_present = !is_set(present),
        .useable = is_set(available),
    };
}

} // namespace quire::machine
