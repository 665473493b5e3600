// The full report on a fault that ends a program, for whoever wants it: what it did, where that is in its files and
// tables, its registers, its stack, and who called, as far as its frame pointers go.
#pragma once

#include "kernel/process/userland/userland.h"

namespace quire {

// From now on each is printed, or none is.
void report_program_faults(Userland& userland, bool wanted);

} // namespace quire
