// The few devices the kernel talks to: a console (serial port, screen, keyboard), a clock, and the power switch.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace quire::machine {

// Writes to the serial port and, where the firmware left text mode, to the screen. "\n" becomes "\r\n" on the wire.
// Buffered while interrupts are on; sends by polling while they are off, so that a panic is always seen.
void console_write(std::string_view text);
// The same, but "\n" stays what it is: for a terminal that sees to its line ends itself.
void console_send(std::string_view bytes);
// Waits until everything written has left the serial port.
void console_flush();
// The next byte typed on the serial port or the keyboard, if there is one. Never waits, never loses one.
[[nodiscard]] std::optional<char> console_read();

// Timer interrupts since start-up, and how many a second there are.
[[nodiscard]] std::uint64_t ticks();
inline constexpr std::uint32_t ticks_per_second = 100;
// Time since start-up, finer than a tick: reads the timer's counter. Monotonic.
[[nodiscard]] std::uint64_t nanoseconds();

// What the battery-backed clock said when first asked, in seconds since 1970, taken for UTC; 0 where there is none.
[[nodiscard]] std::uint64_t calendar_seconds();

// Interrupts served since start-up, of one IRQ line (0 … 15).
[[nodiscard]] std::uint32_t interrupt_count(unsigned irq);

// Switches the machine off. Under QEMU with an exit port configured (below), QEMU's exit status is
// (status << 1) | 1; elsewhere the status is lost, and where the machine cannot be switched off it halts.
[[noreturn]] void power_off(std::uint8_t status);
[[noreturn]] void reboot();
// Names QEMU's isa-debug-exit port. Without it power_off uses ACPI and the emulators' own ports.
void set_exit_port(std::uint16_t port);

// The emulator's debug console, which takes bytes at once and puts them into a file of the host's (QEMU's isa-debugcon,
// Bochs's port e9 hack): whether there is one, and bytes for it.
[[nodiscard]] bool has_debug_console();
void debug_console_write(std::string_view bytes);

// Text given to this boot by QEMU (-fw_cfg name=opt/quire/command-line,string=…), copied to `buffer`; the part that
// fits. Empty where there is none.
[[nodiscard]] std::string_view emulator_command_line(char* buffer, std::uint32_t size);

} // namespace quire::machine
