// Faults that find no memory.
#include "kernel/memory/reclaim.h"

#include "kernel/memory/address_space.h"

namespace quire {

FaultOutcome resolve_reclaiming(AddressSpace& space, VirtAddr address, FaultAccess access, Reclaimer& reclaimer) {
    while (true) {
        const FaultOutcome outcome = space.resolve(address, access);
        if (outcome == FaultOutcome::out_of_memory && reclaimer.give_back_kept()) {
            continue;
        }
        if (outcome != FaultOutcome::out_of_memory || !reclaimer.end_one()) {
            return outcome;
        }
    }
}

} // namespace quire
