// Decodes key presses. The states are those of ECMA-48: ESC, then '[' and numbers up to a final letter, or 'O' and one
// letter.
#include "kernel/monitor/console/keys.h"

namespace quire {

namespace {

using Kind = Key::Kind;

constexpr char escape = '\x1b';

Key key(Kind kind) {
    return {.kind = kind};
}

// The keys of Emacs and of every shell since.
Kind control_key(char byte) {
    constexpr char control = 0x40; // Ctrl-A is 'A' - control
    switch (static_cast<char>(byte + control)) {
    case 'A': return Kind::home;
    case 'B': return Kind::left;
    case 'C': return Kind::interrupt;
    case 'D': return Kind::end_of_input;
    case 'E': return Kind::end;
    case 'F': return Kind::right;
    case 'H': return Kind::backspace;
    case 'I': return Kind::tab;
    case 'J':
    case 'M': return Kind::enter;
    case 'K': return Kind::kill_to_end;
    case 'L': return Kind::clear_screen;
    case 'N': return Kind::down;
    case 'P': return Kind::up;
    case 'U': return Kind::kill_to_start;
    case 'W': return Kind::kill_word;
    default: return Kind::unknown;
    }
}

// The letter after ESC O, or that ends ESC [ without numbers.
Kind letter_key(char letter) {
    switch (letter) {
    case 'A': return Kind::up;
    case 'B': return Kind::down;
    case 'C': return Kind::right;
    case 'D': return Kind::left;
    case 'F': return Kind::end;
    case 'H': return Kind::home;
    default: return Kind::unknown;
    }
}

// The number in ESC [ number ~, from the VT220 and rxvt.
Kind numbered_key(unsigned number) {
    switch (number) {
    case 1:
    case 7: return Kind::home;
    case 3: return Kind::erase;
    case 4:
    case 8: return Kind::end;
    default: return Kind::unknown;
    }
}

} // namespace

std::optional<Key> KeyDecoder::feed(char byte) {
    switch (state_) {
    case State::ground: return feed_ground(byte);
    case State::escape: return feed_escape(byte);
    case State::control_sequence: return feed_control_sequence(byte);
    case State::single_shift: state_ = State::ground; return key(letter_key(byte));
    }
    return std::nullopt;
}

std::optional<Key> KeyDecoder::feed_ground(char byte) {
    const bool second_of_pair = after_return_ && byte == '\n';
    after_return_ = byte == '\r';
    if (second_of_pair || byte == '\0') {
        return std::nullopt;
    }
    if (byte == escape) {
        state_ = State::escape;
        return std::nullopt;
    }
    if (byte == '\x7f') {
        return key(Kind::backspace);
    }
    const auto code = static_cast<unsigned char>(byte);
    if (code < ' ') {
        return key(control_key(byte));
    }
    if (code > '~') {
        return std::nullopt; // no ASCII: commands need none, and a line counts one column a byte
    }
    return Key{.kind = Kind::character, .character = byte};
}

std::optional<Key> KeyDecoder::feed_escape(char byte) {
    state_ = State::ground;
    switch (byte) {
    case '[':
        state_ = State::control_sequence;
        parameters_ = {};
        parameter_ = 0;
        return std::nullopt;
    case 'O': state_ = State::single_shift; return std::nullopt;
    case escape: state_ = State::escape; return std::nullopt;
    case 'b': return key(Kind::word_left); // Alt-B and Alt-F, as in every shell
    case 'f': return key(Kind::word_right);
    case '\x7f': return key(Kind::kill_word);
    default: break;
    }
    // A lone Escape, or Alt with a key that means nothing here; a control key must not be lost with it.
    const auto code = static_cast<unsigned char>(byte);
    return code < ' ' ? feed_ground(byte) : key(Kind::unknown);
}

std::optional<Key> KeyDecoder::feed_control_sequence(char byte) {
    constexpr unsigned most = 9999; // no terminal is wider; keeps a flood of digits from overflowing
    if (byte >= '0' && byte <= '9') {
        unsigned& number = parameters_[parameter_];
        number = number * 10 + static_cast<unsigned>(byte - '0');
        number = number > most ? most : number;
        return std::nullopt;
    }
    if (byte == ';') {
        parameter_ += parameter_ + 1 < most_parameters ? 1 : 0;
        return std::nullopt;
    }
    const auto code = static_cast<unsigned char>(byte);
    if (code >= ' ' && code < '@') {
        return std::nullopt; // '?' and other marks of private sequences
    }
    state_ = State::ground;
    if (code < ' ') { // no sequence has a control character: this one was broken off
        return feed_ground(byte);
    }
    return control_sequence_key(byte);
}

Key KeyDecoder::control_sequence_key(char final_byte) const {
    constexpr unsigned with_shift = 2; // ESC [ 1 ; 2 C: the second number is 1 + the modifiers held
    if (final_byte == 'R') {
        return {.kind = Kind::position, .row = parameters_[0], .column = parameters_[1]};
    }
    if (final_byte == '~') {
        return key(numbered_key(parameters_[0]));
    }
    const Kind kind = letter_key(final_byte);
    if (parameters_[1] > with_shift) { // Alt or Ctrl with an arrow moves by words
        return key(kind == Kind::left ? Kind::word_left : kind == Kind::right ? Kind::word_right : kind);
    }
    return key(kind);
}

} // namespace quire
