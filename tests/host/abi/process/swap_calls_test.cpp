// swapon and swapoff on a real driver with a fake disk: what is refused, what is told, and that everything comes back.
#include "kernel/process/user_pages.h"
#include "tests/host/block/disk_fixture.h"

#include <asm/unistd_32.h>
#include <cerrno>
#include <cstring>
#include <fcntl.h>

namespace quire::test {
namespace {

constexpr std::uint32_t sectors = 1024, disk_pages = sectors / sectors_per_page;

struct SwapCalls : DiskFixture {
    SwapCalls() : DiskFixture(sectors) { find(); }
    ~SwapCalls() {
        userland.swap_areas.for_each([](const SwapArea& area) { CHECK(area.used() == 0); });
        call(__NR_swapoff, text("/dev/hda"));
        call(__NR_swapoff, text("/dev/hdb"));
    }

    // What mkswap would write for `pages` pages.
    void prepare(std::size_t drive, std::uint32_t pages = disk_pages) {
        auto& content = ata[0].drives.at(drive).content;
        const std::array<std::uint32_t, 3> head{1, pages - 1, 0};
        std::memcpy(content[2].data(), head.data(), sizeof head);
        std::memcpy(content[7].data() + sector_size - 10, "SWAPSPACE2", 10);
    }
    std::int32_t on(std::string_view path, std::uint32_t flags = 0) { return call(__NR_swapon, text(path), flags); }
    std::int32_t off(std::string_view path) { return call(__NR_swapoff, text(path)); }

