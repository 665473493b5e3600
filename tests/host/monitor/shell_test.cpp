// The shell at a simulated machine: what is typed is done, and what is printed is right. The demo's checks hold here as
// they do on a real machine.
#include "kernel/monitor/commands/exit_status.h"
#include "kernel/monitor/shell.h"
#include "kernel/torus/torus.h"
#include "tests/host/machine/simulated_machine.h"
#include "tests/host/support/string_sink.h"

#include <catch2/catch.hpp>
#include <memory>
#include <sstream>
#include <string>

namespace quire {
namespace {

using multiboot::MapEntry;
using test::SimulatedMachine;

class Alarm final : public HeapWatcher {
public:
    void misused(const HeapMisuse&) override { ++count; }
    unsigned count = 0;
};

// A machine with a kernel on it, as far as the shell.
class Booted {
public:
    explicit Booted(std::uint32_t mebibytes = 64) : machine({.ram = std::uint64_t{mebibytes} << 20}) {
        facts.handoff.magic = multiboot::loader_magic;
        facts.cpu = machine::cpu_features();
        REQUIRE(facts.loader.map.push_back(MapEntry{.base = 0, .length = 0x9F000, .type = MapEntry::available}));
        REQUIRE(facts.loader.map.push_back(MapEntry{
            .base = 0x100000, .length = (std::uint64_t{mebibytes} << 20) - 0x100000, .type = MapEntry::available}));
        test::StringSink notes;
        MemoryMap map;
        multiboot::set_ram(map, facts.loader, notes);
        const machine::KernelImage image = machine::kernel_image();
        REQUIRE(map.reserve(PhysAddr(0), page_size, Owner::reserved, "firmware data"));
        REQUIRE(map.reserve(PhysAddr(image.whole.start - VirtAddr(machine::kernel_base)),
                            image.whole.end - image.whole.start, Owner::kernel, "kernel image"));
        REQUIRE(map.reserve(SimulatedMachine::boot_frames().first.start(), SimulatedMachine::boot_frames().bytes(),
                            Owner::kernel, "boot tables"));
        torus = std::make_unique<Torus>(
            machine::cpu_local->hardware, facts, map,
            MemoryOptions{.paging = {.large_pages = true, .global_pages = true}, .early_limit = PhysAddr(16U << 20)},
            alarm);
        before = machine::cpu_local;
        torus->install();
        shell = std::make_unique<Shell>(*torus, "9.9.9 (test)");
    }
    ~Booted() {
        shell.reset();
        machine::cpu_local = before;
        machine::load_page_directory(SimulatedMachine::boot_frames().first.start());
        torus.reset();
    }
    Booted(const Booted&) = delete;
    Booted& operator=(const Booted&) = delete;

    // Runs `line` as the boot option `commands` does; the text it printed, and whether all went well.
    std::string run(std::string_view line) {
        machine.clear_printed();
        all_done = shell->run_commands(line);
        return machine.printed();
    }

