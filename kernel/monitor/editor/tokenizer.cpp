// Takes typed lines apart and compares words. See words.h.
#include "kernel/monitor/editor/tokenizer.h"

#include <algorithm>
#include <utility>

namespace quire {

namespace {

bool is_blank(char c) {
    return c == ' ' || c == '\t';
}

bool ends_word(char c) {
    return is_blank(c) || c == ';';
}

} // namespace

// Copies the word that `line` begins with, without its quotes and backslashes, and takes it off.
Result<void> Tokenizer::take_word(std::string_view& line) {
    const std::size_t start = used_;
    char quote = '\0'; // the quote that is open, if any
    while (!line.empty() && (quote != '\0' || !ends_word(line.front()))) {
        char c = line.front();
        line.remove_prefix(1);
        if (quote != '\0' ? c == quote : c == '"' || c == '\'') {
            quote = quote != '\0' ? '\0' : c;
            continue;
        }
        if (c == '\\' && quote != '\'' && !line.empty()) {
            c = line.front();
            line.remove_prefix(1);
        }
        if (used_ == most_text) {
            return fail(Error::too_large);
        }
        text_[used_++] = c;
    }
    if (quote != '\0') {
        return fail(Error::truncated);
    }
    if (count_ == most_words) {
        return fail(Error::too_large);
    }
    words_[count_++] = {text_.data() + start, used_ - start};
    return {};
}

Result<void> Tokenizer::take_command(std::string_view& line) {
    used_ = 0;
    count_ = 0;
    while (!line.empty()) {
        const char c = line.front();
        if (c == '#') {
            line = {};
            break;
        }
        if (ends_word(c)) {
            line.remove_prefix(1);
            if (c == ';') {
                break;
            }
            continue;
        }
        const Result<void> taken = take_word(line);
        if (!taken) {
            count_ = 0;
            line = {};
            return taken;
        }
    }
    return {};
}

} // namespace quire
