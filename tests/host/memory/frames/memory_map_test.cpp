// Whatever the loader's map looks like, the runs are exactly the RAM that is there, and reservations never overlap.
#include "kernel/memory/frames/memory_map.h"
#include "tests/host/support/random.h"
#include "tests/host/support/string_sink.h"

#include <array>
#include <catch2/catch.hpp>
#include <vector>

namespace quire {
namespace {

using MapEntry = MemoryMapEntry;
using Entries = std::vector<MapEntry>;

Entries with_map(std::initializer_list<MapEntry> entries) {
    return entries;
}

std::vector<FrameRun> ram_of(const Entries& entries) {
    MemoryMap map;
    test::StringSink notes;
    map.set_ram(entries, notes);
    CHECK(notes.text().empty());
    return {map.ram().begin(), map.ram().end()};
}

constexpr FrameRun run(std::uint32_t first, std::uint32_t end) {
    return {Frame(first), end - first};
}

TEST_CASE("RAM is cut to whole frames, holes grow to whole frames", "[memory_map]") {
    CHECK(ram_of(with_map({{0, 0x9FC00, MapEntry::available}})) == std::vector{run(0, 0x9F)});
    CHECK(ram_of(with_map({{0x800, 0x2800, MapEntry::available}})) == std::vector{run(1, 3)});
    CHECK(ram_of(with_map({{0x800, 0x800, MapEntry::available}})).empty());
    CHECK(ram_of(with_map({{0, 0x10000, MapEntry::available}, {0x4800, 0x100, MapEntry::reserved}})) ==
          std::vector{run(0, 4), run(5, 16)});
}

TEST_CASE("unsorted, touching and overlapping entries are one map", "[memory_map]") {
    CHECK(ram_of(with_map({{0x8000, 0x1000, MapEntry::available},
                           {0x1000, 0x1000, MapEntry::available},
                           {0x2000, 0x2000, MapEntry::available},
                           {0x3000, 0x3000, MapEntry::available}})) == std::vector{run(1, 6), run(8, 9)});
}

TEST_CASE("what is reserved anywhere is no RAM, whichever comes first", "[memory_map]") {
    const MapEntry ram{0, 0x10000, MapEntry::available};
    const MapEntry acpi{0x3000, 0x2000, MapEntry::acpi_nvs};
    CHECK(ram_of(with_map({ram, acpi})) == std::vector{run(0, 3), run(5, 16)});
    CHECK(ram_of(with_map({acpi, ram})) == std::vector{run(0, 3), run(5, 16)});
}

TEST_CASE("RAM above 4 GiB is counted and left alone", "[memory_map]") {
    MemoryMap map;
    test::StringSink notes;
    map.set_ram(with_map({{0xFFFFE000, 0x4000, MapEntry::available}, {1ULL << 33, 0x1000, MapEntry::available}}),
                notes);
    REQUIRE(map.ram().size() == 1);
    CHECK(map.ram()[0] == run(0xFFFFE, 0x100000));
    CHECK(map.frame_limit() == 0x100000);
    CHECK(map.bytes_above_4_gib() == 0x3000);
    CHECK(map.bytes_cut() == 0);
}

TEST_CASE("reservations are clipped to RAM and the first name stays", "[memory_map]") {
    MemoryMap map;
    test::StringSink notes;
    map.set_ram(with_map({{0, 0x8000, MapEntry::available}, {0x10000, 0x8000, MapEntry::available}}), notes);
    REQUIRE(map.reserve(PhysAddr(0x2000), 0x1001, Owner::kernel, "image"));
    REQUIRE(map.reserve(PhysAddr(0x1800), 0x11000, Owner::module, "module"));
    REQUIRE(map.reserve(PhysAddr(0x5000), 0, Owner::module, "nothing"));
    const auto& list = map.reservations();
    REQUIRE(list.size() == 4);
    CHECK((list[0].frames == run(1, 2) && list[0].name == "module"));
    CHECK((list[1].frames == run(2, 4) && list[1].name == "image"));
    CHECK((list[2].frames == run(4, 8) && list[2].name == "module"));
    CHECK((list[3].frames == run(0x10, 0x13) && list[3].name == "module"));
    CHECK(map.reserved_frames() == 10);
    CHECK(map.reserve(PhysAddr(0xFFFFF000), 0x1001, Owner::module, "wraps").error() == Error::out_of_range);
    CHECK(map.reserve(PhysAddr(0xFFFFF000), 0x1000, Owner::module, "no RAM there"));
    CHECK(map.reserved_frames() == 10);
}

TEST_CASE("free runs are found between the reservations", "[memory_map]") {
    MemoryMap map;
    test::StringSink notes;
    map.set_ram(with_map({{0, 0x8000, MapEntry::available}, {0x10000, 0x8000, MapEntry::available}}), notes);
    REQUIRE(map.reserve(PhysAddr(0), 0x1000, Owner::reserved, "a"));
    REQUIRE(map.reserve(PhysAddr(0x3000), 0x1000, Owner::reserved, "b"));
    CHECK(map.find_free(2, Frame(0x100)).value() == run(1, 3));
    CHECK(map.find_free(3, Frame(0x100)).value() == run(4, 7));
    CHECK(map.find_free(5, Frame(0x100)).value() == run(0x10, 0x15));
    CHECK(map.find_free(5, Frame(0x14)).error() == Error::out_of_memory);
    CHECK(map.find_free(9, Frame(0x100)).error() == Error::out_of_memory);
}

TEST_CASE("too many runs lose the last ones, and say so", "[memory_map]") {
    Entries entries;
    for (std::uint64_t entry = 0; entry < 100; ++entry) {
        entries.push_back({entry * 0x2000, 0x1000, MapEntry::available});
    }
    MemoryMap map;
    test::StringSink notes;
    map.set_ram(entries, notes);
    CHECK(map.ram().size() == MemoryMap::Runs::capacity());
    CHECK(notes.text().find("are left out") != std::string::npos);
}

TEST_CASE("random maps agree with a frame-by-frame reference", "[memory_map]") {
    constexpr std::uint32_t frames = 256;
    test::Random random(4711);
    for (int round = 0; round < 500; ++round) {
        Entries all;
        std::vector<bool> available(frames), blocked(frames);
        const std::uint32_t entries = 1 + random.below(20);
        for (std::uint32_t entry = 0; entry < entries; ++entry) {
            // In quarters of a frame, so that most entries begin and end inside one.
            const std::uint32_t base = random.below(frames * 4);
            const std::uint32_t end = base + std::min(frames * 4 - base, random.below(200));
            const bool is_ram = !random.once_in(3);
            for (std::uint32_t frame = 0; frame < frames; ++frame) {
                const std::uint32_t from = frame * 4, to = from + 4;
                if (is_ram && base <= from && to <= end) {
                    available[frame] = true;
                } else if (!is_ram && base < to && from < end && base != end) {
                    blocked[frame] = true;
                }
            }
            all.push_back({std::uint64_t{base} * 1024, std::uint64_t{end - base} * 1024,
                           is_ram ? MapEntry::available : MapEntry::reserved});
        }
        MemoryMap map;
        test::StringSink notes;
        map.set_ram(all, notes);
        std::vector<bool> ram(frames), reserved(frames);
        Frame last_end;
        for (const FrameRun& each : map.ram()) {
            CHECK(each.count > 0);
            CHECK((each.first > last_end || last_end == Frame(0)));
            last_end = each.end();
            for (std::uint32_t at = 0; at < each.count; ++at) {
                ram[each.first.number() + at] = true;
            }
        }
        for (std::uint32_t frame = 0; frame < frames; ++frame) {
            CHECK(ram[frame] == (available[frame] && !blocked[frame]));
        }
        // Reservations: first come, first served, never outside RAM.
        for (int step = 0; step < 6; ++step) {
            const std::uint32_t first = random.below(frames);
            const std::uint32_t count = std::min(frames - first, random.below(40));
            REQUIRE(map.reserve(PhysAddr(first * page_size), std::uint64_t{count} * page_size, Owner::module, "some"));
            for (std::uint32_t at = first; at < first + count; ++at) {
                reserved[at] = reserved[at] || ram[at];
            }
        }
        std::vector<bool> seen(frames);
        for (const Reservation& each : map.reservations()) {
            for (std::uint32_t at = 0; at < each.frames.count; ++at) {
                CHECK_FALSE(seen[each.frames.first.number() + at]);
                seen[each.frames.first.number() + at] = true;
            }
        }
        CHECK(seen == reserved);
        const std::uint32_t wanted = 1 + random.below(20);
        const auto found = map.find_free(wanted, Frame(frames));
        std::uint32_t length = 0, expected = frames;
        for (std::uint32_t at = 0; at < frames && expected == frames; ++at) {
            length = ram[at] && !reserved[at] ? length + 1 : 0;
            expected = length == wanted ? at + 1 - wanted : expected;
        }
        REQUIRE(found.has_value() == (expected != frames));
        if (found) {
            CHECK(found->first.number() == expected);
        }
    }
}

TEST_CASE("RAM is limited from above, and what is set aside stays", "[memory map]") {
    test::StringSink notes;
    MemoryMap map;
    const std::array<MemoryMapEntry, 2> entries{
        {{.base = 0, .length = 100 * page_size, .type = MemoryMapEntry::available},
         {.base = 200 * page_size, .length = 100 * page_size, .type = MemoryMapEntry::available}}};
    map.set_ram(entries, notes);
    REQUIRE(map.reserve(PhysAddr(290 * page_size), 10 * page_size, Owner::module, "at the end"));
    REQUIRE(map.reserve(PhysAddr(220 * page_size), 20 * page_size, Owner::module, "in the middle"));
    SECTION("a part of the highest free run goes") {
        map.limit(180 * page_size, 1, notes);
        CHECK(map.ram_frames() == 180);
        REQUIRE(map.ram().size() == 3);
        CHECK(map.ram()[1] == FrameRun{Frame(200), 70});
        CHECK(map.ram()[2] == FrameRun{Frame(290), 10});
    }
    SECTION("so much goes that only what is set aside is left above") {
        map.limit(50 * page_size + 1, 1, notes); // whole frames
        CHECK(map.ram_frames() == 50);
        REQUIRE(map.ram().size() == 3);
        CHECK(map.ram()[0] == FrameRun{Frame(0), 20});
        CHECK(map.ram()[1] == FrameRun{Frame(220), 20});
        CHECK(map.ram()[2] == FrameRun{Frame(290), 10});
    }
    SECTION("some is always left to boot with") {
        map.limit(1, 25, notes);
        CHECK(map.ram_frames() == 30 + 25);
    }
    SECTION("a limit beyond all RAM changes nothing") {
        map.limit(1U << 30, 25, notes);
        CHECK(map.ram_frames() == 200);
        CHECK(map.ram().size() == 2);
    }
    CHECK(map.reserved_frames() == 30);
    CHECK(notes.text().empty());
}

} // namespace
} // namespace quire
