// What the kernel says when a program's own fault ends it.
#pragma once

#include "kernel/machine/trap.h"
#include "kernel/process/process.h"

namespace quire {

// Tells more about a program's death than explain_death() does. The process is the current one, its space is loaded.
class DeathReporter {
public:
    virtual void report(const Process& process, const SignalInfo& info, const machine::TrapFrame& registers) const = 0;

protected:
    constexpr ~DeathReporter() = default;
};

// Says on the console why a signal that a fault raised ends the process: what it did, where, and which region that is;
// all that there is to know, where ProcessTable::death_reporter is there. Nothing for other signals.
void explain_death(const Process& process, const SignalInfo& info, const machine::TrapFrame& registers);

} // namespace quire
