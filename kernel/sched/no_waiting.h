// A stretch of code in which nothing may wait, for others would run meanwhile and see a change half done. Whoever waits
// in it all the same is a fault of the kernel's: it panics.
#pragma once

#include "kernel/machine/cpu.h"

namespace quire {

class NoWaiting {
public:
    NoWaiting() { ++machine::cpu_local->waiting_forbidden; }
    ~NoWaiting() { --machine::cpu_local->waiting_forbidden; }
    NoWaiting(const NoWaiting&) = delete;
    NoWaiting& operator=(const NoWaiting&) = delete;
};

} // namespace quire
