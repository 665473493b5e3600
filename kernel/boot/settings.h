// What this boot was told, understood: each option of the kernel's command line (docs/running.md) by its name, once.
// What cannot be understood is said, and the default kept.
#pragma once

#include "kernel/boot/memory_limits.h"
#include "kernel/lib/format.h"
#include "kernel/lib/options.h"
#include "kernel/memory/heap/kernel_memory.h"
#include "kernel/memory/objects/commit_account.h"
#include "kernel/memory/replacement/replacement.h"

#include <cstdint>
#include <optional>
#include <string_view>

namespace quire {

struct BootSettings {
    std::optional<std::string_view> archive;  // archive=hdc: a disk with an archive that joins the root
    bool randomise_addresses = false;         // aslr=on
    std::optional<std::string_view> commands; // commands="A; B": run by the shell, then the machine is switched off
    bool demo = false;                        // demo
    bool disk_dma = true;                     // disk-dma=off: the processor moves the disks' data
    std::optional<std::string_view> exec;     // exec="PROGRAM A B": the same with a program
    std::uint16_t exit_port = 0;              // exit-port=PORT: of the emulator's exit device; 0: there is none
    bool fault_reports = false;               // fault-reports=on
    std::size_t heap_maximum = 0;             // heap=SIZE, bytes; 0: not told
    HeapMode heap_mode = HeapMode::tracked;   // heap-mode=MODE
    MemoryLimits limits;                      // max-overall-mem=SIZE and so on; what config.txt says is added later
    bool plain = false;                       // no-color
    CommitPolicy overcommit = CommitPolicy::guess;         // overcommit=POLICY
    ReplacementPolicy replacement = Replacement::standard; // replacement=POLICY
    bool chaos_paging = false;                             // replacement=chaos: pages go at the worst of times
    std::uint32_t slow_pages = 0;                          // slow-pages=N: every Nth new page comes late; 0: none does
    std::optional<std::string_view> swap;                  // swap=hda,hdb1: where pages are put when memory is short
};

// The last option of a name wins. Complaints go to `notes`, one line each. The texts stay `options`'s.
[[nodiscard]] BootSettings read_settings(const BootOptions& options, Sink& notes);

} // namespace quire
