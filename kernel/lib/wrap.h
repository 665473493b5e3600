// Text that fits a terminal: a Sink in front of another that breaks lines between words and indents what it continues.
// Holds back the word being written, nothing else.
#pragma once

#include "kernel/lib/format.h"

#include <array>
#include <cstddef>
#include <string_view>

namespace quire {

class WrapSink final : public Sink {
public:
    // Lines are at most `width` characters long, unless one word is longer; continued lines start with `indent` spaces.
    WrapSink(Sink& out, std::size_t width, std::size_t indent) : out_(&out), width_(width), indent_(indent) {}
    WrapSink(const WrapSink&) = delete;
    WrapSink& operator=(const WrapSink&) = delete;
    ~WrapSink() { end_word(); }

    // A space may become a line break; a newline stays one. Colours ("ESC [ … m") take no column.
    void write(std::string_view text) override;

private:
    void put(char c);
    void end_word();

    Sink* out_;
    std::size_t width_, indent_;
    std::size_t column_ = 0;      // characters of this line that went out, pending spaces not counted
    std::size_t spaces_ = 0;      // between those and the word
    std::array<char, 80> word_{}; // the word so far
    std::size_t word_size_ = 0;
    std::size_t word_width_ = 0; // in columns
    bool in_escape_ = false;
    bool word_continues_ = false; // the word is longer than word_: its start went out already
};

} // namespace quire
