// Reads numbers. See number.h for what is accepted.
#include "kernel/lib/number.h"

#include <limits>

namespace quire {

namespace {

constexpr unsigned not_a_digit = 99;

unsigned digit_value(char c) {
    if (c >= '0' && c <= '9') {
        return static_cast<unsigned>(c - '0');
    }
    if (c >= 'a' && c <= 'f') {
        return static_cast<unsigned>(c - 'a') + 10;
    }
    if (c >= 'A' && c <= 'F') {
        return static_cast<unsigned>(c - 'A') + 10;
    }
    return not_a_digit;
}

// Takes a trailing K, M or G off `text` and returns the shift that it stands for.
unsigned take_suffix(std::string_view& text) {
    unsigned shift = 0;
    if (!text.empty()) {
        switch (text.back()) {
        case 'k':
        case 'K': shift = 10; break;
        case 'm':
        case 'M': shift = 20; break;
        case 'g':
        case 'G': shift = 30; break;
        default: break;
        }
    }
    text.remove_suffix(shift != 0 ? 1 : 0);
    return shift;
}

} // namespace

Result<std::uint64_t> parse_number(std::string_view text) {
    constexpr std::uint64_t most = std::numeric_limits<std::uint64_t>::max();
    const bool hexadecimal = text.starts_with("0x") || text.starts_with("0X");
    text.remove_prefix(hexadecimal ? 2 : 0);
    const unsigned shift = take_suffix(text);
    const unsigned base = hexadecimal ? 16 : 10;
    if (text.empty()) {
        return fail(Error::malformed);
    }
    std::uint64_t value = 0;
    bool fits = true;
    for (const char c : text) {
        const unsigned digit = digit_value(c);
        if (digit >= base) {
            return fail(Error::malformed); // also where the number had become too large: the text is what is wrong
        }
        fits = fits && value <= (most - digit) / base;
        value = value * base + digit;
    }
    if (!fits || value > most >> shift) {
        return fail(Error::too_large);
    }
    return value << shift;
}

Result<std::uint32_t> parse_number_32(std::string_view text) {
    const Result<std::uint64_t> wide = parse_number(text);
    if (!wide) {
        return fail(wide.error());
    }
    if (*wide > std::numeric_limits<std::uint32_t>::max()) {
        return fail(Error::too_large);
    }
    return static_cast<std::uint32_t>(*wide);
}

} // namespace quire
