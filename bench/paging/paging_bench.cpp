// What page-table operations cost on the host, and what a TLB is worth: look-ups with and without one, and how many it
// answers for programs of various sizes and habits, with 4 KiB and with 4 MiB pages.
#include "kernel/memory/paging/page_directory.h"
#include "tests/host/machine/simulated_machine.h"
#include "tests/host/machine/test_tables.h"
#include "tests/host/support/random.h"

#include <benchmark/benchmark.h>
#include <cstdlib>
#include <vector>

namespace quire {
namespace {

constexpr Page first_page{0x40000};
constexpr std::uint32_t most_pages = 16384; // 64 MiB

void require(bool holds) {
    if (!holds) {
        std::abort();
    }
}

// A loaded directory with nothing in it but the temporary mappings.
struct Bench {
    test::SimulatedMachine machine{{.ram = 256U << 20}};
    PhysicalMemory memory{0x10000};
    test::TestTables tables{machine.ram(), {Frame(0x400), 0x100}};
    PageDirectory directory = *PageDirectory::create(memory, tables, {true, true});
    TlbStatistics statistics;

    Bench() {
        machine::enable_paging_features();
        require(directory.add_temporary_table().has_value());
        directory.load();
    }
    ~Bench() { machine::load_page_directory(test::SimulatedMachine::boot_frames().first.start()); }
    Bench(const Bench&) = delete;
    Bench& operator=(const Bench&) = delete;

    // 64 MiB; by 4 MiB pages only where frames are aligned as pages are.
    void map_all(bool large) {
        require(directory.map_range(first_page, Frame(large ? 0x4000 : 0x4001), most_pages, protection::user_data)
                    .has_value());
    }
};

void map_and_unmap_a_page(benchmark::State& state) {
    Bench bench;
    require(bench.directory.map(first_page, Frame(0x4000), protection::user_data).has_value());
    for (auto _ : state) {
        require(bench.directory.map(first_page + 1, Frame(0x4001), protection::user_data).has_value());
        TlbFlush flush(bench.statistics);
        require(bench.directory.unmap(first_page + 1, flush).has_value());
        flush.commit();
    }
}
BENCHMARK(map_and_unmap_a_page);

// 4 MiB in one range, by small pages (0) or a large one (1).
void map_and_unmap_4_mib(benchmark::State& state) {
    Bench bench;
    const Frame frame(state.range(0) != 0 ? 0x4000 : 0x4001);
    for (auto _ : state) {
        require(bench.directory.map_range(first_page, frame, entries_per_table, protection::user_data).has_value());
        TlbFlush flush(bench.statistics);
        require(bench.directory.unmap_range(first_page, entries_per_table, flush).has_value());
        flush.commit();
    }
}
BENCHMARK(map_and_unmap_4_mib)->Arg(0)->Arg(1);

// The kernel's own look-up, which reads both levels each time.
void translate(benchmark::State& state) {
    Bench bench;
    bench.map_all(false);
    test::Random random(1);
    for (auto _ : state) {
        const VirtAddr address = (first_page + random.below(most_pages)).start();
        benchmark::DoNotOptimize(bench.directory.translate(address));
    }
}
BENCHMARK(translate);

enum Habit : std::int64_t { in_order, anywhere, mostly_near };

// The page of the next access: one after the other, any, or nine in ten within the same 64 pages.
std::uint32_t next_page(test::Random& random, std::int64_t habit, std::uint32_t pages, std::uint32_t step) {
    switch (habit) {
    case in_order: return step / 16 % pages; // 16 accesses to each page
    case mostly_near: return random.once_in(10) ? random.below(pages) : random.below(64);
    default: return random.below(pages);
    }
}

// Look-ups of the simulated processor: pages in use, habit, 4 MiB pages?, TLB?
void mmu_look_up(benchmark::State& state) {
    Bench bench;
    bench.map_all(state.range(2) != 0);
    const bool use_tlb = state.range(3) != 0;
    test::Random random(1);
    std::vector<VirtAddr> addresses;
    for (std::uint32_t step = 0; step < 1U << 18; ++step) {
        const std::uint32_t page = next_page(random, state.range(1), static_cast<std::uint32_t>(state.range(0)), step);
        addresses.push_back((first_page + page).start());
    }
    test::SoftwareMmu& mmu = bench.machine.mmu();
    mmu.tlb().reset_counts();
    std::size_t at = 0;
    for (auto _ : state) {
        const VirtAddr address = addresses[at++ % addresses.size()];
        benchmark::DoNotOptimize(mmu.translate(address, test::Access::read, test::Ring::user));
        if (!use_tlb) {
            mmu.tlb().invalidate(Page::containing(address));
        }
    }
    state.SetLabel(state.range(1) == in_order ? "in order" : state.range(1) == anywhere ? "anywhere" : "mostly near");
    state.counters["hit_%"] = mmu.tlb().counts().hit_rate() * 100;
}
BENCHMARK(mmu_look_up)
    ->ArgNames({"pages", "habit", "large", "tlb"})
    ->ArgsProduct({{64, 256, 1024, most_pages}, {in_order, anywhere, mostly_near}, {0, 1}, {1}})
    ->Args({most_pages, anywhere, 0, 0})
    ->Iterations(1 << 20);

} // namespace
} // namespace quire

BENCHMARK_MAIN();
