// A torus that can put pages out: a disk for pages, and programs whose pages go there when a test says so.
#pragma once

#include "kernel/memory/memory.h"
#include "kernel/memory/pager/pager.h"
#include "tests/host/support/fake_store.h"
#include "tests/host/support/program.h"

#include <catch2/catch.hpp>

namespace quire::test {

// A torus with a swap area of 255 slots on a disk that ends transfers when it is told.
struct PagedTorus {
    explicit PagedTorus(std::uint32_t pages = 256) : store(torus, pages) {
        const Result<SwapArea*> added = torus->memory.pager.add_area(store, store.header(), std::nullopt);
        REQUIRE(added);
        area = *added;
    }
    ~PagedTorus() {
        store.end_all();
        if (area->used() == 0) {
            torus->memory.pager.remove_area(*area);
        }
    }

    [[nodiscard]] Pager& pager() { return torus->memory.pager; }
    [[nodiscard]] UserPte entry(Program& program, VirtAddr address) {
        return program->tables().pte(Page::containing(address));
    }
    [[nodiscard]] Eviction evict(Program& program, VirtAddr address) {
        return pager().evict(entry(program, address).frame());
    }
    // Out, and written.
    void put_out(Program& program, VirtAddr address) {
        REQUIRE(evict(program, address) == Eviction::begun);
        store.end_all();
        REQUIRE(entry(program, address).kind() == UserPteKind::swapped);
        require_balanced(torus);
    }
    [[nodiscard]] PagerStatistics counts() { return pager().statistics(); }

    BootedTorus torus;
    FakeStore store;
    SwapArea* area = nullptr;
};

} // namespace quire::test
