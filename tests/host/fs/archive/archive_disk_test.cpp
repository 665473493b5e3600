// An archive that lies on a disk: its files are read and mapped wherever they begin, their pages are read ahead,
// dropped and read again, and a disk that fails harms nobody but who needs what was there.
#include "kernel/abi/uapi.h"
#include "kernel/fs/archive/archive_disk.h"
#include "kernel/memory/objects/memory_object.h"
#include "kernel/process/user_pages.h"
#include "tests/host/block/disk_fixture.h"
#include "tests/host/fs/archive/archive_builder.h"
#include "tests/host/support/random.h"

#include <cerrno>
#include <cstring>
#include <map>

namespace quire::test {
namespace {

std::string pattern(std::size_t bytes, std::uint32_t seed) {
    Random random(seed);
    std::string text(bytes, '\0');
    std::ranges::generate(text, [&] { return static_cast<char>(random()); });
    return text;
}

// Files of all sizes about sectors and pages, their data on page boundaries or wherever it comes to lie.
std::map<std::string, std::string> sample_files() {
    std::map<std::string, std::string> files;
    for (const std::uint32_t size : {0U, 1U, 511U, 512U, 513U, 4095U, 4096U, 4097U, 10'000U, 70'000U, 200'000U}) {
        files["/data/f" + std::to_string(size)] = pattern(size, size + 1);
    }
    return files;
}
std::string sample_archive(bool aligned) {
    ArchiveBuilder archive;
    archive.directory(".").directory("data").link("data/link", "f10000");
    for (const auto& [path, content] : sample_files()) {
        archive.file(path.substr(1), content, aligned);
    }
    return archive.finish();
}

struct ArchiveCalls : CallsFixture {
    explicit ArchiveCalls(std::uint32_t disk_sectors = 2048) : disk(torus->memory.physical, disk_sectors, "hdc") {
        process.thread.keeps_fpu = true; // so that its memory is there again when it has waited
        torus.machine.devices_work = [this] {
            ++waits;
            disk.complete_all();
        };
    }
    ~ArchiveCalls() {
        disk.answer_again();
        disk.complete_all();
        torus.machine.devices_work = nullptr;
        AuditReport report(said);
        torus->memory.audit(report);
        CHECK(report.failures() == 0);
    }

    void fill_disk(const std::string& bytes) {
        std::memcpy(disk.content(0, (bytes.size() + sector_size - 1) / sector_size).data(), bytes.data(), bytes.size());
    }
    Result<void> add() { return userland.files().add_archive(disk, userland.processes.scheduler, said); }
    void add(const std::string& archive) {
        fill_disk(archive);
        REQUIRE(add().has_value());
    }

    std::int32_t open(std::string_view path) { return call(__NR_open, text(path), O_RDONLY, 0); }
    std::int32_t must_open(std::string_view path) {
        const std::int32_t file = open(path);
        INFO(path);
        REQUIRE(file >= 0);
        return file;
    }
    std::int32_t read_at(std::int32_t file, std::uint32_t offset, VirtAddr to, std::uint32_t bytes) {
        return call(__NR_pread64, file, to, bytes, offset, 0);
    }
    // All of a file.
    std::string contents(std::string_view path, std::size_t size) {
        const std::int32_t file = must_open(path);
        const VirtAddr buffer = map(pages_for(static_cast<std::uint32_t>(size)) + 1);
        const std::int32_t got = read_at(file, 0, buffer, static_cast<std::uint32_t>(size) + 1);
        REQUIRE(got == static_cast<std::int32_t>(size));
        const std::string bytes = get_bytes(buffer, size);
        REQUIRE(call(__NR_close, file) == 0);
        REQUIRE(call(__NR_munmap, buffer, (pages_for(static_cast<std::uint32_t>(size)) + 1) * page_size) == 0);
        return bytes;
    }
    VirtAddr map_file(std::string_view path, std::uint32_t bytes, std::uint32_t protection = 1, bool shared = false) {
        const std::int32_t file = must_open(path);
        const std::int32_t at = call(__NR_mmap2, 0, bytes, protection, shared ? 1 : 2, file, 0);
        REQUIRE((at & 0xFFF) == 0);
        REQUIRE(call(__NR_close, file) == 0);
        return VirtAddr(static_cast<std::uint32_t>(at));
    }
    // What a program sees there, whatever it waits for; nothing where it would get a signal.
    std::optional<std::string> look(VirtAddr at, std::uint32_t bytes) {
        std::string seen(bytes, '\0');
        const auto got = retry_while_pages_come(
            process, [&] { return abi::read_memory(at, std::as_writable_bytes(std::span(seen))); });
        return got ? std::optional(seen) : std::nullopt;
    }
    // Every page of a file that can go, goes.
    std::uint32_t drop_pages() {
        process.thread.pins.release();
        std::uint32_t dropped = 0;
        for (Frame frame(0); frame.number() < torus->memory.frames.frame_count(); frame = frame + 1) {
            dropped +=
                torus->memory.frames.owner(frame) == Owner::file && torus->memory.pager.evict(frame) == Eviction::freed
                    ? 1U
                    : 0U;
        }
        return dropped;
    }

    FakeDisk disk;
    StringSink said;
    unsigned waits = 0;
};

} // namespace

TEST_CASE("files on a disk are read and mapped wherever they begin", "[archive][block]") {
    const bool aligned = GENERATE(true, false);
    const bool garbage_behind = GENERATE(false, true);
    ArchiveCalls f;
    const std::string archive = sample_archive(aligned);
    f.fill_disk(archive + (garbage_behind ? pattern(20'000, 99) : std::string()));
    REQUIRE(f.add().has_value());
    CHECK(f.said.text().empty());
    for (const auto& [path, content] : sample_files()) {
        INFO(path);
        CHECK(f.contents(path, content.size()) == content);
    }
    CHECK(f.contents("/data/link", 10'000) == pattern(10'000, 10'001));
    f.userland.files().give_back_unused();
    for (const auto& [path, content] : sample_files()) {
        if (content.empty()) {
            continue;
        }
        INFO(path);
        const auto size = static_cast<std::uint32_t>(content.size());
        const std::uint32_t pages = pages_for(size);
        const VirtAddr start = f.map_file(path, size);
        std::string expected = content;
        expected.resize(std::size_t{pages} * page_size, '\0'); // behind the end are zeros
        CHECK(f.look(start, pages * page_size) == expected);
        CHECK(f.call(__NR_munmap, start, pages * page_size) == 0);
    }
}

TEST_CASE("paths and links on a disk are walked without waiting", "[archive][block]") {
    ArchiveCalls f;
    f.add(ArchiveBuilder()
              .link("a", "dir/b")
              .directory("dir")
              .link("dir/b", "../c")
              .file("c", "here")
              .link("far", std::string(5000, 'x'))
              .finish());
    CHECK(f.said.text().find("left out: the name or path is longer than") != std::string::npos);
    const unsigned before = f.waits;
    CHECK(f.must_open("/a") >= 0);
    CHECK(f.waits == before);
    CHECK(f.contents("/a", 4) == "here");
    CHECK(f.waits == before + 1);
    CHECK(f.open("/far") == -ENOENT);
}

TEST_CASE("what a disk holds joins what memory holds, and counts where both have it", "[archive][block]") {
    ArchiveCalls f;
    const std::string first =
        ArchiveBuilder().file("one", "memory").file("two", "memory").link("three", "one").finish();
    Files* const files =
        Files::create(f.torus->memory, f.userland,
                      ArchiveExtent{f.torus.load(first), static_cast<std::uint32_t>(first.size())}, f.said)
            .value();
    f.fill_disk(ArchiveBuilder()
                    .file("two", "disk!!")
                    .link("three", "two")
                    .directory("tmp", 0700)
                    .file("four", "disk")
                    .finish());
    REQUIRE(files->add_archive(f.disk, f.userland.processes.scheduler, f.said).has_value());
    CHECK(f.said.text().empty());
    const auto contents = [&](std::string_view path) {
        const Ref<File> file = files->names().open(files->names().root(), path, 0, 0).value();
        std::string text(100, '\0');
        Result<std::uint32_t> got = 0U;
        for (bool again = true; again; f.disk.complete_all()) {
            IoBuffer buffer(std::as_writable_bytes(std::span(text)));
            got = file->read_at(buffer, 0);
            again = buffer.failed();
        }
        return text.substr(0, got.value());
    };
    CHECK(contents("/one") == "memory");
    CHECK(contents("/two") == "disk!!");
    CHECK(contents("/three") == "disk!!");
    CHECK(contents("/four") == "disk");
}

TEST_CASE("a file that is read in order is read ahead", "[archive][block]") {
    ArchiveCalls f;
    const std::string content = pattern(100 * page_size, 3);
    f.add(ArchiveBuilder().file("big", content, true).finish());
    const std::uint64_t before = f.disk.statistics().reads.requests;
    CHECK(f.contents("/big", content.size()) == content);
    CHECK(f.disk.statistics().reads.requests - before <= 11); // 1, 5, 9 and then 16 at a time
    CHECK(f.disk.statistics().reads.sectors >= 800);
}

TEST_CASE("pages of a disk's files go without a slot, and are read again when they are touched", "[archive][block]") {
    const bool aligned = GENERATE(true, false);
    ArchiveCalls f;
    f.add(sample_archive(aligned));
    const std::string content = pattern(70'000, 70'001);
    const VirtAddr start = f.map_file("/data/f70000", 70'000);
    REQUIRE(f.look(start, 70'000) == content);
    const std::uint32_t free_before = f.torus->memory.frames.free_count();
    const std::uint64_t made_before = f.torus->memory.pager.statistics().made_again;
    CHECK(f.drop_pages() == 18);
    CHECK(f.torus->memory.frames.free_count() >= free_before + 18);
    CHECK(f.torus->memory.pager.statistics().made_again == made_before + 18);
    REQUIRE(f.look(start, 70'000) == content);
    CHECK(f.torus->memory.pager.statistics().stored_read >= 36);
    // What a program has written to its own copy is no page of the file's.
    const VirtAddr own = f.map_file("/data/f70000", 70'000, 3);
    REQUIRE(retry_while_pages_come(f.process, [&] { return abi::write_value(own, 7U); }).has_value());
    CHECK(f.drop_pages() == 18);
    CHECK(f.look(own, 4) == std::string("\7\0\0\0", 4));
    CHECK(f.look(own + 4, 1000) == content.substr(4, 1000));
    CHECK(f.look(start, 70'000) == content);
}

TEST_CASE("without an area only what can be read again goes", "[archive][block]") {
    ArchiveCalls f;
    CHECK_FALSE(f.torus->memory.pager.is_paging());
    f.add(sample_archive(true));
    CHECK(f.torus->memory.pager.is_paging());
    const VirtAddr own = f.map(1);
    f.put(5U, own);
    const Frame frame = f.process.space->tables().pte(Page::containing(own)).frame();
    CHECK(f.torus->memory.pager.evict(frame) == Eviction::stays);
    const VirtAddr start = f.map_file("/data/f200000", 200'000);
    REQUIRE(f.look(start, 200'000).has_value());
    CHECK(f.torus->memory.pager.make_room(10).free_now == 10);
    CHECK(f.get<std::uint32_t>(own) == 5);
}

TEST_CASE("a disk with no archive is refused, and nothing has changed", "[archive][block]") {
    ArchiveCalls f;
    f.torus->memory.heap.trim();
    const std::uint32_t free_before = f.torus->memory.frames.free_count();
    const auto refuse = [&](Error why) {
        CHECK(f.add() == fail(why));
        CHECK_FALSE(f.disk.claimed());
        f.torus->memory.heap.trim();
        CHECK(f.torus->memory.frames.free_count() == free_before);
    };
    refuse(Error::malformed); // zeros
    f.fill_disk(pattern(5000, 1));
    refuse(Error::malformed);
    f.fill_disk(sample_archive(true));
    f.disk.fail_sectors(0, 1);
    refuse(Error::input_output);
    f.disk.forgive();
    REQUIRE(f.disk.claim().has_value());
    CHECK(f.add() == fail(Error::busy));
    f.disk.release();
    f.fill_disk(ArchiveBuilder().file("larger", pattern(3000 * sector_size, 1)).bytes().substr(0, 2000 * sector_size));
    refuse(Error::truncated);
    CHECK(f.said.text().empty());
    CHECK_FALSE(f.torus->memory.pager.is_paging());
    f.add(sample_archive(false));
    CHECK(f.disk.claimed());
}

TEST_CASE("of an archive that cannot be read to its end, what could be read is there", "[archive][block]") {
    const std::string whole = sample_archive(true);
    const std::string first_half = whole.substr(0, whole.size() / 2);
    SECTION("cut off") {
        ArchiveCalls f;
        f.add(first_half);
        CHECK(f.said.text().find("malformed at byte ") != std::string::npos);
        CHECK(f.contents("/data/f10000", 10'000) == pattern(10'000, 10'001));
    }
    SECTION("a bad sector among a file's") {
        ArchiveCalls f;
        f.fill_disk(whole);
        f.disk.fail_sectors(whole.find(pattern(10'000, 10'001)) / sector_size + 2, 1);
        REQUIRE(f.add().has_value());
        CHECK(f.said.text().empty());
        CHECK(f.contents("/data/f70000", 70'000) == pattern(70'000, 70'001));
        const std::int32_t file = f.must_open("/data/f10000");
        CHECK(f.read_at(file, 0, f.map(1), 100) == -EIO);
        CHECK(f.read_at(file, page_size, f.map(1), 100) == 100);
    }
    SECTION("bad sectors from there on") {
        ArchiveCalls f;
        f.fill_disk(whole);
        f.disk.fail_sectors(first_half.size() / sector_size, 2000);
        REQUIRE(f.add().has_value());
        CHECK(f.said.text().starts_with("boot archive: "));
        CHECK(f.contents("/data/f10000", 10'000) == pattern(10'000, 10'001));
    }
}

TEST_CASE("an archive on a partition, on the driver", "[archive][block]") {
    const bool dma = GENERATE(true, false);
    DiskFixture f(3000);
    const std::string archive = sample_archive(false);
    auto& content = f.ata[0].drives[0].content;
    content[0] = {};
    constexpr std::uint32_t start = 63, count = 2500;
    content[0][446 + 4] = std::byte{0x83};
    std::memcpy(&content[0][446 + 8], &start, 4);
    std::memcpy(&content[0][446 + 12], &count, 4);
    content[0][510] = std::byte{0x55};
    content[0][511] = std::byte{0xAA};
    for (std::size_t at = 0; at < archive.size(); at += sector_size) {
        std::memcpy(content[start + at / sector_size].data(), &archive[at],
                    std::min<std::size_t>(sector_size, archive.size() - at));
    }
    f.find(dma);
    f.userland.disks.find_partitions();
    StringSink said;
    Scheduler& scheduler = f.userland.processes.scheduler;
    CHECK(f.userland.files().add_archive(f.device("hda"), scheduler, said) == fail(Error::malformed));
    REQUIRE(f.userland.files().add_archive(f.device("hda1"), scheduler, said).has_value());
    CHECK(said.text().empty());
    const std::int32_t file = f.call(__NR_open, f.text("/data/f200000"), O_RDONLY, 0);
    REQUIRE(file >= 0);
    const VirtAddr buffer = f.map(50);
    REQUIRE(f.call(__NR_read, file, buffer, 50 * page_size) == 200'000);
    CHECK(f.get_bytes(buffer, 200'000) == pattern(200'000, 200'001));
}

TEST_CASE("a page that cannot be read is missed by who touches it, and by nobody else", "[archive][block]") {
    ArchiveCalls f;
    const std::string content = pattern(64 * page_size, 5);
    f.add(ArchiveBuilder().file("big", content, true).finish());
    constexpr std::uint32_t bad_page = 21;
    const std::uint64_t first_sector = sectors_per_page; // the header has a page
    f.disk.fail_sectors(first_sector + bad_page * sectors_per_page + 3, 1);
    const std::int32_t file = f.must_open("/big");
    const VirtAddr buffer = f.map(65);

    SECTION("read") {
        // What comes before it counts; then there is an error, as often as it is tried.
        CHECK(f.read_at(file, 0, buffer, 64 * page_size) == static_cast<std::int32_t>(bad_page * page_size));
        CHECK(f.get_bytes(buffer, bad_page * page_size) == content.substr(0, bad_page * page_size));
        for (unsigned times = 0; times < 3; ++times) {
            CHECK(f.read_at(file, bad_page * page_size + 5, buffer, 100) == -EIO);
        }
        for (std::uint32_t page = 0; page < 64; ++page) {
            INFO(page);
            const std::int32_t got = f.read_at(file, page * page_size, buffer, page_size);
            CHECK(got == (page == bad_page ? -EIO : static_cast<std::int32_t>(page_size)));
        }
        f.disk.forgive();
        CHECK(f.contents("/big", content.size()) == content);
    }
    SECTION("mapped") {
        const VirtAddr start = f.map_file("/big", 64 * page_size);
        for (std::uint32_t page = 0; page < 64; ++page) {
            INFO(page);
            const auto seen = f.look(start + page * page_size, page_size);
            CHECK(seen ==
                  (page == bad_page ? std::nullopt : std::optional(content.substr(page * page_size, page_size))));
        }
        CHECK_FALSE(f.look(start + bad_page * page_size, 1).has_value());
        const VirtAddr bad = start + bad_page * page_size;
        const FaultAccess access{.write = false};
        FaultOutcome outcome = f.process.space->handle_fault(bad, access);
        CHECK(outcome == FaultOutcome::must_wait);
        f.disk.complete_all();
        outcome = f.process.space->handle_fault(bad, access);
        CHECK(outcome == FaultOutcome::device_error);
        f.disk.forgive();
        CHECK(f.look(bad, page_size) == content.substr(bad_page * page_size, page_size));
    }
    SECTION("a disk that fails altogether") {
        f.disk.fail_sectors(0, 2048);
        const VirtAddr start = f.map_file("/big", 64 * page_size);
        CHECK_FALSE(f.look(start, 1).has_value());
        CHECK_FALSE(f.look(start + 9 * page_size, 1).has_value());
        CHECK(f.read_at(file, 0, buffer, 1) == -EIO);
        CHECK(f.open("/big") >= 0); // names are in memory
        f.disk.forgive();
        CHECK(f.look(start, 64 * page_size) == content);
    }
}

TEST_CASE("who is killed while he waits leaves the page to the disk", "[archive][block]") {
    ArchiveCalls f;
    const std::string content = pattern(8 * page_size, 5);
    f.add(ArchiveBuilder().file("big", content, true).finish());
    const VirtAddr start = f.map_file("/big", 8 * page_size);
    f.disk.stop_answering();
    f.torus.machine.devices_work = [&] {
        must_succeed(f.process.signals.add({.number = signal_number::kill, .code = 0, .sender = 0}));
        f.userland.processes.scheduler.interrupt(f.process.thread);
    };
    CHECK_FALSE(f.look(start, 1).has_value());
    CHECK(f.disk.pending() == 1);
    CHECK(f.torus->memory.pager.transfers() != 0);
    f.process.signals.discard(~SignalSet{0});
    REQUIRE(f.call(__NR_munmap, start, 8 * page_size) == 0);
    f.userland.files().forget_unused(); // what is on its way keeps what it is for
    f.userland.files().give_back_unused();
    f.torus.machine.devices_work = [&] {
        f.disk.answer_again();
        f.disk.complete_all();
    };
    CHECK(f.contents("/big", content.size()) == content);
    CHECK(f.torus->memory.pager.transfers() == 0);
    f.userland.files().forget_unused();
    CHECK(f.contents("/big", content.size()) == content);
}

TEST_CASE("more reads at a time than there are wait for their turn", "[archive][block]") {
    ArchiveCalls f;
    f.add(sample_archive(true));
    const VirtAddr start = f.map_file("/data/f200000", 200'000);
    const FaultAccess access{.write = false};
    for (std::uint32_t each = ArchiveDisk::most_reads; each != 0; --each) { // in no order that is read ahead
        CHECK(f.process.space->handle_fault(start + each * 10 * page_size, access) == FaultOutcome::must_wait);
        CHECK(f.torus->memory.requests.awaited().has_value());
    }
    CHECK(f.process.space->handle_fault(start + 5 * page_size, access) == FaultOutcome::must_wait);
    CHECK_FALSE(f.torus->memory.requests.awaited().has_value()); // for room
    CHECK(f.disk.pending() == ArchiveDisk::most_reads);
    // Whichever ends first.
    while (f.disk.complete_last()) {
    }
    CHECK(f.look(start, 200'000) == pattern(200'000, 200'001));
}

TEST_CASE("with any number of frames left, a disk's files are read, or there is no memory", "[archive][block]") {
    ArchiveCalls f;
    f.add(sample_archive(false));
    const std::int32_t file = f.must_open("/data/f70000");
    const VirtAddr buffer = f.map(18);
    for (std::uint32_t page = 0; page < 18; ++page) {
        f.put('x', buffer + page * page_size);
    }
    const std::string content = pattern(70'000, 70'001);
    Memory& memory = f.torus->memory;
    bool succeeded = false, failed = false;
    for (std::uint32_t left = 0; left <= 120; left += 3) {
        f.userland.files().give_back_unused();
        f.userland.files().forget_unused();
        memory.heap.trim();
        std::vector<Frame> taken;
        while (memory.frames.available() > left) {
            taken.push_back(memory.frames.allocate(Owner::test).value());
        }
        INFO(left << " frames left");
        // A call that was refused memory is made again as long as there may be some.
        std::int32_t got = __NR_pread64;
        for (unsigned times = 0; times < 20 && got == __NR_pread64; ++times) {
            got = f.read_at(file, 0, buffer, 70'000);
        }
        // What could be had for a while before memory ran out counts.
        const auto bytes = static_cast<std::size_t>(got);
        const bool moved = got > 0 && got != __NR_pread64;
        CHECK((moved || got == -ENOMEM || got == __NR_pread64));
        CHECK((!moved || f.get_bytes(buffer, bytes) == content.substr(0, bytes)));
        const bool right = got == 70'000;
        succeeded = succeeded || right;
        failed = failed || !right;
        CHECK((!succeeded || right)); // with more frames, too
        for (const Frame each : taken) {
            must_succeed(memory.frames.free(each));
        }
        AuditReport report(f.said);
        memory.audit(report);
        REQUIRE(report.failures() == 0);
    }
    CHECK(succeeded);
    CHECK(failed);
}

TEST_CASE("while an archive's headers are read, any allocation may fail", "[archive][block]") {
    ArchiveCalls f;
    f.fill_disk(sample_archive(true));
    Memory& memory = f.torus->memory;
    std::uint32_t refusals = 0;
    for (std::uint32_t left = 0;; ++left) {
        memory.heap.trim();
        std::vector<Frame> taken;
        while (memory.frames.available() > left) {
            taken.push_back(memory.frames.allocate(Owner::test).value());
        }
        const Result<void> added = f.add();
        for (const Frame each : taken) {
            must_succeed(memory.frames.free(each));
        }
        if (added) {
            break;
        }
        CHECK(added == fail(Error::out_of_memory));
        CHECK_FALSE(f.disk.claimed());
        ++refusals;
        REQUIRE(left < 100);
    }
    CHECK(refusals >= 2);
    // It is mounted: all of it, or what there was memory for, and that is said.
    CHECK((f.said.text().empty() || f.said.text().find("out of memory") != std::string::npos));
}

TEST_CASE("files on a disk beside a model, with pages that go and reads that fail", "[archive][block]") {
    const bool aligned = GENERATE(true, false);
    ArchiveCalls f;
    f.add(sample_archive(aligned));
    std::vector<std::pair<std::string, std::string>> files;
    for (const auto& each : sample_files()) {
        if (!each.second.empty()) {
            files.push_back(each);
        }
    }
    std::vector<VirtAddr> mapped;
    for (const auto& [path, content] : files) {
        mapped.push_back(f.map_file(path, static_cast<std::uint32_t>(content.size())));
    }
    const VirtAddr buffer = f.map(50);
    Random random(aligned ? 21 : 22);
    std::uint32_t right = 0, errors = 0;
    for (unsigned step = 0; step < 3000; ++step) {
        const std::size_t which = random.below(static_cast<std::uint32_t>(files.size()));
        const std::string& content = files[which].second;
        const std::uint32_t offset = random.below(static_cast<std::uint32_t>(content.size()));
        const auto most = static_cast<std::uint32_t>(content.size()) - offset;
        const std::uint32_t bytes = 1 + random.below(std::min<std::uint32_t>(most, random.once_in(4) ? 50'000 : 5000));
        INFO(step << ": " << bytes << " at " << offset << " of " << files[which].first);
        if (random.once_in(10)) {
            f.drop_pages();
        } else if (random.once_in(30)) {
            f.disk.fail_sectors(random.below(1000), 1 + random.below(3));
        } else if (random.once_in(20)) {
            f.disk.forgive();
        } else if (random.once_in(2)) {
            const std::int32_t file = f.must_open(files[which].first);
            const std::int32_t got = f.read_at(file, offset, buffer, bytes);
            REQUIRE((got == -EIO || got > 0));
            if (got > 0) {
                REQUIRE(f.get_bytes(buffer, static_cast<std::size_t>(got)) ==
                        content.substr(offset, static_cast<std::size_t>(got)));
            }
            (got > 0 ? right : errors) += 1;
            REQUIRE(f.call(__NR_close, file) == 0);
        } else {
            const auto seen = f.look(mapped[which] + offset, bytes);
            REQUIRE((!seen || *seen == content.substr(offset, bytes)));
            (seen ? right : errors) += 1;
        }
    }
    CHECK(right > 1000);
    CHECK(errors > 10);
}

} // namespace quire::test
