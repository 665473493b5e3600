// A backtrace follows what is a chain of frames and ends at whatever is not, reading nothing that is not there.
#include "kernel/monitor/report/backtrace.h"
#include "tests/host/support/string_sink.h"
#include "tests/host/support/symbol_words.h"

#include <array>
#include <catch2/catch.hpp>
#include <map>
#include <random>

namespace quire {
namespace {

// Tokenizer by address; counts how often one was asked for that a real machine would have faulted on if it were read.
class FakeMemory final : public MemoryReader {
public:
    std::map<std::uint32_t, std::uint32_t> words;

    [[nodiscard]] std::optional<std::uint32_t> word(VirtAddr address) const override {
        CHECK(address.value() % 4 == 0);
        const auto found = words.find(address.value());
        return found == words.end() ? std::nullopt : std::optional(found->second);
    }
    void put_frame(std::uint32_t at, std::uint32_t outer, std::uint32_t return_address) {
        words[at] = outer;
        words[at + 4] = return_address;
    }
};

// Three functions at 0xC0100000.
class Names {
public:
    [[nodiscard]] CodeNames get() const {
        return {.symbols = words_.table(), .text = {VirtAddr(0xC0100000), VirtAddr(0xC0101000)}};
    }

private:
    test::SymbolWords words_{{{0xC0100000, "start"}, {0xC0100100, "main"}, {0xC0100200, "fault"}}};
};

std::string printed(const Backtrace& trace) {
    test::StringSink sink;
    print_backtrace(sink, trace, Names().get(), "    ");
    return sink.text();
}

TEST_CASE("a backtrace lists the calls, innermost first, with their functions", "[backtrace]") {
    FakeMemory memory;
    memory.put_frame(0x1000, 0x1010, 0xC0100210);
    memory.put_frame(0x1010, 0x1040, 0xC0100200); // a call that ends its function: main's, not fault's
    memory.put_frame(0x1040, 0, 0xC0100007);
    const Backtrace trace = walk_stack(memory, 0x1000);
    CHECK(trace.end == Backtrace::End::outermost);
    CHECK(printed(trace) == "    0xc0100210 fault+0x10\n"
                            "    0xc0100200 main+0x100\n"
                            "    0xc0100007 start+0x7\n");
}

TEST_CASE("a backtrace of a function that calls itself stays short", "[backtrace]") {
    FakeMemory memory;
    memory.put_frame(0x1000, 0x1010, 0xC0100210);
    for (std::uint32_t at = 0x1010; at < 0x9010; at += 16) {
        memory.put_frame(at, at + 16, 0xC0100220);
    }
    memory.put_frame(0x9010, 0, 0xC0100107);
    CHECK(printed(walk_stack(memory, 0x1000)) == "    0xc0100210 fault+0x10\n"
                                                 "    0xc0100220 fault+0x20, 2,048 times in a row\n"
                                                 "    0xc0100107 main+0x7\n");
}

TEST_CASE("a backtrace says where the chain ends too early", "[backtrace]") {
    FakeMemory memory;
    memory.put_frame(0x1000, 0x1010, 0xC0100210);

    SECTION("at memory that is not there") {
        CHECK(printed(walk_stack(memory, 0x1000)) == "    0xc0100210 fault+0x10\n"
                                                     "    (the next frame, at 0x00001010, cannot be read)\n");
    }
    SECTION("at a frame whose second word is not there") {
        memory.words[0x1010] = 0;
        CHECK(walk_stack(memory, 0x1000).end == Backtrace::End::unreadable);
    }
    SECTION("at a misaligned frame pointer") {
        memory.put_frame(0x1000, 0x1011, 0xC0100210);
        const Backtrace trace = walk_stack(memory, 0x1000);
        CHECK(trace.end == Backtrace::End::nonsense);
        CHECK(printed(trace) == "    0xc0100210 fault+0x10\n"
                                "    (the chain breaks: 0x00001011 is no outer frame)\n");
    }
    SECTION("at a frame that leads inwards") {
        memory.put_frame(0x1010, 0x1000, 0xC0100220);
        const Backtrace trace = walk_stack(memory, 0x1000);
        CHECK(trace.end == Backtrace::End::nonsense);
        CHECK(trace.count == 2);
    }
    SECTION("at a frame that leads to itself") {
        memory.put_frame(0x1010, 0x1010, 0xC0100220);
        CHECK(walk_stack(memory, 0x1000).end == Backtrace::End::nonsense);
    }
    SECTION("at its bound") {
        for (std::uint32_t at = 0x1010; at < 0x2000; at += 16) {
            memory.put_frame(at, at + 16, 0xC0100000 + at);
        }
        const Backtrace trace = walk_stack(memory, 0x1000);
        CHECK(trace.end == Backtrace::End::too_deep);
        CHECK(trace.count == Backtrace::most_calls);
        CHECK(printed(trace).ends_with("    ... and more\n"));
    }
    SECTION("at once") {
        CHECK(walk_stack(memory, 0xDEADBEEC).end == Backtrace::End::unreadable);
        CHECK(walk_stack(memory, 0xFFFFFFFC).end == Backtrace::End::unreadable);
        CHECK(walk_stack(memory, 3).end == Backtrace::End::nonsense);
        CHECK(printed(walk_stack(memory, 0)).empty());
    }
}

TEST_CASE("a backtrace of random memory always ends", "[backtrace]") {
    const unsigned seed = GENERATE(1U, 2U, 3U, 4U);
    CAPTURE(seed);
    std::mt19937 random(seed);
    FakeMemory memory;
    for (std::uint32_t at = 0x1000; at < 0x3000; at += 4) {
        memory.words[at] = static_cast<std::uint32_t>(0x1000 + random() % 0x2004);
    }
    for (std::uint32_t start = 0xFF0; start < 0x3010; ++start) {
        const Backtrace trace = walk_stack(memory, start);
        REQUIRE(trace.count <= Backtrace::most_calls);
        printed(trace);
    }
}

TEST_CASE("code outside the kernel's text has no name", "[backtrace]") {
    const CodeNames names = Names().get();
    test::StringSink sink;
    print(sink, "{} {}", CodeAddress{.address = 0xC0101000, .names = names}, CodeAddress{.address = 8, .names = names});
    CHECK(sink.text() == "0xc0101000 0x00000008");
}

} // namespace
} // namespace quire
