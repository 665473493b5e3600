// The scan codes of set 1 (IBM, "Personal System/2 Hardware Interface Technical Reference", 1988, "Keyboard").
#include "arch/x86/portable/scan_codes.h"

#include <cstddef>

namespace quire::machine {

namespace {

constexpr std::uint8_t extended_prefix = 0xE0, released = 0x80;
constexpr std::uint8_t key_control = 0x1D, key_shift_left = 0x2A, key_shift_right = 0x36, key_caps_lock = 0x3A;

// By scan code 0x00 … 0x39; NUL where a key has no character. Backspace and Enter send what terminals send.
constexpr std::string_view plain("\0\033"
                                 "1234567890-=\177\tqwertyuiop[]\r\0asdfghjkl;'`\0\\zxcvbnm,./\0*\0 ",
                                 0x3A);
constexpr std::string_view shifted("\0\033"
                                   "!@#$%^&*()_+\177\tQWERTYUIOP{}\r\0ASDFGHJKL:\"~\0|ZXCVBNM<>?\0*\0 ",
                                   0x3A);
constexpr std::string_view keypad = "789-456+1230."; // scan codes 0x47 … 0x53
constexpr std::uint8_t keypad_first = 0x47;
constexpr std::uint8_t extended_enter = 0x1C, extended_slash = 0x35;

// What the extended keys send: the sequences of a VT220, as terminals on the serial line do.
struct ExtendedKey {
    std::uint8_t key;
    std::string_view sequence;
};
constexpr ExtendedKey extended_keys[] = {
    {0x48, "\033[A"},  {0x50, "\033[B"},  {0x4D, "\033[C"},       {0x4B, "\033[D"},
    {0x47, "\033[H"},  {0x4F, "\033[F"},  {0x52, "\033[2~"},      {0x53, "\033[3~"},
    {0x49, "\033[5~"}, {0x51, "\033[6~"}, {extended_enter, "\r"}, {extended_slash, "/"},
};

std::string_view extended_text(std::uint8_t key) {
    for (const ExtendedKey& candidate : extended_keys) {
        if (candidate.key == key) {
            return candidate.sequence;
        }
    }
    return {};
}

bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

} // namespace

// One byte is a prefix, a key going down, or (with the top bit) a key coming up.
std::string_view ScanCodes::take(std::uint8_t byte) {
    if (byte == extended_prefix) {
        extended_ = true;
        return {};
    }
    const bool extended = extended_;
    extended_ = false;
    const bool down = (byte & released) == 0;
    const auto key = static_cast<std::uint8_t>(byte & ~unsigned{released});
    if (extended && (key == key_shift_left || key == key_shift_right)) {
        return {}; // keyboards surround some extended keys with shifts that nobody pressed
    }
    hold_modifier(key, down);
    if (!down) {
        return {};
    }
    if (extended) {
        return extended_text(key);
    }
    typed_ = character(key);
    return {&typed_, std::size_t{typed_ != '\0'}};
}

void ScanCodes::hold_modifier(std::uint8_t key, bool down) {
    switch (key) {
    case key_control: control_ = down; break;
    case key_shift_left: shift_left_ = down; break;
    case key_shift_right: shift_right_ = down; break;
    case key_caps_lock: caps_lock_ = caps_lock_ != down; break;
    default: break;
    }
}

// Control with a letter, or with one of @[\]^_, gives the ASCII code's five lowest bits.
char ScanCodes::character(std::uint8_t key) const {
    if (key >= keypad_first && key - keypad_first < static_cast<int>(keypad.size())) {
        return keypad[key - keypad_first];
    }
    if (key >= plain.size()) {
        return '\0';
    }
    const bool shift = shift_left_ || shift_right_;
    const bool upper = is_letter(plain[key]) ? shift != caps_lock_ : shift;
    const char typed = upper ? shifted[key] : plain[key];
    return control_ && typed >= '@' && typed != '\177' ? static_cast<char>(typed & 0x1F) : typed;
}

} // namespace quire::machine
