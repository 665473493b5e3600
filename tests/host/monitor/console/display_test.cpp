// Colours are for terminals that answer, and only for them.
#include "kernel/monitor/console/display.h"
#include "tests/host/support/string_sink.h"

#include <catch2/catch.hpp>
#include <string>

namespace quire {
namespace {

Key position(unsigned row, unsigned column) {
    return {.kind = Key::Kind::position, .row = row, .column = column};
}

TEST_CASE("a terminal that never answers gets plain text for 80 columns", "[terminal]") {
    test::StringSink wire;
    Display terminal{wire};
    terminal.ask();
    CHECK(wire.text() == "\x1b[6n");
    CHECK(terminal.asked());
    wire.clear();
    print(terminal, "{}ok{}", terminal.paint(Ink::good), terminal.paint(Ink::plain));
    terminal.set_background(17);
    CHECK(wire.text() == "ok");
    CHECK(terminal.columns() == 80);
    CHECK(terminal.rows() == 24);
}

TEST_CASE("a terminal that answers gets colours, then tells its size", "[terminal]") {
    test::StringSink wire;
    Display terminal{wire};
    terminal.ask();
    wire.clear();
    CHECK(terminal.answered(position(5, 8)));
    CHECK(terminal.in_color());
    CHECK(terminal.columns() == 80); // that was where the cursor is, not how far it can go
    CHECK(wire.text().find("\x1b[6n") != std::string::npos);
    CHECK(terminal.answered(position(50, 132)));
    CHECK_FALSE(terminal.asked());
    CHECK(terminal.columns() == 132);
    CHECK(terminal.rows() == 50);
    wire.clear();
    print(terminal, "{}ok{}", terminal.paint(Ink::good), terminal.paint(Ink::plain));
    CHECK(wire.text() == "\x1b[32mok\x1b[0m");

    terminal.ask(); // once more, as after a change of size
    CHECK_FALSE(terminal.answered(position(1, 1)));
    CHECK_FALSE(terminal.answered(position(50, 132)));
    terminal.ask();
    CHECK_FALSE(terminal.answered(position(1, 1)));
    CHECK(terminal.answered(position(9999, 1)));
    CHECK(terminal.columns() == 40);
    CHECK(terminal.rows() == 400);
}

TEST_CASE("an answer that nobody asked for changes nothing", "[terminal]") {
    test::StringSink wire;
    Display terminal{wire};
    CHECK_FALSE(terminal.answered(position(50, 132)));
    CHECK_FALSE(terminal.in_color());
    CHECK(terminal.columns() == 80);
    CHECK(wire.text().empty());
}

TEST_CASE("told to stay plain, it never asks", "[terminal]") {
    test::StringSink wire;
    Display terminal{wire};
    terminal.stay_plain();
    terminal.ask();
    CHECK(wire.text().empty());
    CHECK_FALSE(terminal.answered(position(50, 132)));
    CHECK(terminal.paint(Ink::bad).empty());
}

class Reader final : public ScreenPager {
public:
    bool turn_page() override { return ++pages < most; }
    unsigned pages = 0, most = 100;
};

TEST_CASE("a pager is asked when the screen is full, and what it does not want is not shown", "[terminal]") {
    test::StringSink wire;
    Display terminal{wire};
    Reader reader;
    terminal.set_size(10, 80);
    terminal.set_pager(&reader);
    for (int line = 1; line <= 8; ++line) {
        print(terminal, "line {}\n", line);
    }
    CHECK(reader.pages == 0);
    print(terminal, "9\n10");
    CHECK(reader.pages == 1); // nine lines, and the row for the question
    reader.most = 2;
    terminal.write("\n\n\n\n\n\n\n\n\nlast\n");
    CHECK(reader.pages == 2);
    CHECK(wire.text().find("10\n") != std::string::npos);
    CHECK(wire.text().find("last") == std::string::npos);
    terminal.set_pager(nullptr);
    terminal.write("after");
    CHECK(wire.text().ends_with("after"));
}

} // namespace
} // namespace quire
