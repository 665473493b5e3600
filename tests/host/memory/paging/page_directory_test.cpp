// Each operation on a page directory, its errors, and what it leaves in memory and in the TLB.
#include "kernel/memory/paging/page_directory.h"
#include "tests/host/machine/simulated_machine.h"
#include "tests/host/machine/test_tables.h"
#include "tests/host/support/panic.h"
#include "tests/host/support/string_sink.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

namespace quire {
namespace {

using test::PageFault;
using test::Ring;
using test::SimulatedMachine;
using test::fault_code::present;

constexpr Page user_page{0x00123};
constexpr Page kernel_page{0xF0000};
constexpr Protection kernel_rw{.writable = true};

// A directory that is loaded, on a machine whose tables lie inside or outside the direct map.
struct Fixture {
    explicit Fixture(bool tables_in_windows = false, PagingFeatures features = {true, true})
        : memory(tables_in_windows ? 0x400 : 0x4000),
          tables(machine.ram(), {Frame(tables_in_windows ? 0x2000 : 0x200), 0x40}),
          directory(*PageDirectory::create(memory, tables, features)) {
        machine::enable_paging_features();
        REQUIRE(directory.add_temporary_table());
        const Frame image{0};
        REQUIRE(directory.map_range(PageDirectory::first_kernel_page, image, 0x400, protection::kernel_data));
        directory.load();
    }
    ~Fixture() { machine::load_page_directory(SimulatedMachine::boot_frames().first.start()); }
    Fixture(const Fixture&) = delete;
    Fixture& operator=(const Fixture&) = delete;

    // Runs a change and flushes what it asks for.
    template <class Change> auto flushed(Change change) {
        TlbFlush flush(statistics);
        auto result = change(flush);
        flush.commit();
        return result;
    }
    Result<Frame> unmap(Page page) {
        return flushed([&](TlbFlush& flush) { return directory.unmap(page, flush); });
    }
    Result<void> unmap_range(Page first, std::uint32_t count) {
        return flushed([&](TlbFlush& flush) { return directory.unmap_range(first, count, flush); });
    }
    Result<void> protect(Page page, Protection protection) {
        return flushed([&](TlbFlush& flush) { return directory.protect(page, protection, flush); });
    }
    Result<void> protect_range(Page first, std::uint32_t count, Protection protection) {
        return flushed([&](TlbFlush& flush) { return directory.protect_range(first, count, protection, flush); });
    }
    // The audit's complaints; empty where the books balance.
    std::string audit() {
        test::StringSink sink;
        AuditReport report(sink);
        directory.audit(report);
        CHECK(report.checks() > 0);
        CHECK((report.failures() == 0) == sink.text().empty());
        return sink.text();
    }
    // Changes a word of the directory's or a table's behind its back.
    void set_word(PhysAddr at, std::uint32_t value) { machine.ram().set_word(at, value); }

