// Shared anonymous memory: a page store behind regions.
#include "kernel/memory/objects/shared_memory.h"

#include "kernel/lib/panic.h"
#include "kernel/memory/memory.h"

#include <new>

namespace quire {

SharedMemory::SharedMemory(Memory& memory, std::uint32_t pages)
    : memory_(&memory), store_(memory, Owner::shared), pages_(pages), number_(memory.next_shared_number()) {}

Result<SharedMemory*> SharedMemory::create(Memory& memory, std::uint32_t pages) {
    if (const Result<void> charged = memory.commit.charge(pages); !charged) {
        return fail(charged.error());
    }
    const Result<void*> place = memory.heap.allocate(sizeof(SharedMemory));
    if (!place) {
        memory.commit.discharge(pages);
        return fail(place.error());
    }
    return ::new (*place) SharedMemory(memory, pages);
}

void SharedMemory::destroy() {
    Memory& memory = *memory_;
    memory.commit.discharge(pages_);
    this->~SharedMemory();
    ensure(memory.heap.free(this).has_value(), "shared memory came from the heap");
}

Result<SourcePage> SharedMemory::page(std::uint32_t index, bool) {
    if (index >= pages_) {
        return fail(Error::out_of_range);
    }
    const Result<Frame> frame = store_.get(index);
    return frame ? Result<SourcePage>(SourcePage{*frame}) : fail(frame.error());
}

Result<void> SharedMemory::discard(std::uint32_t first, std::uint32_t count) {
    unmap_pages(first, count, PrivateCopies::stay);
    store_.drop(first, count);
    return {};
}

// As Linux names it.
void SharedMemory::print_name(Sink& sink) const {
    print(sink, "/dev/zero (deleted)");
}

SourceIdentity SharedMemory::identity() const {
    return {.device = 1, .inode = number_};
}

} // namespace quire
