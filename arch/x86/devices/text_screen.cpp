// Showing the terminal. The screen scrolls by moving the address where the CRT controller starts to read (IBM, "PS/2
// Video Subsystem", 1992), which costs one row and two registers instead of all of video memory.
#include "arch/x86/devices/text_screen.h"

#include "arch/x86/devices/io_ports.h"

#include <cstdint>

namespace quire::machine {

namespace {

constexpr Port crt_index = 0x3D4, crt_data = 0x3D5;
constexpr std::uint8_t start_address_high = 0x0C, start_address_low = 0x0D, cursor_high = 0x0E, cursor_low = 0x0F;
constexpr unsigned video_cells = 32 * 1024 / sizeof(AnsiTerminal::Cell);
constexpr unsigned columns = AnsiTerminal::columns, rows = AnsiTerminal::rows;

void write_crt(std::uint8_t index, unsigned value) {
    write_port8(crt_index, index);
    write_port8(crt_data, static_cast<std::uint8_t>(value));
}

} // namespace

void TextScreen::start(std::byte* video_memory) {
    video_memory_ = video_memory;
    changed_ = true;
    show();
}

void TextScreen::write(std::string_view text) {
    if (video_memory_ != nullptr) {
        terminal_.write(text);
        changed_ = true;
    }
}

void TextScreen::show() {
    if (!changed_) {
        return;
    }
    follow_scrolling();
    for (unsigned row = 0; row < rows; ++row) {
        show_row(row);
    }
    write_crt(start_address_high, origin_ >> 8);
    write_crt(start_address_low, origin_ & 0xFF);
    show_cursor();
    terminal_.shown();
    changed_ = false;
}

// Where video memory ends, the screen starts again at its beginning, with everything to be written anew.
void TextScreen::follow_scrolling() {
    origin_ += terminal_.scrolled() * columns;
    if (origin_ + columns * rows > video_cells) {
        origin_ = 0;
        terminal_.change_all();
    }
}

// Two cells at a time.
void TextScreen::show_row(unsigned row) {
    const auto [first, end] = terminal_.changed(row);
    const unsigned from = first & ~1U;
    auto* const to = reinterpret_cast<volatile std::uint32_t*>(video_memory_ + (origin_ + row * columns + from) * 2);
    for (unsigned column = from; column < end; column += 2) {
        to[(column - from) / 2] =
            terminal_.cell(row, column) | static_cast<std::uint32_t>(terminal_.cell(row, column + 1)) << 16;
    }
}

void TextScreen::show_cursor() const {
    const unsigned at = origin_ + terminal_.cursor_row() * columns + terminal_.cursor_column();
    write_crt(cursor_high, at >> 8);
    write_crt(cursor_low, at & 0xFF);
}

} // namespace quire::machine
