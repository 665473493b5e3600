// The history gives back the newest lines, and only ever forgets the oldest.
#include "kernel/monitor/editor/history.h"

#include <catch2/catch.hpp>
#include <deque>
#include <random>
#include <string>

namespace quire {
namespace {

TEST_CASE("lines come back newest first", "[history]") {
    History history;
    CHECK(history.count() == 0);
    CHECK(history.line(0).empty());
    history.add("one");
    history.add("two");
    CHECK(history.count() == 2);
    CHECK(history.line(0) == "two");
    CHECK(history.line(1) == "one");
    CHECK(history.line(2).empty());
}

TEST_CASE("nothing is kept of an empty line, a repeated one, or one that cannot fit", "[history]") {
    History history;
    history.add("");
    history.add("same");
    history.add("same");
    history.add(std::string(History::capacity, 'x'));
    CHECK(history.count() == 1);
    history.add(std::string(History::capacity - 1, 'y'));
    CHECK(history.count() == 1);
    CHECK(history.line(0).front() == 'y');
}

TEST_CASE("it equals a queue that drops from the old end", "[history]") {
    const unsigned seed = 11;
    INFO("seed " << seed);
    std::mt19937 random(seed);
    History history;
    std::deque<std::string> reference; // newest in front
    for (int round = 0; round < 5000; ++round) {
        const std::string line(1 + random() % 200, static_cast<char>('a' + random() % 26));
        history.add(line);
        if (reference.empty() || reference.front() != line) {
            reference.push_front(line);
        }
        std::size_t used = 0;
        for (const std::string& kept : reference) {
            used += kept.size() + 1;
        }
        for (; used > History::capacity; reference.pop_back()) {
            used -= reference.back().size() + 1;
        }
        REQUIRE(history.count() == reference.size());
        for (std::size_t age = 0; age < reference.size(); ++age) {
            REQUIRE(history.line(age) == reference[age]);
        }
    }
}

} // namespace
} // namespace quire
