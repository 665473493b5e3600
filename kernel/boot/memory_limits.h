// How much memory there is to be, as a person says it: on the kernel's command line, or in the file config.txt of the
// boot archive. The file has a key and a value a line; it is the one that a course's memory simulator reads, so that
// one file serves both: what only the simulator knows is passed over.
#pragma once

#include "kernel/lib/format.h"
#include "kernel/machine/address.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace quire {

// Bytes; 0: not told.
struct MemoryLimits {
    std::uint32_t frame = 0;         // mem-per-frame: pages go to a disk and come in clusters of that size
    std::uint32_t overall = 0;       // max-overall-mem: RAM that is used, what was loaded at boot included
    std::uint32_t least_process = 0; // min-mem-per-proc, max-mem-per-proc: of processes that a script describes
    std::uint32_t most_process = 0;

    // That of frame, where it is told; else a page's.
    [[nodiscard]] std::uint32_t frame_size() const { return frame != 0 ? frame : page_size; }
    // What is not told here, as `other` has it.
    void add(const MemoryLimits& other);
};

// The four keys, and the understanding of one. Nothing where it is understood; else the complaint, to stand behind the
// value: then nothing has changed.
[[nodiscard]] bool is_limit(std::string_view key);
[[nodiscard]] std::span<const std::string_view> limit_names();
[[nodiscard]] std::optional<std::string_view> set_limit(MemoryLimits& limits, std::string_view key,
                                                        std::string_view value);

// Where the least is more than the most, says so to `notes` and forgets both.
void check_limits(MemoryLimits& limits, std::string_view source, Sink& notes);

// Reads config.txt. What is not understood is told to `notes`, a line each; keys of the simulator in one line. O(text).
[[nodiscard]] MemoryLimits read_config(std::string_view text, Sink& notes);

} // namespace quire
