// The terminal at the other end of the wire: what it can show. It is asked where its cursor is; only one that answers
// gets colours and is asked for its size, for a file or a pipe never answers. Owns neither the wire nor the keys.
#pragma once

#include "kernel/lib/format.h"
#include "kernel/monitor/console/keys.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace quire {

// What a piece of text is, and so which colour it gets.
enum class Ink : std::uint8_t {
    plain,
    strong, // headings, names
    faint,  // what may be skipped
    good,   // what was expected
    bad,    // what was not
    notice, // what is worth a look
    prompt,
};

// Lets a person read on at leisure.
class ScreenPager {
public:
    // The screen is full of what was not there before. False where no more is wanted: it is not shown.
    virtual bool turn_page() = 0;

protected:
    constexpr ~ScreenPager() = default;
};

class Display final : public Sink {
public:
    explicit Display(Sink& wire) : wire_(&wire) {}

    void write(std::string_view text) override;

    // From now on `pager` is asked whenever the screen is full; null: it just scrolls.
    void set_pager(ScreenPager* pager) {
        pager_ = pager;
        lines_ = 0;
        skipping_ = false;
    }

    // Never uses colours or asks anything.
    void stay_plain() { plain_for_good_ = true; }

    // Asks the terminal to tell where its cursor is. It answers in its own time, if it is one, through the keyboard.
    void ask();
    // Takes the terminal's answer, a key of kind `position`. True where the looks have changed: colours came, or
    // another width.
    bool answered(const Key& position);
    // True while an answer may still come.
    [[nodiscard]] bool asked() const { return question_ != Question::none; }

    // What somebody else was told.
    void set_size(std::size_t rows, std::size_t columns);

    [[nodiscard]] bool in_color() const { return known_; }
    [[nodiscard]] std::size_t columns() const { return columns_; }
    [[nodiscard]] std::size_t rows() const { return rows_; }

    // What changes the colour of the text that follows; empty without colours, so that it can always be printed.
    // Takes no column.
    [[nodiscard]] std::string_view paint(Ink ink) const;
    // One of the 256 colours of xterm as background, for maps; ends with paint(Ink::plain).
    void set_background(std::uint8_t color);
    // How long lines may be so that a terminal does not break them: one column less than it has, but no longer than is
    // pleasant to read.
    [[nodiscard]] std::size_t text_width() const { return std::min<std::size_t>(columns_, 100) - 1; }

    // An empty screen with the cursor in its first row, or a new row where the terminal is not known.
    void clear();

private:
    enum class Question : std::uint8_t { none, presence, size };

    Sink* wire_;
    bool plain_for_good_ = false;
    bool known_ = false;
    Question question_ = Question::none;
    ScreenPager* pager_ = nullptr;
    std::size_t lines_ = 0; // that went out since the pager was last asked
    bool skipping_ = false; // it said that no more is wanted
    std::size_t columns_ = 80, rows_ = 24;
};

} // namespace quire
