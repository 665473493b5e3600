// A line typed at the prompt, taken apart: commands separated by ';', each a few words, with quotes around blanks.
// Also tells which known word a mistyped one was probably meant to be.
#pragma once

#include "kernel/lib/result.h"

#include <array>
#include <cstddef>
#include <span>
#include <string_view>

namespace quire {

// The words of one command.
class Tokenizer {
public:
    Tokenizer() = default;
    Tokenizer(const Tokenizer&) = delete; // the words point into the object
    Tokenizer& operator=(const Tokenizer&) = delete;

    // Takes the first command off `line`, with the ';' that ends it, and keeps its words in place of those there were;
    // none where it is empty. Quotes, single or double, keep blanks and ';' in a word; a backslash outside single
    // quotes takes the next character as it is; '#' where a word could begin makes the rest of the line a comment.
    // Errors: truncated (a quote is never closed), too_large (more than most_words or most_text). The words are then
    // none, and the rest of the line is gone.
    Result<void> take_command(std::string_view& line);

    [[nodiscard]] std::span<const std::string_view> all() const { return {words_.data(), count_}; }

    static constexpr std::size_t most_text = 512; // characters of all words together
    // As many as fit into a text of that length, with a blank behind each.
    static constexpr std::size_t most_words = most_text / 2;

private:
    Result<void> take_word(std::string_view& line);

    std::array<char, most_text> text_{};
    std::size_t used_ = 0;
    std::array<std::string_view, most_words> words_{};
    std::size_t count_ = 0;
};

} // namespace quire
