// The keyboard types what a serial terminal would send for the same keys.
#include "arch/x86/portable/scan_codes.h"

#include <catch2/catch.hpp>
#include <initializer_list>
#include <string>

namespace quire::machine {
namespace {

// The scan codes of the keys that the tests press.
constexpr std::uint8_t key_escape = 0x01, key_1 = 0x02, key_a = 0x1E, key_c = 0x2E, key_enter = 0x1C,
                       key_backspace = 0x0E, key_left_bracket = 0x1A, key_space = 0x39, key_shift_left = 0x2A,
                       key_shift_right = 0x36, key_control = 0x1D, key_caps_lock = 0x3A, keypad_5 = 0x4C,
                       extended = 0xE0, up = 0x80;

std::string typed(ScanCodes& codes, std::initializer_list<unsigned> bytes) {
    std::string text;
    for (const unsigned byte : bytes) {
        text += codes.take(static_cast<std::uint8_t>(byte));
    }
    return text;
}

TEST_CASE("a key types when it goes down and repeats, not when it comes up", "[scan_codes]") {
    ScanCodes codes;
    CHECK(typed(codes, {key_a, key_a, key_a | up, key_1, key_1 | up, key_space}) == "aa1 ");
    CHECK(typed(codes, {key_enter, key_backspace, key_escape, keypad_5}) == "\r\177\0335");
}

TEST_CASE("either shift counts while it is held", "[scan_codes]") {
    ScanCodes codes;
    CHECK(typed(codes, {key_shift_left, key_a, key_1, key_shift_left | up, key_a}) == "A!a");
    CHECK(typed(codes, {key_shift_left, key_shift_right, key_shift_left | up, key_a, key_shift_right | up, key_a}) ==
          "Aa");
}

TEST_CASE("caps lock turns letters round, nothing else, until pressed again", "[scan_codes]") {
    ScanCodes codes;
    CHECK(typed(codes, {key_caps_lock, key_caps_lock | up, key_a, key_1}) == "A1");
    CHECK(typed(codes, {key_shift_left, key_a, key_1, key_shift_left | up}) == "a!");
    CHECK(typed(codes, {key_caps_lock, key_caps_lock | up, key_a}) == "a");
}

TEST_CASE("control makes control characters", "[scan_codes]") {
    ScanCodes codes;
    CHECK(typed(codes, {key_control, key_a, key_c, key_left_bracket, key_control | up, key_a}) == "\001\003\033a");
    CHECK(typed(codes, {key_control, key_backspace, key_1, key_control | up}) == "\1771");
    CHECK(typed(codes, {extended, key_control, key_c, extended, key_control | up, key_c}) == "\003c");
}

TEST_CASE("keys that move the cursor send escape sequences", "[scan_codes]") {
    ScanCodes codes;
    CHECK(typed(codes, {extended, 0x48, extended, 0x48 | up}) == "\033[A");
    CHECK(typed(codes, {extended, 0x4B, extended, 0x4D, extended, 0x50}) == "\033[D\033[C\033[B");
    CHECK(typed(codes, {extended, 0x47, extended, 0x4F, extended, 0x53}) == "\033[H\033[F\033[3~");
    CHECK(typed(codes, {extended, 0x1C, extended, 0x35}) == "\r/");
}

TEST_CASE("shifts that a keyboard makes up around an extended key are not held", "[scan_codes]") {
    ScanCodes codes;
    CHECK(typed(codes, {extended, key_shift_left, extended, 0x48, extended, 0x48 | up, extended, key_shift_left | up,
                        key_a}) == "\033[Aa");
}

TEST_CASE("every byte is survived and types no more than it says", "[scan_codes]") {
    ScanCodes codes;
    for (unsigned first = 0; first < 256; ++first) {
        for (unsigned second = 0; second < 256; ++second) {
            REQUIRE(codes.take(static_cast<std::uint8_t>(first)).size() <= ScanCodes::longest_text);
            REQUIRE(codes.take(static_cast<std::uint8_t>(second)).size() <= ScanCodes::longest_text);
        }
    }
    // Every key came up last, but those that the bytes 0x00 … 0x7F after the prefix pressed.
    CHECK(typed(codes, {key_control | up, key_shift_left | up, key_shift_right | up, key_1}) == "1");
}

} // namespace
} // namespace quire::machine
