// The emulator's debug console as a sink: for what is read on the host afterwards.
#pragma once

#include "kernel/lib/format.h"
#include "kernel/machine/devices.h"

namespace quire {

class DebugConsole final : public Sink {
public:
    void write(std::string_view text) override { machine::debug_console_write(text); }
};

} // namespace quire
