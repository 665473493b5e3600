// Whatever is typed, the line is what a naive editor would have, and the screen shows it with the cursor in its place.
#include "kernel/monitor/editor/line_editor.h"
#include "tests/host/monitor/console/screen_model.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <random>
#include <string>

namespace quire {
namespace {

using Event = LineEditor::Event;
using Kind = Key::Kind;

class CommandCompleter final : public Completer {
public:
    void offer(std::string_view before, Candidates& candidates) const override {
        if (before.empty()) {
            for (const char* word : {"help", "heap", "halt", "meminfo", "memtest"}) {
                candidates.add(word);
            }
        } else if (before == "fault ") {
            for (const char* word : {"null", "stack-overflow"}) {
                candidates.add(word);
            }
        }
    }
};

// An editor at a screen, fed with bytes as from a terminal.
class Desk {
public:
    explicit Desk(std::size_t columns = 80) : screen(columns), editor(screen, history, completer) { start(columns); }

    void start(std::size_t columns) { editor.begin({.text = "quire> ", .width = 7}, columns); }

    Event type(std::string_view bytes) {
        Event event = Event::editing;
        for (const char byte : bytes) {
            if (const std::optional<Key> key = decoder.feed(byte)) {
                event = editor.feed(*key);
            }
        }
        return event;
    }

