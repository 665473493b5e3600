// Where a page directory gets the frames for its tables from. While the kernel boots that is a simple early source,
// afterwards the FrameAllocator; in tests it may be a source that runs dry on purpose.
#pragma once

#include "arch/x86/include/address.h"
#include "kernel/lib/result.h"

namespace quire {

class FrameSource {
public:
    // One frame for a page directory or page table. Its content is whatever was there before: the caller clears it.
    // Error: out_of_memory.
    [[nodiscard]] virtual Result<Frame> allocate_table() = 0;

    // Takes back a frame that allocate_table() gave. Anything else is a broken invariant.
    virtual void free_table(Frame frame) = 0;

protected:
    constexpr ~FrameSource() = default;
};

} // namespace quire
