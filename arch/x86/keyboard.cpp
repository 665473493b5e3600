// The 8042's ports and the keyboard's scan codes: set 1, into which the controller translates (IBM, "Personal System/2
// Hardware Interface Technical Reference", 1988, "Keyboard/Auxiliary Device Controller" and "Keyboard").
#include "arch/x86/keyboard.h"

#include "arch/x86/include/cpu.h"
#include "arch/x86/io_ports.h"

namespace quire::machine {

namespace {

constexpr Port data_port = 0x60, command_port = 0x64; // reading the command port gives the status
constexpr std::uint8_t output_full = 1U << 0, input_full = 1U << 1, from_mouse = 1U << 5;
constexpr std::uint8_t nobody = 0xFF; // what an empty bus answers

constexpr std::uint8_t read_configuration = 0x20, write_configuration = 0x60, enable_port = 0xAE;
constexpr std::uint8_t keyboard_interrupt = 1U << 0, keyboard_disabled = 1U << 4, translate = 1U << 6;
constexpr std::uint8_t enable_scanning = 0xF4;
constexpr unsigned patience = 10'000; // status reads, about 1 µs each on a real bus

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
constexpr std::uint32_t longest_sequence = 4;

std::uint8_t status() {
    return read_port8(command_port);
}

// Waits a bounded time until the bits of `mask` are as wanted.
bool wait_until(std::uint8_t mask, bool set) {
    for (unsigned i = 0; i < patience; ++i) {
        if (((status() & mask) != 0) == set) {
            return true;
        }
    }
    return false;
}

bool send(Port port, std::uint8_t byte) {
    if (!wait_until(input_full, false)) {
        return false;
    }
    write_port8(port, byte);
    return true;
}

bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

} // namespace

void Keyboard::start() {
    if (status() == nobody) {
        return;
    }
    for (unsigned i = 0; i < 16 && (status() & output_full) != 0; ++i) {
        static_cast<void>(read_port8(data_port)); // left over from the firmware
    }
    if (!send(command_port, enable_port) || !send(command_port, read_configuration) || !wait_until(output_full, true)) {
        return;
    }
    const unsigned configuration = read_port8(data_port);
    present_ = send(command_port, write_configuration) &&
               send(data_port, static_cast<std::uint8_t>((configuration | keyboard_interrupt | translate) &
                                                         ~unsigned{keyboard_disabled}));
    send(data_port, enable_scanning); // the acknowledgement arrives like a key, and means none
}

void Keyboard::receive(InputQueue& input) {
    const InterruptGuard guard;
    while (present_ && input.room() >= longest_sequence) {
        const std::uint8_t state = status();
        if ((state & output_full) == 0) {
            return;
        }
        const std::uint8_t byte = read_port8(data_port);
        if ((state & from_mouse) == 0) {
            type(byte, input);
        }
    }
}

// One byte from the keyboard: a prefix, a key going down, or (with the top bit) a key coming up.
void Keyboard::type(std::uint8_t scan_code, InputQueue& input) {
    if (scan_code == extended_prefix) {
        extended_ = true;
        return;
    }
    const bool extended = extended_;
    extended_ = false;
    const bool down = (scan_code & released) == 0;
    const auto key = static_cast<std::uint8_t>(scan_code & ~unsigned{released});
    if (extended && (key == key_shift_left || key == key_shift_right)) {
        return; // keyboards surround some extended keys with shifts that nobody pressed
    }
    hold_modifier(key, down);
    if (down) {
        extended ? press_extended(key, input) : press(key, input);
    }
}

void Keyboard::hold_modifier(std::uint8_t key, bool down) {
    switch (key) {
    case key_control: control_ = down; break;
    case key_shift_left: shift_left_ = down; break;
    case key_shift_right: shift_right_ = down; break;
    case key_caps_lock: caps_lock_ = caps_lock_ != down; break;
    default: break;
    }
}

void Keyboard::press(std::uint8_t key, InputQueue& input) {
    if (const char typed = character(key); typed != '\0') {
        input.push(typed);
    }
}

void Keyboard::press_extended(std::uint8_t key, InputQueue& input) {
    for (const ExtendedKey& candidate : extended_keys) {
        if (candidate.key == key) {
            for (const char byte : candidate.sequence) {
                input.push(byte);
            }
        }
    }
}

// Control with a letter, or with one of @[\]^_, gives the ASCII code's five lowest bits.
char Keyboard::character(std::uint8_t key) const {
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
