// Text straight to the machine's console, for what must be seen even when nothing else works: reports and panics. With
// interrupts off the machine sends each character before it goes on.
#pragma once

#include "kernel/lib/format.h"
#include "kernel/machine/devices.h"

namespace quire {

class ConsoleSink final : public Sink {
public:
    void write(std::string_view text) override { machine::console_write(text); }
};

} // namespace quire
