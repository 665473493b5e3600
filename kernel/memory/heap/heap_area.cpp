// Gives the kernel heap its pages and takes them back.
#include "kernel/memory/heap/heap_area.h"

#include "kernel/lib/panic.h"

#include <algorithm>
#include <array>

namespace quire {

Result<void> HeapArea::commit(std::uint32_t first, std::uint32_t count) {
    for (std::uint32_t done = 0; done < count; ++done) {
        const Result<Frame> frame = frames_->allocate(Owner::heap);
        Result<void> mapped =
            frame ? directory_->map(base + first + done, *frame, protection::kernel_data) : fail(frame.error());
        if (!mapped) {
            if (frame) {
                ensure(frames_->free(*frame).has_value(), "a frame just allocated can be freed");
            }
            if (done != 0) {
                decommit(first, done);
            }
            return mapped;
        }
    }
    return {};
}

void HeapArea::decommit(std::uint32_t first, std::uint32_t count) {
    std::array<Frame, TlbFlush::full_flush_threshold> unmapped;
    while (count != 0) {
        const std::uint32_t part = std::min<std::uint32_t>(count, unmapped.size());
        TlbFlush flush(*flushes_);
        for (std::uint32_t at = 0; at < part; ++at) {
            const Result<Frame> frame = directory_->unmap(base + first + at, flush);
            ensure(frame.has_value(), "the heap gives back only pages that it has");
            unmapped[at] = *frame;
        }
        flush.commit();
        for (std::uint32_t at = 0; at < part; ++at) {
            ensure(frames_->free(unmapped[at]).has_value(), "a heap page's frame is the heap's");
        }
        first += part;
        count -= part;
    }
}

} // namespace quire
