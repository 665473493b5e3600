// Watching memory management at work: rows of counters. Reads statistics only.
#pragma once

#include "kernel/monitor/commands/command.h"

namespace quire {

// The shell's `vmstat [kernel] [SECONDS] [COUNT]`: a row since boot, then one after each SECONDS until a key is pressed
// or there are COUNT. Works without swap space, and before there are programs.
[[nodiscard]] Outcome vmstat(Context& context, Arguments arguments);

} // namespace quire
