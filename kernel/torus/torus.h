// A torus: one CPU, its memory, and what happened on it. Nothing in it is shared with another CPU, so nothing in it is
// locked. The machine's pointer to its own books (cpu_local) is the pointer to this.
#pragma once

#include "kernel/boot/multiboot.h"
#include "kernel/boot/settings.h"
#include "kernel/lib/options.h"
#include "kernel/machine/cpu.h"
#include "kernel/machine/upcalls.h"
#include "kernel/memory/memory.h"
#include "kernel/torus/debug_console.h"
#include "kernel/torus/trap_report.h"

#include <cstdint>

namespace quire {

// What the loader and the machine said at boot, kept for whoever asks. None of it changes any more.
struct BootFacts {
    machine::BootHandoff handoff;
    multiboot::Information loader;
    BootOptions options;
    BootSettings settings; // what the options say
    machine::CpuFeatures cpu;
};

// What on_trap() was asked about since boot. A fault that on_page_fault() answers is counted by the address space
// (FaultCounts), not here.
struct Counters {
    std::uint64_t page_faults = 0;
    std::uint64_t other_exceptions = 0;
};

class Userland;

struct Torus : machine::CpuLocal {
    // Builds the torus's memory. Everything referred to must outlive it. It becomes this CPU's with install().
    Torus(machine::Hardware* its_hardware, const BootFacts& facts, const MemoryMap& map, const MemoryOptions& options,
          HeapWatcher& heap_watcher)
        : CpuLocal{.hardware = its_hardware, .is_torus = true}, boot(facts), memory(map, options, heap_watcher) {}

    // From now on this_torus() is this.
    void install() { machine::cpu_local = this; }

    const BootFacts& boot;
    DebugConsole debug_console; // where traces go
    Memory memory;
    Counters counters;
    Userland* userland = nullptr;              // processes and files, once they are there
    TrapReport trap_report = TrapReport::full; // what the innermost attempt wants to hear, should it trap
};

// This CPU's torus, or null while boot has not built it yet. For those whom nobody can hand it: traps, panics, the
// console, copies to and from the current program, kmalloc. Everybody else is handed what is needed.
[[nodiscard]] inline Torus* this_torus() {
    return machine::cpu_local != nullptr && machine::cpu_local->is_torus ? static_cast<Torus*>(machine::cpu_local)
                                                                         : nullptr;
}

} // namespace quire
