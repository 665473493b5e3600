// A source of page-table frames for tests: hands out frames of a given run, filled with junk as freed memory is, runs
// dry when told to, and knows what is out.
#pragma once

#include "kernel/lib/panic.h"
#include "kernel/memory/frames/frame_run.h"
#include "kernel/memory/frames/page_table_allocator.h"
#include "tests/host/machine/ram.h"

#include <cstdint>
#include <cstring>
#include <optional>
#include <set>

namespace quire::test {

class TestTables final : public PageTableAllocator {
public:
    TestTables(Ram& ram, FrameRun frames) : ram_(&ram), next_(frames.first), end_(frames.end()) {}

    Result<Frame> allocate_table() override {
        if (left_ && (*left_)-- == 0) {
            left_ = 0;
            return fail(Error::out_of_memory);
        }
        Frame frame = next_;
        if (!freed_.empty()) {
            frame = *freed_.begin();
            freed_.erase(freed_.begin());
        } else if (next_ < end_) {
            next_ = next_ + 1;
        } else {
            return fail(Error::out_of_memory);
        }
        // Looks like present entries: a table that is not cleared shows.
        std::memset(ram_->at(frame.start(), page_size), 0xFF, page_size);
        out_.insert(frame);
        return frame;
    }
    void free_table(Frame frame) override {
        ensure(out_.erase(frame) == 1, "a frame came back that is not out as a table");
        freed_.insert(frame);
        std::memset(ram_->at(frame.start(), page_size), 0xFF, page_size);
    }
    [[nodiscard]] bool is_table(Frame frame) const override { return out_.contains(frame); }

    [[nodiscard]] std::size_t out() const { return out_.size(); }
    [[nodiscard]] const std::set<Frame>& frames_out() const { return out_; }
    // From now on only `count` allocations succeed; nothing: as many as there are frames.
    void fail_after(std::optional<std::uint32_t> count) { left_ = count; }

private:
    Ram* ram_;
    Frame next_, end_;
    std::set<Frame> freed_, out_;
    std::optional<std::uint32_t> left_;
};

} // namespace quire::test
