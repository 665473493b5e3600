// A disk in memory that does what a test says.
#include "tests/host/block/fake_disk.h"

#include "kernel/machine/devices.h"

#include <algorithm>
#include <utility>

namespace quire::test {

namespace {

constexpr std::size_t most_completions = 1'000'000; // more are a loop without an end

// Of hda … hdd, Linux's.
BlockDevice::Number number_of(std::string_view name) {
    const auto letter = static_cast<std::uint32_t>(name.back() - 'a');
    return {letter / 2 == 0 ? 3U : 22U, letter % 2 * 64};
}

} // namespace

FakeDisk::FakeDisk(PhysicalMemory& physical, std::uint64_t sector_count, std::string_view name, bool is_read_only)
    : BlockDevice(name, number_of(name), sector_count, is_read_only), physical_(&physical),
      image_(sector_count * sector_size) {}

// A test that fails leaves requests behind; they are not this object's any more.
FakeDisk::~FakeDisk() {
    statistics_.under_way = 0;
}

// ---- Ending requests

bool FakeDisk::complete(std::size_t number) {
    if (!answers_ || number >= pending_.size()) {
        return false;
    }
    BlockRequest& request = *pending_[number];
    pending_.erase(pending_.begin() + static_cast<std::ptrdiff_t>(number));
    const Result<void> outcome = outcome_of(request);
    if (outcome) {
        carry_out(request);
    }
    finish(request, outcome, machine::nanoseconds());
    return true;
}

std::size_t FakeDisk::complete_all() {
    std::size_t ended = 0;
    while (ended < most_completions && complete_next()) {
        ++ended;
    }
    return ended;
}

bool FakeDisk::fail_next(Error error) {
    if (pending_.empty()) {
        return false;
    }
    BlockRequest& request = *pending_.front();
    pending_.erase(pending_.begin());
    finish(request, fail(error), machine::nanoseconds());
    return true;
}

Result<void> FakeDisk::outcome_of(const BlockRequest& request) {
    if (fails_after_ != 0 && --fails_after_ == 0) {
        return fail(after_error_);
    }
    if (request.operation == BlockOperation::flush) {
        return {};
    }
    const bool writes = request.operation == BlockOperation::write;
    for (const Failing& each : failing_) {
        const bool touched = request.progress.disk_sector < each.first + each.count &&
                             each.first < request.progress.disk_sector + request.sectors &&
                             (writes ? each.writes : each.reads);
        if (touched) {
            return fail(each.error);
        }
    }
    return {};
}

void FakeDisk::carry_out(const BlockRequest& request) {
    if (request.operation == BlockOperation::flush) {
        unflushed_.clear();
        return;
    }
    const bool writes = request.operation == BlockOperation::write;
    const std::int64_t kept = writes ? std::exchange(torn_, -1) : -1;
    const std::uint32_t moved =
        kept >= 0 ? std::min(static_cast<std::uint32_t>(kept), request.sectors) : request.sectors;
    for (std::uint32_t i = 0; i < moved; ++i) {
        std::array<std::byte, sector_size> bytes{};
        const Frame frame = request.frames[i / sectors_per_page];
        const std::uint32_t offset = i % sectors_per_page * sector_size;
        const std::uint64_t sector = request.progress.disk_sector + i;
        if (writes) {
            physical_->read(frame, offset, bytes);
            write_sector(sector, bytes);
        } else {
            std::ranges::copy(content(sector), bytes.begin());
            physical_->write(frame, offset, bytes);
        }
    }
}

void FakeDisk::write_sector(std::uint64_t sector, std::span<const std::byte, sector_size> bytes) {
    const std::span<std::byte> place = content(sector);
    unflushed_.try_emplace(sector, place.begin(), place.end());
    std::ranges::copy(bytes, place.begin());
}

// ---- What goes wrong

void FakeDisk::fail_sectors(std::uint64_t first, std::uint64_t count, Error error) {
    failing_.push_back({first, count, error, true, true});
}

void FakeDisk::fail_reads(std::uint64_t first, std::uint64_t count, Error error) {
    failing_.push_back({first, count, error, true, false});
}

void FakeDisk::fail_writes(std::uint64_t first, std::uint64_t count, Error error) {
    failing_.push_back({first, count, error, false, true});
}

void FakeDisk::fail_after(std::uint32_t number, Error error) {
    fails_after_ = number;
    after_error_ = error;
}

void FakeDisk::forgive() {
    failing_.clear();
    fails_after_ = 0;
}

void FakeDisk::corrupt(std::uint64_t sector, std::uint32_t byte) {
    content(sector)[byte] ^= std::byte{1};
}

// ---- The medium

std::span<std::byte> FakeDisk::content(std::uint64_t first, std::uint64_t count) {
    return std::span(image_).subspan(first * sector_size, count * sector_size);
}

void FakeDisk::lose_unflushed() {
    for (const auto& [sector, before] : unflushed_) {
        std::ranges::copy(before, content(sector).begin());
    }
    unflushed_.clear();
}

} // namespace quire::test
