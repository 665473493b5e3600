// Frames are within the kernel's reach wherever they lie: through the direct map or through temporary mappings, which
// nest, end, and never show a frame of before.
#include "kernel/machine/image.h"
#include "kernel/memory/paging/free_table_list.h"
#include "kernel/memory/paging/physical_memory.h"
#include "tests/host/machine/simulated_machine.h"
#include "tests/host/machine/test_tables.h"
#include "tests/host/support/panic.h"

#include <array>
#include <catch2/catch.hpp>
#include <optional>
#include <vector>

namespace quire {
namespace {

using test::SimulatedMachine;

constexpr std::uint32_t direct_frames = 0x400; // 4 MiB
constexpr Frame direct_frame{0x3FF};
constexpr Frame far_frame{0x400};
constexpr Frame other_far_frame{0xFFFFF}; // the last below 4 GiB

struct Fixture {
    SimulatedMachine machine{{.ram = std::uint64_t{1} << 32}};
    PhysicalMemory memory{direct_frames};

    std::uint32_t first_word(Frame frame) { return machine.ram().word(frame.start()); }
};

TEST_CASE("a frame in the direct map takes no window", "[temporary]") {
    Fixture f;
    const TemporaryMapping mapping = f.memory.map_temporarily(direct_frame);
    *mapping.as<std::uint32_t>() = 0x11223344;
    CHECK(f.first_word(direct_frame) == 0x11223344);
    CHECK(f.memory.temporary_mappings() == 0);
    CHECK(f.memory.temporary_mappings_made() == 0);
    CHECK(mapping.bytes().size() == page_size);
}

TEST_CASE("any other frame is shown in a temporary mapping while it is open", "[temporary]") {
    Fixture f;
    {
        const TemporaryMapping mapping = f.memory.map_temporarily(far_frame);
        mapping.as<std::uint32_t>()[1023] = 0xAABBCCDD;
        CHECK(f.memory.temporary_mappings() == 1);
        CHECK(f.machine.read(machine::temporary_start + page_size + 4092) == 0xAABBCCDDU);
    }
    CHECK(f.machine.ram().word(far_frame.start() + 4092) == 0xAABBCCDD);
    CHECK(f.memory.temporary_mappings() == 0);
    CHECK(f.memory.temporary_mappings_made() == 1);
    // Whoever kept a pointer faults.
    CHECK_FALSE(f.machine.read(machine::temporary_start + page_size));
}

TEST_CASE("the limit of the direct map can be moved", "[temporary]") {
    Fixture f;
    f.memory.set_direct_frames(direct_frames + 1);
    const TemporaryMapping mapping = f.memory.map_temporarily(far_frame);
    CHECK(f.memory.temporary_mappings() == 0);
    CHECK(f.memory.direct_frames() == direct_frames + 1);
}

TEST_CASE("temporary mappings nest, close in any order and are used again", "[temporary]") {
    Fixture f;
    std::vector<std::optional<TemporaryMapping>> temporaries;
    for (std::uint32_t index = 0; index < PhysicalMemory::most_temporary_mappings; ++index) {
        temporaries.emplace_back(f.memory.map_temporarily(far_frame + index));
        *temporaries.back()->as<std::uint32_t>() = 1000 + index;
    }
    CHECK(f.memory.temporary_mappings() == PhysicalMemory::most_temporary_mappings);
    for (std::uint32_t index = 0; index < temporaries.size(); index += 2) {
        temporaries[index].reset();
    }
    for (std::uint32_t index = 0; index < temporaries.size(); index += 2) {
        temporaries[index].emplace(f.memory.map_temporarily(far_frame + 100 + index));
        *temporaries[index]->as<std::uint32_t>() = 2000 + index;
    }
    for (std::uint32_t index = 0; index < temporaries.size(); ++index) {
        CHECK(f.first_word(far_frame + index) == 1000 + index);
        CHECK(f.first_word(far_frame + 100 + index) == (index % 2 == 0 ? 2000 + index : 0));
    }
}

TEST_CASE("one temporary mapping too many is a panic, not a frame overwritten", "[temporary]") {
    Fixture f;
    std::vector<TemporaryMapping> temporaries;
    for (std::uint32_t index = 0; index < PhysicalMemory::most_temporary_mappings; ++index) {
        temporaries.push_back(f.memory.map_temporarily(far_frame + index));
    }
    CHECK_THROWS_AS(f.memory.map_temporarily(other_far_frame), test::Panic);
    temporaries.pop_back();
    CHECK_NOTHROW(f.memory.map_temporarily(other_far_frame));
}

TEST_CASE("a frame beyond 4 GiB is a panic", "[temporary]") {
    Fixture f;
    CHECK_THROWS_AS(f.memory.map_temporarily(Frame(frames_in_4_gib)), test::Panic);
}

TEST_CASE("a moved temporary mapping is closed once", "[temporary]") {
    Fixture f;
    {
        TemporaryMapping first = f.memory.map_temporarily(far_frame);
        const TemporaryMapping second = std::move(first);
        CHECK(f.memory.temporary_mappings() == 1);
        CHECK(second.data() != nullptr);
    }
    CHECK(f.memory.temporary_mappings() == 0);
}

TEST_CASE("a slot that is used again without a flush shows the old frame: the simulation sees that", "[temporary]") {
    Fixture f;
    const auto slot_entry = SimulatedMachine::boot_frames().first + 1; // the temporary mappings' table
    {
        const TemporaryMapping mapping = f.memory.map_temporarily(far_frame);
        *mapping.as<std::uint32_t>() = 0xF00D;
        // What a forgetful close() would do: rewrite the entry and tell nobody.
        f.machine.ram().set_word(slot_entry.start() + 4, Pte::for_page(other_far_frame, {.writable = true}).raw());
        CHECK(*reinterpret_cast<std::uint32_t*>(machine::temporary_page(1)) == 0xF00D);
        machine::invalidate_page(Page::containing(machine::temporary_start) + 1);
        CHECK(*reinterpret_cast<std::uint32_t*>(machine::temporary_page(1)) == 0);
    }
    // The real close() tells: the next user of the slot sees its own frame.
    const TemporaryMapping again = f.memory.map_temporarily(other_far_frame);
    CHECK(*again.as<std::uint32_t>() == 0);
}

TEST_CASE("frames are filled, copied, read and written wherever they lie", "[temporary]") {
    Fixture f;
    for (const Frame frame : {direct_frame, far_frame, other_far_frame}) {
        f.memory.fill(frame, 0x5A5A0000 + frame.number());
        CHECK(f.first_word(frame) == 0x5A5A0000 + frame.number());
        CHECK(f.machine.ram().word(frame.start() + 4092) == 0x5A5A0000 + frame.number());
    }
    f.memory.copy(far_frame, other_far_frame);
    CHECK(f.machine.ram().word(other_far_frame.start() + 2048) == 0x5A5A0400);
    f.memory.copy(other_far_frame, direct_frame);
    CHECK(f.first_word(direct_frame) == 0x5A5A0400);
    f.memory.zero(other_far_frame);
    CHECK(f.first_word(other_far_frame) == 0);
    CHECK(f.machine.ram().word(other_far_frame.start() + 4092) == 0);

    const std::array<std::byte, 3> bytes{std::byte{1}, std::byte{2}, std::byte{3}};
    f.memory.write(other_far_frame, page_size - 3, bytes);
    CHECK(f.machine.ram().word(other_far_frame.start() + 4092) == 0x03020100);
    std::array<std::byte, 3> back{};
    f.memory.read(other_far_frame, page_size - 3, back);
    CHECK(back == bytes);
    CHECK_THROWS_AS(f.memory.read(other_far_frame, page_size - 2, back), test::Panic);
    CHECK_THROWS_AS(f.memory.write(other_far_frame, page_size + 1, {}), test::Panic);
    CHECK(f.memory.temporary_mappings() == 0);
}

TEST_CASE("without 4 MiB pages the boot stub's map still gives temporaries", "[temporary]") {
    SimulatedMachine machine({.ram = 16U << 20, .large_pages = false});
    PhysicalMemory memory(direct_frames);
    memory.fill(far_frame, 7);
    CHECK(machine.ram().word(far_frame.start()) == 7);
    CHECK(machine.read(VirtAddr(machine::kernel_base + 0x3FFFFC)));
    CHECK_FALSE(machine.read(VirtAddr(machine::kernel_base + 0x400000)));
}

TEST_CASE("a chain of frames gives back what it was given, and no link looks like an entry", "[chain]") {
    Fixture f;
    test::TestTables tables(f.machine.ram(), {far_frame, 10});
    {
        FreeTableList chain(f.memory, tables);
        CHECK(chain.empty());
        REQUIRE(chain.fill(3));
        CHECK(tables.out() == 3);
        for (std::uint32_t index = 0; index < 3; ++index) {
            CHECK_FALSE(Entry(f.first_word(far_frame + index)).present());
        }
        const Frame taken = chain.pop();
        CHECK(tables.is_table(taken));
        FreeTableList moved(std::move(chain));
        CHECK(moved.fill(9) == fail(Error::out_of_memory));
        CHECK(tables.out() == 3); // what was there before stays
        moved.push(taken);
        CHECK(moved.pop() == taken);
        tables.free_table(taken);
        CHECK_FALSE(moved.empty());
    }
    CHECK(tables.out() == 0);
    FreeTableList empty(f.memory, tables);
    CHECK_THROWS_AS(empty.pop(), test::Panic);
}

} // namespace
} // namespace quire
