// Frames linked through their own first words.
#include "kernel/memory/paging/free_table_list.h"

#include "kernel/lib/panic.h"
#include "kernel/memory/paging/entry.h"

#include <utility>

namespace quire {

FreeTableList::FreeTableList(FreeTableList&& other) noexcept
    : memory_(other.memory_), allocator_(other.allocator_), count_(std::exchange(other.count_, 0)), top_(other.top_) {}

FreeTableList::~FreeTableList() {
    free_all();
}

void FreeTableList::push(Frame frame) {
    // Only the frame's number is set, so the word is no present entry.
    *memory_->map_temporarily(frame).as<Pte>() = Pte().with(EntryField::frame, top_.number());
    top_ = frame;
    ++count_;
}

Result<void> FreeTableList::fill(std::uint32_t count) {
    const std::uint32_t before = count_;
    while (count_ - before < count) {
        const Result<Frame> frame = allocator_->allocate_table();
        if (!frame) {
            while (count_ != before) {
                allocator_->free_table(pop());
            }
            return fail(frame.error());
        }
        push(*frame);
    }
    return {};
}

Frame FreeTableList::pop() {
    ensure(count_ != 0, "a frame was taken from an empty chain");
    const Frame frame = top_;
    top_ = memory_->map_temporarily(frame).as<Pte>()->frame();
    --count_;
    return frame;
}

void FreeTableList::free_all() {
    while (count_ != 0) {
        allocator_->free_table(pop());
    }
}

} // namespace quire
