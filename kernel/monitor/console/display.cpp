// Talks to the terminal in the sequences of ECMA-48 that all of them share.
#include "kernel/monitor/console/display.h"

#include <algorithm>

namespace quire {

namespace {
constexpr std::string_view where_is_the_cursor = "\x1b[6n";
} // namespace

void Display::write(std::string_view text) {
    while (pager_ != nullptr && !skipping_ && !text.empty()) {
        const std::size_t length = std::min(text.find('\n'), text.size() - 1) + 1;
        wire_->write(text.substr(0, length));
        const bool line_ended = text[length - 1] == '\n';
        text.remove_prefix(length);
        if (line_ended && ++lines_ + 1 >= rows_) {
            ScreenPager* const pager = pager_;
            set_pager(nullptr); // what it prints itself is no part of the page
            const bool go_on = pager->turn_page();
            set_pager(pager);
            skipping_ = !go_on;
        }
    }
    if (!skipping_) {
        wire_->write(text);
    }
}

void Display::ask() {
    if (plain_for_good_) {
        return;
    }
    question_ = Question::presence;
    write(where_is_the_cursor);
}

bool Display::answered(const Key& position) {
    switch (question_) {
    case Question::none: return false;
    case Question::presence: {
        // It is a terminal. Its size shows in how far the cursor can go; then the cursor goes back.
        const bool news = !known_;
        known_ = true;
        question_ = Question::size;
        print(*this,
              "\x1b"
              "7\x1b[999;999H{}\x1b"
              "8",
              where_is_the_cursor);
        return news;
    }
    case Question::size: {
        question_ = Question::none;
        const std::size_t columns_before = columns_;
        set_size(position.row, position.column);
        return columns_ != columns_before;
    }
    }
    return false;
}

void Display::set_size(std::size_t rows, std::size_t columns) {
    constexpr std::size_t narrowest = 40, widest = 400, lowest = 8, highest = 400;
    columns_ = std::clamp(columns, narrowest, widest);
    rows_ = std::clamp(rows, lowest, highest);
}

std::string_view Display::paint(Ink ink) const {
    if (!known_) {
        return {};
    }
    switch (ink) {
    case Ink::plain: return "\x1b[0m";
    case Ink::strong: return "\x1b[1m";
    case Ink::faint: return "\x1b[2m";
    case Ink::good: return "\x1b[32m";
    case Ink::bad: return "\x1b[1;31m";
    case Ink::notice: return "\x1b[33m";
    case Ink::prompt: return "\x1b[1;36m";
    }
    return {};
}

void Display::set_background(std::uint8_t color) {
    if (known_) {
        print(*this, "\x1b[97;48;5;{}m", color); // white letters: every colour used is dark
    }
}

void Display::clear() {
    write(known_ ? "\x1b[H\x1b[2J" : "\n");
}

} // namespace quire
