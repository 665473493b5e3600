// Searching the table of instructions that may fail.
#include "arch/x86/traps/recovery.h"

#include <span>

// linker.ld
extern "C" const quire::machine::Recovery recovery_start, recovery_end;

namespace quire::machine {

const Recovery* recovery_at(std::uint32_t eip) {
    for (const Recovery& each : std::span(&recovery_start, &recovery_end)) {
        if (eip >= each.first && eip < each.end) {
            return &each;
        }
    }
    return nullptr;
}

} // namespace quire::machine
