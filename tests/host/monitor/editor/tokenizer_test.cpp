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

// The textbook's table, every cell of it.
unsigned distance_reference(const std::string& a, const std::string& b) {
    std::vector<std::vector<unsigned>> table(a.size() + 1, std::vector<unsigned>(b.size() + 1));
    for (unsigned i = 0; i <= a.size(); ++i) {
        for (unsigned j = 0; j <= b.size(); ++j) {
            if (i == 0 || j == 0) {
                table[i][j] = i + j;
                continue;
            }
            table[i][j] = std::min(
                {table[i - 1][j] + 1, table[i][j - 1] + 1, table[i - 1][j - 1] + (a[i - 1] == b[j - 1] ? 0U : 1U)});
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
                table[i][j] = std::min(table[i][j], table[i - 2][j - 2] + 1);
            }
        }
    }
    return table[a.size()][b.size()];
}

TEST_CASE("edit distance", "[words]") {
    CHECK(edit_distance("", "") == 0);
    CHECK(edit_distance("frames", "frames") == 0);
    CHECK(edit_distance("farmes", "frames") == 1);
    CHECK(edit_distance("frame", "frames") == 1);
    CHECK(edit_distance("", "heap") == 4);
    CHECK(edit_distance(std::string(40, 'a'), "a") == 40);
    const unsigned seed = 3;
    INFO("seed " << seed);
    std::mt19937 random(seed);
    const auto word = [&random] {
        std::string text(random() % 9, 'a');
        std::generate(text.begin(), text.end(), [&random] { return static_cast<char>('a' + random() % 3); });
        return text;
    };
    for (int round = 0; round < 5000; ++round) {
        const std::string a = word();
        const std::string b = word();
        INFO(a << " " << b);
        REQUIRE(edit_distance(a, b) == distance_reference(a, b));
    }
}

std::string suggested(std::string_view typed) {
    Suggestion suggestion{typed};
    for (const char* known : {"help", "meminfo", "memtest", "frames", "translate", "heap", "audit", "peek", "poke"}) {
        suggestion.consider(known);
    }
    return std::string(suggestion.best());
}

TEST_CASE("a mistyped word finds the one that was meant, a strange one none", "[words]") {
    CHECK(suggested("mminfo") == "meminfo");
    CHECK(suggested("memtset") == "memtest");
    CHECK(suggested("farmes") == "frames");
    CHECK(suggested("trans") == "translate");
    CHECK(suggested("translat") == "translate");
    CHECK(suggested("frames2") == "frames");
    CHECK(suggested("peak") == "peek");
    CHECK(suggested("ls").empty());
    CHECK(suggested("sudo").empty());
    CHECK(suggested("").empty());
}

} // namespace
} // namespace quire
