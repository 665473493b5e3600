// What is read and written by sectors: a disk, or a part of one. It takes requests, checks them and counts them; how
// they are carried out is its kind's business. It owns no request.
#pragma once

#include "kernel/block/block_request.h"
#include "kernel/block/block_statistics.h"
#include "kernel/lib/result.h"

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace quire {

class BlockDevice {
public:
    BlockDevice(const BlockDevice&) = delete;
    BlockDevice& operator=(const BlockDevice&) = delete;

    // As Linux numbers devices: "hda1" is 3, 1 (Documentation/admin-guide/devices.txt).
    struct Number {
        std::uint32_t major = 0, minor = 0;
        friend constexpr auto operator<=>(const Number&, const Number&) = default;
    };

    [[nodiscard]] Number number() const { return number_; }
    [[nodiscard]] std::string_view name() const { return {name_.data(), name_length_}; } // "hda1"
    [[nodiscard]] std::uint64_t sectors() const { return sectors_; }                     // of 512 bytes
    [[nodiscard]] bool read_only() const { return read_only_; }
    // The disk that this is a part of; null for a disk.
    [[nodiscard]] BlockDevice* disk() const { return disk_; }
    // Where this begins on its disk, in sectors; 0 for a disk.
    [[nodiscard]] std::uint64_t start() const { return start_; }

    // Takes the request, which is not under way; completed() follows at a safe point, never within this. Where the
    // device is idle, it starts at once. Errors, of a request that was not taken and whose completed() is not called:
    // out_of_range (not all sectors are there), invalid_argument (no sectors, or too few frames for them), read_only.
    // O(1), and what the device needs to start.
    Result<void> submit(BlockRequest& request);

    // For who carries out its requests: one of them, which is under way, is over, at `now`. It is counted, and its
    // owner told, who may destroy it. At a safe point.
    static void finish(BlockRequest& request, Result<void> outcome, std::uint64_t now);

    [[nodiscard]] const BlockStatistics& statistics() const { return statistics_; }
    // busy_nanoseconds until now.
    [[nodiscard]] std::uint64_t busy_nanoseconds() const;

    // ---- Who uses it. One user may have it for itself, such as swap space; it may be open any number of times
    // besides.

    // From now on it is the caller's alone. Error: busy (it is claimed; so is a part of it, or the disk that it is a
    // part of).
    Result<void> claim();
    void release();
    [[nodiscard]] bool claimed() const { return claimed_; }

    void opened();
    void closed();
    [[nodiscard]] bool is_open() const { return open_ != 0; }
    // Whether a part of it is open or claimed, so that the partition table must stay what it is.
    [[nodiscard]] bool parts_in_use() const { return parts_open_ != 0 || parts_claimed_ != 0; }

    static constexpr std::size_t longest_name = 15;
    ListLink<BlockDevice> link; // in the list of all block devices (block_devices.h)

protected:
    // A disk.
    BlockDevice(std::string_view name, Number number, std::uint64_t sectors, bool read_only = false);
    // A part of `disk`: `sectors` sectors from `start` on, which it has. The disk must outlive it.
    BlockDevice(std::string_view name, Number number, BlockDevice& disk, std::uint64_t start, std::uint64_t sectors);
    // No request is under way.
    ~BlockDevice();

    // Carries out a request that was checked. Its sectors are counted from where the disk begins.
    virtual void begin(BlockRequest& request) = 0;

    // The same by a part, on its disk.
    static void begin_on(BlockDevice& disk, BlockRequest& request) { disk.begin(request); }

    [[nodiscard]] BlockOperationCounts& counts(BlockOperation operation);

    // Retries, time-outs and what was merged are counted by who carries out the requests.
    BlockStatistics statistics_;

private:
    [[nodiscard]] Result<void> check(const BlockRequest& request) const;
    void count_begun(std::uint64_t now);
    void count_over(const BlockRequest& request, bool failed, std::uint64_t now);

    Number number_;
    std::array<char, longest_name> name_{};
    std::uint8_t name_length_ = 0;
    bool read_only_;
    bool claimed_ = false;
    std::uint32_t open_ = 0, parts_open_ = 0, parts_claimed_ = 0;
    BlockDevice* disk_ = nullptr;
    std::uint64_t start_ = 0;
    std::uint64_t sectors_;
    std::uint64_t busy_since_ = 0; // nanoseconds, while a request is under way
};

} // namespace quire
