// The VGA's text screen, a mirror of the console. It copies to video memory only what has changed, because that memory
// is slow, slowest of all in an emulator.
#pragma once

#include "arch/x86/portable/ansi_terminal.h"

#include <cstddef>
#include <string_view>

namespace quire::machine {

class TextScreen {
public:
    // `video_memory` is where the 32 KiB at physical 0xB8000 are seen. The screen is cleared.
    void start(std::byte* video_memory);

    // Changes the text in memory; show() brings it to the screen. Both do nothing before start().
    void write(std::string_view text);
    void show();

private:
    void follow_scrolling();
    void show_row(unsigned row);
    void show_cursor() const;

    AnsiTerminal terminal_;
    std::byte* video_memory_ = nullptr;
    unsigned origin_ = 0; // where in video memory the screen begins, in cells
    bool changed_ = false;
};

} // namespace quire::machine
