// Searching the table of instructions that may fail.
#include "arch/x86/recovery.h"

#include <span>

namespace quire::machine {

namespace {

// As RECOVER lays it down.
struct Recovery {
    std::uint32_t first, end, target;
};

} // namespace

} // namespace quire::machine

// linker.ld
extern "C" const quire::machine::Recovery recovery_start, recovery_end;

namespace quire::machine {

std::uint32_t recovery_from(std::uint32_t eip) {
    for (const Recovery& each : std::span(&recovery_start, &recovery_end)) {
        if (eip >= each.first && eip < each.end) {
            return each.target;
        }
    }
    return 0;
}

} // namespace quire::machine
