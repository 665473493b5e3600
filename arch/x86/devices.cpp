// temporary
#include "arch/x86/include/devices.h"

#include "arch/x86/hardware.h"
#include "arch/x86/include/cpu.h"
#include "arch/x86/io_ports.h"
namespace quire::machine {
namespace {
void put(char c) {
    while ((read_port8(0x3FD) & 0x20) == 0) {
    }
    write_port8(0x3F8, static_cast<std::uint8_t>(c));
}
} // namespace
void console_write(std::string_view text) {
    for (const char c : text) {
        if (c == '\n') {
            put('\r');
        }
        put(c);
    }
}
void console_flush() {}
std::optional<char> console_read() {
    if ((read_port8(0x3FD) & 1) != 0) {
        return static_cast<char>(read_port8(0x3F8));
    }
    return std::nullopt;
}
std::uint64_t ticks() {
    return 0;
}
std::uint64_t nanoseconds() {
    return timestamp();
}
std::uint32_t interrupt_count(unsigned irq) {
    return cpu_local->hardware->interrupt_counts[irq];
}
void power_off(std::uint8_t status) {
    if (cpu_local->hardware->exit_port != 0) {
        write_port8(cpu_local->hardware->exit_port, status);
    }
    write_port16(0x604, 0x2000);
    stop();
}
void reboot() {
    write_port8(0x64, 0xFE);
    stop();
}
void set_exit_port(std::uint16_t port) {
    cpu_local->hardware->exit_port = port;
}
std::string_view emulator_command_line(char*, std::uint32_t) {
    return {};
}
void serve_interrupt(Hardware&, unsigned) {}
} // namespace quire::machine
