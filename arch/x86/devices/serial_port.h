// A 16550 serial port at 115,200 baud, 8 data bits, no parity, 1 stop bit (National Semiconductor, "PC16550D", 1995).
// Sends through a ring by interrupts, or by polling where there are none; receives into the machine's input queue and
// holds the sender back when that is full. Where there is no such chip it swallows what is sent and receives nothing.
#pragma once

#include "arch/x86/devices/io_ports.h"
#include "arch/x86/portable/byte_ring.h"

#include <string_view>

namespace quire::machine {

class SerialPort {
public:
    static constexpr Port com1 = 0x3F8;
    static constexpr unsigned com1_irq = 4;

    explicit SerialPort(Port base) : base_(base) {}

    // Looks for the chip and programs it. What it had received before goes to `input`.
    void start(InputQueue& input);
    [[nodiscard]] bool present() const { return present_; }

    // Queues `text` and starts sending; with_return: each "\n" becomes "\r\n". Waits only while the queue is full. With
    // interrupts off it comes back when everything queued has been handed to the chip.
    enum class LineEnds : std::uint8_t { with_return, as_they_are };
    void write(std::string_view text, LineEnds line_ends);
    // Waits until the last bit is on the wire.
    void flush();
    // Moves what has arrived to `input`. When that is full, the rest stays in the chip and the sender is told to wait,
    // until this is called again with room.
    void receive(InputQueue& input);

    // Serves the chip's interrupt.
    void serve(InputQueue& input);

private:
    [[nodiscard]] std::uint8_t read(unsigned offset) const { return read_port8(port(offset)); }
    void write_register(unsigned offset, std::uint8_t value) const { write_port8(port(offset), value); }
    [[nodiscard]] Port port(unsigned offset) const { return static_cast<Port>(base_ + offset); }

    [[nodiscard]] bool answers() const;
    void switch_fifos_on(InputQueue& input);
    void queue(char byte);
    void send_some();
    void enable_only(std::uint8_t interrupts);
    void hold_sender(bool hold);

    Port base_;
    bool present_ = false;
    bool sender_held_ = false;
    std::uint8_t fifo_depth_ = 1;
    std::uint8_t enabled_ = 0; // the interrupt enable register as last written
    ByteRing<4096> output_;
};

} // namespace quire::machine
