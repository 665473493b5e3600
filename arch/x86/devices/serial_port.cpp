// The 16550: programming it, feeding it, and emptying it. Register and bit names are the data sheet's.
#include "arch/x86/devices/serial_port.h"

#include "kernel/machine/cpu.h"

#include <optional>

namespace quire::machine {

namespace {

// Registers, as offsets from the base port. The first two are the divisor while LCR.DLAB is set.
constexpr unsigned data = 0, interrupt_enable = 1, fifo_control = 2, interrupt_identification = 2, line_control = 3,
                   modem_control = 4, line_status = 5, scratch = 7;
constexpr unsigned divisor_low = 0, divisor_high = 1;

constexpr std::uint8_t interrupt_received = 1U << 0, interrupt_sent = 1U << 1;
constexpr std::uint8_t no_interrupt_pending = 1U << 0, fifos_enabled = 3U << 6;
// Enabled, an interrupt from 8 bytes on: that leaves 8 more, 0.7 ms, until one is lost. Not emptied.
constexpr std::uint8_t fifo_setting = 1U << 0 | 2U << 6;
constexpr std::uint8_t eight_bits = 3, divisor_access = 1U << 7;
constexpr std::uint8_t terminal_ready = 1U << 0, request_to_send = 1U << 1, interrupts_connected = 1U << 3,
                       loopback = 1U << 4;
constexpr std::uint8_t received = 1U << 0, can_send = 1U << 5, all_sent = 1U << 6;

constexpr std::uint16_t divisor = 1; // 1.8432 MHz / 16 / 1 = 115,200 baud

} // namespace

// A register that only remembers tells a chip from an empty bus.
bool SerialPort::answers() const {
    for (const std::uint8_t pattern : {std::uint8_t{0x5A}, std::uint8_t{0xA5}}) {
        write_register(scratch, pattern);
        if (read(scratch) != pattern) {
            return false;
        }
    }
    return true;
}

void SerialPort::start(InputQueue& input) {
    present_ = answers();
    if (!present_) {
        return;
    }
    write_register(interrupt_enable, 0);
    write_register(line_control, divisor_access);
    write_register(divisor_low, divisor & 0xFF);
    write_register(divisor_high, divisor >> 8);
    write_register(line_control, eight_bits);
    switch_fifos_on(input);
    fifo_depth_ = (read(interrupt_identification) & fifos_enabled) == fifos_enabled ? 16 : 1;
    hold_sender(false);
    enable_only(interrupt_received);
}

// Somebody may have typed already, and switching the FIFOs on drops the byte that the chip holds without them. So it is
// read just before; and as QEMU may have more input, which it delivers as soon as a byte is read, the chip is for that
// moment in loopback mode, in which it hears nothing. The caller's hold_sender() ends that mode.
void SerialPort::switch_fifos_on(InputQueue& input) {
    write_register(modem_control, loopback);
    const std::uint8_t status = read(line_status);
    const std::uint8_t byte = read(data);
    write_register(fifo_control, fifo_setting);
    if ((status & received) != 0) {
        input.push(static_cast<char>(byte));
    }
}

void SerialPort::write(std::string_view text, LineEnds line_ends) {
    if (!present_) {
        return;
    }
    for (const char byte : text) {
        if (byte == '\n' && line_ends == LineEnds::with_return) {
            queue('\r');
        }
        queue(byte);
    }
    const bool interrupts_will_send = interrupts_enabled();
    const InterruptGuard guard;
    send_some();
    while (!interrupts_will_send && !output_.empty()) {
        send_some();
    }
}

void SerialPort::queue(char byte) {
    while (true) {
        const InterruptGuard guard;
        if (output_.push(byte)) {
            return;
        }
        send_some();
    }
}

// Hands the chip as much as it takes now. Emulators take everything at once, and then no interrupt is ever needed.
// Interrupts must be off.
void SerialPort::send_some() {
    while (!output_.empty() && (read(line_status) & can_send) != 0) {
        for (unsigned i = 0; i < fifo_depth_; ++i) {
            const std::optional<char> byte = output_.pop();
            if (!byte) {
                break;
            }
            write_register(data, static_cast<std::uint8_t>(*byte));
        }
    }
    const std::uint8_t others = enabled_ & static_cast<std::uint8_t>(~interrupt_sent);
    enable_only(output_.empty() ? others : others | interrupt_sent);
}

void SerialPort::flush() {
    if (!present_) {
        return;
    }
    const InterruptGuard guard;
    while (!output_.empty()) {
        send_some();
    }
    while ((read(line_status) & all_sent) == 0) {
    }
}

void SerialPort::receive(InputQueue& input) {
    if (!present_) {
        return;
    }
    const InterruptGuard guard;
    while ((read(line_status) & received) != 0) {
        if (input.room() == 0) {
            hold_sender(true);
            return;
        }
        input.push(static_cast<char>(read(data)));
    }
    if (sender_held_) {
        hold_sender(false);
    }
}

// The PIC sees edges, so the chip's interrupt line must have been low before this returns, or no other edge comes.
void SerialPort::serve(InputQueue& input) {
    while (present_ && (read(interrupt_identification) & no_interrupt_pending) == 0) {
        receive(input);
        send_some();
    }
}

void SerialPort::enable_only(std::uint8_t interrupts) {
    if (interrupts != enabled_) {
        enabled_ = interrupts;
        write_register(interrupt_enable, interrupts);
    }
}

// Without "request to send" the other side stops; without the interrupt the bytes in the chip do not keep calling.
void SerialPort::hold_sender(bool hold) {
    sender_held_ = hold;
    write_register(modem_control, terminal_ready | interrupts_connected | (hold ? 0 : request_to_send));
    const std::uint8_t others = enabled_ & static_cast<std::uint8_t>(~interrupt_received);
    enable_only(hold ? others : others | interrupt_received);
}

} // namespace quire::machine
