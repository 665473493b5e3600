// parse_number() reads every number that people type and refuses everything else.
#include "kernel/lib/number.h"

#include <catch2/catch.hpp>
#include <limits>

namespace quire {
namespace {

TEST_CASE("decimal and hexadecimal numbers are read", "[number]") {
    CHECK(parse_number("0") == 0U);
    CHECK(parse_number("4096") == 4096U);
    CHECK(parse_number("007") == 7U);
    CHECK(parse_number("0x0") == 0U);
    CHECK(parse_number("0xC0100000") == 0xC0100000U);
    CHECK(parse_number("0Xdeadbeef") == 0xDEADBEEFU);
    CHECK(parse_number("18446744073709551615") == std::numeric_limits<std::uint64_t>::max());
    CHECK(parse_number("0xffffffffffffffff") == std::numeric_limits<std::uint64_t>::max());
}

TEST_CASE("a suffix multiplies", "[number]") {
    CHECK(parse_number("64K") == 64U * 1024);
    CHECK(parse_number("64k") == 64U * 1024);
    CHECK(parse_number("16M") == 16U << 20);
    CHECK(parse_number("3g") == std::uint64_t{3} << 30);
    CHECK(parse_number("0x10K") == 16U * 1024);
    CHECK(parse_number("17179869183G") == std::uint64_t{17179869183} << 30);
}

TEST_CASE("what is no number is malformed", "[number]") {
    for (const char* text : {"", "x", "K", "0x", "0xK", "12a", "0xg", "-1", "+1", " 1", "1 ", "1KB", "K1", "1.5", "--",
                             "99999999999999999999z"}) {
        INFO(text);
        CHECK(parse_number(text) == fail(Error::malformed));
    }
}

TEST_CASE("what does not fit is too large, never wrapped", "[number]") {
    for (const char* text : {"18446744073709551616", "99999999999999999999", "0x10000000000000000", "17179869184G",
                             "18446744073709551615K", "0x8000000000000000M"}) {
        INFO(text);
        CHECK(parse_number(text) == fail(Error::too_large));
    }
    CHECK(parse_number_32("0xffffffff") == 0xFFFFFFFFU);
    CHECK(parse_number_32("4G") == fail(Error::too_large));
    CHECK(parse_number_32("0x100000000") == fail(Error::too_large));
    CHECK(parse_number_32("many") == fail(Error::malformed));
}

} // namespace
} // namespace quire
