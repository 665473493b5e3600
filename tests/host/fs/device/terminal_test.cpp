// The line discipline: what is typed becomes lines, echo and signals as termios says, and what is written becomes what
// a terminal understands.
#include "kernel/fs/device/terminal.h"
#include "kernel/process/signals.h"
#include "tests/host/support/random.h"
#include "tests/host/support/string_sink.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

namespace quire {
namespace {

struct Fixture final : TerminalEvents {
    void terminal_changed() override { ++changes; }
    void signal_foreground(std::uint32_t signal) override { signals.push_back(signal); }

    void type(std::string_view text) {
        for (const char each : text) {
            terminal.receive(each);
        }
    }
    // A line, or what a read gives; "<none>" where one would wait.
    std::string read(std::size_t room = 100) {
        if (!terminal.has_input()) {
            return "<none>";
        }
        std::string text(room, '\0');
        text.resize(terminal.take(std::as_writable_bytes(std::span(text))).bytes);
        return text;
    }
    std::string shown() {
        const std::string text = screen.text();
        screen.clear();
        return text;
    }
    void change(tcflag_t termios2::*flags, tcflag_t set, tcflag_t clear) {
        Terminal::Settings settings = terminal.settings();
        settings.*flags = (settings.*flags & ~clear) | set;
        terminal.set_settings(settings);
    }
    void make_raw() {
        change(&termios2::c_lflag, 0, ICANON | ECHO | ISIG | IEXTEN);
        change(&termios2::c_iflag, 0, ICRNL | IXON);
    }