    [[nodiscard]] Pager& pager() { return torus->memory.pager; }
    void put_out(VirtAddr page) {
        const UserPte pte = process.space->tables().pte(Page::containing(page));
        REQUIRE(pager().evict(pte.frame()) == Eviction::begun);
        settle_transfers();
    }
    // Pages that begin with 1000, 1001 and so on, all of them out.
    VirtAddr map_out(std::uint32_t count) {
        const VirtAddr pages = map(count);
        for (std::uint32_t page = 0; page < count; ++page) {
            put(1000 + page, pages + page * page_size);
            put_out(pages + page * page_size);
        }
        return pages;
    }
    // A file of /tmp with `count` pages, which begin with 2000, 2001 and so on, all of them out.
    std::int32_t make_file_out(std::uint32_t count) {
        const std::int32_t file = call(__NR_open, text("/tmp/file"), O_RDWR | O_CREAT, 0600);
        REQUIRE(file >= 0);
        const VirtAddr page = map(1);
        for (std::uint32_t number = 0; number < count; ++number) {
            put(2000 + number, page);
            put(number, page + 8);
            REQUIRE(call(__NR_write, file, page, page_size) == static_cast<std::int32_t>(page_size));
        }
        put_files_out(count);
        return file;
    }
    void put_files_out(std::uint32_t count) {
        const FrameAllocator& frames = torus->memory.frames;
        std::uint32_t begun = 0;
        for (Frame frame(0); frame.number() < frames.frame_count(); frame = frame + 1) {
            const Eviction outcome = frames.owner(frame) == Owner::shared ? pager().evict(frame) : Eviction::stays;
            begun += outcome == Eviction::begun || outcome == Eviction::freed ? 1U : 0U;
        }
        REQUIRE(begun == count);
        settle_transfers();
        REQUIRE(torus->memory.frames.count_of(Owner::shared) == 0);
    }
    // A call that is made again as long as pages lack, as a program's is.
    template <class... Arguments> std::int32_t whole_call(std::uint32_t number, Arguments... arguments) {
        std::int32_t answer = call(number, arguments...);
        while (answer == static_cast<std::int32_t>(number)) {
            answer = call(number, arguments...);
        }
        return answer;
    }
    void settle_transfers() {
        for (unsigned steps = 0; pager().transfers() != 0; ++steps) {
            REQUIRE(steps < 20'000);
            step();
        }
    }
    std::uint32_t read_word(VirtAddr at) {
        const auto value = retry_while_pages_come(process, [&] { return abi::read_value<std::uint32_t>(at); });
        REQUIRE(value.has_value());
        return *value;
    }
};

} // namespace

TEST_CASE_METHOD(SwapCalls, "only a prepared disk becomes a swap area, and only once", "[abi][swap]") {
    CHECK(on("/dev/nothing") == -ENOENT);
    CHECK(on("/dev/null") == -EINVAL);
    CHECK(on("/dev/hda") == -EINVAL);
    prepare(0);
    CHECK(on("/dev/hda", 0x100000) == -EINVAL);
    CHECK(off("/dev/hda") == -EINVAL);
    REQUIRE(on("/dev/hda") == 0);
    CHECK(on("/dev/hda") == -EBUSY);
    CHECK(pager().swap.pages() == disk_pages - 1);
    prepare(1, disk_pages + 1);
    CHECK(on("/dev/hdb") == -EINVAL); // it says that it is larger than it is
    prepare(1);
    REQUIRE(on("/dev/hdb", 0x8000 | 7) == 0);
    std::vector<std::int32_t> priorities;
    userland.swap_areas.for_each([&](const SwapArea& area) { priorities.push_back(area.priority()); });
    CHECK(priorities == std::vector<std::int32_t>{-1, 7});
    CHECK(off("/dev/hda") == 0);
    CHECK(off("/dev/hda") == -EINVAL);
    CHECK(off("/dev/hdb") == 0);
    CHECK(pager().swap.pages() == 0);
}

TEST_CASE_METHOD(SwapCalls, "what is on a disk that is taken out of use is back in memory", "[abi][swap]") {
    prepare(0);
    REQUIRE(on("/dev/hda") == 0);
    const VirtAddr pages = map_out(20);
    CHECK(read_word(pages + 3 * page_size) == 1003);
    CHECK(pager().statistics().read == 1);
    REQUIRE(off("/dev/hda") == 0);
    for (std::uint32_t page = 0; page < 20; ++page) {
        CHECK(get<std::uint32_t>(pages + page * page_size) == 1000 + page);
    }
    StringSink said;
    AuditReport report(said);
    torus->memory.audit(report);
    INFO(said.text());
    CHECK(report.failures() == 0);
}

TEST_CASE_METHOD(SwapCalls, "a disk whose pages find no room stays in use", "[abi][swap]") {
    prepare(0);
    REQUIRE(on("/dev/hda") == 0);
    const VirtAddr pages = map_out(20);
    {
        FrameAllocator& frames = torus->memory.frames;
        const FrameReservation all = frames.reserve(frames.available()).value();
        CHECK(off("/dev/hda") == -ENOMEM);
    }
    CHECK(pager().swap.pages() == disk_pages - 1);
    CHECK(read_word(pages) == 1000);
    REQUIRE(off("/dev/hda") == 0);
    CHECK(get<std::uint32_t>(pages + 19 * page_size) == 1019);
}

TEST_CASE_METHOD(SwapCalls, "files whose pages are on a disk are read and written as if they were not", "[abi][swap]") {
    prepare(0);
    REQUIRE(on("/dev/hda") == 0);
    constexpr std::uint32_t count = 12;
    const std::int32_t file = make_file_out(count);
    const VirtAddr memory = map(count);
    SECTION("read as a whole") {
        REQUIRE(call(__NR_pread64, file, memory, count * page_size, 0, 0) ==
                static_cast<std::int32_t>(count * page_size));
        for (std::uint32_t page = 0; page < count; ++page) {
            CHECK(get<std::uint32_t>(memory + page * page_size) == 2000 + page);
        }
        CHECK(pager().statistics().read == count);
    }
    SECTION("written in the middle of pages, over several") {
        put(std::uint32_t{77}, memory + 2 * page_size - 12);
        const std::uint32_t bytes = 2 * page_size;
        REQUIRE(call(__NR_pwrite64, file, memory, bytes, page_size / 2, 0) == static_cast<std::int32_t>(bytes));
        process.thread.pins.release(); // as when it returns
        put_files_out(3);              // only these had come back
        REQUIRE(call(__NR_pread64, file, memory, 4 * page_size, 0, 0) == static_cast<std::int32_t>(4 * page_size));
        CHECK(get<std::uint32_t>(memory) == 2000);
        CHECK(get<std::uint32_t>(memory + page_size) == 0);
        CHECK(get<std::uint32_t>(memory + 2 * page_size + page_size / 2 - 12) == 77);
        CHECK(get<std::uint32_t>(memory + 3 * page_size) == 2003);
    }
    SECTION("made shorter and longer, what was cut off is zeros") {
        REQUIRE(whole_call(__NR_ftruncate, file, 3 * page_size + 4) == 0);
        REQUIRE(whole_call(__NR_ftruncate, file, 4 * page_size) == 0);
        REQUIRE(call(__NR_pread64, file, memory, count * page_size, 0, 0) == static_cast<std::int32_t>(4 * page_size));
        CHECK(get<std::uint32_t>(memory + 3 * page_size) == 2003);
        CHECK(get<std::uint32_t>(memory + 3 * page_size + 8) == 0);
    }
    SECTION("with a hole from the middle of one page to the middle of another") {
        constexpr std::uint32_t keep_size = 1, punch_hole = 2;
        REQUIRE(whole_call(__NR_fallocate, file, keep_size | punch_hole, 4, 0, 2 * page_size, 0) == 0);
        REQUIRE(call(__NR_pread64, file, memory, 3 * page_size, 0, 0) == static_cast<std::int32_t>(3 * page_size));
        CHECK(get<std::uint32_t>(memory) == 2000);
        CHECK(get<std::uint32_t>(memory + 8) == 0);
        CHECK(get<std::uint32_t>(memory + page_size) == 0);
        CHECK(get<std::uint32_t>(memory + 2 * page_size) == 0);
        CHECK(get<std::uint32_t>(memory + 2 * page_size + 8) == 2);
    }
    SECTION("sent from file to file") {
        const std::int32_t other = call(__NR_open, text("/tmp/other"), O_RDWR | O_CREAT, 0600);
        REQUIRE(call(__NR_sendfile, other, file, 0, count * page_size) == 0); // at its end
        REQUIRE(call(__NR_lseek, file, 0, 0) == 0);
        REQUIRE(call(__NR_sendfile, other, file, 0, count * page_size) == static_cast<std::int32_t>(count * page_size));
        REQUIRE(call(__NR_pread64, other, memory, count * page_size, 0, 0) ==
                static_cast<std::int32_t>(count * page_size));
        CHECK(get<std::uint32_t>(memory + (count - 1) * page_size) == 2000 + count - 1);
        call(__NR_close, other);
        REQUIRE(call(__NR_unlink, text("/tmp/other")) == 0);
    }
    SECTION("back in memory when the disk is taken out of use") {
        REQUIRE(off("/dev/hda") == 0);
        CHECK(torus->memory.frames.count_of(Owner::shared) == count);
        REQUIRE(call(__NR_pread64, file, memory, count * page_size, 0, 0) ==
                static_cast<std::int32_t>(count * page_size));
        CHECK(get<std::uint32_t>(memory + 5 * page_size) == 2005);
    }
    call(__NR_close, file);
    REQUIRE(call(__NR_unlink, text("/tmp/file")) == 0);
    settle_transfers();
    StringSink said;
    AuditReport report(said);
    torus->memory.audit(report);
    INFO(said.text());
    CHECK(report.failures() == 0);
}

} // namespace quire::test
