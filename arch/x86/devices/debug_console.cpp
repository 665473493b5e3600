// The emulators' debug console: a port that takes bytes, and that reads as its own number.
#include "arch/x86/devices/io_ports.h"
#include "kernel/machine/devices.h"

namespace quire::machine {

namespace {

constexpr Port debug_console = 0xE9; // QEMU's isa-debugcon, Bochs's port e9 hack

} // namespace

bool has_debug_console() {
    return read_port8(debug_console) == debug_console;
}

void debug_console_write(std::string_view bytes) {
    write_port8_bytes(debug_console, bytes.data(), bytes.size());
}

} // namespace quire::machine
