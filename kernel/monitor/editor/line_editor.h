// The line being typed: keys in, a line out, and the screen kept as the user expects it. It draws with printable
// characters, carriage return, backspace and line feed only, so that it works on every terminal, even one that knows
// nothing else; a line longer than the screen scrolls sideways. It reads no device and runs no command.
#pragma once

#include "kernel/lib/format.h"
#include "kernel/monitor/console/keys.h"
#include "kernel/monitor/editor/history.h"

#include <array>
#include <cstddef>
#include <string_view>

namespace quire {

// Where candidates for completion go, one by one.
class Candidates {
public:
    virtual void add(std::string_view word) = 0; // which need not stay

protected:
    constexpr ~Candidates() = default;
};

// Knows what could be typed.
class Completer {
public:
    // Offers every word that may follow `before`, which is the line up to where the word begins. Tokenizer that do not
    // begin like the one being typed are welcome: the editor leaves them out.
    virtual void offer(std::string_view before, Candidates& candidates) const = 0;

protected:
    constexpr ~Completer() = default;
};

// What stands before the line. `width` is how many columns it takes, for it may hold colours, which take none.
struct Prompt {
    std::string_view text;
    std::size_t width = 0;
};

class LineEditor {
public:
    // What a key led to.
    enum class Event : std::uint8_t {
        editing,      // the line goes on
        line,         // Enter: line() is complete
        interrupted,  // Ctrl-C: the line was given up
        closed,       // Ctrl-D on an empty line
        clear_screen, // Ctrl-L: the caller clears the screen, then calls redraw()
    };

    LineEditor(Sink& screen, History& history, const Completer& completer)
        : screen_(&screen), history_(&history), completer_(&completer) {}

    // Starts an empty line on a screen `columns` wide and shows `prompt`, whose text must stay.
    void begin(Prompt prompt, std::size_t columns);
    // Does what `key` means. O(length of the line), and a completion O(candidates).
    [[nodiscard]] Event feed(const Key& key);
    // What was typed so far.
    [[nodiscard]] std::string_view line() const { return {text_.data(), length_}; }
    // Shows prompt and line again where the cursor is now, from the first column on.
    void redraw(Prompt prompt, std::size_t columns);

    static constexpr std::size_t longest_line = 255;

private:
    struct Slice { // of the line, as the screen shows it
        std::array<char, longest_line + 1> characters{};
        std::size_t length = 0;
        std::size_t cursor = 0; // in it
    };

    [[nodiscard]] Event edit(const Key& key);
    void insert(std::string_view text);
    void remove(std::size_t from, std::size_t to);
    [[nodiscard]] std::size_t word_start_before(std::size_t position) const;
    [[nodiscard]] std::size_t word_end_after(std::size_t position) const;
    void replace_line(std::string_view text);
    void recall_older();
    void recall_newer();
    void complete();
    void list_candidates(std::string_view before, std::string_view typed, std::size_t longest);

    void scroll();
    [[nodiscard]] Slice visible() const;
    void refresh();
    void move_shown_cursor(std::size_t column);
    void finish(std::string_view ending);

    Sink* screen_;
    History* history_;
    const Completer* completer_;

    Prompt prompt_{};
    std::size_t columns_ = 80;
    std::size_t room_ = 79; // columns for the line
    std::array<char, longest_line + 1> text_{};
    std::size_t length_ = 0, cursor_ = 0;
    std::size_t first_ = 0; // the first character that the screen shows
    Slice shown_{};         // what the screen shows now

    std::size_t recalled_ = 0; // 0 = the line being typed, n = the n-th newest of the history
    std::array<char, longest_line + 1> draft_{};
    std::size_t draft_length_ = 0;
    bool tab_again_ = false; // the key before was a tab that could not complete
};

} // namespace quire
