// Watching memory management at work: a row of counters a second. Reads statistics only.
#pragma once

#include "kernel/monitor/commands/command.h"

namespace quire {

// The shell's `vmstat [SECONDS]`: a row a second until a key is pressed or as many rows as asked for are there.
[[nodiscard]] Outcome vmstat(Context& context, Arguments arguments);

} // namespace quire
