// The options this boot was given: words `key` or `key=value` on the kernel's command line, where a value with blanks
// stands in quotes. Keeps its own copy of the text, for the loader's memory is soon used for something else; knows no
// option by name.
#pragma once

#include "kernel/lib/result.h"

#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <string_view>

namespace quire {

struct BootOption {
    std::string_view key;
    std::string_view value; // empty where there is no '='
};

class BootOptions {
public:
    BootOptions() = default;
    BootOptions(const BootOptions&) = delete; // the options point into the object
    BootOptions& operator=(const BootOptions&) = delete;

    // Adds the options in `text`, after those there are. Words are separated by blanks. Quotes, single or double, keep
    // blanks together and may open anywhere in a word (commands="A; B" as well as "commands=A; B", which is how GRUB
    // passes it on); a backslash takes the next character as it is. A word with a '/' and no '=' is the path of the
    // kernel that some loaders put first, and is dropped. O(length).
    // Errors: truncated (a quote is never closed: its word ends with the text), malformed (a word has no key: it is
    // dropped), too_large (there is no room: what does not fit is dropped). What could be understood was added all the
    // same, for a kernel with half its options is better than none.
    Result<void> add(std::string_view text);

    // The value of the last option `key`, "" if it was given without one. O(options).
    [[nodiscard]] std::optional<std::string_view> value(std::string_view key) const;
    [[nodiscard]] bool has(std::string_view key) const { return value(key).has_value(); }

    // All of them, in the order given.
    [[nodiscard]] std::span<const BootOption> all() const { return {options_.data(), count_}; }

private:
    static constexpr std::size_t most_options = 24;
    static constexpr std::size_t most_text = 1024; // characters of all words together

    struct Word {
        std::string_view text;
        bool closed = true; // its quotes are
        bool fits = true;
    };
    Word take_word(std::string_view& rest);
    Result<void> add_word(std::string_view word);

    std::array<char, most_text> text_{};
    std::size_t used_ = 0;
    std::array<BootOption, most_options> options_{};
    std::size_t count_ = 0;
};

} // namespace quire
