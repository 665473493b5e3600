// Boot options are understood in every form that loaders pass them on, and no malformed line does harm.
#include "kernel/lib/options.h"
#include "tests/host/support/string_sink.h"

#include <catch2/catch.hpp>
#include <random>
#include <string>

namespace quire {
namespace {

std::string listed(const BootOptions& options) {
    test::StringSink text;
    for (const BootOption& option : options.all()) {
        print(text, "[{}={}]", option.key, option.value);
    }
    return text.text();
}

struct Case {
    const char* line;
    const char* options;
};

TEST_CASE("words, values and quotes are taken apart", "[options]") {
    for (const Case& c : {
             Case{"", ""},
             Case{"   \t ", ""},
             Case{"demo", "[demo=]"},
             Case{"demo heap=16M", "[demo=][heap=16M]"},
             Case{"  demo   no-color ", "[demo=][no-color=]"},
             Case{"commands=\"meminfo; audit\" demo", "[commands=meminfo; audit][demo=]"},
             Case{"\"commands=meminfo; audit\" demo", "[commands=meminfo; audit][demo=]"},
             Case{"'commands=echo \"hi there\"'", "[commands=echo \"hi there\"]"},
             Case{"commands=echo\\ hi", "[commands=echo hi]"},
             Case{"\"commands=echo \\\"hi there\\\"\"", "[commands=echo \"hi there\"]"},
             Case{"a= b=\"\" c==", "[a=][b=][c==]"},
             Case{"a=1 a=2", "[a=1][a=2]"},
             Case{"build/kernel/quire demo", "[demo=]"},
             Case{"/boot/quire path=/etc/x", "[path=/etc/x]"},
             Case{"back\\\\slash", "[back\\slash=]"},
         }) {
        INFO(c.line);
        BootOptions options;
        CHECK(options.add(c.line));
        CHECK(listed(options) == c.options);
    }
}

TEST_CASE("the last of several equal keys counts, and lines add up", "[options]") {
    BootOptions options;
    REQUIRE(options.add("heap=1M demo"));
    REQUIRE(options.add("heap=2M"));
    CHECK(options.value("heap") == "2M");
    CHECK(options.value("demo") == "");
    CHECK(options.has("demo"));
    CHECK_FALSE(options.has("dem"));
    CHECK_FALSE(options.value("commands").has_value());
}

TEST_CASE("the text may change once it was read", "[options]") {
    BootOptions options;
    std::string line = "commands=\"a b\"";
    REQUIRE(options.add(line));
    line.assign(line.size(), '#');
    CHECK(options.value("commands") == "a b");
}

TEST_CASE("malformed lines are named, and the rest of them is used", "[options]") {
    BootOptions open;
    CHECK(open.add("demo commands=\"audit") == fail(Error::truncated));
    CHECK(listed(open) == "[demo=][commands=audit]");

    BootOptions keyless;
    CHECK(keyless.add("=5 demo \"\"") == fail(Error::malformed));
    CHECK(listed(keyless) == "[demo=]");

    BootOptions backslash_at_end;
    CHECK(backslash_at_end.add("demo\\"));
    CHECK(listed(backslash_at_end) == "[demo\\=]");
}

TEST_CASE("more than fits is refused word by word", "[options]") {
    BootOptions long_word;
    std::string long_line = "a=1 b= c=3";
    long_line.insert(6, 5000, 'x');
    CHECK(long_word.add(long_line) == fail(Error::too_large));
    CHECK(listed(long_word) == "[a=1][c=3]");

    BootOptions many_words;
    std::string line;
    for (int i = 0; i < 100; ++i) {
        line.append("o").append(std::to_string(i)).append(" ");
    }
    CHECK(many_words.add(line) == fail(Error::too_large));
    CHECK(many_words.has("o0"));
    CHECK_FALSE(many_words.has("o99"));
    CHECK(many_words.add("one-more") == fail(Error::too_large));
}

TEST_CASE("no random line breaks the parser, and every key it gives is not empty", "[options]") {
    const unsigned seed = 20240817;
    INFO("seed " << seed);
    std::mt19937 random(seed);
    const std::string alphabet = "ab=\"'\\ /\t;";
    for (int round = 0; round < 20000; ++round) {
        std::string line(random() % 60, ' ');
        for (char& c : line) {
            c = alphabet[random() % alphabet.size()];
        }
        INFO(line);
        BootOptions options;
        const Result<void> outcome = options.add(line);
        std::size_t characters = 0;
        for (const BootOption& option : options.all()) {
            REQUIRE_FALSE(option.key.empty());
            REQUIRE(option.key.find('=') == std::string_view::npos);
            characters += option.key.size() + option.value.size();
        }
        REQUIRE(characters <= line.size());
        if (line.find_first_of("\"'=\\") == std::string::npos) {
            REQUIRE(outcome);
        }
    }
}

} // namespace
} // namespace quire
