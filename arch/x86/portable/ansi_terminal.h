// A small terminal of 80 columns by 25 rows, in memory: takes text and the common ANSI escape sequences (it skips the
// others) and keeps the characters, their colours and the cursor. It knows what has changed since it was last shown,
// and touches no hardware: text_screen.h shows it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace quire::machine {

class AnsiTerminal {
public:
    static constexpr unsigned columns = 80, rows = 25;
    // As the VGA's text mode has it: a character of code page 437 in bits 0–7, its colour in 8–11, the colour behind it
    // in 12–14.
    using Cell = std::uint16_t;
    // Columns `from` up to but not including `to`; none where they are equal or the wrong way round.
    struct Span {
        std::uint8_t from = columns, to = 0;
    };

    // Empty, the cursor at the top left, everything changed.
    AnsiTerminal();

    // A "\n" also returns to the first column. O(length), and O(columns) more for each row that scrolls.
    void write(std::string_view text);

    [[nodiscard]] Cell cell(unsigned row, unsigned column) const { return cells_[index(row, column)]; }
    // Where the next character goes; at the end of a full row the last column.
    [[nodiscard]] unsigned cursor_row() const { return row_; }
    [[nodiscard]] unsigned cursor_column() const { return column_ < columns ? column_ : columns - 1; }

    // What is different from what was last shown, after that has been moved up by scrolled() rows.
    [[nodiscard]] Span changed(unsigned row) const { return changed_[row]; }
    [[nodiscard]] unsigned scrolled() const { return scrolled_; }
    void change_all() { changed_.fill({.from = 0, .to = columns}); }
    // Everything is on the screen now.
    void shown();

private:
    static constexpr unsigned most_parameters = 8; // of one sequence; the others are dropped
    enum class State : std::uint8_t { text, escape, sequence, string };

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
    void change(unsigned row, unsigned column, Cell value);
    [[nodiscard]] unsigned parameter(unsigned index, unsigned otherwise) const;
    [[nodiscard]] Cell blank() const;
    [[nodiscard]] std::size_t index(unsigned row, unsigned column) const;

    unsigned row_ = 0, column_ = 0;
    unsigned top_ = 0; // which row of cells_ is the first one shown
    unsigned scrolled_ = 0;

    std::uint8_t foreground_ = 7, background_ = 0; // VGA colours
    bool bold_ = false, faint_ = false, reverse_ = false;

    State state_ = State::text;
    std::array<std::uint16_t, most_parameters> parameters_{};
    unsigned parameter_count_ = 0;
    std::uint32_t code_point_ = 0;    // of a UTF-8 sequence, as far as it has come
    unsigned continuation_bytes_ = 0; // that it still lacks

    std::array<Cell, std::size_t{columns} * rows> cells_{};
    std::array<Span, rows> changed_{};
};

} // namespace quire::machine
