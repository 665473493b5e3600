// A disk of a test's own: memory, and requests that come to an end when the test says so, in any order, well or not.
// It starts nothing by itself: completed() is only ever called within complete_next() and its like.
#pragma once

#include "kernel/block/block_device.h"
#include "kernel/memory/paging/physical_memory.h"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <string_view>
#include <vector>

namespace quire::test {

class FakeDisk final : public BlockDevice {
public:
    // `physical` is how the frames of requests are reached.
    FakeDisk(PhysicalMemory& physical, std::uint64_t sector_count, std::string_view name = "hda",
             bool is_read_only = false);
    ~FakeDisk();

    // ---- Ending requests. They are counted from the one that was submitted first.

    [[nodiscard]] std::size_t pending() const { return pending_.size(); }
    [[nodiscard]] const BlockRequest& request(std::size_t number = 0) const { return *pending_.at(number); }
    // False where there is none. What a request's owner does in completed(), such as submitting another, is done
    // within.
    bool complete(std::size_t number);
    bool complete_next() { return complete(0); }
    bool complete_last() { return !pending_.empty() && complete(pending_.size() - 1); }
    // Until none is left, those included that are submitted meanwhile. Returns how many there were.
    std::size_t complete_all();
    // The request ends with this error; nothing is moved. False where there is none.
    bool fail_next(Error error);

    // ---- What goes wrong

    // From now on each request that touches one of these sectors fails, until forgive().
    void fail_sectors(std::uint64_t first, std::uint64_t count, Error error = Error::input_output);
    // Only reads or writes fail.
    void fail_reads(std::uint64_t first, std::uint64_t count, Error error = Error::input_output);
    void fail_writes(std::uint64_t first, std::uint64_t count, Error error = Error::input_output);
    // The `number`-th request from now on fails (1: the next that ends), whatever it is.
    void fail_after(std::uint32_t number, Error error = Error::input_output);
    void forgive();
    // One bit of the sector's content turns over.
    void corrupt(std::uint64_t sector, std::uint32_t byte = 0);
    // Of the next write, only so many sectors reach the medium; it ends well all the same.
    void tear_next_write(std::uint32_t sectors_kept) { torn_ = static_cast<std::int64_t>(sectors_kept); }
    // complete_…() end nothing any more, as if the disk were busy for ever; answer_again() ends that.
    void stop_answering() { answers_ = false; }
    void answer_again() { answers_ = true; }

    // ---- The medium

    [[nodiscard]] std::span<std::byte> content(std::uint64_t first, std::uint64_t count = 1);
    // The whole of it, for a test to compare or to keep.
    [[nodiscard]] std::vector<std::byte>& image() { return image_; }
    // What was written since the last flush that ended well may be lost: sectors by number.
    [[nodiscard]] std::size_t unflushed() const { return unflushed_.size(); }
    // The power goes: what was not flushed is as it was before. Pending requests stay.
    void lose_unflushed();

private:
    struct Failing {
        std::uint64_t first, count;
        Error error;
        bool reads, writes;
    };

    void begin(BlockRequest& request) override { pending_.push_back(&request); }
    [[nodiscard]] Result<void> outcome_of(const BlockRequest& request);
    void carry_out(const BlockRequest& request);
    void write_sector(std::uint64_t sector, std::span<const std::byte, sector_size> bytes);

    PhysicalMemory* physical_;
    std::vector<std::byte> image_;
    std::vector<BlockRequest*> pending_;
    std::vector<Failing> failing_;
    std::map<std::uint64_t, std::vector<std::byte>> unflushed_; // what the medium held before
    std::uint32_t fails_after_ = 0;
    Error after_error_ = Error::input_output;
    std::int64_t torn_ = -1; // sectors of the next write; below zero: all
    bool answers_ = true;
};

// A request of a test's: remembers how it ended, and calls back where the test wants that.
class TestRequest final : public BlockRequest {
public:
    TestRequest() = default;
    TestRequest(BlockOperation what, std::uint64_t first, std::uint32_t count, std::span<const Frame> memory) {
        operation = what;
        first_sector = first;
        sectors = count;
        frames = memory;
    }
    ~TestRequest() = default;

    void completed(Result<void> result) override {
        ++times;
        outcome = result;
        if (then) {
            then();
        }
    }

    unsigned times = 0;
    Result<void> outcome;
    std::function<void()> then;
};

} // namespace quire::test
