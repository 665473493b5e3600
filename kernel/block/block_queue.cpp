// Making transfers of requests, and what follows from their ends.
#include "kernel/block/block_queue.h"

#include "kernel/block/disk.h"
#include "kernel/machine/devices.h"

#include <algorithm>

namespace quire {

namespace {

// Only disks have a queue; what is submitted to a part of one goes to the disk.
Disk& disk_of(const BlockRequest& request) {
    BlockDevice& device = *request.progress.device;
    return static_cast<Disk&>(device.disk() != nullptr ? *device.disk() : device);
}

machine::DiskOperation operation_of(const BlockRequest& request) {
    switch (request.operation) {
    case BlockOperation::read: return machine::DiskOperation::read;
    case BlockOperation::write: return machine::DiskOperation::write;
    case BlockOperation::flush: break;
    }
    return machine::DiskOperation::flush;
}

// Where what is left of the request begins on the disk.
std::uint64_t next_sector(const BlockRequest& request) {
    return request.progress.disk_sector + request.progress.done;
}

} // namespace

// ---- From requests to transfers

void BlockQueue::add(BlockRequest& request) {
    waiting_.push_back(request);
    if (state_ == State::idle) {
        start_next(request.progress.submitted_at);
    }
}

// What has failed goes alone, so that it takes no other with it, and without DMA where it is the last try.
void BlockQueue::start_next(std::uint64_t now) {
    BlockRequest* const first = waiting_.pop_front();
    if (first == nullptr) {
        state_ = State::idle;
        return;
    }
    current_.push_back(*first);
    piece_count_ = 0;
    const Disk& disk = disk_of(*first);
    transfer_disk_ = disk.name();
    const bool last_try = first->progress.failures + 1 >= most_failures;
    transfer_ = {.operation = operation_of(*first),
                 .disk = disk.number(),
                 .dma = disk.dma() && !last_try && first->operation != BlockOperation::flush,
                 .first_sector = next_sector(*first)};
    if (first->operation != BlockOperation::flush && add_to_transfer(*first) && first->progress.failures == 0) {
        add_followers();
    }
    transfer_.pieces = std::span(pieces_).first(piece_count_);
    began_ = now;
    state_ = State::transferring;
    channel_->start(transfer_, memory_);
}

// As much of the request as the transfer has room for. Whether that is all of it.
bool BlockQueue::add_to_transfer(BlockRequest& request) {
    std::uint32_t at = request.progress.done;
    while (at < request.sectors && transfer_.sectors < machine::most_disk_sectors && piece_count_ < pieces_.size()) {
        const std::uint32_t in_page = at % sectors_per_page;
        const std::uint32_t count = std::min(
            {sectors_per_page - in_page, request.sectors - at, machine::most_disk_sectors - transfer_.sectors});
        pieces_[piece_count_++] = {.start = request.frames[at / sectors_per_page].start() + in_page * sector_size,
                                   .bytes = count * sector_size};
        transfer_.sectors += count;
        at += count;
    }
    return at == request.sectors;
}

// Those that come next and lie next, as long as each fits as a whole.
void BlockQueue::add_followers() {
    Disk& disk = disk_of(*current_.front());
    while (BlockRequest* const next = waiting_.front()) {
        const bool fits = transfer_.sectors + next->sectors <= machine::most_disk_sectors &&
                          piece_count_ + pages_for(std::uint64_t{next->sectors} * sector_size) <= pieces_.size();
        if (&disk_of(*next) != &disk || operation_of(*next) != transfer_.operation || next->progress.failures != 0 ||
            next_sector(*next) != transfer_.first_sector + transfer_.sectors || !fits) {
            return;
        }
        waiting_.erase(*next);
        current_.push_back(*next);
        disk.count_merged(next->operation);
        // It fits, as was just seen.
        static_cast<void>(add_to_transfer(*next));
    }
}

// ---- From the ends of transfers to those of requests

// One transfer at a time, however quick the disk is: the next one's interrupt brings another safe point.
bool BlockQueue::work(bool tick) {
    some_ended_ = false;
    const std::uint64_t now = tick ? machine::nanoseconds() : 0;
    if (state_ == State::transferring) {
        const bool look = tick && now >= began_ + looked_after;
        if (const std::optional<machine::DiskOutcome> outcome = channel_->advance(memory_, look)) {
            over(*outcome, machine::nanoseconds());
        }
    }
    if (tick) {
        check_time(now);
    }
    if (state_ == State::gone) {
        give_up();
    }
    return some_ended_;
}

// The next transfer is started before anybody is told, so that the disk is not kept waiting.
void BlockQueue::over(const machine::DiskOutcome& outcome, std::uint64_t now) {
    Requests ended;
    const bool well = outcome.fault == machine::DiskFault::none;
    if (well) {
        note_success();
        advance_requests(ended);
    } else {
        try_again_or_fail(outcome, ended);
    }
    const bool timed_out = outcome.fault == machine::DiskFault::no_answer;
    if (!timed_out) {
        start_next(now);
    }
    finish_all(ended, well ? Result<void>() : fail(timed_out ? Error::timed_out : Error::input_output), now);
}

// One request that was too large for one transfer goes on with the next; all others are done.
void BlockQueue::advance_requests(Requests& finished) {
    const std::uint32_t moved = transfer_.sectors;
    BlockRequest& first = *current_.front();
    if (first.operation != BlockOperation::flush && moved < first.sectors - first.progress.done) {
        first.progress.done += moved;
        current_.erase(first);
        waiting_.push_front(first);
        return;
    }
    while (BlockRequest* const each = current_.pop_front()) {
        finished.push_back(*each);
    }
}

// Several are tried again one by one. A time-out takes long enough to count twice.
void BlockQueue::try_again_or_fail(const machine::DiskOutcome& outcome, Requests& failed) {
    const std::uint8_t weight = outcome.fault == machine::DiskFault::no_answer ? 2 : 1;
    while (BlockRequest* const each = current_.back()) {
        current_.erase(*each);
        each->progress.failures = static_cast<std::uint8_t>(each->progress.failures + weight);
        if (each->progress.failures < most_failures) {
            disk_of(*each).count_retry();
            waiting_.push_front(*each);
        } else {
            tell(DiskTrouble::Kind::failed, *each, outcome);
            failed.push_front(*each);
        }
    }
}

// What succeeds without DMA after having failed with it speaks against DMA.
void BlockQueue::note_success() {
    const BlockRequest& first = *current_.front();
    Disk& disk = disk_of(first);
    const bool was_saved = disk.dma() && !transfer_.dma && first.operation != BlockOperation::flush;
    if (was_saved && ++disk.dma_failures == most_dma_failures) {
        disk.abandon_dma();
        tell(DiskTrouble::Kind::dma_abandoned, first);
    }
}

void BlockQueue::finish_all(Requests& requests, Result<void> outcome, std::uint64_t now) {
    while (BlockRequest* const each = requests.pop_front()) {
        some_ended_ = true;
        BlockDevice::finish(*each, outcome, now);
    }
}

// ---- Time

void BlockQueue::check_time(std::uint64_t now) {
    if (state_ == State::resetting) {
        finish_reset(now);
    }
    if (state_ != State::transferring || now < began_ + patience) {
        return;
    }
    for (BlockRequest* each = current_.front(); each != nullptr; each = Requests::next(*each)) {
        tell(DiskTrouble::Kind::no_answer, *each);
    }
    disk_of(*current_.front()).count_time_out();
    channel_->begin_reset();
    began_ = now;
    state_ = State::resetting;
    over({.fault = machine::DiskFault::no_answer}, now);
}

void BlockQueue::finish_reset(std::uint64_t now) {
    if (now < began_ + reset_settles) {
        return;
    }
    if (channel_->reset_done()) {
        start_next(now);
    } else if (now >= began_ + patience) {
        watcher_->told({.disk = transfer_disk_, .kind = DiskTrouble::Kind::gone});
        state_ = State::gone;
    }
}

// Nothing is asked of the channel's disks any more; what waits fails.
void BlockQueue::give_up() {
    Requests failed;
    while (BlockRequest* const each = waiting_.pop_front()) {
        failed.push_back(*each);
    }
    finish_all(failed, fail(Error::input_output), machine::nanoseconds());
}

void BlockQueue::tell(DiskTrouble::Kind kind, const BlockRequest& request, const machine::DiskOutcome& outcome) {
    watcher_->told({.disk = disk_of(request).name(),
                    .kind = kind,
                    .operation = request.operation,
                    .first_sector = request.progress.disk_sector,
                    .sectors = request.sectors,
                    .outcome = outcome});
}

} // namespace quire
