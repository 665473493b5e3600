// What a terminal sends when a key is pressed, byte by byte, as keys. Knows the sequences that terminals agree on
// (ECMA-48, xterm) and swallows the others whole, so that none of their bytes is taken for typed text.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace quire {

struct Key {
    enum class Kind : std::uint8_t {
        character, // printable ASCII, in `character`
        enter,
        tab,
        backspace,
        erase, // the Delete key
        left,
        right,
        up,
        down,
        home,
        end,
        word_left,
        word_right,
        kill_to_end,   // Ctrl-K
        kill_to_start, // Ctrl-U
        kill_word,     // Ctrl-W
        clear_screen,  // Ctrl-L
        interrupt,     // Ctrl-C
        end_of_input,  // Ctrl-D
        position,      // no key: the terminal's answer to "where is the cursor", in row and column
        unknown,       // a key that means nothing here
    };
    Kind kind = Kind::unknown;
    char character = '\0';
    unsigned row = 0, column = 0;
};

class KeyDecoder {
public:
    // Takes the next byte and returns the key that it completes, if it completes one.
    [[nodiscard]] std::optional<Key> feed(char byte);

private:
    enum class State : std::uint8_t { ground, escape, control_sequence, single_shift };
    static constexpr std::size_t most_parameters = 4;

    [[nodiscard]] std::optional<Key> feed_ground(char byte);
    [[nodiscard]] std::optional<Key> feed_escape(char byte);
    [[nodiscard]] std::optional<Key> feed_control_sequence(char byte);
    [[nodiscard]] Key control_sequence_key(char final_byte) const;

    State state_ = State::ground;
    bool after_return_ = false; // the last byte was a carriage return, so that a line feed now means nothing new
    std::array<unsigned, most_parameters> parameters_{};
    std::size_t parameter_ = 0; // the one being read
};

} // namespace quire
