// The 1024 entries in one frame, a directory's or a table's, within reach as long as this view of them lives. It owns
// neither the frame nor what the entries mean.
#pragma once

#include "kernel/memory/entry.h"
#include "kernel/memory/physical_memory.h"

#include <cstdint>

namespace quire {

class PageTable {
public:
    PageTable(PhysicalMemory& memory, Frame frame) : window_(memory.open(frame)) {}

    [[nodiscard]] Entry operator[](std::uint32_t index) const { return window_.as<Entry>()[index]; }
    void set(std::uint32_t index, Entry entry) const { window_.as<Entry>()[index] = entry; }

private:
    FrameWindow window_;
};

} // namespace quire
