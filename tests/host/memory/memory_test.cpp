// Boot puts the memory of machines of every size in order: all RAM has an owner, the kernel's own directory protects
// what it must, and what was handed out comes back to the last frame.
#include "kernel/machine/image.h"
#include "kernel/machine/upcalls.h"
#include "kernel/memory/memory.h"
#include "tests/host/machine/simulated_machine.h"
#include "tests/host/support/panic.h"
#include "tests/host/support/random.h"
#include "tests/host/support/string_sink.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <memory>
#include <vector>

namespace quire {
namespace {

using MapEntry = MemoryMapEntry;
using test::SimulatedMachine;

class NoMisuse final : public HeapWatcher {
public:
    void misused(const HeapMisuse& misuse) override {
        test::StringSink text;
        print(text, "{}", misuse);
        FAIL(text.text());
    }
};

// A simulated machine whose kernel has come as far as Memory.
class Booted {
public:
    explicit Booted(std::vector<MapEntry> entries, test::MachineOptions machine_options = {},
                    std::size_t heap_maximum = 0)
        : machine(machine_options) {
        test::StringSink notes;
        MemoryMap map;
        map.set_ram(entries, notes);
        REQUIRE(notes.text().empty());
        const machine::KernelImage image = machine::kernel_image();
        REQUIRE(map.reserve(PhysAddr(0), page_size, Owner::reserved, "firmware data"));
        REQUIRE(map.reserve(PhysAddr(image.whole.start - VirtAddr(machine::kernel_base)),
                            image.whole.end - image.whole.start, Owner::kernel, "kernel image"));
        REQUIRE(map.reserve(SimulatedMachine::boot_frames().first.start(), SimulatedMachine::boot_frames().bytes(),
                            Owner::kernel, "boot tables"));
        const std::uint32_t early = machine_options.large_pages ? direct_map_frames : frames_per_large_page;
        memory = std::make_unique<Memory>(map,
                                          MemoryOptions{.paging = {.large_pages = machine_options.large_pages,
                                                                   .global_pages = machine_options.global_pages},
                                                        .early_limit = Frame(early).start(),
                                                        .heap_maximum = heap_maximum},
                                          watcher);
    }
    ~Booted() {
        if (memory) {
            check_books();
        }
        machine::load_page_directory(SimulatedMachine::boot_frames().first.start());
    }
    Booted(const Booted&) = delete;
    Booted& operator=(const Booted&) = delete;

    void check_books() const {
        test::StringSink sink;
        AuditReport report(sink);
        memory->audit(report);
        CHECK(sink.text() == "");
        CHECK(report.failures() == 0);
        CHECK(report.checks() > 100);
    }

