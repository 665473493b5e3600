// What happens when a fault finds no memory: what is only kept to be quicker is given back, then pages are put out,
// then somebody ends. It owns the order of these and the promise that they come to an end; who can give what, it is
// told.
#pragma once

#include "kernel/machine/address.h"
#include "kernel/memory/space/fault.h"

#include <cstdint>

namespace quire {

class AddressSpace;

class Reclaimer {
public:
    Reclaimer(const Reclaimer&) = delete;
    Reclaimer& operator=(const Reclaimer&) = delete;

    // Frees all that is only kept to be quicker. False where there was none.
    virtual bool reclaim_caches() = 0;
    // Puts pages out: to be free now, or once they are written, which PageRequests' answer_must_wait_for_room() has
    // said then. There are fewer in memory each time.
    enum class Room : std::uint8_t { none, now, later };
    virtual Room put_pages_out() = 0;
    // Ends somebody who has memory, and whom it has not ended before. False where there is nobody, or where it is the
    // one that asks.
    virtual bool kill_one() = 0;

protected:
    Reclaimer() = default;
    ~Reclaimer() = default;
};

// Resolves a fault as AddressSpace::handle_fault() does; where memory has run out, frees some and tries again, or
// answers must_wait. A try
// may take back what was given for it and fail for the next thing that it needs: so what is kept is given back once
// before somebody is ended, and not again until then. What falls with each round is the number of those who can be
// ended, and within it the number of pages that could be put out.
[[nodiscard]] FaultOutcome handle_fault_reclaiming(AddressSpace& space, VirtAddr address, FaultAccess access,
                                                   Reclaimer& reclaimer);

} // namespace quire
