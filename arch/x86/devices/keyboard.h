// A PS/2 keyboard behind the PC's 8042 controller. It types into the machine's input queue what a serial terminal would
// send.
#pragma once

#include "arch/x86/portable/byte_ring.h"
#include "arch/x86/portable/scan_codes.h"

namespace quire::machine {

class Keyboard {
public:
    static constexpr unsigned irq = 1;

    // Looks for the controller and switches the keyboard and its interrupt on. Gives up quickly where there is none.
    void start();
    // Types what the controller holds. Where `input` has no room it stays there, and this must be called again.
    void receive(InputQueue& input);

private:
    bool present_ = false;
    ScanCodes scan_codes_;
};

} // namespace quire::machine
