// Frames linked through their own first words.
#include "kernel/memory/paging/frame_chain.h"

#include "kernel/lib/panic.h"
#include "kernel/memory/paging/entry.h"

#include <utility>

namespace quire {

FrameChain::FrameChain(FrameChain&& other) noexcept
    : memory_(other.memory_), source_(other.source_), count_(std::exchange(other.count_, 0)), top_(other.top_) {}

FrameChain::~FrameChain() {
    free_all();
}

void FrameChain::push(Frame frame) {
    // Only the frame's number is set, so the word is no present entry.
    *memory_->open(frame).as<Entry>() = Entry().with(EntryField::frame, top_.number());
    top_ = frame;
    ++count_;
}

Result<void> FrameChain::fill(std::uint32_t count) {
    const std::uint32_t before = count_;
    while (count_ - before < count) {
        const Result<Frame> frame = source_->allocate_table();
        if (!frame) {
            while (count_ != before) {
                source_->free_table(pop());
            }
            return fail(frame.error());
        }
        push(*frame);
    }
    return {};
}

Frame FrameChain::pop() {
    ensure(count_ != 0, "a frame was taken from an empty chain");
    const Frame frame = top_;
    top_ = memory_->open(frame).as<Entry>()->frame();
    --count_;
    return frame;
}

void FrameChain::free_all() {
    while (count_ != 0) {
        source_->free_table(pop());
    }
}

} // namespace quire
