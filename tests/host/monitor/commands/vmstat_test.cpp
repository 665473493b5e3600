// vmstat's rows say what was counted, in columns that stand under their names, with and without swap space.
#include "kernel/monitor/shell.h"
#include "tests/host/support/paged_torus.h"

#include <catch2/catch.hpp>
#include <map>
#include <sstream>
#include <string>
#include <vector>

using namespace quire;
using namespace quire::test;

namespace {

// What a command printed, line by line.
struct Printed {
    bool all_done = false;
    std::vector<std::string> lines;
};

Printed run(BootedTorus& torus, std::string_view line) {
    Shell shell(*torus, "9.9.9 (test)");
    torus.machine.clear_printed();
    Printed printed;
    printed.all_done = shell.run_commands(line);
    std::istringstream text(torus.machine.printed());
    for (std::string each; std::getline(text, each);) {
        printed.lines.push_back(each);
    }
    return printed;
}

// The cells of a row under the names above, found by where the names end.
std::map<std::string, std::string> cells(const std::string& names, const std::string& row) {
    REQUIRE(row.size() == names.size());
    std::map<std::string, std::string> cells;
    for (std::size_t at = 0; at < names.size();) {
        const std::size_t begin = names.find_first_not_of(' ', at);
        const std::size_t end = std::min(names.find(' ', begin), names.size());
        const std::string cell = row.substr(at, end - at);
        cells[names.substr(begin, end - begin)] = cell.substr(cell.find_first_not_of(' '));
        at = end;
    }
    return cells;
}

} // namespace

TEST_CASE("vmstat counts what pages went through", "[vmstat]") {
    PagedTorus paged;
    Program program = Program::start(paged.torus);
    const VirtAddr pages = program.map(6);
    for (std::uint32_t each = 0; each < 4; ++each) {
        REQUIRE(program.write(page_at(pages, each), each + 1));
    }
    REQUIRE(program.read(page_at(pages, 4)) == 0U);
    REQUIRE(program.write(page_at(pages, 5), 0)); // zeros, of its own
    paged.put_out(program, pages);
    paged.put_out(program, page_at(pages, 1));
    REQUIRE(program.read(pages) == 1U);                                  // one page went since
    REQUIRE(paged.evict(program, pages) == Eviction::freed);             // its copy is good
    REQUIRE(paged.evict(program, page_at(pages, 5)) == Eviction::freed); // a word
    REQUIRE(program.read(page_at(pages, 1)) == 2U);                      // two went since
    REQUIRE(program.read(page_at(pages, 5)) == 0U);                      // back without a transfer
    REQUIRE(paged.evict(program, page_at(pages, 2)) == Eviction::begun);
    REQUIRE(program.read(page_at(pages, 2)) == 3U); // taken back
    Program child = program.fork();
    REQUIRE(child.write(page_at(pages, 3), 9)); // copied
    child.end();                                // its faults stay counted
    paged.store.end_all();

    const Printed printed = run(paged.torus, "vmstat");
    REQUIRE(printed.all_done);
    REQUIRE(printed.lines.size() == 3);
    auto row = cells(printed.lines[1], printed.lines[2]);
    CHECK(row["si"] == "2");
    CHECK(row["so"] == "3");
    CHECK(row["drop"] == "1");
    CHECK(row["word"] == "1");
    CHECK(row["zero"] == "6"); // five written, one read
    CHECK(row["cow"] == "1");
    CHECK(row["maj"] == "2");
    CHECK(row["back"] == "2");
    CHECK(row["all"] == "2");
    CHECK(row["dist"] == "1"); // (1 + 2) / 2, rounded down
    CHECK(row["free"] == std::to_string(paged.torus->memory.frames.free_count()));
    CHECK(row["act"] == "0");
    CHECK(row["len"] == "0.0");
}

TEST_CASE("each further row of vmstat counts what came since the one before", "[vmstat]") {
    PagedTorus paged;
    Program program = Program::start(paged.torus);
    REQUIRE(program.write(program.map(1), 1));
    const Printed printed = run(paged.torus, "vmstat 1 3");
    REQUIRE(printed.all_done);
    REQUIRE(printed.lines.size() == 5);
    CHECK(cells(printed.lines[1], printed.lines[2])["zero"] == "1");
    CHECK(cells(printed.lines[1], printed.lines[3])["zero"] == "0");
    CHECK(cells(printed.lines[1], printed.lines[4])["zero"] == "0");
}

TEST_CASE("vmstat works without swap space, and tells of the kernel's own memory", "[vmstat]") {
    BootedTorus torus;
    const Printed paging = run(torus, "vmstat");
    CHECK(paging.all_done);
    CHECK(cells(paging.lines.at(1), paging.lines.at(2))["si"] == "0");
    const Printed kernel = run(torus, "vmstat kernel");
    CHECK(kernel.all_done);
    auto row = cells(kernel.lines.at(1), kernel.lines.at(2));
    CHECK(row["taken"] == std::to_string(torus->memory.frames.statistics().allocations));
    CHECK(row["faults"] == "0");
    for (const char* wrong : {"vmstat 0", "vmstat 1 0", "vmstat x", "vmstat 1 2 3", "vmstat kernel x"}) {
        INFO(wrong);
        CHECK_FALSE(run(torus, wrong).all_done);
    }
}
