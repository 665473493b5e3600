// What the keys of a PS/2 keyboard with US layout mean: turns its scan codes (set 1) into what a serial terminal would
// send for the same keys. It keeps which modifiers are held, and touches no hardware.
#pragma once

#include <cstdint>
#include <string_view>

namespace quire::machine {

class ScanCodes {
public:
    static constexpr std::uint32_t longest_text = 4;

    // Takes the next byte from the keyboard. The text it types, empty for most; valid until the next call.
    [[nodiscard]] std::string_view take(std::uint8_t byte);

private:
    void hold_modifier(std::uint8_t key, bool down);
    [[nodiscard]] char character(std::uint8_t key) const;

    bool extended_ = false; // the last byte was the prefix of an extended key
    bool shift_left_ = false, shift_right_ = false, control_ = false, caps_lock_ = false;
    char typed_ = '\0';
};

} // namespace quire::machine
