// A file for tests: a page source of a fixed size whose pages are in memory, filled with what the test says.
#pragma once

#include "kernel/memory/memory.h"
#include "kernel/memory/objects/memory_object.h"
#include "kernel/memory/objects/page_cache.h"

#include <algorithm>
#include <cstdint>

namespace quire::test {

class TestFile final : public MemoryObject {
public:
    // With `spread` its pages lie so far apart in the store that each needs a leaf of its own. As `owner` file, pages
    // may be given up at any time, and are zeros then.
    TestFile(Memory& memory, std::uint32_t pages, bool spread = false, Owner owner = Owner::shared)
        : memory_(&memory), store_(memory, memory.pager, *this, owner), pages_(pages), apart_(spread ? 64 : 1) {}
    ~TestFile() = default;

    Result<ObjectPage> page(std::uint32_t index, bool) override {
        if (index >= pages_) {
            return fail(Error::out_of_range);
        }
        const Result<Frame> frame = store_.get(index * apart_);
        return frame ? Result<ObjectPage>(ObjectPage{*frame}) : fail(frame.error());
    }
    [[nodiscard]] bool resident(std::uint32_t index) const override { return store_.in_memory(index * apart_); }
    Result<void> discard(std::uint32_t first, std::uint32_t count) override {
        drop(first, count, PrivateCopies::stay);
        return {};
    }
    Result<void> sync(std::uint32_t, std::uint32_t) override {
        ++syncs;
        return {};
    }
    void print_name(Sink& sink) const override { print(sink, "test file"); }
    [[nodiscard]] ObjectIdentity identity() const override { return {.device = 9, .inode = 1}; }

    // Makes the file shorter or longer; what is cut off is gone for everybody.
    void truncate(std::uint32_t pages) {
        if (pages < pages_) {
            drop(pages, pages_ - pages, PrivateCopies::go);
        }
        pages_ = pages;
    }
    [[nodiscard]] std::uint32_t pages() const { return pages_; }
    // The first word of a page, which comes into being with it.
    void set_word(std::uint32_t index, std::uint32_t value) {
        const Result<Frame> frame = store_.get(index * apart_);
        ensure(frame.has_value(), "there is memory for the test's file");
        *memory_->physical.map_temporarily(*frame).as<std::uint32_t>() = value;
    }

    bool destroyed = false;
    int syncs = 0;

private:
    void destroy() override { destroyed = true; }
    void drop(std::uint32_t first, std::uint32_t count, PrivateCopies copies) {
        unmap_pages(first, count, copies);
        for (std::uint32_t index = first; index < std::min(first + count, pages_); ++index) {
            store_.drop(index * apart_, 1);
        }
    }

    Memory* memory_;
    PageCache store_;
    std::uint32_t pages_;
    std::uint32_t apart_;
};

} // namespace quire::test
