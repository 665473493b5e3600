// A PS/2 keyboard behind the PC's 8042 controller, US layout. It types into the machine's input queue what a serial
// terminal would send: characters, control characters, and ANSI escape sequences for the keys that move the cursor.
#pragma once

#include "arch/x86/byte_ring.h"

#include <cstdint>
#include <string_view>

namespace quire::machine {

class Keyboard {
public:
    static constexpr unsigned irq = 1;

    // Looks for the controller and switches the keyboard and its interrupt on. Gives up quickly where there is none.
    void start();
    // Types what the controller holds. Where `input` has no room it stays there, and this must be called again.
    void receive(InputQueue& input);

private:
    void type(std::uint8_t scan_code, InputQueue& input);
    void press(std::uint8_t key, InputQueue& input);
    void press_extended(std::uint8_t key, InputQueue& input);
    void hold_modifier(std::uint8_t key, bool down);
    [[nodiscard]] char character(std::uint8_t key) const;

    bool present_ = false;
    bool extended_ = false; // the last byte was the prefix of an extended key
    bool shift_left_ = false, shift_right_ = false, control_ = false, caps_lock_ = false;
};

} // namespace quire::machine
