// Edits one line. Every key changes the text first; refresh() then makes the screen show it, writing only what differs.
#include "kernel/monitor/editor/line_editor.h"

#include <algorithm>

namespace quire {

namespace {

using Kind = Key::Kind;

bool separates_words(char c) {
    return c == ' ' || c == ';';
}

// Counts the candidates that begin as typed, and finds what all of them begin with.
class Matching final : public Candidates {
public:
    explicit Matching(std::string_view typed) : typed_(typed) {}

    void add(std::string_view word) override {
        if (!word.starts_with(typed_)) {
            return;
        }
        if (count_++ == 0) {
            common_length_ = std::min(word.size(), common_.size());
            std::copy_n(word.begin(), common_length_, common_.begin());
        }
        const auto differ = std::mismatch(common_.begin(), common_.begin() + common_length_, word.begin(), word.end());
        common_length_ = static_cast<std::size_t>(differ.first - common_.begin());
        longest_ = std::max(longest_, word.size());
    }

    [[nodiscard]] std::size_t count() const { return count_; }
    [[nodiscard]] std::string_view common() const { return {common_.data(), common_length_}; }
    [[nodiscard]] std::size_t longest() const { return longest_; }

private:
    std::string_view typed_;
    std::array<char, LineEditor::longest_line> common_{};
    std::size_t common_length_ = 0;
    std::size_t count_ = 0;
    std::size_t longest_ = 0;
};

// Prints the candidates that begin as typed, in columns.
class Listing final : public Candidates {
public:
    Listing(Sink& screen, std::string_view typed, std::size_t width, std::size_t across)
        : screen_(&screen), typed_(typed), width_(width), across_(across) {}

