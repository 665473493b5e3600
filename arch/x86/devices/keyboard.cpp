// The 8042 controller (IBM, "Personal System/2 Hardware Interface Technical Reference", 1988, "Keyboard/Auxiliary
// Device Controller"). It is told to translate what the keyboard sends into scan codes of set 1.
#include "arch/x86/devices/keyboard.h"

#include "arch/x86/devices/io_ports.h"
#include "kernel/machine/cpu.h"

namespace quire::machine {

namespace {

constexpr Port data_port = 0x60, command_port = 0x64; // reading the command port gives the status
constexpr std::uint8_t output_full = 1U << 0, input_full = 1U << 1, from_mouse = 1U << 5;
constexpr std::uint8_t nobody = 0xFF; // what an empty bus answers

constexpr std::uint8_t read_configuration = 0x20, write_configuration = 0x60, enable_port = 0xAE;
constexpr std::uint8_t keyboard_interrupt = 1U << 0, keyboard_disabled = 1U << 4, translate = 1U << 6;
constexpr std::uint8_t enable_scanning = 0xF4;
constexpr unsigned patience = 10'000; // status reads, about 1 µs each on a real bus

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
    while (present_ && input.room() >= ScanCodes::longest_text) {
        const std::uint8_t state = status();
        if ((state & output_full) == 0) {
            return;
        }
        const std::uint8_t byte = read_port8(data_port);
        if ((state & from_mouse) == 0) {
            for (const char typed : scan_codes_.take(byte)) {
                input.push(typed);
            }
        }
    }
}

} // namespace quire::machine
