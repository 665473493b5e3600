// process-smi and ps say of each process what its memory is made of, and what it waits for. translate, pagetables and
// peek find its pages wherever they are.
#include "kernel/monitor/shell.h"
#include "kernel/process/userland/userland.h"
#include "tests/host/support/paged_torus.h"
#include "tests/host/support/string_sink.h"

#include <catch2/catch.hpp>
#include <string>

using namespace quire;
using namespace quire::test;

namespace {

// A process whose memory a test touches, on a torus that can put pages out.
struct Watched {
    Watched() {
        paged.torus->userland = &userland;
        process.set_name("subject");
        process.space = Ref<AddressSpace>(*program);
    }
    ~Watched() {
        process.space = nullptr;
        program.end();
        paged.torus->userland = nullptr;
    }
    Watched(const Watched&) = delete;
    Watched& operator=(const Watched&) = delete;

    std::string run(const std::string& line) {
        Shell shell(*paged.torus, "9.9.9 (test)");
        paged.torus.machine.clear_printed();
        all_done = shell.run_commands(line);
        return paged.torus.machine.printed();
    }
    // A page's address as it is typed.
    static std::string typed(VirtAddr address) {
        StringSink text;
        print(text, "{:#x}", address.value());
        return text.text();
    }

    PagedTorus paged;
    SystemFacts facts;
    StringSink notes;
    Userland userland{paged.torus->memory, facts, std::nullopt, notes};
    Process& process = **userland.processes.make();
    Program program = Program::start(paged.torus);
    bool all_done = false;
};

bool contains(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

} // namespace

TEST_CASE("process-smi shows what is in memory, on disks, shared and used", "[process-smi]") {
    Watched watched;
    Program& program = watched.program;
    const VirtAddr pages = program.map(6);
    for (std::uint32_t page = 0; page < 5; ++page) {
        REQUIRE(program.write(page_at(pages, page), page + 1));
    }
    std::string text = watched.run("process-smi");
    INFO(text);
    CHECK(watched.all_done);
    CHECK(contains(text, "  PID RESIDENT  SWAPPED   SHARED   TABLES     USED   MAJOR  NAME\n"));
    CHECK(contains(text, "    1   20 KiB  0 bytes  0 bytes    8 KiB   20 KiB       0  subject\n"));

    watched.paged.put_out(program, pages);
    watched.paged.put_out(program, page_at(pages, 1));
    REQUIRE(program.read(pages) == 1U);
    const UserPte second = watched.paged.entry(program, page_at(pages, 2));
    REQUIRE(watched.paged.pager().use_since_last(second.frame()) == PageUses::Use::used); // as the policy looks
    text = watched.run("process-smi");
    CHECK(contains(text, "    1   16 KiB    4 KiB  0 bytes    8 KiB   12 KiB       1  subject\n"));
    CHECK(contains(text, "total   16 KiB    4 KiB  0 bytes    8 KiB   12 KiB       1  \n"));
    // Looking has changed nothing that the policy goes by.
    CHECK(watched.paged.pager().use_since_last(second.frame()) == PageUses::Use::unused);
    CHECK(watched.paged.pager().use_since_last(watched.paged.entry(program, page_at(pages, 3)).frame()) ==
          PageUses::Use::used);

    CHECK(contains(watched.run("process-smi 1"), "faults      5 demand zero, 1 arrived"));
    watched.run("process-smi 7");
    CHECK_FALSE(watched.all_done);
}

TEST_CASE("ps says what a process waits for", "[process-smi]") {
    Watched watched;
    CHECK(contains(watched.run("ps"), " ready "));
    watched.process.thread.state = ThreadState::blocked;
    CHECK(contains(watched.run("ps"), " waits "));
    watched.process.thread.waits_for = WaitsFor::page;
    CHECK(contains(watched.run("ps"), " page "));
    watched.process.thread.waits_for = WaitsFor::room;
    CHECK(contains(watched.run("ps"), " room "));
    watched.process.thread.state = ThreadState::ready;
}

TEST_CASE("translate and peek find a page that is not in memory, and leave it there", "[process-smi]") {
    Watched watched;
    Program& program = watched.program;
    const VirtAddr page = program.map(2);
    const std::string address = Watched::typed(page);
    CHECK(contains(watched.run("peek " + address + " 4 1"), "has no frame yet: it was never touched"));
    CHECK_FALSE(watched.all_done);
    REQUIRE(program.write(page, 0x64636261));
    CHECK(contains(watched.run("peek " + address + " 4 1"), "61 62 63 64"));
    CHECK(watched.all_done);
    CHECK(contains(watched.run("translate " + address + " 1"), "they agree"));

    REQUIRE(watched.paged.evict(program, page) == Eviction::begun);
    CHECK(contains(watched.run("peek " + address + " 4 1"), "61 62 63 64")); // it has not gone
    CHECK(contains(watched.run("pagetables 1"), "in transit, out to area 1 (/dev/fake), slot 0x1"));
    watched.paged.store.end_all();

    const std::string translated = watched.run("translate " + address + " 1");
    INFO(translated);
    CHECK(watched.all_done);
    CHECK(contains(translated, "entry      swapped out to area 1 (/dev/fake), slot 0x1\n"));
    CHECK(contains(translated, "no frame: a touch brings the page back   they agree"));
    CHECK(contains(watched.run("peek " + address + " 4 1"), "is not in memory: swapped out to area 1"));
    CHECK_FALSE(watched.all_done);
    CHECK(contains(watched.run("pagetables 1"), "swapped: area 1, slot 0x1\n"));
    CHECK(contains(watched.run("pagetables 1"), " 1 pages are swapped out.\n"));
    CHECK(watched.paged.store.reads() == 0);
    CHECK(watched.paged.entry(program, page).kind() == UserPteKind::swapped);
}

TEST_CASE("a process gets a limit and a policy of its own, and pager and process-smi tell", "[process-smi]") {
    Watched watched;
    Program& program = watched.program;
    const VirtAddr pages = program.map(20);
    for (std::uint32_t page = 0; page < 20; ++page) {
        REQUIRE(program.write(page_at(pages, page), page + 1));
    }
    CHECK(contains(watched.run("pager limit 1 x"), "\"x\" is no number of pages"));
    CHECK(contains(watched.run("pager limit 1 7"), "8 pages are the least"));
    CHECK(contains(watched.run("pager limit 0 70"), "There is no process 0."));
    CHECK(contains(watched.run("pager policy mru 1"), "no policy \"mru\""));
    CHECK(program->resident_set() == nullptr);
    CHECK(contains(watched.run("pager limit 1 9"), "Process 1: resident limit 9."));
    CHECK(watched.all_done);
    watched.paged.store.end_all();
    CHECK(program->statistics().resident == 9);
    CHECK(contains(watched.run("pager policy fifo 1"), "Process 1: fifo, for its own pages."));
    std::string text = watched.run("pager");
    INFO(text);
    CHECK(contains(text, "    1      9      9  fifo\n"));
    CHECK(contains(text, "adaptive-sieve: "));
    text = watched.run("process-smi 1");
    INFO(text);
    CHECK(contains(text, "limit          36 KiB  in memory and not locked; 36 KiB are\n"));
    CHECK(contains(text, "policy           fifo  for its own pages\n"));
    CHECK(contains(watched.run("pager limit 1 none"), "Process 1: resident limit none."));
    CHECK(contains(watched.run("pager"), "    1      9   none  fifo\n"));
    CHECK(contains(watched.run("pager policy default 1"), "Process 1: adaptive-sieve, as for all others."));
    CHECK(program->resident_set() == nullptr);
    CHECK_FALSE(contains(watched.run("pager"), "LIMIT"));
    require_balanced(watched.paged.torus);
}
