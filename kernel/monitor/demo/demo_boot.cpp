// Chapter 1 of the demo: from the loader's memory map to frames with owners.
#include "kernel/boot/multiboot.h"
#include "kernel/memory/frames/address_text.h"
#include "kernel/monitor/commands/touch_memory.h"
#include "kernel/monitor/demo/demo.h"
#include "kernel/torus/torus.h"

#include <algorithm>

namespace quire {

namespace {

void show_map(Narrator& narrator) {
    for (const FrameRun& run : narrator.memory().map.ram()) {
        narrator.show("RAM       {} - {}  {:>9}", run.first.start(), run.end().start() - 1, ByteCount{run.bytes()});
    }
    for (const Reservation& each : narrator.memory().map.reservations()) {
        narrator.show("reserved  {} - {}  {:>9}  {}", each.frames.first.start(), each.frames.end().start() - 1,
                      ByteCount{each.frames.bytes()}, each.name);
    }
    narrator.context().out.write("\n");
}

std::uint32_t reserved_but_free(Memory& memory) {
    std::uint32_t count = 0;
    for (const Reservation& each : memory.map.reservations()) {
        for (Frame frame = each.frames.first; frame < each.frames.end(); frame = frame + 1) {
            count += memory.frames.owner(frame) == Owner::free ? 1U : 0U;
        }
    }
    return count;
}

} // namespace

void demo_boot(Narrator& narrator) {
    const BootFacts& boot = narrator.context().torus.boot;
    Memory& memory = narrator.memory();
    narrator.tell("A boot loader put this kernel into memory and left a map of what RAM there is. "
                  "What the map calls available is cut to whole frames of 4 KiB; what already holds "
                  "something, the kernel first of all, is reserved by name before a frame is given out.");
    show_map(narrator);

    narrator.check("A loader that follows the Multiboot standard leaves its magic number.", "0x2badb002",
                   boot.handoff.magic == multiboot::loader_magic, "{:#010x}, from \"{}\"", boot.handoff.magic,
                   boot.loader.loader.view());
    const FrameStatistics frames = memory.frames.statistics();
    narrator.check("Every frame of the map's RAM is in the allocator's books.", "as many in both",
                   frames.ram == memory.map.ram_frames(), "map {:,}, books {:,}", memory.map.ram_frames(), frames.ram);
    std::uint32_t sum = frames.free;
    for (const Owner owner : all_owners()) {
        sum += owner == Owner::free || owner == Owner::absent ? 0 : frames.of(owner);
    }
    narrator.check("Each frame has one owner, so the owners add up to all RAM.", "the same sum", sum == frames.ram,
                   "{:,} of {:,}", sum, frames.ram);
    const std::uint32_t loose = reserved_but_free(memory);
    narrator.check("Nothing that was reserved can be given out.", "0 of it free", loose == 0, "{} free", loose);

    const VirtAddr identity(machine::image_load_address.value());
    const Touch low = read_word(identity);
    narrator.check("The boot stub's identity mapping is gone: 0x00100000 leads nowhere.", "page fault, code 0x0",
                   !low.worked() && low.error_code() == 0 && !memory.directory.translate(identity), "{}, code {:#x}",
                   low.worked() ? "no fault" : machine::exception_name(low.trap->vector), low.error_code());
}

} // namespace quire
