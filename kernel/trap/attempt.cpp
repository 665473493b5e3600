// Attempts nest: each has its own wish for how much is said.
#include "kernel/trap/attempt.h"

#include "kernel/torus/torus.h"

namespace quire {

std::optional<machine::TrapFrame> attempt(TrapReport report, void (*body)(void*), void* argument) {
    Torus* const torus = this_torus();
    if (torus == nullptr) {
        return machine::attempt(body, argument);
    }
    const TrapReport outer = torus->trap_report;
    torus->trap_report = report;
    const auto trapped = machine::attempt(body, argument);
    torus->trap_report = outer;
    return trapped;
}

} // namespace quire
