// Breaks lines between words. See wrap.h.
#include "kernel/lib/wrap.h"

namespace quire {

void WrapSink::write(std::string_view text) {
    for (const char c : text) {
        put(c);
    }
}

void WrapSink::put(char c) {
    if (c == '\n') {
        end_word();
        out_->write("\n");
        column_ = 0;
        spaces_ = 0;
    } else if (c == ' ') {
        end_word();
        ++spaces_;
    } else {
        if (word_size_ == word_.size()) {
            end_word();
            word_continues_ = true;
        }
        word_[word_size_++] = c;
        constexpr char escape = '\x1b';
        in_escape_ = in_escape_ || c == escape;
        word_width_ += in_escape_ ? 0 : 1;
        in_escape_ = in_escape_ && !(c >= 'A' && c <= 'z' && c != '[');
    }
}

void WrapSink::end_word() {
    if (word_size_ == 0) {
        return;
    }
    if (column_ > 0 && !word_continues_ && column_ + spaces_ + word_width_ > width_) {
        out_->write("\n");
        column_ = 0;
        spaces_ = indent_;
    }
    column_ += spaces_ + word_width_;
    for (; spaces_ > 0; --spaces_) {
        out_->write(" ");
    }
    out_->write({word_.data(), word_size_});
    word_size_ = 0;
    word_width_ = 0;
    word_continues_ = false;
}

} // namespace quire
