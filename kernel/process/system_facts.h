// What programs are told about the machine and how it was started: in their auxiliary vectors and in /proc.
#pragma once

#include "kernel/machine/cpu.h"

#include <string_view>

namespace quire {

struct SystemFacts {
    machine::CpuFeatures cpu{};
    std::string_view command_line{}; // the kernel's; lasts as long as the machine runs
};

} // namespace quire
