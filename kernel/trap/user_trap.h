// What the kernel does when ring 3 is interrupted by a fault or exception of its own making: resolved, or a signal.
#pragma once

#include "kernel/process/process.h"

namespace quire {

struct Torus;

// An exception that a program raised, page faults aside: becomes the signal that Linux sends for it.
void raise_for_exception(Process& process, const machine::TrapFrame& trap);

// Tells more about a program's death than explain_death() does. The process is the current one, its space is loaded.
class DeathReporter {
public:
    virtual void report(const Process& process, const SignalInfo& info, const machine::TrapFrame& registers) const = 0;

protected:
    constexpr ~DeathReporter() = default;
};

// Says on the console why a signal that a fault raised ends the process: what it did, where, and which region that is;
// all that there is to know, where Programs::death_reporter is there. Nothing for other signals.
void explain_death(const Process& process, const SignalInfo& info, const machine::TrapFrame& registers);

} // namespace quire
