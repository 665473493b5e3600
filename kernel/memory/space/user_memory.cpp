// What address spaces share, set up once the kernel has its memory.
#include "kernel/memory/space/user_memory.h"

#include "kernel/lib/panic.h"

namespace quire {

UserMemory::UserMemory(const MemoryMap& memory_map, const MemoryOptions& options, HeapWatcher& watcher,
                       SpaceObserver& spaces)
    : KernelMemory(memory_map, options, watcher), table_copies(*frames.reserve(0)), region_pool(heap),
      commit(CommitPolicy::guess, frames.free_count()), requests(frames), pager({.frames = frames,
                                                                                 .records = records,
                                                                                 .physical = physical,
                                                                                 .requests = requests,
                                                                                 .pinned = pinned,
                                                                                 .tlb = tlb,
                                                                                 .heap = heap}),
      observer(spaces), zero_frame_(reserved_for(Owner::zero).first) {
    physical.zero(zero_frame_);
}

} // namespace quire
