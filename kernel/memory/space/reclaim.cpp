// Faults that find no memory.
#include "kernel/memory/space/reclaim.h"

#include "kernel/memory/space/address_space.h"

namespace quire {

FaultOutcome resolve_reclaiming(AddressSpace& space, VirtAddr address, FaultAccess access, Reclaimer& reclaimer) {
    FaultOutcome outcome = space.resolve(address, access);
    while (outcome == FaultOutcome::out_of_memory) {
        if (reclaimer.give_back_kept()) {
            outcome = space.resolve(address, access);
        }
        if (outcome != FaultOutcome::out_of_memory || !reclaimer.end_one()) {
            break;
        }
        outcome = space.resolve(address, access);
    }
    return outcome;
}

} // namespace quire
