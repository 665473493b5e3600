// Block devices as programs see them: bytes at any offset, the end, ioctls, partitions, errors; and that a process
// which is killed while it waits leaves its frames to the disk.
#include "kernel/abi/uapi.h"
#include "kernel/process/user_pages.h"
#include "kernel/torus/slow_pages.h"
#include "tests/host/block/disk_fixture.h"
#include "tests/host/support/random.h"

#include <cstring>
#include <linux/fs.h>
#include <sys/sysmacros.h>

namespace quire::test {
namespace {

constexpr std::uint32_t sectors = 1024, bytes_of_disk = sectors * sector_size;
constexpr std::uint32_t large_file = 0100000;

struct DiskCalls : DiskFixture {
    explicit DiskCalls(bool dma = true) : DiskFixture(sectors) { find(dma); }

    std::int32_t open(std::string_view path, std::uint32_t flags = O_RDWR) {
        return call(__NR_open, text(path), flags);
    }
    std::int32_t read_at(std::int32_t file, std::uint32_t offset, VirtAddr to, std::uint32_t bytes) {
        return call(__NR_pread64, file, to, bytes, offset, 0);
    }
    std::int32_t write_at(std::int32_t file, std::uint32_t offset, VirtAddr from, std::uint32_t bytes) {
        return call(__NR_pwrite64, file, from, bytes, offset, 0);
    }
    // Bytes of the program's, whatever pages are late.
    void put_bytes(VirtAddr at, const std::string& bytes) {
        REQUIRE(retry_while_pages_come(process, [&] {
                    return abi::write_memory(at, std::as_bytes(std::span(bytes)));
                }).has_value());
    }
    // A partition table with these partitions, where each is a number of sectors behind the one before.
    void write_table(const std::vector<std::array<std::uint32_t, 2>>& partitions) {
        FakeAta::Content& content = ata[0].drives[0].content[0];
        content = {};
        std::size_t at = 446;
        for (const auto& [start, count] : partitions) {
            content.at(at + 4) = std::byte{0x83};
            std::memcpy(&content.at(at + 8), &start, 4);
            std::memcpy(&content.at(at + 12), &count, 4);
            at += 16;
        }
        content[510] = std::byte{0x55};
        content[511] = std::byte{0xAA};
    }
    std::string read_text(std::string_view path) {
        const std::int32_t file = open(path, O_RDONLY);
        REQUIRE(file >= 0);
        const VirtAddr buffer = map(1);
        const std::int32_t got = call(__NR_read, file, buffer, page_size);
        REQUIRE(got >= 0);
        REQUIRE(call(__NR_close, file) == 0);
        return get_bytes(buffer, static_cast<std::size_t>(got));
    }
    std::string list_devices() {
        const std::int32_t directory = open("/dev", O_RDONLY | 0200000);
        REQUIRE(directory >= 0);
        const VirtAddr buffer = map(1);
        std::string names;
        while (true) {
            const std::int32_t got = call(__NR_getdents64, directory, buffer, 64); // one or two at a time
            REQUIRE(got >= 0);
            if (got == 0) {
                break;
            }
            const std::string entries = get_bytes(buffer, static_cast<std::size_t>(got));
            for (std::size_t at = 0; at < entries.size();) {
                std::uint16_t length = 0;
                std::memcpy(&length, &entries.at(at + 16), sizeof length);
                const std::string name(&entries.at(at + 19));
                if (name.starts_with("hd")) {
                    names += name + (entries.at(at + 18) == 6 ? " " : "? ");
                }
                at += length;
            }
        }
        REQUIRE(call(__NR_close, directory) == 0);
        return names;
    }
};

} // namespace

TEST_CASE("any bytes of a disk are written and read back, beside a model", "[abi][block]") {
    const bool dma = GENERATE(true, false);
    const bool pages_late = GENERATE(false, true);
    DiskCalls f(dma);
    const std::int32_t file = f.open("/dev/hda");
    REQUIRE(file >= 0);
    std::optional<SlowPages> slow;
    if (pages_late) {
        slow.emplace(f.userland.processes, 2);
    }
    Random random(pages_late ? 11 : 12);
    std::string model(bytes_of_disk, '\0');
    for (unsigned round = 0; round < (dma ? 150U : 60U); ++round) {
        const std::uint32_t offset = random.below(bytes_of_disk);
        const std::uint32_t most = random.once_in(8) ? 300'000 : random.once_in(2) ? 5000 : 700;
        const std::uint32_t wanted = 1 + random.below(most);
        const std::uint32_t expected = std::min(wanted, bytes_of_disk - offset);
        const VirtAddr buffer = f.map(pages_for(wanted) + 1) + random.below(page_size);
        INFO(round << ": " << wanted << " at " << offset);
        if (random.once_in(2)) {
            std::string bytes(wanted, '\0');
            std::ranges::generate(bytes, [&] { return static_cast<char>(random()); });
            f.put_bytes(buffer, bytes);
            REQUIRE(f.write_at(file, offset, buffer, wanted) == static_cast<std::int32_t>(expected));
            model.replace(offset, expected, bytes, 0, expected);
        } else {
            REQUIRE(f.read_at(file, offset, buffer, wanted) == static_cast<std::int32_t>(expected));
            REQUIRE(f.get_bytes(buffer, expected) == model.substr(offset, expected));
        }
        REQUIRE(f.call(__NR_munmap, buffer.value() & ~(page_size - 1), (pages_for(wanted) + 1) * page_size) == 0);
    }
    for (std::uint32_t sector = 0; sector < sectors; ++sector) {
        const auto& content = f.ata[0].drives[0].content[sector];
        REQUIRE(std::memcmp(content.data(), &model[sector * sector_size], sector_size) == 0);
    }
    CHECK(f.call(__NR_close, file) == 0);
}

TEST_CASE("a disk ends where it ends", "[abi][block]") {
    DiskCalls f;
    const std::int32_t file = f.open("/dev/hda");
    const VirtAddr buffer = f.map(1);
    CHECK(f.call(__NR_lseek, file, 0, SEEK_END) == static_cast<std::int32_t>(bytes_of_disk));
    CHECK(f.call(__NR_read, file, buffer, 10) == 0);
    CHECK(f.call(__NR_write, file, buffer, 10) == -ENOSPC);
    CHECK(f.call(__NR_write, file, buffer, 0) == 0);
    CHECK(f.call(__NR_lseek, file, -3, SEEK_END) == static_cast<std::int32_t>(bytes_of_disk - 3));
    CHECK(f.call(__NR_write, file, buffer, 10) == 3);
    CHECK(f.read_at(file, bytes_of_disk - 1, buffer, 10) == 1);
    CHECK(f.read_at(file, 0x7FFFFFFF, buffer, 10) == 0);
    CHECK(f.call(__NR_ftruncate, file, 10) == -EINVAL);
    CHECK(f.call(__NR_mmap2, 0, page_size, 1, 2, file, 0) == -ENODEV);
    CHECK(f.call(__NR_fsync, file) == 0);
    CHECK(f.call(__NR_fdatasync, file) == 0);
    CHECK(f.ata[0].drives[0].flushes == 2);
    const std::int32_t synchronous = f.open("/dev/hda", O_RDWR | 04010000);
    CHECK(f.call(__NR_write, synchronous, buffer, 512) == 512);
    CHECK(f.ata[0].drives[0].flushes == 3);
    const std::int32_t reader = f.open("/dev/hda", O_RDONLY);
    CHECK(f.call(__NR_write, reader, buffer, 512) == -EBADF);
}

TEST_CASE("memory that is not there ends a transfer where it ends", "[abi][block]") {
    DiskCalls f;
    const std::int32_t file = f.open("/dev/hda");
    const VirtAddr buffer = f.map(1), before_hole = f.map_before_hole();
    const auto fill = [&](char with) { f.put_bytes(before_hole, std::string(page_size, with)); };
    fill('a');
    REQUIRE(f.write_at(file, 0, before_hole, page_size) == page_size);
    fill('b');
    CHECK(f.write_at(file, 0, before_hole + 3000, 3000) == 1096); // two sectors, and 72 bytes of the third
    CHECK(f.read_at(file, 1024, buffer, 512) == 512);
    CHECK(f.get_bytes(buffer, 512) == std::string(72, 'b') + std::string(440, 'a'));
    CHECK(f.read_at(file, 512, before_hole + 4000, 512) == 96);
    CHECK(f.get_bytes(before_hole + 4000, 96) == std::string(96, 'b'));
    CHECK(f.write_at(file, 0, before_hole + page_size, 512) == -EFAULT);
    CHECK(f.write_at(file, 5, before_hole + page_size, 7) == -EFAULT);
    CHECK(f.read_at(file, 0, before_hole + page_size, 512) == -EFAULT);
}

TEST_CASE("what a block device is, is told", "[abi][block]") {
    DiskCalls f;
    const std::int32_t file = f.open("/dev/hdb");
    const VirtAddr at = f.map(1);
    REQUIRE(f.call(__NR_fstat64, file, at) == 0);
    const auto status = f.get<abi::Stat64>(at);
    CHECK((status.mode & 0170000) == 0060000);
    CHECK(std::uint64_t{status.device_id} == (3 << 8 | 64));
    CHECK(std::int64_t{status.size} == 0);
    CHECK(f.call(__NR_ioctl, file, BLKGETSIZE64, at) == 0);
    CHECK(f.get<std::uint64_t>(at) == bytes_of_disk);
    CHECK(f.call(__NR_ioctl, file, BLKGETSIZE, at) == 0);
    CHECK(f.get<std::uint32_t>(at) == sectors);
    CHECK(f.call(__NR_ioctl, file, BLKSSZGET, at) == 0);
    CHECK(f.get<std::uint32_t>(at) == 512);
    CHECK(f.call(__NR_ioctl, file, BLKBSZGET, at) == 0);
    CHECK(f.get<std::uint32_t>(at) == 4096);
    CHECK(f.call(__NR_ioctl, file, BLKROGET, at) == 0);
    CHECK(f.get<std::uint32_t>(at) == 0);
    CHECK(f.call(__NR_ioctl, file, BLKFLSBUF, 0) == 0);
    CHECK(f.ata[0].drives[1].flushes == 1);
    CHECK(f.call(__NR_ioctl, file, BLKGETSIZE64, 0x10) == -EFAULT);
    CHECK(f.call(__NR_ioctl, file, 0x5401, at) == -ENOTTY);
    CHECK(f.open("/dev/hdc") == -ENOENT);
    CHECK(f.list_devices() == "hda hdb ");
    CHECK(f.read_text("/proc/partitions") ==
          "major minor  #blocks  name\n\n   3        0        512 hda\n   3       64        512 hdb\n");
    CHECK(f.call(__NR_read, file, at, 4096) == 4096);
    const std::string statistics = f.read_text("/proc/diskstats");
    CHECK(statistics.starts_with("   3       0 hda 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0\n   3      64 hdb 1 0 8 "));
}

TEST_CASE("partitions come and go with the table", "[abi][block]") {
    DiskCalls f;
    f.write_table({{64, 200}, {300, 64}});
    f.userland.disks.find_partitions();
    CHECK(f.list_devices() == "hda hda1 hda2 hdb ");
    const std::int32_t disk = f.open("/dev/hda"), part = f.open("/dev/hda2"), path = f.open("/dev/hda2", 010000000);
    REQUIRE(part >= 0);
    REQUIRE(path >= 0);
    const VirtAddr buffer = f.text("within");
    CHECK(f.call(__NR_lseek, part, 0, SEEK_END) == 64 * 512);
    CHECK(f.write_at(part, 512, buffer, 6) == 6);
    CHECK(f.write_at(part, 64 * 512, buffer, 6) == -ENOSPC);
    CHECK(f.read_at(disk, 301 * 512, buffer + 16, 6) == 6);
    CHECK(f.get_bytes(buffer + 16, 6) == "within");

    CHECK(f.call(__NR_ioctl, part, BLKRRPART, 0) == -EINVAL);
    CHECK(f.call(__NR_ioctl, disk, BLKRRPART, 0) == -EBUSY);
    CHECK(f.call(__NR_close, part) == 0);
    f.write_table({{100, 10}});
    REQUIRE(f.device("hda1").claim().has_value());
    CHECK(f.call(__NR_ioctl, disk, BLKRRPART, 0) == -EBUSY);
    f.device("hda1").release();
    CHECK(f.call(__NR_ioctl, disk, BLKRRPART, 0) == 0);
    CHECK(f.list_devices() == "hda hda1 hdb ");
    CHECK(f.open("/dev/hda2") == -ENOENT);
    CHECK(f.device("hda1").start() == 100);
    CHECK(f.call(__NR_fstat64, path, f.map(1)) == 0);
    CHECK(f.troubles.lines.empty());

    f.write_table({{100, 10}, {1000, 100}});
    CHECK(f.call(__NR_ioctl, disk, BLKRRPART, 0) == 0);
    CHECK(f.troubles.lines ==
          std::vector<std::string>{"hda: its partition table is not used: a partition is not all on the disk"});
    CHECK(f.list_devices() == "hda hdb ");
}

TEST_CASE("who opens a device with O_EXCL has it for himself", "[abi][block]") {
    DiskCalls f;
    f.write_table({{64, 200}});
    f.userland.disks.find_partitions();
    constexpr std::uint32_t exclusive = O_RDWR | O_EXCL;
    const std::int32_t disk = f.open("/dev/hda", exclusive);
    REQUIRE(disk >= 0);
    CHECK(f.open("/dev/hda", exclusive) == -EBUSY);
    CHECK(f.open("/dev/hda1", exclusive) == -EBUSY);
    const std::int32_t other = f.open("/dev/hda");
    CHECK(other >= 0);
    CHECK(f.call(__NR_ioctl, other, BLKRRPART, 0) == -EBUSY);
    CHECK(f.call(__NR_ioctl, disk, BLKRRPART, 0) == 0);
    CHECK(f.call(__NR_close, disk) == 0);
    const std::int32_t part = f.open("/dev/hda1", exclusive);
    CHECK(part >= 0);
    CHECK(f.open("/dev/hda", exclusive) == -EBUSY);
}

TEST_CASE("an error of the disk is one of the call that met it", "[abi][block]") {
    DiskCalls f;
    f.ata[0].drives[0].bad[10] = 0x40;
    const std::int32_t file = f.open("/dev/hda");
    const VirtAddr buffer = f.map(64);
    CHECK(f.read_at(file, 0, buffer, 10 * 512) == 10 * 512);
    CHECK(f.read_at(file, 10 * 512, buffer, 512) == -EIO);
    CHECK(f.write_at(file, 10 * 512 + 7, buffer, 1) == -EIO);
    CHECK(f.read_at(file, 11 * 512, buffer, 512) == 512);
    f.ata[0].drives[0].bad = {{300, 0x40}};
    CHECK(f.read_at(file, 0, buffer, 64 * page_size) == 256 * 512); // what came before counts
    CHECK(f.write_at(file, 0, buffer, 64 * page_size) == 31 * page_size);
    f.ata[0].drives[0].bad.clear();
    f.ata[0].drives[0].silent_for_ever = true;
    CHECK(f.read_at(file, 0, buffer, 512) == -EIO);
    CHECK(f.call(__NR_fsync, file) == -EIO);
}

TEST_CASE("a process killed while it waits for a disk leaves its frames to the disk", "[abi][block]") {
    DiskCalls f;
    FakeDisk disk(f.torus->memory.physical, 64, "hdc");
    f.userland.block_devices.add(disk);
    const std::int32_t file = f.open("/dev/hdc");
    REQUIRE(file >= 0);
    const VirtAddr buffer = f.map(2);
    f.put_bytes(buffer, std::string(2 * page_size, 'k'));
    const std::uint32_t free_before = f.torus->memory.frames.free_count();
    disk.stop_answering();
    const bool reads = GENERATE(true, false);
    f.torus.machine.devices_work = [&] {
        must_succeed(f.process.signals.add({.number = signal_number::kill, .code = 0, .sender = 0}));
        f.userland.processes.scheduler.interrupt(f.process.thread);
    };
    const std::int32_t ended = reads ? f.read_at(file, 0, buffer, page_size) : f.write_at(file, 0, buffer, page_size);
    CHECK(ended < 0);
    CHECK(disk.pending() == 1);
    CHECK(f.torus->memory.frames.free_count() < free_before);
    f.process.signals.discard(~SignalSet{0});
    f.torus.machine.devices_work = [&] {
        disk.answer_again();
        disk.complete_all();
    };
    CHECK(f.write_at(file, 0, buffer, 512) == 512); // the next one has its turn
    CHECK(disk.content(0)[0] == std::byte{'k'});
    CHECK(f.torus->memory.frames.free_count() == free_before);
    CHECK(f.call(__NR_close, file) == 0);
    f.torus.machine.devices_work = nullptr;
    f.userland.block_devices.remove(disk);
    CHECK(f.open("/dev/hdc") == -ENOENT);
}

TEST_CASE("an interrupt that comes before anybody sleeps is not slept over", "[abi][block]") {
    DiskCalls f;
    const std::vector<Frame> memory = f.frames(1);
    TestRequest request(BlockOperation::read, 5, 8, memory);
    WaitQueue over;
    request.then = [&] { over.wake(); };
    unsigned slept = 0;
    f.torus.machine.devices_work = [&] { ++slept; };
    REQUIRE(f.device("hda").submit(request).has_value());
    f.ata[0].work_on();
    CHECK(request.under_way());
    REQUIRE(f.userland.processes.scheduler.wait_killable(over).has_value());
    CHECK(request.outcome.has_value());
    CHECK(slept == 0);
    f.torus.machine.devices_work = nullptr;
}

TEST_CASE("with any number of frames left, a disk is read and written, or there is no memory", "[abi][block]") {
    DiskCalls f;
    f.write_table({{64, 200}, {300, 64}, {400, 64}});
    const std::int32_t file = f.open("/dev/hda");
    const VirtAddr buffer = f.map(40);
    f.put_bytes(buffer, std::string(40 * page_size, 'm'));
    Memory& memory = f.torus->memory;
    bool succeeded = false;
    for (std::uint32_t left = 0; left <= 40; ++left) {
        f.userland.files().give_back_unused();
        memory.heap.trim();
        std::vector<Frame> taken;
        while (memory.frames.available() > left) {
            taken.push_back(memory.frames.allocate(Owner::test).value());
        }
        INFO(left << " frames left");
        const std::int32_t wrote = f.write_at(file, 0x10000 + 3, buffer, 39 * page_size);
        const std::int32_t read = f.read_at(file, 0x10000 + 5, buffer, 39 * page_size);
        CHECK((wrote == -ENOMEM || wrote == 39 * page_size));
        CHECK((read == -ENOMEM || read == 39 * page_size));
        const std::int32_t again = f.call(__NR_ioctl, file, BLKRRPART, 0);
        CHECK((again == 0 || again == -ENOMEM));
        const std::int32_t part = f.open("/dev/hda1");
        CHECK((part >= 0 || part == -ENOMEM || part == -ENOENT));
        if (part >= 0) {
            CHECK(f.call(__NR_close, part) == 0);
        }
        succeeded = succeeded || (wrote > 0 && read > 0 && again == 0 && part > 0);
        for (const Frame each : taken) {
            must_succeed(memory.frames.free(each));
        }
    }
    CHECK(succeeded);
    CHECK(f.call(__NR_ioctl, file, BLKRRPART, 0) == 0);
    CHECK(f.list_devices() == "hda hda1 hda2 hda3 hdb ");
    StringSink complaints;
    AuditReport report(complaints);
    memory.audit(report);
    CHECK(complaints.text().empty());
}

} // namespace quire::test
