// Serving the sixteen interrupt lines: acknowledged first, so that nothing a handler calls can leave a line blocked,
// then handed to the device behind it. Interrupts stay off throughout, so none interrupts another.
#include "arch/x86/cpu/hardware.h"
#include "kernel/machine/cpu.h"
#include "kernel/machine/devices.h"
#include "kernel/machine/upcalls.h"

namespace quire::machine {

void Hardware::start_interrupts() {
    interrupt_controller.start();
    interrupt_controller.unmask(IntervalTimer::irq);
    interrupt_controller.unmask(Keyboard::irq);
    interrupt_controller.unmask(SerialPort::com1_irq);
    for (const unsigned irq : DiskController::irqs) {
        interrupt_controller.unmask(irq);
    }
}

void Hardware::serve_interrupt(unsigned irq) {
    if (interrupt_controller.spurious(irq)) {
        return;
    }
    ++interrupt_counts[irq];
    interrupt_controller.acknowledge(irq);
    switch (irq) {
    case IntervalTimer::irq:
        timer.tick();
        console.tick();
        on_tick();
        break;
    case Keyboard::irq: console.serve_keyboard(); break;
    case SerialPort::com1_irq: console.serve_serial_port(); break;
    case DiskController::irqs[0]:
    case DiskController::irqs[1]:
        if (disks.serve(irq - DiskController::irqs[0])) {
            on_disk_interrupt();
        }
        break;
    default: break; // masked: nothing can have raised it
    }
}

// The interface of devices.h.

std::uint64_t ticks() {
    const InterruptGuard guard;
    return cpu_local->hardware->timer.ticks();
}

std::uint64_t nanoseconds() {
    const InterruptGuard guard;
    return cpu_local->hardware->timer.nanoseconds();
}

std::uint32_t interrupt_count(unsigned irq) {
    const auto& counts = cpu_local->hardware->interrupt_counts;
    return irq < counts.size() ? counts[irq] : 0;
}

} // namespace quire::machine
