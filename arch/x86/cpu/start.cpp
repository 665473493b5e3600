// The first C++ to run: builds the machine's state, brings the processor and the devices up, and calls the kernel.
#include "arch/x86/cpu/hardware.h"
#include "kernel/machine/upcalls.h"

// Called by boot/entry.asm on the boot stack, with paging on and interrupts off. Never returns, so that what it builds
// on the stack lives as long as the kernel does.
extern "C" [[noreturn]] void start(std::uint32_t magic, std::uint32_t info, std::uint32_t early_limit,
                                   std::uint32_t timestamp_low, std::uint32_t timestamp_high) {
    using namespace quire;
    using namespace quire::machine;
    const BootHandoff handoff{.magic = magic,
                              .info = PhysAddr(info),
                              .entry_timestamp = static_cast<std::uint64_t>(timestamp_high) << 32 | timestamp_low,
                              .early_limit = PhysAddr(early_limit)};
    take_over_registers();
    Hardware hardware;
    CpuLocal local{.hardware = &hardware};
    cpu_local = &local;
    hardware.descriptors.load(hardware.features.smap);
    hardware.floating_point.start(hardware.features);
    hardware.timer.start();
    hardware.console.start(handoff);
    hardware.disks.start();
    hardware.start_interrupts();
    kernel_main(handoff, hardware);
}
