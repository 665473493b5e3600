// Takes the kernel's command line apart. See options.h for its grammar.
#include "kernel/lib/options.h"

namespace quire {

namespace {

bool is_blank(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\0';
}

void skip_blanks(std::string_view& rest) {
    while (!rest.empty() && is_blank(rest.front())) {
        rest.remove_prefix(1);
    }
}

} // namespace

// Copies the first word of `rest` without its quotes and backslashes, and takes it off.
BootOptions::Word BootOptions::take_word(std::string_view& rest) {
    const std::size_t start = used_;
    char quote = '\0'; // the quote that is open, if any
    bool fits = true;
    while (!rest.empty() && (quote != '\0' || !is_blank(rest.front()))) {
        char c = rest.front();
        rest.remove_prefix(1);
        if (quote != '\0' ? c == quote : c == '"' || c == '\'') {
            quote = quote != '\0' ? '\0' : c;
            continue;
        }
        if (c == '\\' && !rest.empty()) {
            c = rest.front();
            rest.remove_prefix(1);
        }
        if (used_ == most_text) {
            fits = false;
        } else {
            text_[used_++] = c;
        }
    }
    return {.text = {text_.data() + start, used_ - start}, .closed = quote == '\0', .fits = fits};
}

Result<void> BootOptions::add_word(std::string_view word) {
    const std::size_t equals = word.find('=');
    if (equals == std::string_view::npos && word.find('/') != std::string_view::npos) {
        return {};
    }
    const std::string_view key = word.substr(0, equals);
    if (key.empty()) {
        return fail(Error::malformed);
    }
    if (count_ == most_options) {
        return fail(Error::too_large);
    }
    const std::string_view value = equals == std::string_view::npos ? std::string_view{} : word.substr(equals + 1);
    options_[count_++] = {.key = key, .value = value};
    return {};
}

Result<void> BootOptions::add(std::string_view text) {
    Result<void> outcome;
    const auto note = [&outcome](Error error) {
        if (outcome) {
            outcome = fail(error);
        }
    };
    for (skip_blanks(text); !text.empty(); skip_blanks(text)) {
        const std::size_t used_before = used_;
        const Word word = take_word(text);
        if (!word.fits) {
            used_ = used_before;
            note(Error::too_large);
            continue;
        }
        if (!word.closed) {
            note(Error::truncated);
        }
        const Result<void> added = add_word(word.text);
        if (!added) {
            used_ = used_before;
            note(added.error());
        }
    }
    return outcome;
}

std::optional<std::string_view> BootOptions::value(std::string_view key) const {
    for (std::size_t i = count_; i > 0; --i) {
        if (options_[i - 1].key == key) {
            return options_[i - 1].value;
        }
    }
    return std::nullopt;
}

} // namespace quire
