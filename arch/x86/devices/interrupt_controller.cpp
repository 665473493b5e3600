// Programming the 8259As. Command and bit names are the data sheet's.
#include "arch/x86/devices/interrupt_controller.h"

#include "arch/x86/devices/io_ports.h"
#include "kernel/machine/trap.h"

namespace quire::machine {

namespace {

constexpr Port first_command = 0x20, first_data = 0x21, second_command = 0xA0, second_data = 0xA1;
constexpr unsigned cascade_irq = 2;                       // where the second chip hangs on the first
constexpr std::uint8_t initialize = 0x11;                 // ICW1: edge triggered, cascaded, ICW4 follows
constexpr std::uint8_t mode_8086 = 0x01;                  // ICW4: normal end of interrupt
constexpr std::uint8_t end_of_interrupt = 0x20;           // OCW2, not specific
constexpr std::uint8_t select_in_service_register = 0x0B; // OCW3

bool on_second(unsigned irq) {
    return irq >= 8;
}

} // namespace

void InterruptController::start() {
    write_port8(first_command, initialize);
    write_port8(second_command, initialize);
    write_port8(first_data, vector::first_irq); // ICW2: the vector of the chip's line 0
    write_port8(second_data, vector::first_irq + 8);
    write_port8(first_data, 1U << cascade_irq); // ICW3: which line leads to the second chip,
    write_port8(second_data, cascade_irq);      // and which line this one is
    write_port8(first_data, mode_8086);
    write_port8(second_data, mode_8086);
    write_port8(first_data, 0xFF);
    write_port8(second_data, 0xFF);
    unmask(cascade_irq);
}

void InterruptController::unmask(unsigned irq) {
    masked_ = static_cast<std::uint16_t>(masked_ & ~(1U << irq));
    if (on_second(irq)) {
        write_port8(second_data, static_cast<std::uint8_t>(masked_ >> 8));
    } else {
        write_port8(first_data, static_cast<std::uint8_t>(masked_));
    }
}

bool InterruptController::spurious(unsigned irq) const {
    if (irq != 7 && irq != 15) {
        return false;
    }
    const Port command = on_second(irq) ? second_command : first_command;
    write_port8(command, select_in_service_register);
    if ((read_port8(command) & 1U << 7) != 0) {
        return false;
    }
    if (on_second(irq)) {
        write_port8(first_command, end_of_interrupt); // the cascade line did raise a request
    }
    return true;
}

void InterruptController::acknowledge(unsigned irq) const {
    if (on_second(irq)) {
        write_port8(second_command, end_of_interrupt);
    }
    write_port8(first_command, end_of_interrupt);
}

} // namespace quire::machine
