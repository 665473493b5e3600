// What is in /dev: null, zero, full, random; and the console as a terminal that processes wait for, are stopped by and
// control.
#include "kernel/process/signals.h"
#include "tests/host/process/userland/files_fixture.h"

#include <algorithm>
#include <asm/ioctls.h>
#include <asm/termbits.h>

namespace quire {
namespace {

using test::FilesFixture;
using namespace open_flag;

struct Fixture : FilesFixture {
    Fixture() {
        files->console().session = files->console().foreground_group = 1;
        console = files->open_console().value();
    }
    void type(std::string_view text) const {
        for (const char each : text) {
            files->console().receive(each);
        }
    }
    template <class T> static Result<std::uint32_t> control(File& file, std::uint32_t request, T& argument) {
        return file.control(request, ControlArgument(std::as_writable_bytes(std::span(&argument, 1))));
    }
    void make_raw(unsigned least, unsigned tenths) const {
        struct termios settings {};
        REQUIRE(control(*console, TCGETS, settings) == 0U);
        settings.c_lflag &= ~tcflag_t{ICANON | ECHO};
        settings.c_cc[VMIN] = static_cast<cc_t>(least);
        settings.c_cc[VTIME] = static_cast<cc_t>(tenths);
        REQUIRE(control(*console, TCSETS, settings) == 0U);
    }

