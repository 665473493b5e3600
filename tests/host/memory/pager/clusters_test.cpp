// Pages that lie beside each other go together and come back together.
#include "tests/host/support/paged_torus.h"

#include <catch2/catch.hpp>

using namespace quire;
using namespace quire::test;

namespace {

// Sixteen pages, of which the policy would put out the first.
struct Clustered : PagedTorus {
    explicit Clustered(std::uint32_t pages) {
        pager().use_policy(ReplacementPolicy::fifo);
        pager().use_clusters(pages);
        for (std::uint32_t page = 0; page < count; ++page) {
            REQUIRE(program.write(page_at(memory, page), 100 + page));
        }
    }
    static constexpr std::uint32_t count = 16;
    [[nodiscard]] std::uint32_t resident() {
        std::uint32_t found = 0;
        for (std::uint32_t page = 0; page < count; ++page) {
            found += entry(program, page_at(memory, page)).kind() == UserPteKind::present ? 1U : 0U;
        }
        return found;
    }

    Program program = Program::start(torus);
    VirtAddr memory = make_memory();

private:
    // At the beginning of a cluster, whatever its size.
    VirtAddr make_memory() {
        const Result<Page> first =
            program->map({.hint = Page(0x8000), .pages = count, .access = read_write, .fixed = true});
        REQUIRE(first);
        return first->start();
    }
};

} // namespace

TEST_CASE("a page goes with its cluster, and comes back with it", "[clusters]") {
    const std::uint32_t pages = GENERATE(1U, 2U, 4U, 8U);
    CAPTURE(pages);
    Clustered clustered(pages);
    REQUIRE(clustered.pager().put_out_one() == Eviction::begun);
    clustered.store.end_all();
    CHECK(clustered.resident() == Clustered::count - pages);
    require_balanced(clustered.torus);
    const std::uint64_t reads = clustered.store.reads();
    REQUIRE(clustered.program.read(clustered.memory) == 100U);
    clustered.store.end_all();
    CHECK(clustered.store.reads() == reads + pages);
    require_balanced(clustered.torus);
    for (std::uint32_t page = 0; page < Clustered::count; ++page) {
        REQUIRE(clustered.program.read(page_at(clustered.memory, page)) == 100 + page);
    }
    CHECK(clustered.store.reads() == reads + pages);
    require_balanced(clustered.torus);
}

TEST_CASE("of a cluster stays what cannot go, and no more goes than may", "[clusters]") {
    Clustered clustered(16);
    REQUIRE(clustered.program->lock(Page::containing(clustered.memory) + 3, 1, false));
    REQUIRE(clustered.pager().put_out_one() == Eviction::begun);
    clustered.store.end_all();
    CHECK(clustered.resident() >= Pager::least_resident);
    CHECK(clustered.entry(clustered.program, page_at(clustered.memory, 3)).kind() == UserPteKind::present);
    require_balanced(clustered.torus);
    REQUIRE(clustered.program.read(page_at(clustered.memory, 1)) == 101U);
    clustered.store.end_all();
    for (std::uint32_t page = 0; page < Clustered::count; ++page) {
        REQUIRE(clustered.program.read(page_at(clustered.memory, page)) == 100 + page);
    }
    require_balanced(clustered.torus);
}
