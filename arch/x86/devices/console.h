// The console as one device: what is written goes to the serial port and the screen, what is typed on the serial port
// and the keyboard comes in one stream.
#pragma once

#include "arch/x86/devices/keyboard.h"
#include "arch/x86/devices/serial_port.h"
#include "arch/x86/devices/text_screen.h"
#include "arch/x86/portable/byte_ring.h"
#include "kernel/machine/upcalls.h"

#include <optional>
#include <string_view>

namespace quire::machine {

class Console {
public:
    // Finds and programs the devices. `handoff` tells whether the loader left the screen in text mode.
    void start(const BootHandoff& handoff);

    void write(std::string_view text, SerialPort::LineEnds line_ends = SerialPort::LineEnds::with_return);
    void flush();
    [[nodiscard]] std::optional<char> read();

    // Serve the interrupts of the devices, and of the timer. Interrupts are off.
    void serve_serial_port() { serial_port_.serve(input_); }
    void serve_keyboard() { keyboard_.receive(input_); }
    void tick() { screen_.show(); }

private:
    InputQueue input_;
    SerialPort serial_port_{SerialPort::com1};
    Keyboard keyboard_;
    TextScreen screen_;
};

} // namespace quire::machine