    test::StringSink screen;
    Terminal terminal{screen, *this};
    unsigned changes = 0;
    std::vector<std::uint32_t> signals;
};

TEST_CASE("a terminal that is asked for its size answers among what is typed", "[terminal]") {
    Fixture f;
    f.terminal.ask_size(); // nobody knows that there is one
    CHECK(f.shown().empty());
    f.terminal.may_be_asked = true;
    f.terminal.ask_size();
    CHECK(f.shown() == "\x1b"
                       "7\x1b[999;999H\x1b[6n\x1b"
                       "8");
    CHECK(f.terminal.asked());
    f.terminal.ask_size();
    CHECK(f.shown().empty()); // the answer is on its way
    f.type("l\x1b[50;132Rs\r");
    CHECK(f.read() == "ls\n");
    CHECK_FALSE(f.terminal.asked());
    CHECK(f.terminal.size == Terminal::Size{.rows = 50, .columns = 132});
    CHECK(f.signals == std::vector<std::uint32_t>{signal_number::window});
    // The same answer is no news, and an answer to nobody's question is typed text.
    f.terminal.ask_size();
    f.type("\x1b[50;132R");
    CHECK(f.signals.size() == 1);
    f.make_raw();
    f.type("\x1b[5;5R");
    CHECK(f.read() == "\x1b[5;5R");
}

TEST_CASE("keys that look like the beginning of the answer are not lost", "[terminal]") {
    Fixture f;
    f.terminal.may_be_asked = true;
    f.make_raw();
    f.terminal.ask_size();
    f.type("\x1b[A\x1b\x1b[24;80R");
    CHECK(f.read() == "\x1b[A\x1b");
    CHECK_FALSE(f.terminal.asked());
    f.terminal.ask_size();
    f.type("\x1b");
    CHECK(f.read() == "<none>"); // held back
    f.terminal.stop_asking();
    CHECK(f.read() == "\x1b");
    f.terminal.ask_size();
    f.type("\x1b[1234567890;");
    CHECK(f.read() == "\x1b[1234567890;"); // no answer is that long
    f.terminal.stop_asking();
    f.shown();
    f.type("\f");
    CHECK(f.terminal.asked()); // ^L: it may have another size now
}

TEST_CASE("a line is read when it is complete, and echoed as it is typed", "[terminal]") {
    Fixture f;
    f.type("ls -l");
    CHECK(f.read() == "<none>");
    CHECK(f.changes == 0);
    CHECK(f.shown() == "ls -l");
    f.type("\r");
    CHECK(f.changes == 1);
    CHECK(f.terminal.available() == 6);
    CHECK(f.read() == "ls -l\n");
    CHECK(f.shown() == "\r\n");
    CHECK(f.read() == "<none>");
}

TEST_CASE("a read gets one line, and a short one its beginning", "[terminal]") {
    Fixture f;
    f.type("one\rtwo\rthree");
    CHECK(f.read() == "one\n");
    CHECK(f.read(2) == "tw");
    CHECK(f.read(2) == "o\n");
    CHECK(f.read() == "<none>");
    f.type("\r");
    CHECK(f.read() == "three\n");
}

TEST_CASE("characters, words and lines are taken back", "[terminal]") {
    Fixture f;
    f.type("abx\x7F"
           "c");
    CHECK(f.shown() == "abx\b \bc");
    f.type(" def  ghi\x17");
    CHECK(f.shown() == " def  ghi\b \b\b \b\b \b");
    f.type("\x17\r");
    CHECK(f.read() == "abc \n");
    f.shown();
    f.type("gone\x15kept\r");
    CHECK(f.shown() == "gone\b \b\b \b\b \b\b \bkept\r\n");
    CHECK(f.read() == "kept\n");
    f.type("\x7F\x7F\x15\x17\r");
    CHECK(f.read() == "\n");
}

TEST_CASE("a tab or a control character is taken back as wide as it was shown", "[terminal]") {
    Fixture f;
    f.terminal.write("$ ");
    f.shown();
    f.type("a\t\x7F");
    CHECK(f.shown() == "a\t\b \b\b \b\b \b\b \b\b \b"); // from column 3 to 8
    f.type("\x01\x7F");
    CHECK(f.shown() == "^A\b \b\b \b");
    f.type("\r");
    CHECK(f.read() == "a\n");
}

TEST_CASE("a character of several bytes is taken back as one", "[terminal]") {
    Fixture f;
    f.change(&termios2::c_iflag, IUTF8, 0);
    f.type("x\xC3\xA4\x7F\r");
    CHECK(f.shown() == "x\xC3\xA4\b \b\r\n");
    CHECK(f.read() == "x\n");
}

TEST_CASE("^D ends the file, or the line where there is one", "[terminal]") {
    Fixture f;
    f.type("\x04");
    CHECK(f.terminal.has_input());
    CHECK(f.terminal.available() == 0);
    CHECK(f.read().empty());
    CHECK(f.read() == "<none>");
    f.type("part\x04");
    CHECK(f.terminal.available() == 4);
    CHECK(f.read() == "part");
    CHECK(f.read() == "<none>");
    CHECK(f.shown() == "part");
    // A read that has room for just the line's bytes does not see an end of file behind them.
    f.type("full\x04rest\r");
    CHECK(f.read(4) == "full");
    CHECK(f.read() == "rest\n");
}

TEST_CASE("^C, ^\\ and ^Z make signals and drop what was typed", "[terminal]") {
    Fixture f;
    f.type("junk\x03");
    f.type("\x1C\x1A");
    CHECK(f.signals ==
          std::vector<std::uint32_t>{signal_number::interrupt, signal_number::quit, signal_number::terminal_stop});
    CHECK(f.shown() == "junk^C^\\^Z");
    f.type("\r");
    CHECK(f.read() == "\n");
    f.change(&termios2::c_lflag, NOFLSH, 0);
    f.type("kept\x03\r");
    CHECK(f.read() == "kept\n");
    f.change(&termios2::c_lflag, 0, ISIG);
    f.type("\x03\r");
    CHECK(f.read() == "\x03\n");
    CHECK(f.signals.size() == 4);
}

TEST_CASE("^V takes the next character as it is", "[terminal]") {
    Fixture f;
    f.type("a\x16\x03"
           "b\x16\x7F\r");
    CHECK(f.signals.empty());
    CHECK(f.read() == "a\x03"
                      "b\x7F\n");
    CHECK(f.shown() == "a^\b^Cb^\b^?\r\n");
}

TEST_CASE("^S stops output, ^Q lets it go on", "[terminal]") {
    Fixture f;
    f.type("\x13");
    CHECK(f.terminal.stopped());
    f.type("\x13\x11");
    CHECK_FALSE(f.terminal.stopped());
    f.type("\x13\x03"); // a signal, too
    CHECK_FALSE(f.terminal.stopped());
    CHECK(f.read() == "<none>");
}

TEST_CASE("a raw terminal gives every byte at once", "[terminal]") {
    Fixture f;
    f.make_raw();
    f.type("a\x03\r\x04");
    CHECK(f.terminal.available() == 4);
    CHECK(f.read(1) == "a");
    CHECK(f.read() == "\x03\r\x04");
    CHECK(f.signals.empty());
    CHECK(f.shown().empty());
}

TEST_CASE("what was typed before the terminal became raw, or a terminal of lines again, can be read", "[terminal]") {
    Fixture f;
    f.type("half");
    f.make_raw();
    CHECK(f.read() == "half");
    f.type("xy");
    f.change(&termios2::c_lflag, ICANON | ECHO, 0);
    CHECK(f.read() == "xy");
    f.type("line\n");
    CHECK(f.read() == "line\n");
}

TEST_CASE("carriage returns and newlines are exchanged as the flags say", "[terminal]") {
    Fixture f;
    f.change(&termios2::c_iflag, IGNCR, 0);
    f.type("a\rb\n");
    CHECK(f.read() == "ab\n");
    f.make_raw();
    f.change(&termios2::c_iflag, INLCR, IGNCR);
    f.type("\n\r");
    CHECK(f.read() == "\r\r");
}

TEST_CASE("output is processed as the flags say", "[terminal]") {
    Fixture f;
    f.terminal.write("one\ntwo\r\n");
    CHECK(f.shown() == "one\r\ntwo\r\r\n");
    f.change(&termios2::c_oflag, XTABS, 0);
    f.terminal.write("ab\tc\t\n");
    CHECK(f.shown() == "ab      c       \r\n");
    f.change(&termios2::c_oflag, 0, OPOST);
    f.terminal.write("raw\n\t");
    CHECK(f.shown() == "raw\n\t");
}

TEST_CASE("a full buffer still takes the line's end, and rings", "[terminal]") {
    Fixture f;
    f.change(&termios2::c_iflag, IMAXBEL, 0);
    f.change(&termios2::c_lflag, 0, ECHO);
    f.type(std::string(5000, 'x'));
    CHECK(f.shown() == std::string(5000 - 4095, '\a'));
    f.type("\r");
    std::string line(4095, 'x');
    line += '\n';
    CHECK(f.read(5000) == line);
    f.type("again\r");
    CHECK(f.read() == "again\n");
}

TEST_CASE("a sender that waits for room loses nothing, neither a line's end nor control characters", "[terminal]") {
    for (const bool raw : {false, true}) {
        Fixture f;
        f.change(&termios2::c_lflag, 0, ECHO);
        std::string sent;
        for (unsigned line = 0; line < 2'000; ++line) {
            sent += "line " + std::to_string(line) + "\n";
            sent += line % 100 == 0 ? "\x04" : ""; // ^D: an end of file between lines
        }
        if (raw) {
            f.make_raw();
        }
        std::string got;
        unsigned ends = 0;
        for (std::size_t at = 0; at < sent.size() || f.terminal.has_input();) {
            while (at < sent.size() && f.terminal.has_room()) {
                f.terminal.receive(sent[at++]);
            }
            CHECK(f.terminal.has_input());
            const std::string part = f.read();
            ends += part.empty() ? 1U : 0U;
            got += part;
        }
        CHECK(f.signals.empty());
        CHECK(ends == (raw ? 0U : 20U));
        std::erase(sent, raw ? '\0' : '\x04');
        CHECK(got == sent);
    }
}

TEST_CASE("with a line to be read a full buffer takes nothing, and a long line goes on", "[terminal]") {
    Fixture f;
    f.change(&termios2::c_lflag, 0, ECHO);
    f.type("one\r");
    while (f.terminal.has_room()) {
        f.terminal.receive('x');
    }
    CHECK(f.terminal.available() == 4);
    CHECK(f.read() == "one\n");
    CHECK(f.terminal.has_room());
    f.type(std::string(5'000, 'x'));
    CHECK(f.terminal.has_room()); // so that it can be taken back, and ended
    f.type("\r");
    CHECK_FALSE(f.terminal.has_room());
    f.terminal.flush_input();
    CHECK(f.terminal.has_room());
}

TEST_CASE("whatever is typed, under whatever settings, what is read was typed", "[terminal]") {
    test::Random random(11);
    Fixture f;
    std::size_t typed = 0, got = 0;
    for (unsigned step = 0; step < 200'000; ++step) {
        switch (random.below(40)) {
        case 0:
            f.change(&termios2::c_lflag, random() & (ICANON | ECHO | ISIG | IEXTEN | ECHOE | ECHOK | ECHOKE | ECHOCTL),
                     random());
            break;
        case 1:
            f.change(&termios2::c_iflag, random() & (ICRNL | INLCR | IGNCR | IXON | IXANY | IUTF8 | ISTRIP), random());
            break;
        case 2: f.terminal.flush_input(); break;
        case 3:
        case 4:
        case 5:
            if (f.terminal.has_input()) {
                const std::uint32_t there = f.terminal.available();
                const std::string text = f.read(1 + random.below(20));
                CHECK(text.size() <= there);
                got += text.size();
            }
            break;
        default:
            f.terminal.receive(static_cast<char>(random.once_in(3) ? random.below(32) : random.below(256)));
            ++typed;
        }
        REQUIRE(f.terminal.available() <= 4096);
        f.screen.clear();
    }
    CHECK(got <= typed);
    CHECK(got > 0);
}

} // namespace
} // namespace quire
