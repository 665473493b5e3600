// Errors as values: the reasons an operation of the kernel can be refused, and Result<T>, which is a value or one of
// them. A refused operation has changed nothing.
#pragma once

#include <cstdint>
#include <expected>
#include <string_view>

namespace quire {

// Every reason has a name (name_of) and one sentence (explain).
enum class Error : std::uint8_t {
    out_of_memory,    // no frame, run or block of the wanted kind is free
    limit_reached,    // free memory is left, but not for this owner
    too_large,        // the size overflows or exceeds what could ever be given
    invalid_argument, // zero where something is needed, an alignment that is no power of two, …
    misaligned,       // an address that must lie on a page or block boundary does not
    out_of_range,     // an address or number beyond what there is
    double_free,      // what is given back is free already
    reserved,         // the frame is not RAM, or was never the allocator's to hand out
    foreign,          // what is given back was never handed out here
    interior,         // the pointer is inside a block, not at its start
    not_free,         // what should be taken is in use
    not_mapped,       // no present entry translates the page
    already_mapped,   // the page is translated already
    large_page,       // the page is part of a 4 MiB page, which is mapped and unmapped as a whole
    overflow,         // a counter is at its maximum
    not_supported,    // the machine or this build lacks it
    malformed,        // input that does not follow its format
    truncated,        // input that ends too early
};

[[nodiscard]] std::string_view name_of(Error error);
[[nodiscard]] std::string_view explain(Error error);

template <class T> using Result = std::expected<T, Error>;

[[nodiscard]] constexpr std::unexpected<Error> fail(Error error) {
    return std::unexpected<Error>(error);
}

} // namespace quire
