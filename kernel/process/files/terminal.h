// A terminal: the line discipline between a keyboard and the programs that read it, and between what they write and
// the console. Input lines are gathered and edited here, signals are made of ^C and its like, and all that termios
// says is kept. It knows no device: input arrives by receive(), output leaves through a Sink.
#pragma once

#include "kernel/lib/format.h"
#include "kernel/lib/result.h"

#include <array>
#include <asm/termbits.h>
#include <cstddef>
#include <cstdint>
#include <span>

namespace quire {

// What the terminal needs done.
class TerminalEvents {
public:
    // Input, room for output or a hang-up: whoever waits looks again.
    virtual void terminal_changed() = 0;
    // ^C and its like: to the foreground group.
    virtual void signal_foreground(std::uint32_t signal) = 0;

protected:
    constexpr ~TerminalEvents() = default;
};

class Terminal {
public:
    Terminal(Sink& output, TerminalEvents& events);
    Terminal(const Terminal&) = delete;
    Terminal& operator=(const Terminal&) = delete;

    // A byte from the keyboard, at a safe point. May echo, make a signal, complete a line. O(line) for erasing.
    void receive(char byte);

    // Whether a read would return at once.
    [[nodiscard]] bool can_read() const;
    // Bytes a read would get at most (FIONREAD).
    [[nodiscard]] std::uint32_t available() const;
    // Takes bytes for a reader: in canonical mode of one line at most. 0 while can_read() is end-of-file.
    std::uint32_t take(std::span<std::byte> to);
    // Prints, as the output flags say.
    void write(std::string_view text);

    [[nodiscard]] const struct termios2& settings() const { return settings_; }
    // TCSETS; with `flush`, what was typed and not read is dropped first (TCSETSF).
    void set_settings(const struct termios2& settings, bool flush);
    void flush_input();

    [[nodiscard]] std::uint32_t foreground_group() const { return group_; }
    void set_foreground_group(std::uint32_t group) { group_ = group; }
    [[nodiscard]] std::uint32_t session() const { return session_; }
    void set_session(std::uint32_t session) { session_ = session; }
    struct Size {
        std::uint16_t rows = 24, columns = 80, width = 0, height = 0; // as struct winsize
    };
    [[nodiscard]] Size size() const { return size_; }
    void set_size(Size size) { size_ = size; }

private:
    static constexpr std::size_t most_input = 4096; // N_TTY's

    Sink* output_;
    TerminalEvents* events_;
    struct termios2 settings_ {};
    std::uint32_t group_ = 0, session_ = 0;
    Size size_;
    std::array<char, most_input> input_{};
};

} // namespace quire
