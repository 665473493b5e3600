// Registers and segments of ring 3: what a program may choose stays, what would harm the kernel goes.
#include "kernel/machine/user.h"
#include "tests/host/support/random.h"

#include <catch2/catch.hpp>

namespace quire {
namespace {

using machine::ThreadSegment;

} // namespace

TEST_CASE("a program begins where it should, with Linux's selectors and interrupts on") {
    const machine::TrapFrame registers = machine::initial_user_registers(VirtAddr(0x8048100), VirtAddr(0x5FFFFF00));
    CHECK(registers.eip == 0x8048100);
    CHECK(registers.user_esp == 0x5FFFFF00);
    CHECK(registers.eflags == 0x202);
    CHECK(registers.cs == 0x73);
    CHECK(registers.user_ss == 0x7B);
    CHECK(registers.ds == 0x7B);
    CHECK(registers.gs == 0);
    CHECK(registers.eax == 0);
    CHECK(registers.from_user());
}

TEST_CASE("no program chooses the interrupt flag, its privilege, nested tasks or virtual 8086 mode by sigreturn") {
    test::Random random(3);
    for (int round = 0; round < 1000; ++round) {
        const std::uint32_t flags = machine::user_eflags(random(), 0);
        REQUIRE((flags & 1U << 9) != 0);
        REQUIRE((flags & (3U << 12 | 1U << 14 | 1U << 17)) == 0);
    }
    constexpr std::uint32_t free_choice = 0x50DD5; // arithmetic, TF, DF, RF, AC
    CHECK(machine::user_eflags(free_choice, 0) == (free_choice | 0x202));
    constexpr std::uint32_t stays = 1U << 14 | 1U << 21; // NT, ID
    CHECK(machine::user_eflags(0, ~0U) == (stays | 0x202));
}

TEST_CASE("selectors from a program lead to ring 3") {
    machine::TrapFrame registers{};
    registers.cs = 0xFFFF0008;
    registers.user_ss = 0x10;
    registers.ds = 0x12345678;
    machine::make_harmless(registers);
    CHECK(registers.cs == 0xB);
    CHECK(registers.user_ss == 0x13);
    CHECK(registers.ds == 0x5678);
    CHECK(registers.from_user());
}

TEST_CASE("a thread's segment says what it was made of") {
    test::Random random(4);
    for (int round = 0; round < 1000; ++round) {
        const ThreadSegment::Description made{.base = random(),
                                              .limit = random() & 0xFFFFF,
                                              .operands_32_bit = random.once_in(2),
                                              .contents = static_cast<std::uint8_t>(random.below(2)),
                                              .read_only = random.once_in(2),
                                              .limit_in_pages = random.once_in(2),
                                              .not_present = random.once_in(2),
                                              .useable = random.once_in(2)};
        const ThreadSegment::Description said = ThreadSegment::of(made).description();
        REQUIRE(said.base == made.base);
        REQUIRE(said.limit == made.limit);
        REQUIRE(said.operands_32_bit == made.operands_32_bit);
        REQUIRE(said.contents == made.contents);
        REQUIRE(said.read_only == made.read_only);
        REQUIRE(said.limit_in_pages == made.limit_in_pages);
        REQUIRE(said.not_present == made.not_present);
        REQUIRE(said.useable == made.useable);
    }
}

TEST_CASE("no thread's segment is said to be read only and not present, as Linux says it") {
    const ThreadSegment::Description none = ThreadSegment().description();
    CHECK(none.read_only);
    CHECK(none.not_present);
    CHECK(none.base == 0);
    CHECK(none.limit == 0);
    CHECK_FALSE(none.useable);
}

} // namespace quire
