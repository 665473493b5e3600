// The bytes of every key that terminals send come out as that key, and nothing else comes out as text.
#include "kernel/monitor/console/keys.h"

#include <catch2/catch.hpp>
#include <random>
#include <string>
#include <vector>

namespace quire {
namespace {

using Kind = Key::Kind;

std::vector<Key> decoded(std::string_view bytes) {
    KeyDecoder decoder;
    std::vector<Key> keys;
    for (const char byte : bytes) {
        if (const std::optional<Key> key = decoder.feed(byte)) {
            keys.push_back(*key);
        }
    }
    return keys;
}

std::vector<Kind> kinds(std::string_view bytes) {
    std::vector<Kind> all;
    for (const Key& key : decoded(bytes)) {
        all.push_back(key.kind);
    }
    return all;
}

TEST_CASE("printable characters are themselves", "[keys]") {
    for (char c = ' '; c <= '~'; ++c) {
        const std::vector<Key> keys = decoded({&c, 1});
        REQUIRE(keys.size() == 1);
        CHECK(keys[0].kind == Kind::character);
        CHECK(keys[0].character == c);
    }
}

TEST_CASE("control characters are the keys of Emacs", "[keys]") {
    CHECK(kinds("\x01\x05\x02\x06") == std::vector{Kind::home, Kind::end, Kind::left, Kind::right});
    CHECK(kinds("\x0b\x15\x17\x0c") ==
          std::vector{Kind::kill_to_end, Kind::kill_to_start, Kind::kill_word, Kind::clear_screen});
    CHECK(kinds("\x03\x04\x10\x0e\t") ==
          std::vector{Kind::interrupt, Kind::end_of_input, Kind::up, Kind::down, Kind::tab});
    CHECK(kinds("\x08\x7f") == std::vector{Kind::backspace, Kind::backspace});
}

TEST_CASE("Enter is one key however it is sent", "[keys]") {
    CHECK(kinds("\r") == std::vector{Kind::enter});
    CHECK(kinds("\n") == std::vector{Kind::enter});
    CHECK(kinds("\r\n") == std::vector{Kind::enter});
    CHECK(kinds("\r\r\n\n") == std::vector{Kind::enter, Kind::enter, Kind::enter});
}

TEST_CASE("arrows and their neighbours are known in every dialect", "[keys]") {
    CHECK(kinds("\x1b[A\x1b[B\x1b[C\x1b[D") == std::vector{Kind::up, Kind::down, Kind::right, Kind::left});
    CHECK(kinds("\x1bOA\x1bOB\x1bOC\x1bOD") == std::vector{Kind::up, Kind::down, Kind::right, Kind::left});
    CHECK(kinds("\x1b[H\x1b[F\x1bOH\x1bOF") == std::vector{Kind::home, Kind::end, Kind::home, Kind::end});
    CHECK(kinds("\x1b[1~\x1b[4~\x1b[7~\x1b[8~\x1b[3~") ==
          std::vector{Kind::home, Kind::end, Kind::home, Kind::end, Kind::erase});
    CHECK(kinds("\x1b[1;5D\x1b[1;5C\x1b[1;3D\x1b"
                "b\x1b"
                "f") ==
          std::vector{Kind::word_left, Kind::word_right, Kind::word_left, Kind::word_left, Kind::word_right});
    CHECK(kinds("\x1b[1;2C") == std::vector{Kind::right});
}

TEST_CASE("the terminal's answer gives the cursor's place", "[keys]") {
    const std::vector<Key> keys = decoded("\x1b[24;132R");
    REQUIRE(keys.size() == 1);
    CHECK(keys[0].kind == Kind::position);
    CHECK(keys[0].row == 24);
    CHECK(keys[0].column == 132);
}

TEST_CASE("unknown sequences are swallowed whole", "[keys]") {
    CHECK(kinds("\x1b[15~x") == std::vector{Kind::unknown, Kind::character});
    CHECK(kinds("\x1b[?1;2cx") == std::vector{Kind::unknown, Kind::character});
    CHECK(kinds("\x1b[1;2;3;4;5;6;7;8;9;99999999999999Zx") == std::vector{Kind::unknown, Kind::character});
    CHECK(kinds("\x1bOzx") == std::vector{Kind::unknown, Kind::character});
    CHECK(kinds("\xc3\xa9") == std::vector<Kind>{}); // two bytes of UTF-8
}

TEST_CASE("a key that breaks off a sequence is not lost", "[keys]") {
    CHECK(kinds("\x1b\r") == std::vector{Kind::enter});
    CHECK(kinds("\x1b[\x03") == std::vector{Kind::interrupt});
    CHECK(kinds("\x1b\x1b[A") == std::vector{Kind::up});
}

TEST_CASE("after any bytes at all, Ctrl-C and a letter still arrive", "[keys]") {
    const unsigned seed = 7;
    INFO("seed " << seed);
    std::mt19937 random(seed);
    for (int round = 0; round < 20000; ++round) {
        KeyDecoder decoder;
        for (std::size_t length = random() % 12; length > 0; --length) {
            const std::optional<Key> key = decoder.feed(static_cast<char>(random()));
            if (key && key->kind == Kind::character) {
                REQUIRE(key->character >= ' ');
                REQUIRE(key->character <= '~');
            }
        }
        static_cast<void>(decoder.feed('\x1b')); // even in the middle of ESC O
        REQUIRE(decoder.feed('\x03').has_value());
        const std::optional<Key> letter = decoder.feed('q');
        REQUIRE(letter.has_value());
        REQUIRE(letter->character == 'q');
    }
}

} // namespace
} // namespace quire
