// Everything the machine keeps, in one place: descriptor tables, devices, and the chain of attempts. start() builds one
// on the boot stack, where it stays for ever; all machine code finds it through cpu_local.
#pragma once

#include "arch/x86/descriptor_tables.h"
#include "arch/x86/include/cpu.h"

#include <array>
#include <cstdint>

namespace quire::machine {

struct Checkpoint;

struct Hardware {
    CpuFeatures features;
    DescriptorTables descriptors;
    Checkpoint* innermost_attempt = nullptr;
    std::array<std::uint32_t, 16> interrupt_counts{};
    std::uint16_t exit_port = 0;
};

// Serves IRQ line `irq` and acknowledges it. Interrupts are off.
void serve_interrupt(Hardware& hardware, unsigned irq);

} // namespace quire::machine
