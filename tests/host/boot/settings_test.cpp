// Every option is understood, or what is wrong with it is said and the default kept.
#include "kernel/boot/settings.h"
#include "tests/host/support/string_sink.h"

#include <catch2/catch.hpp>
#include <string>

namespace quire {
namespace {

struct Told {
    explicit Told(std::string_view line) {
        REQUIRE(options.add(line));
        settings = read_settings(options, notes);
    }
    BootOptions options;
    test::StringSink notes;
    BootSettings settings;
};

TEST_CASE("what is told is set", "[settings]") {
    const Told told(
        "aslr=on commands='frames; audit' demo exec=\"hello there\" exit-port=0x501 fault-reports=on heap=2M "
        "heap-mode=debug no-color overcommit=never replacement=2q slow-pages=3");
    CHECK(told.notes.text().empty());
    CHECK(told.settings.randomise_addresses);
    CHECK(told.settings.commands == "frames; audit");
    CHECK(told.settings.demo);
    CHECK(told.settings.exec == "hello there");
    CHECK(told.settings.exit_port == 0x501);
    CHECK(told.settings.fault_reports);
    CHECK(told.settings.heap_maximum == 2U << 20);
    CHECK(told.settings.heap_mode == HeapMode::debug);
    CHECK(told.settings.plain);
    CHECK(told.settings.overcommit == CommitPolicy::never);
    CHECK(told.settings.replacement == ReplacementPolicy::two_queue);
    CHECK(told.settings.slow_pages == 3);
}

TEST_CASE("nothing told is nothing out of the ordinary", "[settings]") {
    const Told told("");
    CHECK(told.notes.text().empty());
    CHECK_FALSE((told.settings.randomise_addresses || told.settings.demo || told.settings.fault_reports ||
                 told.settings.plain || told.settings.commands || told.settings.exec));
    CHECK((told.settings.exit_port == 0 && told.settings.heap_maximum == 0 && told.settings.slow_pages == 0));
    CHECK(told.settings.heap_mode == HeapMode::tracked);
    CHECK(told.settings.overcommit == CommitPolicy::guess);
    CHECK(told.settings.replacement == ReplacementPolicy::adaptive_sieve);
}

TEST_CASE("the last option of a name wins", "[settings]") {
    CHECK_FALSE(Told("aslr=on aslr=off").settings.randomise_addresses);
    CHECK(Told("heap-mode=debug heap-mode=plain").settings.heap_mode == HeapMode::plain);
}

TEST_CASE("chaos is random replacement and more", "[boot]") {
    const Told told("replacement=chaos");
    CHECK(told.settings.chaos_paging);
    CHECK(told.settings.replacement == ReplacementPolicy::random);
    CHECK(told.notes.text().empty());
    CHECK_FALSE(Told("replacement=chaos replacement=fifo").settings.chaos_paging);
}

TEST_CASE("what is wrong is said, and changes nothing", "[settings]") {
    struct Case {
        const char* option;
        const char* complaint;
    };
    for (const Case& c :
         {Case{"aslr=maybe", "command line: aslr=maybe is neither on nor off\n"},
          Case{"fault-reports", "command line: fault-reports= is neither on nor off\n"},
          Case{"exit-port=99999", "command line: exit-port=99999 is no port\n"},
          Case{"exit-port=here", "command line: exit-port=here is no port\n"},
          Case{"heap=4K", "command line: heap=4K is no size of 1M or more\n"},
          Case{"heap-mode=fast", "command line: heap-mode=fast is none of plain, tracked, debug\n"},
          Case{"overcommit=yes", "command line: overcommit=yes is none of never, guess, always\n"},
          Case{"replacement=mru", "command line: replacement=mru is none of adaptive-sieve, clock, fifo, lru, "
                                  "aging, 2q, random, chaos\n"},
          Case{"slow-pages=0", "command line: slow-pages=0 is no number of 1 or more\n"},
          Case{"slow-pages", "command line: slow-pages= is no number of 1 or more\n"},
          Case{"dmeo", "command line: there is no option \"dmeo\"; \"demo\" is meant?\n"},
          Case{"quiet", "command line: there is no option \"quiet\"\n"}}) {
        INFO(c.option);
        const Told told(c.option);
        CHECK(told.notes.text() == c.complaint);
        CHECK_FALSE((told.settings.randomise_addresses || told.settings.fault_reports || told.settings.demo));
        CHECK((told.settings.exit_port == 0 && told.settings.heap_maximum == 0 && told.settings.slow_pages == 0));
        CHECK(told.settings.heap_mode == HeapMode::tracked);
        CHECK(told.settings.overcommit == CommitPolicy::guess);
    }
}

TEST_CASE("limits of memory are options, too", "[settings]") {
    const Told told("max-overall-mem=32M mem-per-frame=4096 min-mem-per-proc=64 max-mem-per-proc=0x10000");
    CHECK(told.notes.text().empty());
    CHECK(told.settings.limits.overall == 32U << 20);
    CHECK(told.settings.limits.least_process == 64);
    CHECK(told.settings.limits.most_process == 65536);
    const Told wrong("max-overall-mem=64K mem-per-frame=256 min-mem-per-proc=96");
    CHECK(wrong.notes.text() ==
          "command line: max-overall-mem=64K is no size of 4M or more, which this kernel needs: all RAM is used\n"
          "command line: mem-per-frame=256 is refused: a page of this processor has 4096 bytes, and so has a frame\n"
          "command line: min-mem-per-proc=96 is no power of two of 64 or more\n");
    CHECK((wrong.settings.limits.overall == 0 && wrong.settings.limits.least_process == 0));
    const Told crossed("min-mem-per-proc=1024 max-mem-per-proc=512");
    CHECK(crossed.notes.text() ==
          "command line: min-mem-per-proc=1024 is more than max-mem-per-proc=512: neither counts\n");
    CHECK((crossed.settings.limits.least_process == 0 && crossed.settings.limits.most_process == 0));
    CHECK(Told("max-overal-mem=8M").notes.text() ==
          "command line: there is no option \"max-overal-mem\"; \"max-overall-mem\" is meant?\n");
}

} // namespace
} // namespace quire
