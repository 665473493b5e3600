// Lines fall apart into the commands and words that were meant, and mistyped words find their neighbour.
#include "kernel/monitor/editor/tokenizer.h"
#include "tests/host/support/string_sink.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <random>
#include <string>
#include <vector>

namespace quire {
namespace {

// "[a][b]|[c]" for `a b; c`, or the name of the error where there is one.
std::string taken_apart(std::string_view line) {
    test::StringSink text;
    Tokenizer words;
    while (!line.empty()) {
        const Result<void> taken = words.take_command(line);
        if (!taken) {
            REQUIRE(words.all().empty());
            return std::string(name_of(taken.error()));
        }
        for (const std::string_view word : words.all()) {
            print(text, "[{}]", word);
        }
        text.write(line.empty() ? "" : "|");
    }
    return text.text();
}

TEST_CASE("commands and words are taken apart", "[words]") {
    CHECK(taken_apart("").empty());
    CHECK(taken_apart("   ").empty());
    CHECK(taken_apart("help") == "[help]");
    CHECK(taken_apart("  peek\t0x1000   4 ") == "[peek][0x1000][4]");
    CHECK(taken_apart("meminfo; audit") == "[meminfo]|[audit]");
    CHECK(taken_apart("meminfo;audit;") == "[meminfo]|[audit]");
    CHECK(taken_apart(";;a") == "||[a]");
}

TEST_CASE("quotes, backslashes and comments", "[words]") {
    CHECK(taken_apart("echo \"a b\" 'c;d'") == "[echo][a b][c;d]");
    CHECK(taken_apart("echo pre\"mid dle\"post") == "[echo][premid dlepost]");
    CHECK(taken_apart("echo \"\"") == "[echo][]");
    CHECK(taken_apart("echo a\\ b \\; \"\\\"\" '\\'") == "[echo][a b][;][\"][\\]");
    CHECK(taken_apart("audit # all; of it") == "[audit]");
    CHECK(taken_apart("echo a#b") == "[echo][a#b]");
}

TEST_CASE("what is wrong with a line is named", "[words]") {
    CHECK(taken_apart("echo \"open") == "truncated");
    CHECK(taken_apart("echo 'open; audit") == "truncated");
    std::string many;
    for (std::size_t i = 0; i <= Tokenizer::most_words; ++i) {
        many += "w ";
    }
    CHECK(taken_apart(many) == "too large");
    CHECK(taken_apart(std::string(Tokenizer::most_text + 1, 'x')) == "too large");
}

} // namespace
} // namespace quire
