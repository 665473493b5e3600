// The sentences about disks.
#include "kernel/block/disk_trouble.h"

namespace quire {

namespace {

std::string_view words(machine::DiskFault fault) {
    using enum machine::DiskFault;
    switch (fault) {
    case none: break;
    case uncorrectable: return "the medium cannot be read";
    case not_found: return "the disk does not find the sector";
    case aborted: return "the disk gave up";
    case garbled: return "data was garbled on the cable";
    case broken: return "the disk says that it is broken";
    case bus_master: return "the controller failed to move the data";
    case confused: return "the disk did not do what comes next";
    case no_answer: return "the disk did not answer";
    }
    return "nothing went wrong";
}

std::string_view gerund(BlockOperation operation) {
    switch (operation) {
    case BlockOperation::read: return "reading";
    case BlockOperation::write: return "writing";
    case BlockOperation::flush: break;
    }
    return "flushing";
}

void print_what(Sink& sink, const DiskTrouble& trouble) {
    print(sink, "{}", gerund(trouble.operation));
    if (trouble.operation == BlockOperation::flush) {
        print(sink, " the cache");
    } else if (trouble.sectors == 1) {
        print(sink, " sector {}", trouble.first_sector);
    } else {
        print(sink, " sectors {} to {}", trouble.first_sector, trouble.first_sector + trouble.sectors - 1);
    }
}

} // namespace

void print_to(Sink& sink, const DiskTrouble& trouble) {
    print(sink, "{}: ", trouble.disk);
    switch (trouble.kind) {
    case DiskTrouble::Kind::failed:
        print_what(sink, trouble);
        print(sink, " failed: {}", words(trouble.outcome.fault));
        if (trouble.outcome.status != 0) {
            print(sink, " (status {:#04x}, error {:#04x})", trouble.outcome.status, trouble.outcome.error);
        }
        break;
    case DiskTrouble::Kind::no_answer:
        print_what(sink, trouble);
        print(sink, " is not finished in time; the disk's channel is reset");
        break;
    case DiskTrouble::Kind::dma_abandoned:
        print(sink, "DMA fails again and again; from now on the processor moves the data");
        break;
    case DiskTrouble::Kind::gone: print(sink, "does not come back from a reset; it is given up"); break;
    case DiskTrouble::Kind::bad_partitions: print(sink, "its partition table is not used: {}", trouble.text); break;
    }
}

} // namespace quire
