// What a CPU knows about its own exceptions: how many there were, and how much is to be said about the next one. A
// part of the Torus; kernel/shell/trap.h is what changes it.
#pragma once

#include <array>
#include <cstdint>

namespace quire {

// How much is printed about an exception that an attempt was ready for.
enum class TrapReport : std::uint8_t {
    none, // whoever attempted it looks at the registers itself
    full, // all that the kernel can find out
};

struct FaultState {
    TrapReport report = TrapReport::full;       // of the innermost attempt
    std::array<std::uint32_t, 32> exceptions{}; // since start-up, by vector
};

} // namespace quire