    SimulatedMachine machine;
    Alarm alarm;
    BootFacts facts;
    std::unique_ptr<Torus> torus;
    machine::CpuLocal* before = nullptr;
    std::unique_ptr<Shell> shell;
    bool all_done = false;
};

bool contains(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

TEST_CASE("every check of the demo holds, and memory is as before", "[shell]") {
    const auto mebibytes = GENERATE(16U, 64U);
    Booted booted{mebibytes};
    const std::uint32_t free_before = booted.torus->memory.frames.free_count();
    const std::string text = booted.run("demo");
    INFO(text);
    CHECK(booted.all_done);
    CHECK_FALSE(contains(text, "FAILED"));
    CHECK(contains(text, " checks, 0 failed\n"));
    CHECK(text.rfind("\ndemo: ") != std::string::npos);
    CHECK(booted.torus->memory.frames.free_count() == free_before);
    CHECK(booted.alarm.count == 3); // the three wrong frees of chapter 5
}

TEST_CASE("a chapter alone holds too, and one that is not there is refused", "[shell]") {
    Booted booted;
    for (const char* line : {"demo 1", "demo 2", "demo 3", "demo 4", "demo 5", "demo 6", "demo 7", "demo 18"}) {
        INFO(line);
        CHECK(contains(booted.run(line), ", 0 failed\n"));
        CHECK(booted.all_done);
    }
    CHECK(contains(booted.run("demo 19"), "chapters 1 to 18"));
    CHECK_FALSE(booted.all_done);
}

TEST_CASE("no line is wider than a terminal", "[shell]") {
    Booted booted;
    const std::string text = booted.run(
        "help; layout; meminfo; frames; frames all; frames 0 1M; pagetables; translate 0xc0100123; "
        "translate 0xc0800000; peek 0xc0400ff8 40; pager; pager policy; heap; leaks; cpu; uptime; audit; fault; demo; "
        "help demo; help memtest; help frames; help heap; help leaks; help poke; help vmstat; "
        "help process-smi; help pager; help ps; help peek; help pagetables; help translate");
    CHECK(booted.all_done);
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
        INFO(line);
        const bool names_file = contains(line, ".cpp:"); // by its whole path, on the host
        CHECK((line.size() < 80 || names_file));
    }
}

// What text shows, without colours.
std::string bare(const std::string& text) {
    std::string shown;
    bool in_escape = false;
    for (const char c : text) {
        in_escape = in_escape || c == '\x1b';
        if (!in_escape) {
            shown += c;
        }
        in_escape = in_escape && !(c >= 'A' && c <= 'z' && c != '[');
    }
    return shown;
}

TEST_CASE("the demo fits terminals from 60 to 200 columns, and goes on at a key", "[shell]") {
    const auto columns = GENERATE(60U, 80U, 132U, 200U);
    Booted booted;
    booted.machine.type("\x1b[3;8R\x1b[24;" + std::to_string(columns) + "R");
    booted.shell->ask_terminal();
    booted.machine.type(std::string(200, ' '));
    const std::string text = bare(booted.run("demo"));
    CHECK(booted.all_done);
    CHECK(contains(text, " checks, 0 failed\n"));
    CHECK(contains(text, "-- any key: go on; q: leave --"));
    CHECK(contains(text, "This chapter is skipped, for "));
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
        const std::string shown = line.substr(line.rfind('\r') + 1);
        INFO(shown);
        const bool names_file = contains(shown, ".cpp:"); // by its whole path, on the host
        CHECK((shown.size() < columns || names_file));
    }
}

TEST_CASE("q leaves the demo, which then tells what it saw", "[shell]") {
    Booted booted;
    booted.machine.type("\x1b[3;8R\x1b[50;80R");
    booted.shell->ask_terminal();
    booted.machine.type("q");
    const std::string text = bare(booted.run("demo"));
    INFO(text);
    CHECK(booted.all_done);
    CHECK(contains(text, "\n1. What the loader found"));
    CHECK_FALSE(contains(text, "\n2. "));
    CHECK(text.ends_with("demo: 5 checks, 0 failed\n"));
}

TEST_CASE("what is longer than a screen is shown page by page", "[shell]") {
    Booted booted;
    booted.machine.type("\x1b[3;8R\x1b[24;80R");
    booted.shell->ask_terminal();
    booted.machine.type("q");
    const std::string text = bare(booted.run("help; echo behind it"));
    INFO(text);
    CHECK(contains(text, "-- any key: go on; q: leave --"));
    CHECK_FALSE(contains(text, "Numbers: 4096"));
    CHECK(text.ends_with("behind it\n"));
}

TEST_CASE("nobody is waited for where no terminal answered", "[shell]") {
    Booted booted;
    CHECK_FALSE(contains(booted.run("demo"), "any key"));
}

TEST_CASE("a sequence succeeds only if each of its commands does, and all are run", "[shell]") {
    Booted booted;
    CHECK(booted.run("echo one two; echo 'three  four'") == "one two\nthree  four\n");
    CHECK(booted.all_done);
    CHECK(contains(booted.run("nonsense; echo still"), "still\n"));
    CHECK_FALSE(booted.all_done);
    booted.run("");
    CHECK(booted.all_done);
    CHECK(contains(booted.run("echo 'open"), "not closed"));
    CHECK_FALSE(booted.all_done);
    CHECK(booted.run("version") == "Quire 9.9.9 (test)\n");
}

TEST_CASE("a mistyped command gets a suggestion, a wrong argument an explanation", "[shell]") {
    Booted booted;
    CHECK(contains(booted.run("memifno"), "Did you mean \"meminfo\"?"));
    CHECK(contains(booted.run("fault nul"), "Did you mean \"null\"?"));
    CHECK(contains(booted.run("translate"), "usage: translate ADDR [PID]"));
    CHECK(contains(booted.run("audit now"), "usage: audit\n"));
    CHECK(contains(booted.run("peek here"), "is no address"));
    CHECK(contains(booted.run("peek 0x100000000"), "too large"));
    CHECK(contains(booted.run("help nothing"), "no command"));
    CHECK_FALSE(booted.all_done);
}

TEST_CASE("a trace goes to the debug console, one at a time", "[shell]") {
    Booted booted;
    CHECK(contains(booted.run("trace"), "There is no trace."));
    CHECK(contains(booted.run("trace decisions"), "no debug console"));
    booted.machine.plug_debug_console();
    CHECK(contains(booted.run("trace swaps"), "there are decisions and accesses"));
    CHECK(contains(booted.run("trace decisions maybe"), "neither on nor off"));
    CHECK(contains(booted.run("trace decisions off"), "There is no trace of decisions."));
    CHECK(contains(booted.run("trace decisions on"), "The trace of decisions has begun."));
    CHECK(contains(booted.run("trace accesses"), "\"trace decisions off\" ends it."));
    CHECK(contains(booted.run("trace"), "The trace of decisions goes on, and has 2 lines."));
    CHECK(contains(booted.run("trace decisions off"), "ended, with 2 lines and one that says so."));
    const std::string& lines = *booted.machine.debug_console();
    CHECK(lines.starts_with("quire-trace 1 decisions frames "));
    CHECK(contains(lines, "\npolicy adaptive-sieve 0 0 0 0 0 0 0\nend 2 "));
}

TEST_CASE("the replacement policy is shown and changed", "[shell]") {
    Booted booted;
    CHECK(contains(bare(booted.run("pager")), "adaptive-sieve: new pages"));
    CHECK(contains(bare(booted.run("pager policy")), "* adaptive-sieve"));
    CHECK(contains(booted.run("pager policy clock"), "clock: 0 pages"));
    CHECK(booted.all_done);
    CHECK(booted.torus->memory.pager.replacement.used() == ReplacementPolicy::clock);
    CHECK(contains(bare(booted.run("pager policy")), "* clock"));
    CHECK(contains(booted.run("pager policy mru"), "no policy \"mru\""));
    CHECK(contains(booted.run("pager limits"), "no \"pager limits\""));
    CHECK(contains(booted.run("pager limit"), "For which process"));
    CHECK(contains(booted.run("pager limit 1"), "how many pages?"));
    CHECK(contains(booted.run("pager limit 1 9"), "There is no process 1."));
    CHECK(contains(booted.run("pager policy mru 1"), "no policy \"mru\""));
    CHECK(contains(booted.run("pager policy fifo 1"), "There is no process 1."));
    CHECK(contains(booted.run("pager policy default x"), "\"x\" is no process id"));
    CHECK(booted.torus->memory.pager.replacement.used() == ReplacementPolicy::clock);
}

TEST_CASE("what the kernel prints can be typed again", "[shell]") {
    Booted booted;
    for (const char* line :
         {"translate 0xc0100123", "translate c0100123", "translate C0100123", "translate P:00100123"}) {
        INFO(line);
        CHECK(contains(booted.run(line), "0xc0100123 = "));
        CHECK(booted.all_done);
    }
    CHECK(contains(booted.run("frames P:00100000"), "frame 0x100 at P:00100000"));
    CHECK(contains(booted.run("peek P:00800000 4"), "0xc0800000  "));
    booted.run("peek P:f0000000");
    CHECK_FALSE(booted.all_done);
}

TEST_CASE("what makes no sense is refused with the reason", "[shell]") {
    Booted booted;
    CHECK(contains(booted.run("frames 16M 0"), "0 bytes"));
    CHECK(contains(booted.run("frames 0xf0000000 4K"), "memory ends"));
    CHECK(contains(booted.run("peek 0xc0000000 1M"), "too many"));
    CHECK(contains(booted.run("pagetables 1"), "no process 1"));
    CHECK(contains(booted.run("translate 0x1000 0"), "no process 0"));
}

TEST_CASE("a command takes as many words as fit on a line", "[shell]") {
    Booted booted;
    std::string line = "echo";
    for (int i = 0; i < 60; ++i) {
        line += " w";
    }
    CHECK(booted.run(line) == line.substr(5) + "\n");
    CHECK(booted.all_done);
}

TEST_CASE("tab offers the words of a command's arguments", "[shell]") {
    Booted booted;
    const CommandCompleter completer(*booted.torus, all_commands());
    class List final : public Candidates {
    public:
        void add(std::string_view word) override { text += std::string(word) + " "; }
        std::string text;
    };
    const auto offered = [&](std::string_view before) {
        List list;
        completer.offer(before, list);
        return list.text;
    };
    CHECK(offered("strace ") == "on off ");
    CHECK(offered("heap ") == "blocks owners trim ");
    CHECK(offered("frames ") == "all ");
    CHECK(offered("echo; poke 1 2 ") == "anyway ");
    CHECK(offered("leaks mark ").empty());
    CHECK(contains(offered("kill 1 "), "SIGKILL "));
    CHECK(contains(offered("fault "), "null-write "));
    CHECK(offered("pager policy ") == "adaptive-sieve clock fifo lru aging 2q random ");
    CHECK(offered("pager ") == "policy limit ");
    CHECK(offered("trace decisions ") == "off ");
    CHECK(contains(offered("help "), "meminfo "));
    CHECK(offered("meminfo ").empty());
    CHECK(offered("nonsense ").empty());
    CHECK(offered("run ").empty()); // there are no programs here
}

TEST_CASE("memtest takes every free frame and gives it back", "[shell]") {
    Booted booted{16};
    const std::uint32_t free_before = booted.torus->memory.frames.free_count();
    CHECK(contains(booted.run("memtest 2"), "no error"));
    CHECK(booted.all_done);
    CHECK(booted.torus->memory.frames.free_count() == free_before);
    CHECK(contains(booted.run("audit"), " 0 failed"));

    booted.machine.type("\x03");
    CHECK(contains(booted.run("memtest"), "stopped"));
    CHECK_FALSE(booted.all_done);
    CHECK(booted.torus->memory.frames.free_count() == free_before);
}

TEST_CASE("peek and poke reach what is mapped and refuse the rest", "[shell]") {
    Booted booted;
    const std::uint32_t page = machine::kernel_base + 0x800000; // free RAM in the direct map
    test::StringSink command;
    print(command, "poke {:#x} 0x64636261; peek {:#x} 4", page, page);
    const std::string text = booted.run(command.text());
    INFO(text);
    CHECK(booted.all_done);
    CHECK(contains(text, "-> 0x64636261"));
    CHECK(contains(text, "61 62 63 64"));
    CHECK(contains(text, "abcd"));
    CHECK(contains(booted.run("peek 0x10"), "not mapped: PDE 0"));
    CHECK_FALSE(booted.all_done);
    CHECK(contains(booted.run("poke 0xc0800001 1"), "not aligned"));
    test::StringSink text_poke;
    print(text_poke, "poke {:#x} 1", machine::kernel_image().text.start.value());
    CHECK(contains(booted.run(text_poke.text()), "read-only"));
    CHECK_FALSE(booted.all_done);
}

TEST_CASE("translate agrees with the processor, mapped or not", "[shell]") {
    Booted booted;
    for (const char* line :
         {"translate 0xc0100123", "translate 0xc0800004", "translate 0x1234", "translate 0xfffff000"}) {
        const std::string text = booted.run(line);
        INFO(text);
        CHECK(booted.all_done);
        CHECK(contains(text, "they agree"));
    }
}

TEST_CASE("leaks tells what was not freed since the mark", "[shell]") {
    Booted booted;
    booted.run("leaks mark");
    const Result<void*> block = booted.torus->memory.heap.allocate(100);
    REQUIRE(block);
    CHECK(contains(booted.run("leaks"), "shell_test.cpp"));
    CHECK(contains(booted.run("heap blocks"), "shell_test.cpp"));
    REQUIRE(booted.torus->memory.heap.free(*block));
    CHECK(contains(booted.run("leaks"), "was freed"));
}

TEST_CASE("at the prompt: typing, completion, history, and the way out", "[shell]") {
    Booted booted;
    booted.machine.type("ech\thello\r\x1b[A\r" // completed; then once more from the history
                        "histo\t\r"
                        "poweroff\r");
    const auto run = [&booted] { booted.shell->run(); };
    try {
        run();
    } catch (const test::PowerOff& off) {
        CHECK(off.status == exit_status::success);
    }
    const std::string& text = booted.machine.printed();
    INFO(text);
    CHECK(contains(text, "quire> echo hello\nhello\n"));
    CHECK(text.find("hello\nhello") != text.rfind("hello\nhello"));
    CHECK(contains(text, "   1  echo hello\n"));
    CHECK_FALSE(contains(text, "\x1b[1m")); // nobody answered the question for the cursor
}

TEST_CASE("each way out of the shell leaves", "[shell]") {
    for (const char* typed : {"exit\r", "quit\r", "poweroff\r", "echo\r\x04"}) {
        INFO(typed);
        Booted booted;
        booted.machine.type(typed);
        CHECK_THROWS_AS(booted.shell->run(), test::PowerOff);
    }
    Booted alone;
    CHECK_THROWS_AS(alone.run("halt"), test::Stopped);
    Booted watched;
    watched.facts.settings.exit_port = 0x501;
    CHECK_THROWS_AS(watched.run("halt"), test::PowerOff);
}

TEST_CASE("a terminal that answers gets its prompt in colour", "[shell]") {
    Booted booted;
    booted.machine.type("\x1b[3;8R" // here the cursor is
                        "\x1b[50;132R"
                        "poweroff\r");
    CHECK_THROWS_AS(booted.shell->run(), test::PowerOff);
    CHECK(contains(booted.machine.printed(), "\x1b[1;36mquire>"));
}

} // namespace
} // namespace quire