    Ref<File> console;
};

TEST_CASE("/dev/null swallows, /dev/zero gives, /dev/full refuses, /dev/random surprises", "[devices]") {
    FilesFixture f;
    const Ref<File> null = f.open("/dev/null", read_write).value();
    CHECK(FilesFixture::read(*null) == "");
    CHECK(FilesFixture::write(*null, "anything") == 8U);
    CHECK(null->inode().pages().error() == Error::no_device);
    CHECK(null->truncate(0) == fail(Error::invalid_argument));
    const Ref<File> zero = f.open("/dev/zero", read_write).value();
    CHECK(FilesFixture::read(*zero, 1000) == std::string(1000, '\0'));
    CHECK(FilesFixture::write(*zero, "anything") == 8U);
    CHECK(zero->inode().pages() == nullptr);
    const Ref<File> full = f.open("/dev/full", read_write).value();
    CHECK(FilesFixture::read(*full, 10) == std::string(10, '\0'));
    CHECK(FilesFixture::write(*full, "x").error() == Error::no_space);
    const Ref<File> random = f.open("/dev/urandom", read_write).value();
    const std::string some = FilesFixture::read(*random, 101).value();
    CHECK(some.size() == 101);
    CHECK(some != FilesFixture::read(*random, 101));
    CHECK(f.find("/dev/urandom")->status().device_id == device_number(1, 9));
    CHECK(f.open("/dev/null", create | write_only | truncate).has_value());
    CHECK(f.open("/dev/new", create | write_only).error() == Error::not_permitted);
    CHECK(f.find("/dev/fd", Namespace::LastLink::keep)->is_link());
    const std::vector<std::string> names = f.list("/dev");
    CHECK(std::count(names.begin(), names.end(), "shm") == 1);
}

TEST_CASE("reading the console waits for a line", "[devices]") {
    Fixture f;
    f.services.while_waiting = [&] { f.type("a line\r"); };
    CHECK(FilesFixture::read(*f.console) == "a line\n");
    CHECK(FilesFixture::read(*f.console).error() == Error::restart);
    f.type(std::string(1000, 'x'));
    f.type("\rnext\r");
    CHECK(FilesFixture::read(*f.console, 600) == std::string(600, 'x'));
    CHECK(f.services.room_reports == 2); // after each read that took something
    std::string rest(400, 'x');
    rest += '\n';
    CHECK(FilesFixture::read(*f.console, 600) == rest);
    CHECK(f.console->ready() == (ready_event::readable | ready_event::writable));
    CHECK(FilesFixture::read(*f.console, 600) == "next\n");
    CHECK(f.console->ready() == ready_event::writable);
    f.type("\x04");
    CHECK(FilesFixture::read(*f.console) == "");
    f.console->set_flags(nonblocking);
    CHECK(FilesFixture::read(*f.console).error() == Error::would_block);
}

TEST_CASE("what is written to the console appears on it", "[devices]") {
    Fixture f;
    CHECK(FilesFixture::write(*f.console, "hello\n") == 6U);
    CHECK(f.torus.machine.printed().ends_with("hello\r\n"));
    const std::string much(1000, 'y');
    CHECK(FilesFixture::write(*f.console, much) == 1000U);
    CHECK(f.torus.machine.printed().ends_with(much));
    f.type("\x13");
    CHECK(f.console->ready() == 0);
    f.services.while_waiting = [&] { f.type("\x11"); };
    CHECK(FilesFixture::write(*f.console, "z") == 1U);
    CHECK(f.services.waits == 1);
}

TEST_CASE("VMIN and VTIME say what a raw read waits for", "[devices]") {
    Fixture f;
    f.make_raw(0, 0);
    CHECK(FilesFixture::read(*f.console) == "");
    f.make_raw(3, 0);
    f.type("a");
    CHECK(f.console->ready() == ready_event::writable);
    f.services.while_waiting = [&] { f.type("bcd"); };
    CHECK(FilesFixture::read(*f.console) == "abcd");
    f.type("e");
    CHECK(FilesFixture::read(*f.console, 1) == "e"); // no more can be wanted than there is room for
    f.make_raw(0, 5);
    const std::uint64_t before = f.services.clock;
    CHECK(FilesFixture::read(*f.console) == "");
    CHECK(f.services.clock == before + 500'000'000);
    f.services.while_waiting = [&] { f.type("x"); };
    CHECK(FilesFixture::read(*f.console) == "x");
    f.make_raw(3, 5);
    f.services.while_waiting = [&] { f.type("y"); }; // then nothing more comes
    CHECK(FilesFixture::read(*f.console) == "y");
    CHECK(f.services.clock == before + 1'000'000'000);
    f.console->set_flags(nonblocking);
    CHECK(FilesFixture::read(*f.console).error() == Error::would_block);
}

TEST_CASE("who is not in the foreground is stopped when it reads", "[devices]") {
    Fixture f;
    f.services.who.group = 7;
    CHECK(FilesFixture::read(*f.console).error() == Error::restart);
    CHECK(f.services.signals.back() == std::pair{7U, signal_number::terminal_input});
    CHECK(FilesFixture::write(*f.console, "x") == 1U);
    f.services.ignores = true;
    CHECK(FilesFixture::read(*f.console).error() == Error::input_output);
    std::uint32_t group = 7;
    CHECK(Fixture::control(*f.console, TIOCSPGRP, group) == 0U); // a shell ignores SIGTTOU
    CHECK(f.files->console().foreground_group == 7);
    f.type("\x03");
    CHECK(f.services.signals.back() == std::pair{7U, signal_number::interrupt});
}

TEST_CASE("ioctls tell and set what the terminal keeps", "[devices]") {
    Fixture f;
    struct termios2 settings {};
    CHECK(Fixture::control(*f.console, TCGETS2, settings) == 0U);
    CHECK((settings.c_lflag & ICANON) != 0);
    Terminal::Size size{};
    CHECK(Fixture::control(*f.console, TIOCGWINSZ, size) == 0U);
    CHECK(size.columns == 80);
    size.columns = 100;
    CHECK(Fixture::control(*f.console, TIOCSWINSZ, size) == 0U);
    CHECK(f.services.signals.back().second == signal_number::window);
    std::uint32_t number = 0;
    f.type("abc\r");
    CHECK(Fixture::control(*f.console, FIONREAD, number) == 0U);
    CHECK(number == 4);
    CHECK(Fixture::control(*f.console, TIOCGPGRP, number) == 0U);
    CHECK(number == 1);
    CHECK(f.console->control(TCFLSH, ControlArgument(0U)) == 0U);
    CHECK(Fixture::control(*f.console, FIONREAD, number) == 0U);
    CHECK(number == 0);
    CHECK(f.console->control(TCFLSH, ControlArgument(9U)).error() == Error::invalid_argument);
    CHECK(f.console->control(0x1234, ControlArgument(0U)).error() == Error::not_terminal);
    const Ref<File> null = f.open("/dev/null").value();
    CHECK(Fixture::control(*null, TCGETS, settings).error() == Error::not_terminal);
    CHECK(Fixture::control(*null, FIONREAD, number).error() == Error::not_terminal);
}

TEST_CASE("a session has a terminal or not", "[devices]") {
    Fixture f;
    f.services.who = {.process = 5, .group = 5, .session = 5};
    CHECK(f.open("/dev/tty").error() == Error::no_other_end);
    std::uint32_t number = 0;
    CHECK(Fixture::control(*f.console, TIOCGPGRP, number).error() == Error::not_terminal);
    CHECK(f.console->control(TIOCSCTTY, ControlArgument(0U)).error() == Error::not_permitted);
    CHECK(f.console->control(TIOCSCTTY, ControlArgument(1U)) == 0U); // by force
    CHECK(f.open("/dev/tty").has_value());
    CHECK(f.console->control(TIOCNOTTY, ControlArgument(0U)) == 0U);
    CHECK(f.files->console().session == 0);
    // Its leader gets it by opening it.
    CHECK(f.open("/dev/ttyS0", no_controlling_terminal).has_value());
    CHECK(f.files->console().session == 0);
    CHECK(f.open("/dev/ttyS0").has_value());
    CHECK(f.files->console().session == 5);
    f.services.who = {.process = 6, .group = 5, .session = 5};
    CHECK(f.console->control(TIOCNOTTY, ControlArgument(0U)) == 0U);
    CHECK(f.files->console().session == 5);
}

} // namespace
} // namespace quire
