// The floating-point registers on their way into a signal's frame and back: the two images agree as the processor's own
// do, a handler's changes arrive, and what the processor would trap on is refused.
#include "kernel/machine/signal_fpu.h"
#include "tests/host/support/random.h"

#include <array>
#include <catch2/catch.hpp>
#include <cstdint>
#include <cstring>
#include <limits>

namespace quire {
namespace {

using machine::FpuState;
using machine::SignalFpuState;

constexpr std::uint32_t mxcsr_mask = 0xFFFF;
constexpr std::size_t mxcsr_at = 24, reserved_at = 464; // in FXSAVE's image

template <class T> T at(const SignalFpuState& frame, std::size_t offset) {
    T value{};
    std::memcpy(&value, frame.legacy.data() + offset, sizeof value);
    return value;
}

// Any registers that FXSAVE could have stored.
FpuState random_state(test::Random& random) {
    FpuState state;
    for (std::size_t byte = 0; byte < reserved_at; ++byte) {
        state.bytes[byte] = static_cast<std::byte>(random());
    }
    const std::uint32_t mxcsr = random() & mxcsr_mask;
    std::memcpy(state.bytes.data() + mxcsr_at, &mxcsr, sizeof mxcsr);
    return state;
}

} // namespace

TEST_CASE("registers come back from a signal's frame as they went there") {
    test::Random random(87);
    for (int round = 0; round < 1000; ++round) {
        const FpuState state = random_state(random);
        FpuState back;
        REQUIRE(machine::from_signal(machine::to_signal(state, true), true, mxcsr_mask, back));
        const SignalFpuState again = machine::to_signal(back, true);
        const SignalFpuState first = machine::to_signal(state, true);
        REQUIRE(again.legacy == first.legacy);
        REQUIRE(std::memcmp(back.bytes.data() + 160, state.bytes.data() + 160, 128) == 0); // XMM
        REQUIRE(std::memcmp(back.bytes.data() + mxcsr_at, state.bytes.data() + mxcsr_at, 4) == 0);
    }
}

TEST_CASE("without FXSAVE the frame has the legacy image only") {
    FpuState state;
    state.bytes[0] = std::byte{0x7F};
    state.bytes[4] = std::byte{0x41};
    const SignalFpuState frame = machine::to_signal(state, false);
    CHECK(frame.magic == 0xFFFF);
    CHECK(frame.status == 0x41);
    FpuState back;
    REQUIRE(machine::from_signal(frame, false, mxcsr_mask, back));
    CHECK(back.bytes == state.bytes);
}

TEST_CASE("what a handler does to the legacy image counts, and to the XMM registers, too") {
    FpuState state;
    SignalFpuState frame = machine::to_signal(state, true);
    const std::uint16_t control = 0x27F;
    std::memcpy(frame.legacy.data(), &control, sizeof control);
    frame.extended[160] = std::byte{0x5A};
    FpuState back;
    REQUIRE(machine::from_signal(frame, true, mxcsr_mask, back));
    CHECK(back.bytes[0] == std::byte{0x7F});
    CHECK(back.bytes[1] == std::byte{0x02});
    CHECK(back.bytes[160] == std::byte{0x5A});
}

TEST_CASE("bits of MXCSR that the processor does not have are refused") {
    SignalFpuState frame = machine::to_signal({}, true);
    frame.extended[mxcsr_at + 2] = std::byte{1};
    FpuState back;
    back.bytes[7] = std::byte{7};
    CHECK_FALSE(machine::from_signal(frame, true, mxcsr_mask, back));
    CHECK(back.bytes[7] == std::byte{7});
}

#ifdef __x86_64__
// The host's own processor is asked what both images look like.
TEST_CASE("the legacy image is the one that the processor itself would store") {
    const std::array<double, 6> values{
        0.0, -1.5, std::numeric_limits<double>::infinity(), 3e300, std::numeric_limits<double>::quiet_NaN(), 1e-300};
    for (std::size_t count = 0; count <= values.size(); ++count) {
        FpuState extended;
        std::array<std::byte, 108> legacy{};
        asm volatile("fninit");
        for (std::size_t value = 0; value < count; ++value) {
            asm volatile("fldl %0" : : "m"(values[value]));
        }
        asm volatile("fxsave %0\n fnsave %1" : "=m"(extended), "=m"(legacy));
        const SignalFpuState frame = machine::to_signal(extended, true);
        INFO(count << " registers in use");
        for (const std::size_t half : {0U, 4U, 8U}) { // control, status, tags; upper halves are reserved
            std::uint16_t expected = 0;
            std::memcpy(&expected, legacy.data() + half, sizeof expected);
            CHECK(at<std::uint16_t>(frame, half) == expected);
        }
        CHECK(std::memcmp(frame.legacy.data() + 28, legacy.data() + 28, 10 * count) == 0);
    }
}
#endif

} // namespace quire
