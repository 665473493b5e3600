// What happens when a fault finds no memory: what is only kept to be quicker is given back, then somebody ends. It owns
// the order of these and the promise that they come to an end; who can give what, it is told.
#pragma once

#include "arch/x86/include/address.h"
#include "kernel/memory/fault.h"

namespace quire {

class AddressSpace;

class Reclaimer {
public:
    Reclaimer(const Reclaimer&) = delete;
    Reclaimer& operator=(const Reclaimer&) = delete;

    // Frees what is only kept to be quicker. False where there was none.
    virtual bool give_back_kept() = 0;
    // Ends somebody who has memory. False where there is nobody, or where it is the one that asks.
    virtual bool end_one() = 0;

protected:
    Reclaimer() = default;
    ~Reclaimer() = default;
};

// Resolves a fault as AddressSpace::resolve() does; where memory has run out, frees some and tries again.
[[nodiscard]] FaultOutcome resolve_reclaiming(AddressSpace& space, VirtAddr address, FaultAccess access,
                                              Reclaimer& reclaimer);

} // namespace quire
