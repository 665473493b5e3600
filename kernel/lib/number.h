// Numbers as people type them: "4096", "0x1000", "64K", "3G". Used for boot options and for the shell's arguments.
// Reads text only; what a number is good for is the caller's to check.
#pragma once

#include "kernel/lib/result.h"

#include <cstdint>
#include <string_view>

namespace quire {

// The value of decimal digits, or of hexadecimal digits after "0x", with an optional suffix K, M or G (either case)
// that multiplies by 2^10, 2^20 or 2^30. Errors: malformed (anything else, an empty text too), too_large (from 2^64).
[[nodiscard]] Result<std::uint64_t> parse_number(std::string_view text);

// The same for a number that must be less than 2^32, such as an address. Errors: as above, too_large from 2^32 on.
[[nodiscard]] Result<std::uint32_t> parse_number_32(std::string_view text);

} // namespace quire
