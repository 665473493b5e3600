// How much is said about an exception: what whoever attempts something that may trap asks for, kept in the Torus.
#pragma once

#include <cstdint>

namespace quire {

enum class TrapReport : std::uint8_t {
    none, // whoever attempted it looks at the registers itself
    full, // all that the kernel can find out
};

} // namespace quire
