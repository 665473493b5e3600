// Distances between words against a naive reference, and what is suggested for a mistyped one.
#include "kernel/lib/suggestion.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <random>
#include <string>
#include <vector>

namespace quire {
namespace {

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

TEST_CASE("edit distance", "[suggestion]") {
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

TEST_CASE("a mistyped word finds the one that was meant, a strange one none", "[suggestion]") {
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
