// Between the two images of the floating-point registers. FNSAVE: Intel SDM vol. 1 §8.1.10, figure 8-9; FXSAVE:
// §10.5.1, table 10-2. They differ in their order and in the tags: two bits a register there, one bit here.
#include "kernel/machine/signal_fpu.h"

#include <cstring>

namespace quire::machine {

namespace {

constexpr std::uint16_t with_extended = 0, without_extended = 0xFFFF;
constexpr std::uint32_t registers = 8;
constexpr std::size_t register_size = 10;

// Offsets in the two images.
namespace legacy {
constexpr std::size_t control = 0, status = 4, tags = 8, instruction = 12, selector_and_opcode = 16, operand = 20,
                      operand_selector = 24, st = 28;
constexpr std::uint32_t unused = 0xFFFF0000; // what FNSAVE leaves in the upper halves
} // namespace legacy
namespace fx {
constexpr std::size_t control = 0, status = 2, tags = 4, opcode = 6, instruction = 8, selector = 12, operand = 16,
                      operand_selector = 20, mxcsr = 24, st = 32, st_stride = 16;
}

template <class T, class Image> T get(const Image& image, std::size_t offset) {
    T value{};
    std::memcpy(&value, image.data() + offset, sizeof value);
    return value;
}
template <class T, class Image> void put(Image& image, std::size_t offset, T value) {
    std::memcpy(image.data() + offset, &value, sizeof value);
}

enum Tag : std::uint32_t { valid, zero, special, empty };

// The tag of a register that is not empty, from what is in it: 64 bits of significand, then sign and exponent.
Tag tag_of(const std::byte* st) {
    std::uint64_t significand = 0;
    std::uint16_t exponent = 0;
    std::memcpy(&significand, st, sizeof significand);
    std::memcpy(&exponent, st + sizeof significand, sizeof exponent);
    exponent &= 0x7FFF;
    if (exponent == 0 && significand == 0) {
        return zero;
    }
    const bool normal = exponent != 0 && exponent != 0x7FFF && significand >> 63 != 0;
    return normal ? valid : special;
}

// Tags go by the register's number, images by its place in the stack, whose top the status word has.
std::uint32_t legacy_tags(const FpuState& state) {
    const std::uint32_t top = get<std::uint16_t>(state.bytes, fx::status) >> 11 & 7U;
    const std::uint32_t used = get<std::uint8_t>(state.bytes, fx::tags);
    std::uint32_t tags = legacy::unused;
    for (std::uint32_t number = 0; number < registers; ++number) {
        const std::uint32_t place = (number - top) % registers;
        const std::byte* const st = state.bytes.data() + fx::st + place * fx::st_stride;
        tags |= ((used >> number & 1U) != 0 ? tag_of(st) : empty) << (2 * number);
    }
    return tags;
}

std::uint8_t fx_tags(std::uint32_t tags) {
    std::uint32_t used = 0;
    for (std::uint32_t number = 0; number < registers; ++number) {
        used |= ((tags >> (2 * number) & 3U) != empty ? 1U : 0U) << number;
    }
    return static_cast<std::uint8_t>(used);
}

} // namespace

std::uint32_t signal_fpu_size() {
    return has_fxsave() ? sizeof(SignalFpuState) : SignalFpuState::legacy_size;
}

SignalFpuState save_fpu_for_signal() {
    FpuState state;
    save_fpu(state);
    return to_signal(state, has_fxsave());
}

bool restore_fpu_of_signal(const SignalFpuState& frame) {
    FpuState state;
    if (!from_signal(frame, has_fxsave(), mxcsr_mask(), state)) {
        return false;
    }
    restore_fpu(state);
    return true;
}

SignalFpuState to_signal(const FpuState& state, bool fxsave) {
    SignalFpuState frame;
    if (!fxsave) {
        std::memcpy(frame.legacy.data(), state.bytes.data(), frame.legacy.size());
        frame.status = get<std::uint16_t>(frame.legacy, legacy::status);
        frame.magic = without_extended;
        return frame;
    }
    const auto half = [&](std::size_t offset) { return std::uint32_t{get<std::uint16_t>(state.bytes, offset)}; };
    const auto word = [&](std::size_t offset) { return get<std::uint32_t>(state.bytes, offset); };
    put(frame.legacy, legacy::control, half(fx::control) | legacy::unused);
    put(frame.legacy, legacy::status, half(fx::status) | legacy::unused);
    put(frame.legacy, legacy::tags, legacy_tags(state));
    put(frame.legacy, legacy::instruction, word(fx::instruction));
    put(frame.legacy, legacy::selector_and_opcode, half(fx::selector) | half(fx::opcode) << 16);
    put(frame.legacy, legacy::operand, word(fx::operand));
    put(frame.legacy, legacy::operand_selector, half(fx::operand_selector) | legacy::unused);
    for (std::size_t st = 0; st < registers; ++st) {
        std::memcpy(frame.legacy.data() + legacy::st + st * register_size,
                    state.bytes.data() + fx::st + st * fx::st_stride, register_size);
    }
    frame.status = get<std::uint16_t>(state.bytes, fx::status);
    frame.magic = with_extended;
    frame.extended = state.bytes;
    return frame;
}

bool from_signal(const SignalFpuState& frame, bool fxsave, std::uint32_t mxcsr_mask, FpuState& state) {
    if (!fxsave) {
        state = {};
        std::memcpy(state.bytes.data(), frame.legacy.data(), frame.legacy.size());
        return true;
    }
    if ((get<std::uint32_t>(frame.extended, fx::mxcsr) & ~mxcsr_mask) != 0) {
        return false;
    }
    state.bytes = frame.extended;
    const auto word = [&](std::size_t offset) { return get<std::uint32_t>(frame.legacy, offset); };
    const auto put_half = [&](std::size_t offset, std::uint32_t value) {
        put(state.bytes, offset, static_cast<std::uint16_t>(value));
    };
    put_half(fx::control, word(legacy::control));
    put_half(fx::status, word(legacy::status));
    put(state.bytes, fx::tags, fx_tags(word(legacy::tags)));
    put_half(fx::opcode, word(legacy::selector_and_opcode) >> 16);
    put(state.bytes, fx::instruction, word(legacy::instruction));
    put_half(fx::selector, word(legacy::selector_and_opcode));
    put(state.bytes, fx::operand, word(legacy::operand));
    put_half(fx::operand_selector, word(legacy::operand_selector));
    for (std::size_t st = 0; st < registers; ++st) {
        std::memcpy(state.bytes.data() + fx::st + st * fx::st_stride,
                    frame.legacy.data() + legacy::st + st * register_size, register_size);
    }
    return true;
}

} // namespace quire::machine
