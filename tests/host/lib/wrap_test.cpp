// Wrapped text keeps every word and fits its width.
#include "kernel/lib/wrap.h"
#include "tests/host/support/string_sink.h"

#include <catch2/catch.hpp>
#include <random>
#include <sstream>
#include <string>

namespace quire {
namespace {

std::string wrapped(std::string_view text, std::size_t width, std::size_t indent) {
    test::StringSink out;
    WrapSink(out, width, indent).write(text);
    return out.text();
}

TEST_CASE("lines are broken between words and continued with an indent", "[wrap]") {
    CHECK(wrapped("one two three four", 9, 2) == "one two\n  three\n  four");
    CHECK(wrapped("  label  text that goes on\nnext", 14, 9) ==
          "  label  text\n         that\n         goes\n         on\nnext");
}

TEST_CASE("colours take no column", "[wrap]") {
    CHECK(wrapped("\x1b[1;31mone\x1b[0m two three", 7, 0) == "\x1b[1;31mone\x1b[0m two\nthree");
}

TEST_CASE("text that fits is left alone", "[wrap]") {
    CHECK(wrapped("", 10, 2).empty());
    CHECK(wrapped("ten chars!", 10, 2) == "ten chars!");
    CHECK(wrapped("  a   b\n\n c\n", 10, 2) == "  a   b\n\n c\n");
}

TEST_CASE("a word longer than the line is not broken", "[wrap]") {
    const std::string word(200, 'x');
    CHECK(wrapped(word, 10, 2) == word);
    CHECK(wrapped("a " + word + " b", 10, 2) == "a\n  " + word + "\n  b");
}

TEST_CASE("wrapping loses no word and keeps the width", "[wrap]") {
    const unsigned seed = GENERATE(1U, 2U, 3U);
    CAPTURE(seed);
    std::mt19937 random(seed);
    std::string text;
    for (int i = 0; i < 500; ++i) {
        text += std::string(1 + random() % 15, static_cast<char>('a' + random() % 26));
        text += random() % 10 == 0 ? '\n' : ' ';
    }
    const std::string result = wrapped(text, 40, 6);
    std::istringstream before(text);
    std::istringstream after(result);
    for (std::string expected, found; before >> expected;) {
        REQUIRE(after >> found);
        REQUIRE(found == expected);
    }
    std::istringstream lines(result);
    for (std::string line; std::getline(lines, line);) {
        REQUIRE(line.size() <= 40);
    }
}

} // namespace
} // namespace quire
