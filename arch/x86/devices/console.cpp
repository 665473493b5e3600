// Joining the console's devices, and whether the screen is one of them.
#include "arch/x86/devices/console.h"

#include "arch/x86/cpu/hardware.h"
#include "kernel/machine/cpu.h"
#include "kernel/machine/devices.h"
#include "kernel/machine/mmu.h"

#include <cstring>

namespace quire::machine {

namespace {

constexpr PhysAddr video_memory{0xB8000};
// The BIOS keeps the number of the video mode it set here; 3 is colour text, 80 by 25. (Brown, "Interrupt List",
// MEMORY.LST, 0040h:0049h.)
constexpr PhysAddr bios_video_mode{0x449};
constexpr std::uint8_t bios_colour_text = 3;

// The parts of the Multiboot information that tell about the screen. Multiboot 0.6.96 §3.3.
constexpr std::uint32_t multiboot_magic = 0x2BADB002;
constexpr std::uint32_t info_flags = 0, info_framebuffer_width = 100, info_framebuffer_height = 104,
                        info_framebuffer_type = 109, info_size = 116;
constexpr std::uint32_t framebuffer_given = 1U << 12;
constexpr std::uint8_t framebuffer_is_text = 2;

template <class T> T read_physical(PhysAddr address) {
    T value{};
    std::memcpy(&value, direct_map(address), sizeof(T));
    return value;
}

// True if the screen shows text, 80 by 25: as the loader says, or, where it says nothing, as the BIOS left it. Without
// a BIOS (UEFI) nothing has written that mode, and there is no such screen.
bool left_in_text_mode(const BootHandoff& handoff) {
    const bool info_readable = handoff.magic == multiboot_magic && handoff.early_limit - handoff.info >= info_size &&
                               handoff.info < handoff.early_limit;
    if (info_readable && (read_physical<std::uint32_t>(handoff.info + info_flags) & framebuffer_given) != 0) {
        return read_physical<std::uint8_t>(handoff.info + info_framebuffer_type) == framebuffer_is_text &&
               read_physical<std::uint32_t>(handoff.info + info_framebuffer_width) == AnsiTerminal::columns &&
               read_physical<std::uint32_t>(handoff.info + info_framebuffer_height) == AnsiTerminal::rows;
    }
    return read_physical<std::uint8_t>(bios_video_mode) == bios_colour_text;
}

} // namespace

void Console::start(const BootHandoff& handoff) {
    serial_port_.start(input_);
    keyboard_.start();
    if (left_in_text_mode(handoff)) {
        screen_.start(direct_map(video_memory));
    }
}

// The screen follows on the next tick, or at once where no tick will come.
void Console::write(std::string_view text, SerialPort::LineEnds line_ends) {
    serial_port_.write(text, line_ends);
    const bool shown_by_tick = interrupts_enabled();
    const InterruptGuard guard;
    screen_.write(text);
    if (!shown_by_tick) {
        screen_.show();
    }
}

void Console::flush() {
    serial_port_.flush();
    const InterruptGuard guard;
    screen_.show();
}

// Asking the devices when nothing is queued serves three cases: interrupts are off, a sender was held back, or a key
// waits in the controller.
std::optional<char> Console::read() {
    const InterruptGuard guard;
    if (input_.empty()) {
        serial_port_.receive(input_);
        keyboard_.receive(input_);
    }
    return input_.pop();
}

// The interface of devices.h.

void console_write(std::string_view text) {
    cpu_local->hardware->console.write(text);
}

void console_send(std::string_view bytes) {
    cpu_local->hardware->console.write(bytes, SerialPort::LineEnds::as_they_are);
}

void console_flush() {
    cpu_local->hardware->console.flush();
}

std::optional<char> console_read() {
    return cpu_local->hardware->console.read();
}

} // namespace quire::machine
