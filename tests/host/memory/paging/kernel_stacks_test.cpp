// Kernel stacks: each lies above a page that is not mapped, all frames come back, and running out is an error that
// changes nothing.
#include "kernel/memory/paging/kernel_stacks.h"
#include "tests/host/support/booted_torus.h"
#include "tests/host/support/panic.h"
#include "tests/host/support/random.h"
#include "tests/host/support/require_audit.h"
#include "tests/host/support/string_sink.h"

#include <catch2/catch.hpp>
#include <cstring>
#include <vector>

namespace quire {
namespace {

constexpr std::size_t stack_bytes = std::size_t{KernelStacks::stack_pages} * page_size;

VirtAddr address_of(const std::byte* in_area) {
    const VirtAddr start = area(AreaKind::stacks).first;
    return start + static_cast<std::uint32_t>(in_area - machine::mapped(start));
}

} // namespace

TEST_CASE("a kernel stack is 8 KiB that can be written, above a page that cannot") {
    test::BootedTorus torus;
    KernelStacks stacks(torus->memory.frames, torus->memory.directory, torus->memory.tlb);
    const auto top = stacks.allocate();
    REQUIRE(top);
    const VirtAddr end = address_of(*top);
    for (VirtAddr at = end - stack_bytes; at < end; at = at + page_size) {
        CHECK(torus.machine.write(at, 0xABCD).has_value());
    }
    CHECK_FALSE(torus.machine.write(end - stack_bytes - 4, 0).has_value());
    CHECK_FALSE(torus.machine.read(end - stack_bytes, test::Ring::user).has_value());
    test::require_audit(stacks, torus->memory);
    stacks.free(*top);
}

TEST_CASE("a few freed stacks are kept ready, and trimming gives their frames back") {
    test::BootedTorus torus;
    KernelStacks stacks(torus->memory.frames, torus->memory.directory, torus->memory.tlb);
    const std::uint32_t free_before = torus->memory.frames.free_count();
    std::vector<std::byte*> tops;
    for (std::uint32_t i = 0; i < KernelStacks::most_ready + 4; ++i) {
        tops.push_back(stacks.allocate().value());
    }
    for (std::byte* top : tops) {
        stacks.free(top);
    }
    CHECK(stacks.ready() == KernelStacks::most_ready);
    CHECK(stacks.in_use() == 0);
    test::require_audit(stacks, torus->memory);
    CHECK(stacks.trim() == KernelStacks::most_ready * KernelStacks::stack_pages);
    CHECK(torus->memory.frames.free_count() == free_before);
    test::require_audit(stacks, torus->memory);
}

TEST_CASE("stacks end before memory does, and a refusal takes nothing") {
    test::BootedTorus torus({.ram = 8U << 20});
    KernelStacks stacks(torus->memory.frames, torus->memory.directory, torus->memory.tlb);
    std::vector<std::byte*> tops;
    Result<std::byte*> last = stacks.allocate();
    for (; last; last = stacks.allocate()) {
        tops.push_back(*last);
    }
    CHECK(last.error() == Error::out_of_memory);
    CHECK(torus->memory.frames.free_count() < KernelStacks::stack_pages + 1);
    test::require_audit(stacks, torus->memory);
    for (std::byte* top : tops) {
        stacks.free(top);
    }
    test::require_audit(stacks, torus->memory);
}

TEST_CASE("the area holds a limited number of stacks") {
    test::BootedTorus torus({.ram = 128U << 20});
    KernelStacks stacks(torus->memory.frames, torus->memory.directory, torus->memory.tlb);
    std::vector<std::byte*> tops;
    for (std::uint32_t i = 0; i < KernelStacks::most_stacks; ++i) {
        tops.push_back(stacks.allocate().value());
    }
    CHECK(stacks.allocate().error() == Error::limit_reached);
    for (std::byte* top : tops) {
        stacks.free(top);
    }
    test::require_audit(stacks, torus->memory);
}

TEST_CASE("what is no stack's top is not taken back") {
    test::BootedTorus torus;
    KernelStacks stacks(torus->memory.frames, torus->memory.directory, torus->memory.tlb);
    std::byte* const top = stacks.allocate().value();
    CHECK_THROWS_AS(stacks.free(top - 4), test::Panic);
    CHECK_THROWS_AS(stacks.free(top + std::size_t{KernelStacks::slot_pages} * page_size), test::Panic);
    stacks.free(top);
}

TEST_CASE("stacks allocated and freed at random never overlap") {
    test::BootedTorus torus({.ram = 16U << 20});
    KernelStacks stacks(torus->memory.frames, torus->memory.directory, torus->memory.tlb);
    test::Random random(7);
    std::vector<std::pair<std::byte*, int>> in_use; // and the byte each is filled with
    for (int step = 0; step < 3000; ++step) {
        if (in_use.empty() || random.below(5) < 3) {
            if (const auto top = stacks.allocate()) {
                const int fill = static_cast<int>(random.below(256));
                std::memset(*top - stack_bytes, fill, stack_bytes);
                in_use.emplace_back(*top, fill);
            }
        } else if (random.once_in(50)) {
            static_cast<void>(stacks.trim());
        } else {
            const std::size_t at = random.below(static_cast<std::uint32_t>(in_use.size()));
            const auto [top, fill] = in_use[at];
            REQUIRE(std::to_integer<int>(top[-1]) == fill);
            REQUIRE(std::to_integer<int>(*(top - stack_bytes)) == fill);
            stacks.free(top);
            in_use.erase(in_use.begin() + static_cast<std::ptrdiff_t>(at));
        }
        REQUIRE(stacks.in_use() == in_use.size());
        if (random.once_in(200)) {
            test::require_audit(stacks, torus->memory);
        }
    }
    for (const auto& [top, fill] : in_use) {
        stacks.free(top);
    }
}

} // namespace quire
