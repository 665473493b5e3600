// config.txt: the keys that count here are understood, those of a simulator are passed over, and the rest is told.
#include "kernel/boot/memory_limits.h"
#include "tests/host/support/string_sink.h"

#include <catch2/catch.hpp>
#include <string>

namespace quire {
namespace {

struct Read {
    explicit Read(std::string_view text) : limits(read_config(text, notes)) {}
    test::StringSink notes;
    MemoryLimits limits;
};

TEST_CASE("a file for kernel and simulator serves both", "[limits]") {
    const Read read("num-cpu 4\r\nscheduler \"rr\"\r\nquantum-cycles 5\nmax-overall-mem 16M\nmem-per-frame   4096\n"
                    "\n  min-mem-per-proc\t64 \nmax-mem-per-proc \"4096\"");
    CHECK(read.limits.overall == 16U << 20);
    CHECK(read.limits.least_process == 64);
    CHECK(read.limits.most_process == 4096);
    CHECK(read.notes.text() ==
          "config.txt: passed over, for a simulator knows them: num-cpu scheduler quantum-cycles\n");
}

TEST_CASE("what only a simulator can do is refused by name, and the default kept", "[limits]") {
    const Read read("max-overall-mem 16384\nmem-per-frame 256\nmin-mem-per-proc 100\nmax-mem-per-proc\n");
    CHECK(read.limits.overall == 0);
    CHECK((read.limits.least_process == 0 && read.limits.most_process == 0));
    CHECK(read.notes.text() ==
          "config.txt: max-overall-mem 16384 is no size of 4M or more, which this kernel needs: all RAM is used\n"
          "config.txt: mem-per-frame 256 is refused: a page of this processor has 4096 bytes, and so has a frame\n"
          "config.txt: min-mem-per-proc 100 is no power of two of 64 or more\n"
          "config.txt: max-mem-per-proc  is no power of two of 64 or more\n");
}

TEST_CASE("clusters have a power of two of pages, and no more than can be on their way", "[limits]") {
    CHECK(Read("mem-per-frame 4096").limits.frame == 4096);
    CHECK(Read("mem-per-frame 16K").limits.frame == 16384);
    CHECK(Read("mem-per-frame 256K").limits.frame == 256U << 10);
    for (const std::string value : {"12K", "512K", "4097"}) {
        const Read read("mem-per-frame " + value);
        CHECK(read.limits.frame == 0);
        CHECK(read.notes.text() == "config.txt: mem-per-frame " + value +
                                       " is refused: pages go and come in clusters of 4K, 8K and so on to 256K\n");
    }
}

TEST_CASE("a mistyped key gets a suggestion, and nothing is no complaint", "[limits]") {
    CHECK(Read("max-overall-men 8M").notes.text() ==
          "config.txt: there is no key \"max-overall-men\"; \"max-overall-mem\" is meant?\n");
    CHECK(Read("").notes.text().empty());
    CHECK(Read("\n \n\t\n").notes.text().empty());
}

TEST_CASE("what was told first counts, and what was not is added", "[limits]") {
    MemoryLimits command_line{.overall = 8U << 20, .most_process = 512};
    command_line.add({.overall = 32U << 20, .least_process = 128, .most_process = 1024});
    CHECK(command_line.overall == 8U << 20);
    CHECK(command_line.least_process == 128);
    CHECK(command_line.most_process == 512);
}

} // namespace
} // namespace quire
