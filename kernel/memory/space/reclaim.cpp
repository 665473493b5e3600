// Faults that find no memory.
#include "kernel/memory/space/reclaim.h"

#include "kernel/memory/space/address_space.h"

namespace quire {

FaultOutcome handle_fault_reclaiming(AddressSpace& space, VirtAddr address, FaultAccess access, Reclaimer& reclaimer) {
    FaultOutcome outcome = space.handle_fault(address, access);
    while (outcome == FaultOutcome::out_of_memory) {
        if (reclaimer.reclaim_caches()) {
            outcome = space.handle_fault(address, access);
        }
        while (outcome == FaultOutcome::out_of_memory) {
            const Reclaimer::Room room = reclaimer.put_pages_out();
            if (room == Reclaimer::Room::none) {
                break;
            }
            if (room == Reclaimer::Room::later) {
                return FaultOutcome::must_wait;
            }
            outcome = space.handle_fault(address, access);
        }
        if (outcome != FaultOutcome::out_of_memory || !reclaimer.kill_one()) {
            break;
        }
        outcome = space.handle_fault(address, access);
    }
    return outcome;
}

} // namespace quire
