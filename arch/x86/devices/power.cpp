// Switching the machine off or starting it again, by every way that a PC or an emulator of one knows, the surest first.
#include "arch/x86/cpu/coverage.h"
#include "arch/x86/cpu/hardware.h"
#include "arch/x86/devices/io_ports.h"
#include "kernel/machine/devices.h"

#include <string_view>

namespace quire::machine {

namespace {

// ACPI's PM1a control register: "sleep enable" with the sleep type of state S5, at the addresses where emulators have
// it. Reading the type and the address from ACPI's tables would serve real machines too.
struct SleepControl {
    Port port;
    std::uint16_t value;
};
constexpr std::uint16_t sleep_enable = 1U << 13;
constexpr SleepControl sleep_controls[] = {
    {0x604, sleep_enable},           // QEMU, pc and q35
    {0xB004, sleep_enable},          // Bochs, and QEMU's pc under UEFI
    {0x4004, sleep_enable | 5 << 10} // VirtualBox
};

constexpr Port bochs_shutdown = 0x8900; // Bochs and its kin stop when they read this word here
constexpr std::string_view bochs_password = "Shutdown";

constexpr Port keyboard_command = 0x64;
constexpr std::uint8_t keyboard_pulse_reset = 0xFE;
constexpr Port reset_control = 0xCF9; // Intel's chipsets
constexpr std::uint8_t reset_hard = 0x02, reset_now = 0x04;

// An exception without a table to find its handler in is a triple fault, which resets the processor.
[[noreturn]] void triple_fault() {
    struct [[gnu::packed]] {
        std::uint16_t limit = 0;
        std::uint32_t base = 0;
    } const nothing;
    asm volatile("lidt %0; int3" : : "m"(nothing));
    stop();
}

} // namespace

void power_off(std::uint8_t status) {
    disable_interrupts();
    console_flush();
    report_coverage();
    if (const Port exit_port = cpu_local->hardware->exit_port; exit_port != 0) {
        write_port8(exit_port, status);
    }
    for (const SleepControl& control : sleep_controls) {
        write_port16(control.port, control.value);
    }
    for (const char c : bochs_password) {
        write_port8(bochs_shutdown, static_cast<std::uint8_t>(c));
    }
    stop();
}

void reboot() {
    disable_interrupts();
    console_flush();
    write_port8(keyboard_command, keyboard_pulse_reset);
    write_port8(reset_control, reset_hard);
    write_port8(reset_control, reset_hard | reset_now);
    triple_fault();
}

void set_exit_port(std::uint16_t port) {
    cpu_local->hardware->exit_port = port;
}

} // namespace quire::machine
