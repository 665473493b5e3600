// The requests of one channel's disks, and how they become transfers: one at a time, first come first served, with
// what is asked for next and lies next transferred together. It tries again what failed, up to a bound, resets a
// channel that does not answer, and tells what could not be saved. It owns no request and allocates nothing.
//
// First come first served because what it is for are disks without a head to move: emulators' and solid ones. A request
// never overtakes another, so that who writes a sector and reads it back gets what was written, and a flush comes
// behind all that it has to do with.
#pragma once

#include "kernel/block/block_request.h"
#include "kernel/block/disk_trouble.h"
#include "kernel/lib/list.h"
#include "kernel/lib/result.h"
#include "kernel/machine/disks.h"
#include "kernel/memory/paging/physical_memory.h"

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace quire {

class Disk;

class BlockQueue {
public:
    static constexpr std::uint64_t patience = 10'000'000'000;    // nanoseconds that a transfer may take
    static constexpr std::uint64_t looked_after = 1'000'000'000; // from then on it is looked at without interrupts
    static constexpr std::uint64_t reset_settles = 2'000'000;    // nanoseconds; ATA-6 §9.2
    static constexpr std::uint8_t most_failures = 3;             // of one request; the last try is without DMA
    static constexpr std::uint8_t most_dma_failures = 3;         // of one disk, each followed by success without DMA

    // All must outlive it.
    BlockQueue(machine::DiskChannel& channel, PhysicalMemory& physical, DiskWatcher& watcher)
        : channel_(&channel), memory_(physical), watcher_(&watcher) {}
    BlockQueue(const BlockQueue&) = delete;
    BlockQueue& operator=(const BlockQueue&) = delete;

    // A request for one of the channel's disks. It starts at once where the channel is idle. O(1), and what it takes to
    // start: at most machine::most_disk_pieces steps.
    void add(BlockRequest& request);

    // At a safe point: takes up what the channel has to say. `tick`: the clock is looked at, too. Returns whether a
    // request has come to its end. O(1) where nothing is under way.
    bool at_safe_point(bool tick) { return state_ != State::idle && work(tick); }

private:
    enum class State : std::uint8_t { idle, transferring, resetting, gone };
    using Requests = List<BlockRequest, &BlockRequest::link>;

    // Shows frames to a channel that moves data by itself.
    class Memory final : public machine::DiskMemory {
    public:
        explicit Memory(PhysicalMemory& physical) : physical_(&physical) {}
        std::byte* show(Frame frame) override {
            shown_.emplace(physical_->map_temporarily(frame));
            return shown_->data();
        }
        void hide() override { shown_.reset(); }

    private:
        PhysicalMemory* physical_;
        std::optional<TemporaryMapping> shown_;
    };

    bool work(bool tick);
    void start_next(std::uint64_t now);
    [[nodiscard]] bool add_to_transfer(BlockRequest& request);
    void add_followers();

    void over(const machine::DiskOutcome& outcome, std::uint64_t now);
    void advance_requests(Requests& finished);
    void try_again_or_fail(const machine::DiskOutcome& outcome, Requests& failed);
    void note_success();
    void check_time(std::uint64_t now);
    void finish_reset(std::uint64_t now);
    void give_up();
    void finish_all(Requests& requests, Result<void> outcome, std::uint64_t now);
    void tell(DiskTrouble::Kind kind, const BlockRequest& request, const machine::DiskOutcome& outcome = {});

    machine::DiskChannel* channel_;
    Memory memory_;
    DiskWatcher* watcher_;
    State state_ = State::idle;
    Requests waiting_;
    Requests current_; // those of the transfer under way, in the order of their sectors
    machine::DiskTransfer transfer_;
    std::string_view transfer_disk_; // its name
    std::array<machine::DiskPiece, machine::most_disk_pieces> pieces_{};
    std::size_t piece_count_ = 0;
    bool some_ended_ = false;
    std::uint64_t began_ = 0; // the transfer or the reset; nanoseconds
};

} // namespace quire
