// Everything the machine keeps, in one place: descriptor tables, devices, and the chain of attempts. start() builds one
// on the boot stack, where it stays for ever; all machine code finds it through cpu_local.
#pragma once

#include "arch/x86/cpu/descriptor_tables.h"
#include "arch/x86/cpu/floating_point.h"
#include "arch/x86/devices/console.h"
#include "arch/x86/devices/disk_controller.h"
#include "arch/x86/devices/interrupt_controller.h"
#include "arch/x86/devices/interval_timer.h"
#include "kernel/machine/cpu.h"

#include <array>
#include <cstdint>

namespace quire::machine {

struct Checkpoint;

// Sets the processor's registers that a loader may have left in any state and that ring 3 or paging would meet.
void take_over_registers();

struct Hardware {
    DescriptorTables descriptors; // first, being the one that is aligned
    CpuFeatures features = cpu_features();
    FloatingPoint floating_point;
    InterruptController interrupt_controller;
    IntervalTimer timer;
    Console console;
    DiskController disks;
    Checkpoint* innermost_attempt = nullptr; // the end of the chain of attempts under way
    std::array<std::uint32_t, 16> interrupt_counts{};
    std::uint16_t exit_port = 0; // of QEMU's isa-debug-exit; 0 where there is none

    // Lets the devices above interrupt, as soon as the processor lets interrupts in.
    void start_interrupts();
    // Serves IRQ line `irq` (0 … 15) and acknowledges it. Interrupts are off.
    void serve_interrupt(unsigned irq);
};

} // namespace quire::machine
