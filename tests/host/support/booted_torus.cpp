// Boots the portable kernel on the simulated machine. See booted_torus.h.
#include "tests/host/support/booted_torus.h"

#include "kernel/machine/image.h"
#include "kernel/memory/frames/memory_map.h"
#include "tests/host/support/string_sink.h"

#include <catch2/catch.hpp>
#include <cstring>

namespace quire::test {

namespace {

MemoryMap pc_map(std::uint64_t ram) {
    using multiboot::MapEntry;
    constexpr std::uint64_t mib = 1U << 20;
    multiboot::Information information;
    for (const MapEntry& entry :
         {MapEntry{0, 0x9FC00, MapEntry::available}, MapEntry{0x9FC00, 0x400, MapEntry::reserved},
          MapEntry{0xF0000, 0x10000, MapEntry::reserved}, MapEntry{mib, ram - mib, MapEntry::available}}) {
        REQUIRE(information.map.push_back(entry));
    }
    StringSink notes;
    MemoryMap map;
    multiboot::set_ram(map, information, notes);
    REQUIRE(notes.text().empty());
    const machine::Range image = machine::kernel_image().whole;
    const FrameRun boot_frames = SimulatedMachine::boot_frames();
    REQUIRE(map.reserve(PhysAddr(0), page_size, Owner::reserved, "firmware data"));
    REQUIRE(map.reserve(PhysAddr(image.start - VirtAddr(machine::kernel_base)), image.end - image.start, Owner::kernel,
                        "kernel image"));
    REQUIRE(map.reserve(boot_frames.first.start(), boot_frames.bytes(), Owner::kernel, "boot tables"));
    return map;
}

} // namespace

void BootedTorus::FailOnMisuse::misused(const HeapMisuse& misuse) {
    StringSink text;
    print(text, "{}", misuse);
    FAIL(text.text());
}

BootedTorus::BootedTorus(const MachineOptions& options) : machine(options) {
    facts_.cpu = quire::machine::cpu_features();
    quire::machine::enable_paging_features();
    torus_ = std::make_unique<Torus>(
        nullptr, facts_, pc_map(options.ram),
        MemoryOptions{.paging = {.large_pages = options.large_pages, .global_pages = options.global_pages},
                      .early_limit = Frame(options.large_pages ? direct_map_frames : frames_per_large_page).start()},
        watcher_);
    torus_->install();
}

BootedTorus::~BootedTorus() {
    quire::machine::load_page_directory(SimulatedMachine::boot_frames().first.start());
}

PhysAddr BootedTorus::load(const std::string& bytes, std::uint32_t offset) {
    const auto size = static_cast<std::uint32_t>(bytes.size());
    const auto run = torus_->memory.frames.allocate_run(Owner::file, pages_for(size + offset));
    REQUIRE(run.has_value());
    const PhysAddr start = run->first.start() + offset;
    std::memcpy(machine.ram().at(start, size), bytes.data(), size);
    return start;
}

} // namespace quire::test