    test::ScreenModel screen;
    History history;
    CommandCompleter completer;
    LineEditor editor;
    KeyDecoder decoder;
};

TEST_CASE("typing and Enter", "[line_editor]") {
    Desk desk;
    CHECK(desk.screen.row() == "quire>");
    CHECK(desk.type("audit") == Event::editing);
    CHECK(desk.screen.row() == "quire> audit");
    CHECK(desk.screen.column() == 12);
    CHECK(desk.type("\r") == Event::line);
    CHECK(desk.editor.line() == "audit");
    CHECK(desk.screen.column() == 0);
    CHECK(desk.screen.row(1) == "quire> audit");
}

TEST_CASE("editing in the middle", "[line_editor]") {
    Desk desk;
    desk.type("pek 0x10\x01\x06\x06"); // home, right, right
    CHECK(desk.screen.column() == 9);
    desk.type("e");
    CHECK(desk.screen.row() == "quire> peek 0x10");
    CHECK(desk.screen.column() == 10);
    desk.type("\x1b[3~\x1b[3~"); // two times Delete: "k "
    CHECK(desk.screen.row() == "quire> pee0x10");
    desk.type("\x08\x7f");
    CHECK(desk.screen.row() == "quire> p0x10");
    desk.type("\x0b");
    CHECK(desk.screen.row() == "quire> p");
    desk.type("oke 1 2\x17");
    CHECK(desk.screen.row() == "quire> poke 1");
    desk.type("\x1b[1;5D\x1b[1;5D!\x05.");
    CHECK(desk.editor.line() == "!poke 1 .");
    desk.type("\x15");
    CHECK(desk.editor.line().empty());
    CHECK(desk.screen.row() == "quire>");
    CHECK(desk.screen.column() == 7);
    CHECK(desk.screen.well_behaved());
}

TEST_CASE("giving up a line, and leaving", "[line_editor]") {
    Desk desk;
    CHECK(desk.type("half\x02\x02\x03") == Event::interrupted);
    CHECK(desk.screen.row(1) == "quire> half^C");
    desk.start(80);
    CHECK(desk.type("ab\x01\x04") == Event::editing);
    CHECK(desk.editor.line() == "b");
    CHECK(desk.type("\x04\x04") == Event::closed);
    CHECK(desk.type("\x0c") == Event::clear_screen);
}

TEST_CASE("history goes up and down and keeps what was being typed", "[line_editor]") {
    Desk desk;
    for (const char* line : {"one\r", "second\r"}) {
        CHECK(desk.type(line) == Event::line);
        desk.start(80);
    }
    desk.type("dra\x1b[A");
    CHECK(desk.screen.row() == "quire> second");
    desk.type("\x1b[A\x1b[A");
    CHECK(desk.screen.row() == "quire> one");
    desk.type("\x1b[B\x1b[B\x1b[B");
    CHECK(desk.screen.row() == "quire> dra");
    CHECK(desk.screen.column() == 10);
}

TEST_CASE("tab completes as far as there is no choice, then lists", "[line_editor]") {
    Desk desk;
    desk.type("ha\t");
    CHECK(desk.editor.line() == "halt ");
    desk.type("\x15m\t");
    CHECK(desk.editor.line() == "mem");
    CHECK(desk.screen.row_number() == 0);
    desk.type("\t");
    CHECK(desk.screen.row_number() == 0); // one tab alone never lists
    desk.type("\t");
    CHECK(desk.screen.row(2) == "quire> mem");
    CHECK(desk.screen.row(1) == "meminfo  memtest");
    CHECK(desk.screen.row() == "quire> mem");
    CHECK(desk.screen.column() == 10);
    desk.type("t\t");
    CHECK(desk.editor.line() == "memtest ");
    desk.type("\x15"
              "fault s\t");
    CHECK(desk.editor.line() == "fault stack-overflow ");
    desk.type("\x15zz\t\t\t");
    CHECK(desk.editor.line() == "zz");
    CHECK(desk.screen.well_behaved());
}

TEST_CASE("completion in the middle keeps what follows", "[line_editor]") {
    Desk desk;
    desk.type("hal 2\x02\x02\t");
    CHECK(desk.editor.line() == "halt  2");
    CHECK(desk.screen.row() == "quire> halt  2");
    CHECK(desk.screen.column() == 12);
}

TEST_CASE("a prompt in other clothes is drawn over the old one", "[line_editor]") {
    Desk desk;
    desk.type("audit\x02");
    desk.editor.redraw({.text = "QUIRE> ", .width = 7}, 80);
    CHECK(desk.screen.row() == "QUIRE> audit");
    CHECK(desk.screen.column() == 11);
}

TEST_CASE("a line stops growing where its room ends", "[line_editor]") {
    Desk desk;
    desk.type(std::string(LineEditor::longest_line + 50, 'x'));
    CHECK(desk.editor.line().size() == LineEditor::longest_line);
    desk.type("\x01y");
    CHECK(desk.editor.line().front() == 'x');
    CHECK(desk.screen.well_behaved());
}

// The screen row must be the prompt and a part of the line around the cursor, with marks where the line goes on.
void check_screen(const Desk& desk, const std::string& line, std::size_t cursor, std::size_t columns) {
    const std::string row = desk.screen.whole_row();
    constexpr std::size_t prompt = 7;
    REQUIRE(desk.screen.well_behaved());
    REQUIRE(row.substr(0, prompt) == "quire> ");
    REQUIRE(desk.screen.column() >= prompt);
    const std::size_t at = desk.screen.column() - prompt;
    REQUIRE(cursor >= at);
    const std::size_t first = cursor - at; // the character of the line in the column after the prompt
    const std::size_t room = columns - prompt - 1;
    std::string expected = line.substr(std::min(first, line.size()), room);
    expected.resize(room, ' ');
    expected.front() = first > 0 ? '<' : expected.front();
    expected.back() = first + room < line.size() ? '>' : expected.back();
    REQUIRE(row.substr(prompt, room) == expected);
    REQUIRE_FALSE((first > 0 && at == 0)); // the cursor never hides behind a mark
    REQUIRE_FALSE((first + room < line.size() && at + 1 == room));
    if (line.size() <= room) {
        REQUIRE(first == 0);
    }
}

TEST_CASE("a random typist always sees the line that a naive editor has", "[line_editor]") {
    const auto columns = GENERATE(std::size_t{80}, std::size_t{40}, std::size_t{25});
    const unsigned seed = 5 + static_cast<unsigned>(columns);
    INFO("seed " << seed << ", " << columns << " columns");
    std::mt19937 random(seed);
    Desk desk{columns};
    std::string line;
    std::size_t cursor = 0;
    for (int step = 0; step < 30000; ++step) {
        Key key;
        switch (random() % 16) {
        case 0:
            key.kind = Kind::left;
            cursor -= std::min<std::size_t>(cursor, 1);
            break;
        case 1:
            key.kind = Kind::right;
            cursor = std::min(cursor + 1, line.size());
            break;
        case 2:
            key.kind = Kind::home;
            cursor = 0;
            break;
        case 3:
            key.kind = Kind::end;
            cursor = line.size();
            break;
        case 4:
            key.kind = Kind::backspace;
            if (cursor > 0) {
                line.erase(--cursor, 1);
            }
            break;
        case 5:
            key.kind = Kind::erase;
            if (cursor < line.size()) {
                line.erase(cursor, 1);
            }
            break;
        case 6:
            if (random() % 20 == 0) {
                key.kind = Kind::kill_to_end;
                line.erase(cursor);
            }
            break;
        case 7:
            if (random() % 20 == 0) {
                key.kind = Kind::kill_to_start;
                line.erase(0, cursor);
                cursor = 0;
            }
            break;
        default:
            key.kind = Kind::character;
            key.character = static_cast<char>('a' + random() % 26);
            if (line.size() < LineEditor::longest_line) {
                line.insert(cursor++, 1, key.character);
            }
            break;
        }
        REQUIRE(desk.editor.feed(key) == Event::editing);
        REQUIRE(desk.editor.line() == line);
        check_screen(desk, line, cursor, columns);
    }
}

} // namespace
} // namespace quire
