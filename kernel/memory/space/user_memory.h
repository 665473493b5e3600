// What the address spaces of programs stand on: the kernel's memory, and what they share with each other.
#pragma once

#include "kernel/memory/heap/kernel_memory.h"
#include "kernel/memory/heap/object_pool.h"
#include "kernel/memory/objects/commit_account.h"
#include "kernel/memory/pager/pager.h"
#include "kernel/memory/regions/region.h"

#include <cstdint>

namespace quire {

class AddressSpace;

// Who is told of address spaces that are made and end.
class SpaceObserver {
public:
    virtual void space_made(AddressSpace& space) = 0;
    virtual void space_ends(AddressSpace& space) = 0;

protected:
    ~SpaceObserver() = default;
};

class UserMemory : public KernelMemory {
public:
    // `spaces` is told of every address space; it may be built after this. Panics if there is too little memory.
    UserMemory(const MemoryMap& map, const MemoryOptions& options, HeapWatcher& watcher, SpaceObserver& spaces);

    // Promised for copies of the page tables that address spaces share: one frame for each sharer of a table but one.
    FrameReservation table_copies;
    ObjectPool<Region> region_pool;
    CommitAccount commit;
    PageRequests requests; // pages that are on their way
    PinnedPages pinned;    // pages that stay where they are for a moment
    Pager pager;           // puts pages on disks and brings them back
    SpaceObserver& observer;

    // Regions that an address space may have before it is refused another: /proc/sys/vm/max_map_count. One that has
    // more already keeps them.
    static constexpr std::uint32_t default_max_map_count = 65530; // Linux's
    std::uint32_t max_map_count = default_max_map_count;

    // A number for each piece of shared memory.
    [[nodiscard]] std::uint32_t next_object_number() { return ++object_numbers_; }

    // The page of zeros that programs see where they have written nothing.
    [[nodiscard]] Frame zero_frame() const { return zero_frame_; }

protected:
    ~UserMemory() = default;

private:
    Frame zero_frame_;
    std::uint32_t object_numbers_ = 0;
};

} // namespace quire
