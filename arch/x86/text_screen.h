// A mirror of the console on the VGA's text screen, 80 columns by 25 rows: a small terminal that knows the common ANSI
// escape sequences and skips the others. It keeps the text in memory of its own and copies to the screen only what has
// changed, because video memory is slow, slowest of all in an emulator.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace quire::machine {

class TextScreen {
public:
    static constexpr unsigned columns = 80, rows = 25;

    // `video_memory` is where the 32 KiB at physical 0xB8000 are seen. The screen is cleared.
    void start(std::byte* video_memory);
    [[nodiscard]] bool present() const { return video_memory_ != nullptr; }

    // Changes the text in memory; show() brings it to the screen.
    void write(std::string_view text);
    void show();

private:
    using Cell = std::uint16_t; // code page 437 character, then colours: foreground in bits 8–11, background 12–14
    enum class State : std::uint8_t { text, escape, sequence, string };
    struct Span { // columns of one row that have changed
        std::uint8_t from = columns, to = 0;
    };

    void take(char byte);
    void take_text(char byte);
    void take_escape(char byte);
    void take_sequence(char byte);
    void take_utf8(std::uint8_t byte);
    void put(char character);
    void new_line();
    void scroll();
    void run_sequence(char final);
    void select_graphics();
    void apply_graphics(unsigned parameter);
    void move_to(unsigned row, unsigned column);
    void erase(unsigned from, unsigned to);
    void change(unsigned row, unsigned column, Cell cell);
    void change_all();
    void show_row(unsigned row);
    void show_cursor() const;
    [[nodiscard]] unsigned parameter(unsigned index, unsigned otherwise) const;
    [[nodiscard]] Cell blank() const;
    [[nodiscard]] Cell& cell(unsigned row, unsigned column);

    std::byte* video_memory_ = nullptr;
    unsigned origin_ = 0; // where in video memory the screen begins, in cells
    unsigned top_ = 0;    // which row of cells_ is the screen's first
    unsigned row_ = 0, column_ = 0;
    bool origin_moved_ = false, cursor_moved_ = false;

    std::uint8_t foreground_ = 7, background_ = 0; // VGA colours
    bool bold_ = false, faint_ = false, reverse_ = false;

    State state_ = State::text;
    std::array<std::uint16_t, 8> parameters_{};
    unsigned parameter_count_ = 0;
    std::uint32_t code_point_ = 0;    // of a UTF-8 sequence, as far as it has come
    unsigned continuation_bytes_ = 0; // that it still lacks

    std::array<Cell, std::size_t{columns} * rows> cells_{};
    std::array<Span, rows> changed_{};
};

} // namespace quire::machine
