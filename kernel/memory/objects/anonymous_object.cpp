// Shared anonymous memory: a page cache behind regions.
#include "kernel/memory/objects/anonymous_object.h"

#include "kernel/memory/heap/kernel_memory.h"
#include "kernel/memory/heap/object.h"

namespace quire {

AnonymousObject::AnonymousObject(KernelMemory& memory, Pager& pager, CommitAccount& commit, std::uint32_t number,
                                 std::uint32_t pages)
    : memory_(&memory), commit_(&commit), pages_there_(memory, pager, *this, Owner::shared), pages_(pages),
      number_(number) {}

Result<AnonymousObject*> AnonymousObject::create(KernelMemory& memory, Pager& pager, CommitAccount& commit,
                                                 std::uint32_t number, std::uint32_t pages) {
    if (const Result<void> charged = commit.charge(pages); !charged) {
        return fail(charged.error());
    }
    const auto object = make_object<AnonymousObject>(memory.heap, memory, pager, commit, number, pages);
    if (!object) {
        commit.discharge(pages);
    }
    return object;
}

void AnonymousObject::destroy() {
    commit_->discharge(pages_);
    destroy_object(memory_->heap, this);
}

Result<ObjectPage> AnonymousObject::page(std::uint32_t index, bool) {
    if (index >= pages_) {
        return fail(Error::out_of_range);
    }
    const Result<Frame> frame = pages_there_.get(index);
    return frame ? Result<ObjectPage>(ObjectPage{*frame}) : fail(frame.error());
}

Result<void> AnonymousObject::discard(std::uint32_t first, std::uint32_t count) {
    unmap_pages(first, count, PrivateCopies::stay);
    pages_there_.drop(first, count);
    return {};
}

// As Linux names it.
void AnonymousObject::print_name(Sink& sink) const {
    print(sink, "/dev/zero (deleted)");
}

ObjectIdentity AnonymousObject::identity() const {
    return {.device = 1, .inode = number_};
}

} // namespace quire