    void add(std::string_view word) override {
        if (!word.starts_with(typed_)) {
            return;
        }
        screen_->write(count_ % across_ == 0 ? "\n" : "");
        ++count_;
        screen_->write(word);
        for (std::size_t column = word.size(); column < width_ && count_ % across_ != 0; ++column) {
            screen_->write(" ");
        }
    }

private:
    Sink* screen_;
    std::string_view typed_;
    std::size_t width_;
    std::size_t across_;
    std::size_t count_ = 0;
};

} // namespace

void LineEditor::begin(Prompt prompt, std::size_t columns) {
    length_ = 0;
    cursor_ = 0;
    first_ = 0;
    recalled_ = 0;
    tab_again_ = false;
    redraw(prompt, columns);
}

void LineEditor::redraw(Prompt prompt, std::size_t columns) {
    constexpr std::size_t least_room = 16; // less is no screen: draw as if it were wider
    prompt_ = prompt;
    columns_ = columns;
    // The last column stays empty: some terminals wrap as soon as it is written, others not.
    room_ = std::clamp(columns > prompt.width ? columns - prompt.width - 1 : 0, least_room, longest_line);
    screen_->write("\r");
    screen_->write(prompt.text);
    shown_.length = 0;
    shown_.cursor = 0;
    refresh();
}

LineEditor::Event LineEditor::feed(const Key& key) {
    const bool tab_again = tab_again_;
    const Event event = edit(key);
    if (tab_again) {
        tab_again_ = false;
    }
    return event;
}

LineEditor::Event LineEditor::edit(const Key& key) {
    switch (key.kind) {
    case Kind::enter:
        history_->add(line());
        finish("\n");
        return Event::line;
    case Kind::interrupt: finish("^C\n"); return Event::interrupted;
    case Kind::end_of_input:
        if (length_ == 0) {
            finish("\n");
            return Event::closed;
        }
        remove(cursor_, std::min(cursor_ + 1, length_));
        break;
    case Kind::clear_screen: return Event::clear_screen;
    case Kind::character: insert({&key.character, 1}); break;
    case Kind::tab: complete(); break;
    case Kind::backspace: remove(cursor_ - std::min<std::size_t>(cursor_, 1), cursor_); break;
    case Kind::erase: remove(cursor_, std::min(cursor_ + 1, length_)); break;
    case Kind::left: cursor_ -= std::min<std::size_t>(cursor_, 1); break;
    case Kind::right: cursor_ = std::min(cursor_ + 1, length_); break;
    case Kind::home: cursor_ = 0; break;
    case Kind::end: cursor_ = length_; break;
    case Kind::word_left: cursor_ = word_start_before(cursor_); break;
    case Kind::word_right: cursor_ = word_end_after(cursor_); break;
    case Kind::kill_to_end: remove(cursor_, length_); break;
    case Kind::kill_to_start: remove(0, cursor_); break;
    case Kind::kill_word: remove(word_start_before(cursor_), cursor_); break;
    case Kind::up: recall_older(); break;
    case Kind::down: recall_newer(); break;
    case Kind::position:
    case Kind::unknown: break;
    }
    refresh();
    return Event::editing;
}

// --- the text

// At the cursor, as far as there is room.
void LineEditor::insert(std::string_view text) {
    const std::size_t count = std::min(text.size(), longest_line - length_);
    std::copy_backward(text_.begin() + cursor_, text_.begin() + length_, text_.begin() + length_ + count);
    std::copy_n(text.begin(), count, text_.begin() + cursor_);
    length_ += count;
    cursor_ += count;
}

// The characters from `from` up to `to`; the cursor goes there.
void LineEditor::remove(std::size_t from, std::size_t to) {
    std::copy(text_.begin() + to, text_.begin() + length_, text_.begin() + from);
    length_ -= to - from;
    cursor_ = from;
}

std::size_t LineEditor::word_start_before(std::size_t position) const {
    while (position > 0 && separates_words(text_[position - 1])) {
        --position;
    }
    while (position > 0 && !separates_words(text_[position - 1])) {
        --position;
    }
    return position;
}

std::size_t LineEditor::word_end_after(std::size_t position) const {
    while (position < length_ && separates_words(text_[position])) {
        ++position;
    }
    while (position < length_ && !separates_words(text_[position])) {
        ++position;
    }
    return position;
}

void LineEditor::replace_line(std::string_view text) {
    length_ = 0;
    cursor_ = 0;
    insert(text);
}

void LineEditor::recall_older() {
    if (recalled_ == history_->count()) {
        return;
    }
    if (recalled_ == 0) { // what was typed so far is not lost
        draft_ = text_;
        draft_length_ = length_;
    }
    replace_line(history_->line(recalled_++));
}

void LineEditor::recall_newer() {
    if (recalled_ == 0) {
        return;
    }
    --recalled_;
    replace_line(recalled_ == 0 ? std::string_view{draft_.data(), draft_length_} : history_->line(recalled_ - 1));
}

// --- completion

// Completes the word before the cursor as far as there is no choice; where that is not at all, a second tab lists the
// choices.
void LineEditor::complete() {
    const std::string_view up_to_cursor = line().substr(0, cursor_);
    std::size_t start = cursor_;
    while (start > 0 && !separates_words(text_[start - 1])) {
        --start;
    }
    const std::string_view before = up_to_cursor.substr(0, start);
    const std::string_view typed = up_to_cursor.substr(start);
    Matching matching{typed};
    completer_->offer(before, matching);
    if (matching.count() == 0) {
        return;
    }
    const std::string_view rest = matching.common().substr(typed.size());
    if (matching.count() > 1 && rest.empty()) {
        if (tab_again_) {
            list_candidates(before, typed, matching.longest());
        }
        tab_again_ = !tab_again_;
        return;
    }
    insert(rest);
    if (matching.count() == 1) {
        insert(" ");
    }
}

void LineEditor::list_candidates(std::string_view before, std::string_view typed, std::size_t longest) {
    constexpr std::size_t gap = 2;
    const std::size_t width = longest + gap;
    Listing listing{*screen_, typed, width, std::max<std::size_t>(1, (columns_ - 1) / width)};
    completer_->offer(before, listing);
    screen_->write("\n");
    redraw(prompt_, columns_);
}

// --- the screen

// Chooses the part of the line to show, so that the cursor is in it and on no mark.
void LineEditor::scroll() {
    if (length_ <= room_) {
        first_ = 0;
        return;
    }
    const bool too_far_left = first_ > 0 && cursor_ <= first_;
    const bool more_behind = first_ + room_ < length_;
    const bool too_far_right = cursor_ > first_ + room_ || (more_behind && cursor_ + 1 >= first_ + room_);
    const bool blank_behind = first_ + room_ / 2 > length_;
    if (too_far_left || too_far_right || blank_behind) {
        first_ = cursor_ > room_ / 2 ? cursor_ - room_ / 2 : 0;
    }
}

LineEditor::Slice LineEditor::visible() const {
    Slice slice;
    slice.length = std::min(room_, length_ - first_);
    slice.cursor = cursor_ - first_;
    std::copy_n(text_.begin() + first_, slice.length, slice.characters.begin());
    if (first_ > 0) {
        slice.characters[0] = '<';
    }
    if (first_ + room_ < length_) {
        slice.characters[slice.length - 1] = '>';
    }
    return slice;
}

// Makes the screen show the line and the cursor where it is.
void LineEditor::refresh() {
    scroll();
    const Slice wanted = visible();
    const std::string_view now{shown_.characters.data(), shown_.length};
    const std::string_view then{wanted.characters.data(), wanted.length};
    const auto differ = std::mismatch(now.begin(), now.end(), then.begin(), then.end());
    const auto same = static_cast<std::size_t>(differ.first - now.begin());
    if (same < now.size() || same < then.size()) {
        move_shown_cursor(same);
        screen_->write(then.substr(same));
        shown_.cursor = then.size();
        for (; shown_.cursor < now.size(); ++shown_.cursor) {
            screen_->write(" ");
        }
        shown_.characters = wanted.characters;
        // The blanks are there to be walked over, but they are no longer part of what is shown.
        std::fill(shown_.characters.begin() + then.size(), shown_.characters.end(), ' ');
        shown_.length = then.size();
    }
    move_shown_cursor(wanted.cursor);
}

// To the left with backspaces, to the right by writing again what is there.
void LineEditor::move_shown_cursor(std::size_t column) {
    while (shown_.cursor > column) {
        screen_->write("\b");
        --shown_.cursor;
    }
    screen_->write({shown_.characters.data() + shown_.cursor, column - shown_.cursor});
    shown_.cursor = column;
}

// Leaves the line, with the cursor behind it.
void LineEditor::finish(std::string_view ending) {
    cursor_ = length_;
    refresh();
    screen_->write(ending);
}

} // namespace quire
