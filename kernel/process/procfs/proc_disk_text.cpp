// What /proc tells of block devices. The columns are those of Linux 6.1 block/genhd.c.
#include "kernel/block/block_devices.h"
#include "kernel/process/procfs/proc_text.h"

namespace quire::proc_text {

namespace {

constexpr std::uint64_t nanoseconds_per_millisecond = 1'000'000;

std::uint64_t milliseconds(std::uint64_t nanoseconds) {
    return nanoseconds / nanoseconds_per_millisecond;
}

void print_operation(Sink& sink, const BlockOperationCounts& counts) {
    print(sink, " {} {} {} {}", counts.requests, counts.merged, counts.sectors, milliseconds(counts.nanoseconds));
}

template <class Visitor> void for_each_device(const ProcSubject& subject, Visitor&& visit) {
    const BlockDevice* each = subject.system.block_devices().first();
    for (; each != nullptr; each = BlockDevices::next(*each)) {
        visit(*each);
    }
}

} // namespace

// Sizes are in KiB.
void partitions(const ProcSubject& subject, Sink& sink) {
    bool first = true;
    for_each_device(subject, [&](const BlockDevice& device) {
        if (first) {
            print(sink, "major minor  #blocks  name\n\n");
            first = false;
        }
        print(sink, "{:4}  {:7} {:10} {}\n", device.number().major, device.number().minor, device.sectors() / 2,
              device.name());
    });
}

// Between writes and flushes stand discards, which there are none of.
void disk_statistics(const ProcSubject& subject, Sink& sink) {
    for_each_device(subject, [&](const BlockDevice& device) {
        const BlockStatistics& its = device.statistics();
        const std::uint64_t all = its.reads.nanoseconds + its.writes.nanoseconds + its.flushes.nanoseconds;
        print(sink, "{:4} {:7} {}", device.number().major, device.number().minor, device.name());
        print_operation(sink, its.reads);
        print_operation(sink, its.writes);
        print(sink, " {} {} {} 0 0 0 0 {} {}\n", its.under_way, milliseconds(device.busy_nanoseconds()),
              milliseconds(all), its.flushes.requests, milliseconds(its.flushes.nanoseconds));
    });
}

} // namespace quire::proc_text
