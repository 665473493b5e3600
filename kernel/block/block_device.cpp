// Taking requests, and counting what became of them.
#include "kernel/block/block_device.h"

#include "kernel/lib/panic.h"
#include "kernel/machine/devices.h"

#include <algorithm>
#include <utility>

namespace quire {

BlockDevice::BlockDevice(std::string_view name, Number number, std::uint64_t sectors, bool read_only)
    : number_(number), name_length_(static_cast<std::uint8_t>(std::min(name.size(), longest_name))),
      read_only_(read_only), sectors_(sectors) {
    std::copy_n(name.begin(), name_length_, name_.begin());
}

BlockDevice::BlockDevice(std::string_view name, Number number, BlockDevice& disk, std::uint64_t start,
                         std::uint64_t sectors)
    : BlockDevice(name, number, sectors, disk.read_only()) {
    disk_ = &disk;
    start_ = start;
}

BlockDevice::~BlockDevice() {
    ensure(statistics_.under_way == 0, "a block device ends when no request is under way");
}

// ---- Requests

Result<void> BlockDevice::check(const BlockRequest& request) const {
    if (request.operation == BlockOperation::flush) {
        return {};
    }
    const std::uint64_t room = std::uint64_t{request.frames.size()} * sectors_per_page;
    if (request.sectors == 0 || request.sectors > room) {
        return fail(Error::invalid_argument);
    }
    if (request.first_sector > sectors_ || request.sectors > sectors_ - request.first_sector) {
        return fail(Error::out_of_range);
    }
    return request.operation == BlockOperation::write && read_only_ ? fail(Error::read_only) : Result<void>();
}

Result<void> BlockDevice::submit(BlockRequest& request) {
    ensure(!request.under_way(), "a request is submitted again only when it is over");
    if (const Result<void> checked = check(request); !checked) {
        return checked;
    }
    const std::uint64_t now = machine::nanoseconds();
    request.progress = {
        .device = this, .disk_sector = request.first_sector + start_, .submitted_at = now, .done = 0, .failures = 0};
    count_begun(now);
    if (disk_ != nullptr) {
        disk_->count_begun(now);
    }
    begin(request);
    return {};
}

void BlockDevice::finish(BlockRequest& request, Result<void> outcome, std::uint64_t now) {
    BlockDevice& device = *std::exchange(request.progress.device, nullptr);
    device.count_over(request, !outcome, now);
    if (device.disk_ != nullptr) {
        device.disk_->count_over(request, !outcome, now);
    }
    request.completed(outcome);
}

// ---- Counting

BlockOperationCounts& BlockDevice::counts(BlockOperation operation) {
    switch (operation) {
    case BlockOperation::read: return statistics_.reads;
    case BlockOperation::write: return statistics_.writes;
    case BlockOperation::flush: break;
    }
    return statistics_.flushes;
}

void BlockDevice::count_begun(std::uint64_t now) {
    if (statistics_.under_way++ == 0) {
        busy_since_ = now;
    }
}

void BlockDevice::count_over(const BlockRequest& request, bool failed, std::uint64_t now) {
    BlockOperationCounts& its = counts(request.operation);
    ++its.requests;
    its.sectors += request.operation == BlockOperation::flush ? 0 : request.sectors;
    its.nanoseconds += now - request.progress.submitted_at;
    statistics_.errors += failed ? 1 : 0;
    if (--statistics_.under_way == 0) {
        statistics_.busy_nanoseconds += now - busy_since_;
    }
}

std::uint64_t BlockDevice::busy_nanoseconds() const {
    const std::uint64_t running = statistics_.under_way != 0 ? machine::nanoseconds() - busy_since_ : 0;
    return statistics_.busy_nanoseconds + running;
}

// ---- Users

Result<void> BlockDevice::claim() {
    if (claimed_ || parts_claimed_ != 0 || (disk_ != nullptr && disk_->claimed_)) {
        return fail(Error::busy);
    }
    claimed_ = true;
    if (disk_ != nullptr) {
        ++disk_->parts_claimed_;
    }
    return {};
}

void BlockDevice::release() {
    ensure(claimed_, "a block device is released by who claimed it");
    claimed_ = false;
    if (disk_ != nullptr) {
        --disk_->parts_claimed_;
    }
}

void BlockDevice::opened() {
    ++open_;
    if (disk_ != nullptr) {
        ++disk_->parts_open_;
    }
}

void BlockDevice::closed() {
    ensure(open_ != 0, "a block device is closed as often as it was opened");
    --open_;
    if (disk_ != nullptr) {
        --disk_->parts_open_;
    }
}

} // namespace quire
