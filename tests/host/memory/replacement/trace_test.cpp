// Traces that are damaged: each is refused, with the line where it shows.
#include "kernel/memory/replacement/replacement.h"
#include "tests/host/support/kernel_trace.h"
#include "tests/host/support/random.h"
#include "tests/host/support/string_sink.h"

#include <catch2/catch.hpp>
#include <sstream>
#include <string>

using namespace quire;
using namespace quire::test;

namespace {

// Of a model that touches pages at random.
std::string recorded(ReplacementPolicy policy, std::uint32_t touches) {
    const FramesOfModel memory(20);
    Replacement replacement(memory.records());
    replacement.use(policy);
    struct Resident final : PageUses {
        Use use_since_last(Frame) override { return random.once_in(2) ? Use::used : Use::unused; }
        Use use_so_far(Frame) override { return Use::unused; }
        Random random{7};
    } uses;
    StringSink text;
    Trace trace;
    trace.begin(text);
    replacement.record(&trace);
    Random random(3);
    for (std::uint32_t touch = 0; touch < touches; ++touch) {
        replacement.loaded(Frame(1 + random.below(20)), 0);
        if (random.once_in(2)) {
            static_cast<void>(replacement.choose(uses));
        }
    }
    trace.end();
    return text.text();
}

// What is said of it; nothing where it is taken.
std::string complaint(const std::string& trace) {
    std::istringstream lines(trace);
    try {
        static_cast<void>(replay_decisions(lines));
    } catch (const std::runtime_error& error) {
        return error.what();
    }
    return {};
}

} // namespace

TEST_CASE("a trace that is whole is taken, whichever policy wrote it", "[trace]") {
    for (const ReplacementPolicy policy : Replacement::all_policies) {
        CAPTURE(name_of(policy));
        CHECK(complaint(recorded(policy, 300)).empty());
    }
}

TEST_CASE("a trace that was cut off anywhere is refused", "[trace]") {
    const std::string trace = recorded(ReplacementPolicy::adaptive_sieve, 40);
    for (std::size_t length = 0; length < trace.size(); ++length) {
        const std::string said = complaint(trace.substr(0, length));
        CAPTURE(length, said);
        CHECK(said.starts_with("line "));
    }
    CHECK(complaint(trace.substr(0, trace.find("\nend") + 1)).find("without its last line") != std::string::npos);
}

TEST_CASE("a trace with any byte changed is refused", "[trace]") {
    const std::string trace = recorded(ReplacementPolicy::two_queue, 40);
    for (std::size_t at = 0; at < trace.size(); ++at) {
        std::string changed = trace;
        changed[at] = changed[at] == '1' ? '2' : '1';
        CAPTURE(at);
        CHECK(complaint(changed).starts_with("line "));
    }
}

TEST_CASE("a trace without one of its lines is refused", "[trace]") {
    const std::string trace = recorded(ReplacementPolicy::clock, 40);
    for (std::size_t from = 0; from < trace.size(); from = trace.find('\n', from) + 1) {
        std::string shorter = trace;
        shorter.erase(from, trace.find('\n', from) + 1 - from);
        CAPTURE(trace.substr(from, trace.find('\n', from) - from));
        CHECK(complaint(shorter).starts_with("line "));
    }
}

TEST_CASE("what is no trace is refused by name", "[trace]") {
    CHECK(complaint("").starts_with("line 1: "));
    CHECK(complaint("1\n2\n3\n").find("begin with \"quire-trace 1 decisions\"") != std::string::npos);
    std::istringstream lines(recorded(ReplacementPolicy::fifo, 3));
    CHECK_THROWS_WITH(read_accesses(lines), Catch::Contains("begin with \"quire-trace 1 accesses\""));
    CHECK(complaint("quire-trace 1 decisions frames 15\nload 1\n").find("no policy was named") != std::string::npos);
    CHECK(complaint("quire-trace 1 decisions frames 15\npolicy mru\n").find("no policy \"mru\"") != std::string::npos);
    CHECK(complaint("quire-trace 1 decisions frames 15\npolicy fifo\nload 15\n").find("no such frame") !=
          std::string::npos);
}