    SimulatedMachine machine{{.ram = 128U << 20}};
    PhysicalMemory memory;
    test::TestTables tables;
    PageDirectory directory;
    TlbStatistics statistics;
};

TEST_CASE("a mapped page leads to its frame, with its protection", "[paging]") {
    for (const bool temporaries : {false, true}) {
        Fixture f(temporaries);
        REQUIRE(f.directory.map(user_page, Frame(0x234), protection::user_data));
        f.set_word(PhysAddr(0x234010), 0xC0FFEE);
        CHECK(f.machine.read(user_page.start() + 0x10, Ring::user) == 0xC0FFEEU);
        const auto translation = f.directory.translate(user_page.start() + 0x10);
        REQUIRE(translation);
        CHECK(translation->address == PhysAddr(0x234010));
        CHECK(translation->frame() == Frame(0x234));
        CHECK(translation->protection == protection::user_data);
        CHECK_FALSE(translation->large);
        CHECK(translation->accessed);
        CHECK_FALSE(translation->dirty);
        CHECK(f.machine.write(user_page.start(), 1, Ring::user));
        CHECK(f.directory.translate(user_page.start())->dirty);
        CHECK(f.audit().empty());
        CHECK(f.memory.temporary_mappings() == 0);
    }
}

TEST_CASE("an unmapped page faults and gives back its frame; the last one takes the table along", "[paging]") {
    Fixture f;
    const std::size_t tables = f.tables.out();
    REQUIRE(f.directory.map(user_page, Frame(0x234), protection::user_data));
    REQUIRE(f.directory.map(user_page + 1, Frame(0x236), protection::user_data));
    CHECK(f.tables.out() == tables + 1);
    CHECK(f.directory.frames_owned() == tables + 1);
    CHECK(f.machine.read(user_page.start()));
    CHECK(f.unmap(user_page) == Frame(0x234));
    CHECK(f.machine.read(user_page.start()) == std::unexpected(PageFault{user_page.start(), 0}));
    CHECK(f.directory.translate(user_page.start()).error() == Error::not_mapped);
    CHECK(f.tables.out() == tables + 1);
    CHECK(f.unmap(user_page + 1) == Frame(0x236));
    CHECK(f.tables.out() == tables);
    CHECK(f.unmap(user_page).error() == Error::not_mapped);
    CHECK(f.audit().empty());
}

TEST_CASE("a forgotten flush is seen", "[paging][tlb]") {
    // The kernel's own operations with the flush thrown away: the program still reads the frame that it lost.
    Fixture f;
    REQUIRE(f.directory.map(user_page, Frame(0x234), protection::user_data));
    f.set_word(PhysAddr(0x234000), 0x5EC2E7);
    CHECK(f.machine.read(user_page.start(), Ring::user) == 0x5EC2E7U);
    CHECK_THROWS_AS(
        [&] {
            TlbFlush forgotten(f.statistics);
            REQUIRE(f.directory.unmap(user_page, forgotten) == Frame(0x234));
        }(),
        test::Panic);
    CHECK(f.machine.read(user_page.start(), Ring::user) == 0x5EC2E7U);
    machine::invalidate_page(user_page);
    CHECK_FALSE(f.machine.read(user_page.start(), Ring::user));
}

TEST_CASE("protecting takes rights away at once and keeps accessed and dirty", "[paging]") {
    Fixture f;
    REQUIRE(f.directory.map(user_page, Frame(0x234), protection::user_data));
    REQUIRE(f.machine.write(user_page.start(), 5, Ring::user));
    REQUIRE(f.protect(user_page, protection::user_read_only));
    CHECK(f.machine.write(user_page.start(), 6, Ring::user) == std::unexpected(PageFault{user_page.start(), 7}));
    CHECK(f.machine.write(user_page.start(), 6) == std::unexpected(PageFault{user_page.start(), 3})); // CR0.WP
    CHECK(f.machine.read(user_page.start(), Ring::user) == 5U);
    CHECK(f.directory.translate(user_page.start())->dirty);
    REQUIRE(f.protect(user_page, Protection{}));
    CHECK(f.machine.read(user_page.start(), Ring::user) == std::unexpected(PageFault{user_page.start(), 5}));
    REQUIRE(f.protect(user_page, protection::user_data));
    CHECK(f.machine.write(user_page.start(), 6, Ring::user));
    CHECK(f.protect(user_page + 1, {}).error() == Error::not_mapped);
}

TEST_CASE("the same protection again has nothing to flush", "[paging]") {
    Fixture f;
    REQUIRE(f.directory.map(user_page, Frame(0x234), protection::user_data));
    TlbFlush flush(f.statistics);
    REQUIRE(f.directory.protect(user_page, protection::user_data, flush));
    CHECK_FALSE(flush.pending());
}

TEST_CASE("what is mapped is not mapped again", "[paging]") {
    Fixture f;
    REQUIRE(f.directory.map(user_page, Frame(0x234), {}));
    CHECK(f.directory.map(user_page, Frame(0x235), {}).error() == Error::already_mapped);
    CHECK(f.directory.map_range(user_page - 1, Frame(0x235), 2, {}).error() == Error::already_mapped);
    CHECK(f.directory.translate((user_page - 1).start()).error() == Error::not_mapped);
    CHECK(f.directory.map(PageDirectory::first_kernel_page + 5, Frame(1), {}).error() == Error::already_mapped);
    CHECK(f.directory.translate(user_page.start())->frame() == Frame(0x234));
}

TEST_CASE("pages, frames and protections that make no sense are refused", "[paging]") {
    Fixture f;
    const Page last = PageDirectory::end_of_pages - 1;
    CHECK(f.directory.map_range(user_page, Frame(1), 0, {}).error() == Error::invalid_argument);
    CHECK(f.directory.map(PageDirectory::end_of_pages, Frame(1), {}).error() == Error::out_of_range);
    CHECK(f.directory.map_range(last, Frame(1), 2, {}).error() == Error::out_of_range);
    CHECK(f.directory.map_range(user_page, Frame(1), 0xFFFFFFFF, {}).error() == Error::out_of_range);
    CHECK(f.directory.map(user_page, Frame(frames_in_4_gib), {}).error() == Error::out_of_range);
    CHECK(f.directory.map_range(user_page, Frame(frames_in_4_gib - 1), 2, {}).error() == Error::out_of_range);
    CHECK(f.directory.map(kernel_page, Frame(1), protection::user_data).error() == Error::invalid_argument);
    CHECK(f.directory.map_range(PageDirectory::first_kernel_page - 1, Frame(1), 2, protection::user_data).error() ==
          Error::invalid_argument);
    CHECK(f.directory.map(user_page, Frame(1), {.user = true, .global = true}).error() == Error::invalid_argument);
    CHECK(f.unmap_range(user_page, 0).error() == Error::invalid_argument);
    CHECK(f.unmap(PageDirectory::end_of_pages).error() == Error::out_of_range);
    CHECK(f.protect_range(last, 2, {}).error() == Error::out_of_range);
    REQUIRE(f.directory.map(last, Frame(frames_in_4_gib - 1), {}));
    CHECK(f.protect(last, protection::user_data).error() == Error::invalid_argument);
    CHECK(f.unmap(last) == Frame(frames_in_4_gib - 1));
    REQUIRE(f.directory.map(PageDirectory::first_kernel_page - 1, Frame(1), protection::user_data));
    CHECK(f.audit().empty());
}

TEST_CASE("ranges use 4 MiB pages where both sides are aligned", "[paging]") {
    Fixture f;
    const std::size_t tables = f.tables.out();
    // 3 pages, two whole 4 MiB, 5 pages.
    REQUIRE(f.directory.map_range(Page(0x3FD), Frame(0x7FD), 3 + 2 * 0x400 + 5, kernel_rw));
    CHECK(f.tables.out() == tables + 2);
    std::vector<MappedRun> runs;
    f.directory.for_each_run([&](const MappedRun& run) {
        if (run.first < PageDirectory::first_kernel_page) {
            runs.push_back(run);
        }
    });
    REQUIRE(runs.size() == 3);
    CHECK((runs[0].first == Page(0x3FD) && runs[0].count == 3 && !runs[0].large && runs[0].frame == Frame(0x7FD)));
    CHECK((runs[1].first == Page(0x400) && runs[1].count == 0x800 && runs[1].large && runs[1].frame == Frame(0x800)));
    CHECK((runs[2].first == Page(0xC00) && runs[2].count == 5 && !runs[2].large && runs[2].frame == Frame(0x1000)));
    CHECK(f.directory.translate(VirtAddr(0x00ABCDEF))->address == PhysAddr(0x00EBCDEF));
    CHECK(f.directory.translate(VirtAddr(0x00ABCDEF))->large);
    CHECK(f.audit().empty());

    REQUIRE(f.unmap_range(Page(0x3FE), 2 + 2 * 0x400 + 5));
    REQUIRE(f.unmap(Page(0x3FD)));
    CHECK(f.tables.out() == tables);

    // Frames not aligned as the pages are: small pages throughout.
    REQUIRE(f.directory.map_range(Page(0x400), Frame(0x801), 0x400, kernel_rw));
    CHECK_FALSE(f.directory.translate(Page(0x400).start())->large);
    CHECK(f.tables.out() == tables + 1);
}

TEST_CASE("without PSE there are no 4 MiB pages, without PGE no global ones", "[paging]") {
    Fixture f(false, {.large_pages = false, .global_pages = false});
    CHECK(f.directory.map_large(Page(0x400), Frame(0x400), {}).error() == Error::not_supported);
    REQUIRE(f.directory.map_range(Page(0x400), Frame(0x400), 0x400, protection::kernel_data));
    CHECK_FALSE(f.directory.translate(VirtAddr(0x400000))->large);
    CHECK_FALSE(f.directory.translate(VirtAddr(0x400000))->protection.global);
    REQUIRE(f.protect(Page(0x400), protection::kernel_rodata));
    CHECK_FALSE(f.directory.translate(VirtAddr(0x400000))->protection.global);
    CHECK(f.audit().empty());
}

TEST_CASE("a 4 MiB page is one piece", "[paging]") {
    Fixture f;
    CHECK(f.directory.map_large(Page(0x401), Frame(0x800), {}).error() == Error::misaligned);
    CHECK(f.directory.map_large(Page(0x400), Frame(0x801), {}).error() == Error::misaligned);
    REQUIRE(f.directory.map_large(Page(0x400), Frame(0x800), kernel_rw));
    CHECK(f.directory.map_large(Page(0x400), Frame(0x800), {}).error() == Error::already_mapped);
    CHECK(f.directory.map(Page(0x401), Frame(1), {}).error() == Error::already_mapped);
    CHECK(f.unmap(Page(0x400)).error() == Error::large_page);
    CHECK(f.unmap_range(Page(0x400), 0x3FF).error() == Error::large_page);
    CHECK(f.protect(Page(0x7FF), {}).error() == Error::large_page);
    CHECK(f.machine.write(VirtAddr(0x400000), 1));
    REQUIRE(f.protect_range(Page(0x400), 0x400, {}));
    CHECK(f.machine.write(VirtAddr(0x400000), 1) == std::unexpected(PageFault{VirtAddr(0x400000), 3}));
    CHECK(f.machine.read(VirtAddr(0x7FFFFC)));
    REQUIRE(f.unmap_range(Page(0x400), 0x400));
    CHECK_FALSE(f.machine.read(VirtAddr(0x7FFFFC)));
    CHECK(f.audit().empty());
}

TEST_CASE("a refused range has changed nothing", "[paging]") {
    Fixture f;
    REQUIRE(f.directory.map_range(Page(0x7F0), Frame(0x500), 8, kernel_rw));
    REQUIRE(f.directory.map_large(Page(0x800), Frame(0x800), kernel_rw));
    TlbFlush flush(f.statistics);
    CHECK(f.directory.unmap_range(Page(0x7F0), 9, flush).error() == Error::not_mapped);
    CHECK(f.directory.protect_range(Page(0x7F4), 0x20, {}, flush).error() == Error::not_mapped);
    REQUIRE(f.directory.map_range(Page(0x7F8), Frame(0x508), 8, kernel_rw));
    CHECK(f.directory.unmap_range(Page(0x7F0), 0x11, flush).error() == Error::large_page);
    CHECK(f.directory.protect_range(Page(0x7F0), 0x11, {}, flush).error() == Error::large_page);
    CHECK_FALSE(flush.pending());
    const auto run = f.directory.next_run(Page(0));
    REQUIRE(run);
    CHECK(run->first == Page(0x7F0));
    CHECK(run->count == 16);
    CHECK(run->protection == kernel_rw);
    CHECK(f.audit().empty());
}

TEST_CASE("the temporary mappings' table shows itself and is nobody else's", "[paging]") {
    Fixture f;
    const Page temporaries = Page::containing(machine::temporary_start);
    const auto itself = f.directory.translate(machine::temporary_start);
    REQUIRE(itself);
    CHECK(f.tables.is_table(itself->frame()));
    CHECK(f.directory.add_temporary_table().error() == Error::already_mapped);
    CHECK(f.directory.map(temporaries + 40, Frame(1), {}).error() == Error::reserved);
    CHECK(f.unmap(temporaries).error() == Error::reserved);
    CHECK(f.protect(temporaries, {}).error() == Error::reserved);
    // An open temporary mapping is neither a mistake nor a neighbour.
    const TemporaryMapping mapping = f.memory.map_temporarily(Frame(0x3FFF + 1));
    CHECK(f.directory.translate((temporaries + 1).start())->frame() == Frame(0x4000));
    CHECK(f.directory.next_mapped(temporaries) == std::nullopt);
    CHECK(f.directory.previous_mapped(Page(0xFFFFF)) == temporaries);
    CHECK(f.directory.next_run(temporaries)->count == 1);
    CHECK(f.audit().empty());
}

TEST_CASE("the nearest mapped pages are found across empty stretches", "[paging]") {
    Fixture f;
    CHECK_FALSE(f.directory.previous_mapped(Page(0x5000)));
    CHECK(f.directory.next_mapped(Page(0x5000)) == PageDirectory::first_kernel_page);
    REQUIRE(f.directory.map(Page(0x123), Frame(1), {}));
    REQUIRE(f.directory.map(Page(0x3FF), Frame(2), {}));
    REQUIRE(f.directory.map_large(Page(0x4000), Frame(0x400), {}));
    CHECK(f.directory.previous_mapped(Page(0x123)) == std::nullopt);
    CHECK(f.directory.previous_mapped(Page(0x124)) == Page(0x123));
    CHECK(f.directory.previous_mapped(Page(0x3FF)) == Page(0x123));
    CHECK(f.directory.previous_mapped(Page(0x3000)) == Page(0x3FF));
    CHECK(f.directory.previous_mapped(Page(0x4200)) == Page(0x41FF));
    CHECK(f.directory.previous_mapped(Page(0x9000)) == Page(0x43FF));
    CHECK(f.directory.next_mapped(Page(0)) == Page(0x123));
    CHECK(f.directory.next_mapped(Page(0x123)) == Page(0x3FF));
    CHECK(f.directory.next_mapped(Page(0x3FF)) == Page(0x4000));
    CHECK(f.directory.next_mapped(Page(0x4100)) == Page(0x4101));
    const Page temporaries = Page::containing(machine::temporary_start);
    CHECK(f.directory.next_mapped(temporaries) == std::nullopt);
    CHECK(f.directory.previous_mapped(Page(0xFFFFF)) == temporaries);
    CHECK(f.directory.next_mapped(Page(0xFFFFF)) == std::nullopt);
}

TEST_CASE("runs end where frames, protection or page size change", "[paging]") {
    Fixture f;
    REQUIRE(f.directory.map_range(Page(0x10), Frame(0x110), 4, kernel_rw));
    REQUIRE(f.directory.map_range(Page(0x14), Frame(0x114), 4, {}));
    REQUIRE(f.directory.map_range(Page(0x18), Frame(0x11C), 4, {}));
    std::vector<Page> starts;
    for (auto run = f.directory.next_run(Page(0)); run && run->first < PageDirectory::first_kernel_page;
         run = f.directory.next_run(run->end())) {
        CHECK(run->count == 4);
        starts.push_back(run->first);
    }
    CHECK(starts == std::vector<Page>{Page(0x10), Page(0x14), Page(0x18)});
    const auto middle = f.directory.next_run(Page(0x16));
    REQUIRE(middle);
    CHECK(middle->first == Page(0x16));
    CHECK(middle->count == 2);
    CHECK(middle->frame == Frame(0x116));
    // Up to the very last page.
    REQUIRE(f.directory.map_range(Page(0xFFFF0), Frame(0x1000), 0x10, {}));
    const auto last = f.directory.next_run(Page(0xFF401));
    REQUIRE(last);
    CHECK(last->end() == PageDirectory::end_of_pages);
    CHECK_FALSE(f.directory.next_run(last->end()));
}

TEST_CASE("a walk shows both entries and where they lie", "[paging]") {
    Fixture f;
    REQUIRE(f.directory.map(user_page, Frame(0x234), protection::user_data));
    const Walk walk = f.directory.walk(user_page.start() + 5);
    CHECK(walk.directory.kind == EntryKind::table);
    CHECK(walk.directory.index == 0);
    CHECK(walk.directory.at == f.directory.frame().start());
    REQUIRE(walk.table);
    CHECK(walk.table->kind == EntryKind::page);
    CHECK(walk.table->index == 0x123);
    CHECK(walk.table->at == walk.directory.entry.frame().start() + 0x123 * 4);
    CHECK(walk.table->entry.raw() == 0x00234007);
    CHECK(f.machine.ram().word(walk.table->at) == 0x00234007);
    test::StringSink sink;
    print_to(sink, walk);
    CHECK(sink.text() == "PDE 0 at P:00200000 = 0x00202007: present writable user table in frame 0x202\n"
                         "PTE 291 at P:0020248c = 0x00234007: present writable user to frame 0x234\n");

    const Walk large = f.directory.walk(VirtAddr(machine::kernel_base));
    CHECK(large.directory.kind == EntryKind::large_page);
    CHECK_FALSE(large.table);
    CHECK_FALSE(f.directory.walk(VirtAddr(0x40000000)).table);
}

TEST_CASE("kernel translations are global and outlive a CR3 load, so unmapping one says so", "[paging][tlb]") {
    Fixture f;
    REQUIRE(f.directory.map_range(kernel_page, Frame(0x300), 40, protection::kernel_data));
    for (std::uint32_t index = 0; index < 40; ++index) {
        REQUIRE(f.machine.read((kernel_page + index).start()));
    }
    REQUIRE(f.unmap_range(kernel_page, 40)); // more than the threshold: a full flush
    CHECK(f.statistics.global_flushes == 1);
    for (std::uint32_t index = 0; index < 40; ++index) {
        CHECK_FALSE(f.machine.read((kernel_page + index).start()));
    }
}

TEST_CASE("a directory that is not loaded flushes only what all directories share", "[paging][tlb]") {
    Fixture f;
    PageDirectory other = *PageDirectory::create(f.memory, f.tables, {true, true});
    CHECK(f.directory.loaded());
    CHECK_FALSE(other.loaded());
    REQUIRE(other.map(user_page, Frame(0x234), protection::user_data));
    REQUIRE(other.map(user_page + 1, Frame(0x235), protection::user_data));
    REQUIRE(other.map(kernel_page, Frame(0x236), protection::kernel_data));
    TlbFlush flush(f.statistics);
    REQUIRE(other.unmap(user_page, flush));
    REQUIRE(other.protect(user_page + 1, {}, flush));
    CHECK_FALSE(flush.pending());
    REQUIRE(other.protect(kernel_page, protection::kernel_rodata, flush));
    CHECK(flush.pending());
    flush.commit();
}

TEST_CASE("a directory gives back every frame when it goes", "[paging]") {
    SimulatedMachine machine;
    PhysicalMemory memory(0x4000);
    test::TestTables tables(machine.ram(), {Frame(0x200), 0x40});
    {
        PageDirectory first = *PageDirectory::create(memory, tables, {true, true});
        REQUIRE(first.add_temporary_table());
        REQUIRE(first.map(user_page, Frame(1), {}));
        REQUIRE(first.map_large(Page(0x400), Frame(0x400), {}));
        const PageDirectory second(std::move(first));
        CHECK(second.translate(user_page.start()));
        CHECK(tables.out() == 3);
    }
    CHECK(tables.out() == 0);
    tables.fail_after(0);
    CHECK(PageDirectory::create(memory, tables, {}).error() == Error::out_of_memory);
}

TEST_CASE("tables can come from another source from some point on", "[paging]") {
    Fixture f;
    test::TestTables later(f.machine.ram(), {Frame(0x300), 4});
    f.directory.set_table_allocator(later);
    REQUIRE(f.directory.map(user_page, Frame(1), {}));
    CHECK(later.out() == 1);
    REQUIRE(f.unmap(user_page));
    CHECK(later.out() == 0);
    f.directory.set_table_allocator(f.tables);
}

TEST_CASE("the audit finds each kind of damage", "[paging][audit]") {
    Fixture f;
    REQUIRE(f.directory.map(user_page, Frame(0x234), protection::user_data));
    REQUIRE(f.directory.map(kernel_page, Frame(0x235), kernel_rw));
    REQUIRE(f.audit().empty());
    const PhysAddr user_pde = f.directory.walk(user_page.start()).directory.at;
    const PhysAddr kernel_pde = f.directory.walk(kernel_page.start()).directory.at;
    const PhysAddr large_pde = f.directory.walk(VirtAddr(machine::kernel_base)).directory.at;
    const PhysAddr user_pte = f.directory.walk(user_page.start()).table->at;
    const PhysAddr kernel_pte = f.directory.walk(kernel_page.start()).table->at;
    const auto complaint = [&](PhysAddr at, std::uint32_t set, std::uint32_t clear) {
        const std::uint32_t before = f.machine.ram().word(at);
        f.set_word(at, (before | set) & ~clear);
        std::string text = f.audit();
        f.set_word(at, before);
        return text;
    };
    using Catch::Contains;
    CHECK_THAT(complaint(kernel_pte, 0x004, 0), Contains("0xf0000000 is the kernel's and open to user programs"));
    CHECK_THAT(complaint(large_pde, 0x004, 0), Contains("0xc0000000 is the kernel's and open to user programs"));
    CHECK_THAT(complaint(large_pde, 0x200000, 0), Contains("reserved bits are set in the 4 MiB page 0xc0000000"));
    CHECK_THAT(complaint(user_pte, 0x100, 0), Contains("0x00123000 is a user page and global"));
    CHECK_THAT(complaint(user_pte, 0, 0x001), Contains("has 0 entries in use, counted were 1"));
    CHECK_THAT(complaint(user_pte + 4, 0x001, 0), Contains("has 2 entries in use, counted were 1"));
    CHECK_THAT(complaint(user_pde, 0, 0x001),
               Contains("has no table, yet 1 entries of it are counted") && Contains("tables, counted were"));
    CHECK_THAT(complaint(user_pde, 0, 0x002), Contains("decides what its pages should"));
    CHECK_THAT(complaint(kernel_pde, 0x004, 0), Contains("decides what its pages should"));
    CHECK_THAT(complaint(kernel_pde, 0x00400000, 0), Contains("which is not out as a table"));
    CHECK(f.audit().empty());
}

} // namespace
} // namespace quire