    SimulatedMachine machine;
    NoMisuse watcher;
    std::unique_ptr<Memory> memory;
};

std::vector<MapEntry> pc_map(std::uint64_t ram) {
    return {{0, 0x9FC00, MapEntry::available},
            {0x9FC00, 0x400, MapEntry::reserved},
            {0xF0000, 0x10000, MapEntry::reserved},
            {0x100000, ram - 0x100000, MapEntry::available}};
}

constexpr std::uint64_t mib = 1 << 20;

TEST_CASE("machines of every size boot, and all their RAM has an owner", "[memory]") {
    const std::uint64_t size = GENERATE(4 * mib, 8 * mib, 64 * mib, 512 * mib, 1024 * mib, 3072 * mib);
    const bool large_pages = GENERATE(true, false);
    const Booted booted(pc_map(size), {.ram = size, .large_pages = large_pages, .global_pages = large_pages});
    const Memory& memory = *booted.memory;
    const FrameStatistics statistics = memory.frames.statistics();
    CHECK(statistics.ram == 0x9F + (size - mib) / page_size);
    CHECK(statistics.free + memory.map.reserved_frames() == statistics.ram);
    CHECK(statistics.free == memory.free_at_boot());
    CHECK(memory.physical.direct_frames() == std::min<std::uint64_t>(size / page_size, direct_map_frames));
}

TEST_CASE("a map with holes boots, and nothing in a hole is handed out", "[memory]") {
    Booted booted({{0, 0x9F000, MapEntry::available},
                   {0x100000, 5 * mib, MapEntry::available},
                   {20 * mib, 10 * mib, MapEntry::available},
                   {25 * mib, mib, MapEntry::acpi_nvs},
                   {60 * mib, 4 * mib, MapEntry::available}},
                  {.ram = 64 * mib});
    FrameAllocator& frames = booted.memory->frames;
    std::vector<Frame> taken;
    for (auto frame = frames.allocate(Owner::test); frame; frame = frames.allocate(Owner::test)) {
        const std::uint64_t at = frame->start().value();
        const bool in_ram = at < 0x9F000 || (at >= mib && at < 6 * mib) || (at >= 20 * mib && at < 25 * mib) ||
                            (at >= 26 * mib && at < 30 * mib) || (at >= 60 * mib && at < 64 * mib);
        CHECK(in_ram);
        taken.push_back(*frame);
    }
    CHECK(taken.size() == booted.memory->free_at_boot());
    booted.check_books();
    for (const Frame frame : taken) {
        REQUIRE(frames.free(frame));
    }
    CHECK(frames.free_count() == booted.memory->free_at_boot());
}

TEST_CASE("the kernel's directory protects what it must", "[memory]") {
    const bool large_pages = GENERATE(true, false);
    Booted booted(pc_map(64 * mib), {.large_pages = large_pages});
    SimulatedMachine& machine = booted.machine;
    const machine::KernelImage image = machine::kernel_image();

    CHECK_FALSE(machine.read(VirtAddr(0)));
    CHECK_FALSE(machine.read(VirtAddr(0x100000))); // the boot stub's low mapping is gone
    CHECK(machine.read(image.text.start));
    CHECK_FALSE(machine.write(image.text.start, 1));
    CHECK(machine.read(image.rodata.start));
    CHECK_FALSE(machine.write(image.rodata.start, 1));
    CHECK(machine.write(image.data.start, 1));
    CHECK_FALSE(machine.read(image.stack_guard.start));
    CHECK_FALSE(machine.read(image.double_fault_guard.start));
    CHECK(machine.write(image.boot_stack.start, 1));
    CHECK_FALSE(machine.write(direct_mapped(PhysAddr(0x400)), 1)); // firmware data
    CHECK(machine.write(direct_mapped(PhysAddr(63 * mib)), 1));
    CHECK_FALSE(machine.read(direct_mapped(PhysAddr(64 * mib))));
    CHECK_FALSE(machine.read(image.data.start, test::Ring::user));
}

TEST_CASE("frames above the direct map are reached through windows", "[memory]") {
    Booted booted(pc_map(1024 * mib), {.ram = 1024 * mib});
    Memory& memory = *booted.memory;
    const auto frame = memory.frames.allocate_run(Owner::test, 1, frames_per_large_page, Frame(1024 * mib / page_size));
    REQUIRE(frame);
    const Frame high(1000 * mib / page_size);
    REQUIRE(memory.frames.claim_boot_run({high, 1}, Owner::test));
    CHECK_FALSE(memory.physical.is_direct(high));
    memory.physical.fill(high, 0xC0FFEE);
    CHECK(booted.machine.ram().word(high.start()) == 0xC0FFEE);
    memory.physical.copy(high, frame->first);
    CHECK(booted.machine.ram().word(frame->first.start()) == 0xC0FFEE);
    CHECK(memory.physical.temporary_mappings_made() > 0);
    CHECK(memory.frames.free(high));
    CHECK(memory.frames.free(frame->first));
}

TEST_CASE("the heap takes all memory there is, and gives back the last frame", "[memory]") {
    Booted booted(pc_map(8 * mib), {.ram = 8 * mib}, 64 * mib);
    Memory& memory = *booted.memory;
    std::vector<void*> blocks;
    test::Random random(7);
    for (auto block = memory.heap.allocate(5000); block; block = memory.heap.allocate(1 + random.below(20000))) {
        blocks.push_back(*block);
    }
    CHECK(memory.frames.free_count() < 16);
    booted.check_books();
    for (std::size_t at = 0; at < blocks.size(); at += 2) { // half of them, so that holes are left
        REQUIRE(memory.heap.free(blocks[at]));
    }
    booted.check_books();
    for (std::size_t at = 1; at < blocks.size(); at += 2) {
        REQUIRE(memory.heap.free(blocks[at]));
    }
    memory.heap.trim();
    CHECK(memory.heap.statistics().live_blocks == 0);
    CHECK(memory.frames.free_count() + memory.heap.statistics().committed_pages + memory.directory.frames_owned() ==
          memory.free_at_boot() + memory.frames.statistics().of(Owner::page_table));
}

TEST_CASE("pages for the heap are all committed or none", "[memory]") {
    Booted booted(pc_map(8 * mib), {.ram = 8 * mib}, 64 * mib);
    Memory& memory = *booted.memory;
    const std::uint32_t free = memory.frames.free_count();
    CHECK(memory.heap_area.commit(0, free + 1).error() == Error::out_of_memory);
    CHECK(memory.frames.free_count() == free);
    booted.check_books();
}

TEST_CASE("a machine with too little memory says so", "[memory]") {
    CHECK_THROWS_AS(Booted({{0, 0x2000, MapEntry::available}, {0x100000, 0x40000, MapEntry::available}},
                           {.ram = 4 * mib, .large_pages = false}),
                    test::Panic);
}

} // namespace
} // namespace quire
