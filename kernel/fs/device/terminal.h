// A terminal: the line discipline between a keyboard and the programs that read it, and between what they write and
// the console. Input lines are gathered and edited here, signals are made of ^C and its like, and all that termios
// says is kept. It knows no device and no process: input arrives by receive(), output leaves through a Sink, and
// waiting is the business of who reads.
#pragma once

#include "kernel/lib/format.h"

#include <array>
#include <asm/termbits.h>
#include <bitset>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace quire {

// What the terminal needs done.
class TerminalEvents {
public:
    // There is input, or output goes on: whoever waits looks again.
    virtual void terminal_changed() = 0;
    // ^C and its like: a signal for the foreground group.
    virtual void signal_foreground(std::uint32_t signal) = 0;

protected:
    constexpr ~TerminalEvents() = default;
};

class Terminal {
public:
    using Settings = struct termios2;
    // As struct winsize.
    struct Size {
        std::uint16_t rows = 24, columns = 80, width = 0, height = 0;
        friend constexpr bool operator==(Size, Size) = default;
    };

    // Both must outlive it. Starts as a terminal of Linux does: lines, echo, signals.
    Terminal(Sink& output, TerminalEvents& events);
    Terminal(const Terminal&) = delete;
    Terminal& operator=(const Terminal&) = delete;

    // A byte from the keyboard. May echo, make a signal, complete a line. What there is no room for is lost, with a
    // bell. O(1); O(line) for what erases.
    void receive(char byte);
    // Whether nothing is lost by that: not while the buffer is full of what a program can read. Then input waits where
    // it comes from, signals' keys, too, as on Linux. A line that fills the buffer by itself goes on being edited.
    [[nodiscard]] bool has_room() const { return written_ - read_ < most_input - 1 || !has_input(); }

    // Whether a line is complete; without lines (ICANON off), whether there is a byte.
    [[nodiscard]] bool has_input() const { return reading_lines() ? lines_end_ != read_ : written_ != read_; }
    // Bytes that a read would get at most (FIONREAD).
    [[nodiscard]] std::uint32_t available() const;
    // Takes bytes for a reader, of one line at most. A line of no bytes is the end of the file (^D).
    struct Taken {
        std::uint32_t bytes = 0;
        bool line_ended = false;
    };
    Taken take(std::span<std::byte> to);
    // What a read of a terminal without lines waits for: so many bytes, and so many tenths of a second.
    [[nodiscard]] bool reading_lines() const { return (settings_.c_lflag & ICANON) != 0; }
    [[nodiscard]] std::uint32_t least_bytes() const { return settings_.c_cc[VMIN]; }
    [[nodiscard]] std::uint32_t patience() const { return settings_.c_cc[VTIME]; }

    // Prints, as the output flags say.
    void write(std::string_view text);
    // ^S was typed: output waits for ^Q. Whoever writes for a program asks first; write() prints all the same.
    [[nodiscard]] bool stopped() const { return stopped_; }
    void set_stopped(bool stopped);

    [[nodiscard]] const Settings& settings() const { return settings_; }
    void set_settings(const Settings& settings);
    // What was typed and not read is dropped.
    void flush_input();

    // The group that reads and is signalled, and the session whose terminal it is; 0: none.
    std::uint32_t foreground_group = 0;
    std::uint32_t session = 0;
    Size size;
    // Another size; the foreground group is told by SIGWINCH.
    void resize(Size to);

    // ---- What shows the terminal may be asked how large it is: where its cursor is (ECMA-48's CPR) after it was sent
    // as far as it goes. It answers through receive(), if it is a terminal at all. May be asked when that is known, or
    // to find out; asked anew when another group comes to the foreground and when ^L is typed, for it may have changed.
    bool may_be_asked = false;
    void ask_size();
    [[nodiscard]] bool asked() const { return asked_; }
    // The answer does not come any more: what looked like its beginning was typed.
    void stop_asking();

private:
    static constexpr std::uint32_t most_input = 4096; // bytes; as Linux's

    [[nodiscard]] bool local(std::uint32_t flag) const { return (settings_.c_lflag & flag) != 0; }
    [[nodiscard]] bool input(std::uint32_t flag) const { return (settings_.c_iflag & flag) != 0; }
    [[nodiscard]] bool output(std::uint32_t flag) const { return (settings_.c_oflag & flag) != 0; }
    // Whether `byte` is the control character at `index` of c_cc.
    [[nodiscard]] bool is(char byte, std::size_t index) const {
        return settings_.c_cc[index] != 0 && settings_.c_cc[index] == static_cast<unsigned char>(byte);
    }

    // The answer to ask_size(). True where the byte was its, or may be.
    [[nodiscard]] bool take_answer(char byte);

    // Input. True where the byte was used up.
    void receive_typed(char byte);
    [[nodiscard]] bool control_flow(char byte);
    [[nodiscard]] bool make_signal(char byte);
    [[nodiscard]] bool edit_line(char byte);
    void end_line(char byte, bool echoed);
    void accept(char byte);
    void store(char byte);
    [[nodiscard]] bool full() const;
    [[nodiscard]] char& at(std::uint32_t position) { return input_[position % most_input]; }
    [[nodiscard]] char at(std::uint32_t position) const { return input_[position % most_input]; }

    // Taking back what was typed in the line.
    void erase_character();
    void erase_word();
    void erase_line();
    void rub_out(std::uint32_t new_end);
    [[nodiscard]] std::uint32_t previous(std::uint32_t end) const;
    [[nodiscard]] std::uint32_t column_at(std::uint32_t end) const;

    // Output.
    void echo(char byte);
    void put(char byte);
    void advance(char byte);

    Sink* output_;
    TerminalEvents* events_;
    Settings settings_{};
    bool stopped_ = false;
    bool literal_ = false; // ^V was typed: the next byte means nothing but itself

    bool asked_ = false;
    std::array<char, 12> answer_{}; // its beginning: ESC [ row ; column R
    std::size_t answer_size_ = 0;

    // A ring of what was typed. Positions count bytes and wrap: [read_, lines_end_) are complete lines, whose last
    // bytes are in `ends_`; [lines_end_, written_) is the line being edited. An end of file is an ending zero byte.
    std::array<char, most_input> input_{};
    std::bitset<most_input> ends_;
    std::uint32_t read_ = 0, lines_end_ = 0, written_ = 0;

    std::uint32_t column_ = 0;      // of the cursor, as far as output tells
    std::uint32_t line_column_ = 0; // where the echo of the line being edited began
};

} // namespace quire
