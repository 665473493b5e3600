// Transfers between files and memory as a whole, whatever pages of either are on their way.
#pragma once

#include "kernel/fs/vfs/io_buffer.h"
#include "kernel/lib/result.h"
#include "kernel/process/user_pages.h"

#include <cstdint>

namespace quire {

// The rare half of a transfer, after its file has moved `moved` bytes of the buffer: while pages lack, waits for them
// and has the file move the rest, by more(), which is told how many bytes there were before. The bytes moved in all, or
// the first error where there were none.
template <class More>
[[nodiscard]] Result<std::uint32_t> move_rest(Process& process, IoBuffer& buffer, Result<std::uint32_t> moved,
                                              More&& more) {
    std::uint32_t sum = moved.value_or(0);
    while (buffer.failed() && wait_after_short_copy(process)) {
        buffer.resume(sum != 0);
        moved = more(sum);
        sum += moved.value_or(0);
    }
    return sum != 0 ? Result<std::uint32_t>(sum) : moved;
}

} // namespace quire
