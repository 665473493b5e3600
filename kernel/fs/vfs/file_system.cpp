// What transfers of files do where a page is not there yet.
#include "kernel/fs/vfs/file_system.h"

#include "kernel/fs/vfs/io_buffer.h"

namespace quire {

Result<Frame> FileSystem::content(Result<Frame> page) const {
    PageRequests& requests = memory.requests;
    if (page && requests.is_coming(*page)) [[unlikely]] {
        requests.answer_must_wait(*page);
        return fail(Error::must_wait);
    }
    return page;
}

Result<std::uint32_t> FileSystem::stopped(IoBuffer& buffer, Error why, std::uint32_t moved) const {
    if (why == Error::out_of_memory && moved != 0) {
        memory.requests.answer_must_wait_for_room();
        why = Error::must_wait;
    }
    if (why == Error::must_wait) {
        buffer.stall();
        return buffer.outcome(moved);
    }
    return moved != 0 ? Result<std::uint32_t>(moved) : fail(why);
}

} // namespace quire
