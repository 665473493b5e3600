// Interpreting what is written to a terminal: text in UTF-8 and the escape sequences of ECMA-48.
#include "arch/x86/portable/ansi_terminal.h"

#include <algorithm>

namespace quire::machine {

namespace {

constexpr char escape = '\033', bell = '\a';
constexpr unsigned tab = 8;
constexpr char unknown_character = '\xFE'; // a small square
constexpr std::uint8_t default_foreground = 7, default_background = 0, bright = 8;

// ANSI counts red as 1 and blue as 4, the VGA the other way round.
constexpr std::array<std::uint8_t, 8> vga_colours = {0, 4, 2, 6, 1, 5, 3, 7};

// What the kernel prints beyond ASCII, in the code page of the VGA's own font.
struct Glyph {
    std::uint16_t code_point;
    char character;
};
constexpr Glyph glyphs[] = {
    {0x00A0, ' '},    {0x00B0, '\xF8'}, {0x00B1, '\xF1'}, {0x00B2, '\xFD'}, {0x00B5, '\xE6'}, {0x00B7, '\xFA'},
    {0x00D7, 'x'},    {0x00F7, '\xF6'}, {0x2013, '-'},    {0x2014, '-'},    {0x2018, '\''},   {0x2019, '\''},
    {0x201C, '"'},    {0x201D, '"'},    {0x2022, '\x07'}, {0x2026, '.'},    {0x2190, '\x1B'}, {0x2191, '\x18'},
    {0x2192, '\x1A'}, {0x2193, '\x19'}, {0x2248, '\xF7'}, {0x2264, '\xF3'}, {0x2265, '\xF2'}, {0x2500, '\xC4'},
    {0x2502, '\xB3'}, {0x250C, '\xDA'}, {0x2510, '\xBF'}, {0x2514, '\xC0'}, {0x2518, '\xD9'}, {0x251C, '\xC3'},
    {0x2524, '\xB4'}, {0x252C, '\xC2'}, {0x2534, '\xC1'}, {0x253C, '\xC5'}, {0x2550, '\xCD'}, {0x2551, '\xBA'},
    {0x2580, '\xDF'}, {0x2584, '\xDC'}, {0x2588, '\xDB'}, {0x258C, '\xDD'}, {0x2590, '\xDE'}, {0x2591, '\xB0'},
    {0x2592, '\xB1'}, {0x2593, '\xB2'}, {0x25A0, '\xFE'}, {0x2713, '\xFB'}, {0x2717, 'x'},
};

char glyph(std::uint32_t code_point) {
    for (const Glyph& candidate : glyphs) {
        if (candidate.code_point == code_point) {
            return candidate.character;
        }
    }
    return unknown_character;
}

} // namespace

AnsiTerminal::AnsiTerminal() {
    cells_.fill(blank());
    change_all();
}

void AnsiTerminal::write(std::string_view text) {
    for (const char byte : text) {
        take(byte);
    }
}

void AnsiTerminal::shown() {
    changed_.fill({});
    scrolled_ = 0;
}

void AnsiTerminal::take(char byte) {
    switch (state_) {
    case State::text: take_text(byte); break;
    case State::escape: take_escape(byte); break;
    case State::sequence: take_sequence(byte); break;
    case State::string: // a title or the like: skipped up to its end
        if (byte == bell || byte == escape) {
            state_ = byte == escape ? State::escape : State::text;
        }
        break;
    }
}

void AnsiTerminal::take_text(char byte) {
    switch (byte) {
    case escape: state_ = State::escape; break;
    case '\n': new_line(); break;
    case '\r': column_ = 0; break;
    case '\b': column_ = column_ == 0 ? 0 : std::min(column_, columns - 1) - 1; break;
    case '\t': column_ = std::min((column_ / tab + 1) * tab, columns - 1); break;
    default:
        if (static_cast<std::uint8_t>(byte) >= 0x80) {
            take_utf8(static_cast<std::uint8_t>(byte));
        } else if (byte >= ' ' && byte != '\177') {
            put(byte);
        }
    }
}

void AnsiTerminal::take_escape(char byte) {
    if (byte >= ' ' && byte <= '/') {
        return; // one of these comes before the byte that ends the sequence
    }
    state_ = State::text;
    if (byte == '[') {
        state_ = State::sequence;
        parameters_.fill(0);
        parameter_count_ = 0;
    } else if (byte == ']') {
        state_ = State::string;
    }
}

// Parameters are numbers with semicolons between; a byte from '@' on ends the sequence and says what it is.
void AnsiTerminal::take_sequence(char byte) {
    if (byte >= '0' && byte <= '9') {
        std::uint16_t& number = parameters_[std::min(parameter_count_, most_parameters - 1)];
        const unsigned digit = static_cast<unsigned char>(byte) - unsigned{'0'};
        number = static_cast<std::uint16_t>(std::min(number * 10U + digit, 999U));
    } else if (byte == ';') {
        ++parameter_count_;
    } else if (byte >= '@') {
        ++parameter_count_;
        state_ = State::text;
        run_sequence(byte);
    } else if (byte < ' ') {
        state_ = State::text; // no sequence after all
        take_text(byte);
    }
}

// One byte of a character beyond ASCII. A broken sequence shows as one unknown character or as nothing.
void AnsiTerminal::take_utf8(std::uint8_t byte) {
    if ((byte & 0xC0) == 0x80) {
        if (continuation_bytes_ == 0) {
            return;
        }
        code_point_ = code_point_ << 6 | (byte & 0x3FU);
        if (--continuation_bytes_ == 0) {
            put(glyph(code_point_));
        }
        return;
    }
    continuation_bytes_ = byte >= 0xF0 ? 3 : byte >= 0xE0 ? 2 : 1;
    code_point_ = byte & (0x3FU >> continuation_bytes_);
}

void AnsiTerminal::put(char character) {
    if (column_ == columns) { // a full row wraps only when something follows it
        new_line();
    }
    const auto colours = static_cast<std::uint16_t>(blank() & 0xFF00U);
    change(row_, column_++, static_cast<Cell>(colours | static_cast<std::uint8_t>(character)));
}

void AnsiTerminal::new_line() {
    column_ = 0;
    if (row_ + 1 < rows) {
        ++row_;
    } else {
        scroll();
    }
}

void AnsiTerminal::scroll() {
    top_ = (top_ + 1) % rows;
    std::move(changed_.begin() + 1, changed_.end(), changed_.begin());
    changed_.back() = {};
    ++scrolled_;
    erase((rows - 1) * columns, rows * columns);
}

void AnsiTerminal::run_sequence(char final) {
    const unsigned here = row_ * columns + std::min(column_, columns - 1);
    const unsigned row_start = row_ * columns;
    const unsigned mode = parameter(0, 0);
    const unsigned distance = std::max(parameter(0, 1), 1U);
    switch (final) {
    case 'm': select_graphics(); break;
    case 'A': move_to(row_ - std::min(distance, row_), column_); break;
    case 'B': move_to(row_ + distance, column_); break;
    case 'C': move_to(row_, column_ + distance); break;
    case 'D': move_to(row_, column_ - std::min(distance, column_)); break;
    case 'G': move_to(row_, distance - 1); break;
    case 'H':
    case 'f': move_to(distance - 1, std::max(parameter(1, 1), 1U) - 1); break;
    case 'J': erase(mode == 0 ? here : 0, mode == 1 ? here + 1 : rows * columns); break;
    case 'K': erase(mode == 0 ? here : row_start, mode == 1 ? here + 1 : row_start + columns); break;
    default: break;
    }
}

void AnsiTerminal::select_graphics() {
    for (unsigned i = 0; i < std::min(parameter_count_, most_parameters); ++i) {
        if (parameters_[i] == 38 || parameters_[i] == 48) {
            i += parameter(i + 1, 0) == 5 ? 2U : 4U; // a colour of 256 or of 16 million: not here
        } else {
            apply_graphics(parameters_[i]);
        }
    }
}

void AnsiTerminal::apply_graphics(unsigned parameter) {
    switch (parameter) {
    case 0:
        bold_ = faint_ = reverse_ = false;
        foreground_ = default_foreground;
        background_ = default_background;
        break;
    case 1: bold_ = true; break;
    case 2: faint_ = true; break;
    case 7: reverse_ = true; break;
    case 22: bold_ = faint_ = false; break;
    case 27: reverse_ = false; break;
    case 39: foreground_ = default_foreground; break;
    case 49: background_ = default_background; break;
    default:
        if (parameter >= 30 && parameter <= 37) {
            foreground_ = vga_colours[parameter - 30];
        } else if (parameter >= 40 && parameter <= 47) {
            background_ = vga_colours[parameter - 40];
        } else if (parameter >= 90 && parameter <= 97) {
            foreground_ = vga_colours[parameter - 90] | bright;
        }
    }
}

void AnsiTerminal::move_to(unsigned row, unsigned column) {
    row_ = std::min(row, rows - 1);
    column_ = std::min(column, columns - 1);
}

// Blanks cells `from` up to but not including `to`, counted from the top left corner.
void AnsiTerminal::erase(unsigned from, unsigned to) {
    for (unsigned at = from; at < to; ++at) {
        change(at / columns, at % columns, blank());
    }
}

void AnsiTerminal::change(unsigned row, unsigned column, Cell value) {
    cells_[index(row, column)] = value;
    Span& span = changed_[row];
    span.from = static_cast<std::uint8_t>(std::min<unsigned>(span.from, column));
    span.to = static_cast<std::uint8_t>(std::max<unsigned>(span.to, column + 1));
}

unsigned AnsiTerminal::parameter(unsigned index, unsigned otherwise) const {
    return index < std::min(parameter_count_, most_parameters) ? parameters_[index] : otherwise;
}

AnsiTerminal::Cell AnsiTerminal::blank() const {
    unsigned foreground = foreground_;
    unsigned background = background_;
    if (bold_) {
        foreground |= bright;
    } else if (faint_ && foreground == default_foreground) {
        foreground = bright; // dark grey
    }
    if (reverse_) {
        std::swap(foreground, background);
    }
    return static_cast<Cell>((background & 7) << 12 | foreground << 8 | ' ');
}

std::size_t AnsiTerminal::index(unsigned row, unsigned column) const {
    return std::size_t{(top_ + row) % rows} * columns + column;
}

} // namespace quire::machine
