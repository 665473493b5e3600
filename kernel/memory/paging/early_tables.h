// Frames for page tables before there is a frame allocator: a run set aside in the memory map, handed out from its
// start. What it handed out, it never takes back.
#pragma once

#include "kernel/memory/frames/frame_run.h"
#include "kernel/memory/frames/page_table_allocator.h"

namespace quire {

class EarlyTables final : public PageTableAllocator {
public:
    explicit EarlyTables(FrameRun frames) : frames_(frames) {}

    [[nodiscard]] Result<Frame> allocate_table() override {
        if (used_ == frames_.count) {
            return fail(Error::out_of_memory);
        }
        return frames_.first + used_++;
    }
    void free_table(Frame) override {}
    [[nodiscard]] bool is_table(Frame frame) const override { return FrameRun{frames_.first, used_}.contains(frame); }

private:
    FrameRun frames_;
    std::uint32_t used_ = 0;
};

} // namespace quire
