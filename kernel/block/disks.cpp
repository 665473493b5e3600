// Finding the disks.
#include "kernel/block/disks.h"

namespace quire {

namespace {

constexpr std::array<std::string_view, machine::disk_channels * machine::disks_on_channel> names{"hda", "hdb", "hdc",
                                                                                                 "hdd"};
constexpr std::array<std::uint32_t, machine::disk_channels> majors{3, 22};
constexpr std::uint32_t minors_of_disk = 64;

} // namespace

void Disks::find(DiskWatcher& watcher, bool dma) {
    devices_->watcher = &watcher;
    for (unsigned at = 0; at < names.size(); ++at) {
        const unsigned number = at % machine::disks_on_channel;
        const std::size_t channel_number = at / machine::disks_on_channel;
        machine::DiskChannel* const channel = machine::disk_channel(static_cast<unsigned>(channel_number));
        std::optional<machine::DiskIdentity> identity = channel != nullptr ? channel->identify(number) : std::nullopt;
        if (!identity) {
            continue;
        }
        identity->dma = identity->dma && dma;
        auto& queue = queues_[channel_number];
        if (!queue) {
            queue.emplace(*channel, memory_->physical, watcher);
        }
        const BlockDevice::Number id{majors[channel_number], number * minors_of_disk};
        devices_->add(disks_[at].emplace(names[at], id, *queue, number, *identity));
    }
}

void Disks::find_partitions() {
    for (std::optional<Disk>& each : disks_) {
        if (each) {
            may_fail(devices_->read_partitions(*each)); // then it has none; the watcher knows why
        }
    }
}

} // namespace quire
