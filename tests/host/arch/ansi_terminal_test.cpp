// The terminal in memory understands what the kernel prints, skips what it does not know, and says what has changed so
// exactly that a screen which copies only that always shows the same.
#include "arch/x86/portable/ansi_terminal.h"
#include "tests/host/support/random.h"

#include <array>
#include <catch2/catch.hpp>
#include <memory>
#include <string>

namespace quire::machine {
namespace {

constexpr unsigned last_row = AnsiTerminal::rows - 1, last_column = AnsiTerminal::columns - 1;

// A row's characters without the blanks at its end.
std::string row_of(const AnsiTerminal& terminal, unsigned row) {
    std::string text;
    for (unsigned column = 0; column < AnsiTerminal::columns; ++column) {
        text += static_cast<char>(terminal.cell(row, column) & 0xFF);
    }
    return text.erase(text.find_last_not_of(' ') + 1);
}

// The colours of one cell: background in the high four bits, foreground in the low four.
unsigned colours_at(const AnsiTerminal& terminal, unsigned row, unsigned column) {
    return terminal.cell(row, column) >> 8U;
}

TEST_CASE("text, line ends and control characters move the cursor as on a terminal", "[ansi_terminal]") {
    AnsiTerminal terminal;
    terminal.write("one\ntwo\r\nx\by\tz\a\177");
    CHECK(row_of(terminal, 0) == "one");
    CHECK(row_of(terminal, 1) == "two");
    CHECK(row_of(terminal, 2) == "y       z");
    CHECK(terminal.cursor_row() == 2);
    CHECK(terminal.cursor_column() == 9);
}

TEST_CASE("a full row wraps only when another character follows", "[ansi_terminal]") {
    AnsiTerminal terminal;
    terminal.write(std::string(AnsiTerminal::columns, 'a'));
    CHECK(terminal.cursor_row() == 0);
    CHECK(terminal.cursor_column() == last_column);
    SECTION("a line end gives no empty row") {
        terminal.write("\nb");
        CHECK(row_of(terminal, 1) == "b");
    }
    SECTION("a character goes to the next row") {
        terminal.write("b");
        CHECK(row_of(terminal, 1) == "b");
    }
}

TEST_CASE("rows scroll out at the top", "[ansi_terminal]") {
    AnsiTerminal terminal;
    terminal.shown();
    for (unsigned line = 0; line < AnsiTerminal::rows + 2; ++line) {
        terminal.write((line == 0 ? "" : "\n") + std::to_string(line));
    }
    CHECK(terminal.scrolled() == 2);
    CHECK(row_of(terminal, 0) == "2");
    CHECK(row_of(terminal, last_row) == std::to_string(AnsiTerminal::rows + 1));
}

TEST_CASE("colours are the VGA's", "[ansi_terminal]") {
    AnsiTerminal terminal;
    terminal.write("a\033[31mb\033[1mc\033[0;44md\033[7me\033[0;2mf\033[94mg\033[22;39;49mh\033[mi");
    CHECK(row_of(terminal, 0) == "abcdefghi");
    const std::array<unsigned, 9> expected = {0x07, 0x04, 0x0C, 0x17, 0x71, 0x08, 0x09, 0x07, 0x07};
    for (unsigned column = 0; column < expected.size(); ++column) {
        CAPTURE(column);
        CHECK(colours_at(terminal, 0, column) == expected[column]);
    }
}

TEST_CASE("colours beyond sixteen are skipped with all their numbers", "[ansi_terminal]") {
    AnsiTerminal terminal;
    terminal.write("\033[38;5;31ma\033[48;2;31;32;33mb\033[38;5;44;32mc");
    CHECK(row_of(terminal, 0) == "abc");
    CHECK(colours_at(terminal, 0, 0) == 0x07);
    CHECK(colours_at(terminal, 0, 1) == 0x07);
    CHECK(colours_at(terminal, 0, 2) == 0x02);
}

TEST_CASE("the cursor moves and stays on the screen", "[ansi_terminal]") {
    AnsiTerminal terminal;
    terminal.write("\033[5;10Hx");
    CHECK(terminal.cursor_row() == 4);
    CHECK(terminal.cursor_column() == 10);
    terminal.write("\033[2A\033[3D\033[B\033[C");
    CHECK(terminal.cursor_row() == 3);
    CHECK(terminal.cursor_column() == 8);
    terminal.write("\033[999;999H");
    CHECK(terminal.cursor_row() == last_row);
    CHECK(terminal.cursor_column() == last_column);
    terminal.write("\033[99999999999A\033[999D");
    CHECK(terminal.cursor_row() == 0);
    CHECK(terminal.cursor_column() == 0);
    terminal.write("\033[7G");
    CHECK(terminal.cursor_column() == 6);
    terminal.write("\033[H");
    CHECK(terminal.cursor_column() == 0);
}

TEST_CASE("rows and screens are erased in all three ways", "[ansi_terminal]") {
    AnsiTerminal terminal;
    terminal.write("abcdef\nghijkl\nmnopqr\033[2;3H");
    SECTION("to the end of the row") {
        terminal.write("\033[K");
        CHECK(row_of(terminal, 1) == "gh");
    }
    SECTION("from the start of the row, the cursor's cell too") {
        terminal.write("\033[1K");
        CHECK(row_of(terminal, 1) == "   jkl");
    }
    SECTION("the row") {
        terminal.write("\033[2K");
        CHECK(row_of(terminal, 1).empty());
    }
    SECTION("to the end of the screen") {
        terminal.write("\033[J");
        CHECK(row_of(terminal, 0) == "abcdef");
        CHECK(row_of(terminal, 1) == "gh");
        CHECK(row_of(terminal, 2).empty());
    }
    SECTION("the screen up to here") {
        terminal.write("\033[1J");
        CHECK(row_of(terminal, 0).empty());
        CHECK(row_of(terminal, 1) == "   jkl");
        CHECK(row_of(terminal, 2) == "mnopqr");
    }
    SECTION("the screen") {
        terminal.write("\033[2J");
        CHECK(row_of(terminal, 0).empty());
        CHECK(row_of(terminal, 2).empty());
    }
}

TEST_CASE("sequences it does not know leave no trace", "[ansi_terminal]") {
    AnsiTerminal terminal;
    terminal.write("a\033[?25lb\033[6nc\033]0;title\007d\033]0;title\033\\e\033(Bf\033[1;2;3;4;5;6;7;8;9;10;11qg");
    CHECK(row_of(terminal, 0) == "abcdefg");
}

TEST_CASE("UTF-8 shows in the VGA's code page, one cell a character", "[ansi_terminal]") {
    AnsiTerminal terminal;
    terminal.write("─█→· ü 😀.");
    CHECK(row_of(terminal, 0) == "\xC4\xDB\x1A\xFA \xFE \xFE.");
    SECTION("broken UTF-8 is survived") {
        terminal.write("\r\x80\xE2\x94 x\xFF\xFEy");
        CHECK(row_of(terminal, 0).substr(0, 2) == " x");
    }
}

// A screen that is only ever told what changed.
class Screen {
public:
    void follow(AnsiTerminal& terminal) {
        for (unsigned i = 0; i < terminal.scrolled(); ++i) {
            std::move(cells_.begin() + 1, cells_.end(), cells_.begin());
        }
        for (unsigned row = 0; row < AnsiTerminal::rows; ++row) {
            const auto [from, to] = terminal.changed(row);
            for (unsigned column = from; column < to; ++column) {
                cells_[row][column] = terminal.cell(row, column);
            }
        }
        terminal.shown();
    }
    [[nodiscard]] bool shows(const AnsiTerminal& terminal) const {
        for (unsigned row = 0; row < AnsiTerminal::rows; ++row) {
            for (unsigned column = 0; column < AnsiTerminal::columns; ++column) {
                if (cells_[row][column] != terminal.cell(row, column)) {
                    return false;
                }
            }
        }
        return true;
    }

private:
    std::array<std::array<AnsiTerminal::Cell, AnsiTerminal::columns>, AnsiTerminal::rows> cells_{};
};

TEST_CASE("a screen that copies only what changed shows the same, whatever is written", "[ansi_terminal]") {
    const auto seed = GENERATE(1U, 2U, 3U);
    CAPTURE(seed);
    test::Random random(seed);
    constexpr std::string_view bytes = "ab \n\r\b\t\033[[;;0123456789?ABCDGHJKfmhq]\a\\\xC3\xBC\xE2\x94\x80\xF0(";
    AnsiTerminal terminal;
    Screen screen;
    for (int step = 0; step < 4000; ++step) {
        std::string text;
        for (std::uint32_t length = random.below(60); length > 0; --length) {
            text += bytes[random.below(bytes.size())];
        }
        if (random.once_in(50)) {
            text += std::string(random.below(60), '\n');
        }
        terminal.write(text);
        REQUIRE(terminal.cursor_row() <= last_row);
        REQUIRE(terminal.cursor_column() <= last_column);
        if (random.once_in(3)) {
            screen.follow(terminal);
            REQUIRE(screen.shows(terminal));
        }
    }
}

} // namespace
} // namespace quire::machine
