// Requests become transfers in the order they came, neighbours together; what fails is tried again so often, alone and
// by other means; who does not answer is reset. Each request ends once, and each failure is told once.
#include "tests/host/block/disk_fixture.h"

#include <deque>

namespace quire::test {
namespace {

constexpr std::uint64_t second = 1'000'000'000;
constexpr std::uint8_t read_dma = 0xC8, write_dma = 0xCA, read_sectors = 0x20, write_sectors = 0x30, flush_cache = 0xE7;
using Lines = std::vector<std::string>;
using Codes = std::vector<std::uint8_t>;
using Counts = std::vector<std::uint32_t>;

struct Fixture : DiskFixture {
    explicit Fixture(bool dma = true) {
        find(dma);
        forget();
    }
    void forget() {
        for (FakeAta::Drive& each : ata[0].drives) {
            each.commands.clear();
            each.counts.clear();
        }
    }
    // Submitted, with frames of its own.
    TestRequest& submit(BlockOperation operation, std::uint64_t first, std::uint32_t sectors,
                        std::string_view name = "hda") {
        memory.push_back(frames(pages_for(std::uint64_t{sectors} * sector_size)));
        TestRequest& request = requests.emplace_back(operation, first, sectors, memory.back());
        REQUIRE(device(name).submit(request).has_value());
        return request;
    }
    void until_all_over() {
        std::vector<const TestRequest*> all;
        for (const TestRequest& each : requests) {
            all.push_back(&each);
        }
        until_over(all);
        for (const TestRequest& each : requests) {
            CHECK(each.times == 1);
        }
    }
    [[nodiscard]] FakeAta::Drive& drive(std::size_t number = 0) { return ata[0].drives.at(number); }

    std::deque<std::vector<Frame>> memory;
    std::deque<TestRequest> requests;
};

} // namespace

TEST_CASE("A request starts at once and ends at a safe point", "[block]") {
    Fixture f;
    const TestRequest& request = f.submit(BlockOperation::write, 10, 8);
    CHECK(f.drive().commands == Codes{write_dma});
    f.ata[0].work_on();
    CHECK(request.under_way());
    f.userland.disks.at_safe_point(false);
    CHECK(request.times == 1);
    CHECK(request.outcome.has_value());
    CHECK(f.ata[0].word(0, 17) == 0xF000);
    CHECK(f.device("hda").statistics().writes.sectors == 8);
}

TEST_CASE("Without DMA the processor moves the data", "[block]") {
    Fixture f(false);
    f.ata[0].set_word(1, 5, 0x77);
    TestRequest& write = f.submit(BlockOperation::write, 10, 17);
    TestRequest& read = f.submit(BlockOperation::read, 5, 1, "hdb");
    f.until_all_over();
    CHECK(write.outcome.has_value());
    CHECK(f.ata[0].word(0, 26) == 0xF002);
    CHECK(f.word(read.frames[0]) == 0x77);
    CHECK(f.drive().commands == Codes{write_sectors});
    CHECK(f.drive(1).commands == Codes{read_sectors});
}

TEST_CASE("Neighbours are transferred together, and nothing overtakes", "[block]") {
    Fixture f;
    f.submit(BlockOperation::read, 900, 1); // starts at once, alone
    SECTION("neighbours") {
        f.submit(BlockOperation::write, 100, 8);
        f.submit(BlockOperation::write, 108, 3);
        f.submit(BlockOperation::write, 111, 9);
        f.until_all_over();
        CHECK(f.drive().commands == Codes{read_dma, write_dma});
        CHECK(f.drive().counts == Counts{1, 20});
        CHECK(f.ata[0].word(0, 108) == 0xF000);
        CHECK(f.ata[0].word(0, 119) == 0xF001);
        CHECK(f.device("hda").statistics().writes.merged == 2);
        CHECK(f.device("hda").statistics().writes.requests == 3);
    }
    SECTION("not those of another direction, place or disk, nor across a flush") {
        f.submit(BlockOperation::write, 100, 8);
        f.submit(BlockOperation::read, 108, 8);
        f.submit(BlockOperation::read, 117, 8);
        f.submit(BlockOperation::read, 125, 8, "hdb");
        f.submit(BlockOperation::flush, 0, 0);
        f.submit(BlockOperation::read, 125, 8);
        f.submit(BlockOperation::read, 117, 8);
        f.until_all_over();
        CHECK(f.drive().commands == Codes{read_dma, write_dma, read_dma, read_dma, flush_cache, read_dma, read_dma});
        CHECK(f.drive(1).commands == Codes{read_dma});
        CHECK(f.drive().flushes == 1);
    }
    SECTION("as many as one command takes, and as the table has room for") {
        for (std::uint32_t i = 0; i < 40; ++i) {
            f.submit(BlockOperation::write, 1000 + 8 * i, 8);
        }
        for (std::uint32_t i = 0; i < 70; ++i) {
            f.submit(BlockOperation::write, 2000 + i, 1);
        }
        f.until_all_over();
        CHECK(f.drive().counts == Counts{1, 256, 64, 64, 6});
    }
    SECTION("a large one is divided") {
        TestRequest& large = f.submit(BlockOperation::write, 1000, 600);
        f.submit(BlockOperation::write, 1600, 8);
        f.until_all_over();
        CHECK(f.drive().counts == Counts{1, 256, 256, 96});
        CHECK(large.outcome.has_value());
        CHECK(f.ata[0].word(0, 1599) == 0xF000 + 74);
        CHECK(f.ata[0].word(0, 1600) == 0xF000);
    }
    CHECK(f.troubles.lines.empty());
}

TEST_CASE("A read behind a write of the same sector sees it", "[block]") {
    Fixture f;
    f.submit(BlockOperation::write, 50, 8);
    TestRequest& read = f.submit(BlockOperation::read, 57, 1);
    f.until_all_over();
    CHECK(f.word(read.frames[0]) == 0xF000);
}

TEST_CASE("A bad sector fails the request that wants it, and no other", "[block]") {
    Fixture f;
    f.drive().bad[104] = 0x40;
    f.submit(BlockOperation::read, 900, 1);
    TestRequest& before = f.submit(BlockOperation::read, 88, 8);
    TestRequest& bad = f.submit(BlockOperation::read, 96, 16);
    TestRequest& behind = f.submit(BlockOperation::read, 112, 8);
    f.until_all_over();
    CHECK(before.outcome.has_value());
    CHECK(bad.outcome == fail(Error::input_output));
    CHECK(behind.outcome.has_value());
    CHECK(f.troubles.lines == Lines{"hda: reading sectors 96 to 111 failed: the medium cannot be read (status 0x51, "
                                    "error 0x40)"});
    CHECK(f.drive().counts == Counts{1, 32, 8, 16, 16, 8}); // together, then alone; the bad one once more by PIO
    CHECK(f.drive().commands == Codes{read_dma, read_dma, read_dma, read_dma, read_sectors, read_dma});
    CHECK(f.device("hda").statistics().errors == 1);
    CHECK(f.device("hda").statistics().retries == 4);
    f.submit(BlockOperation::write, 104, 1);
    f.until_all_over();
    CHECK(f.troubles.lines.size() == 2);
    CHECK(f.troubles.lines.back() ==
          "hda: writing sector 104 failed: the medium cannot be read (status 0x51, error 0x40)");
}

TEST_CASE("What fails once or twice is tried again", "[block]") {
    Fixture f;
    const unsigned failures = GENERATE(1U, 2U, 3U);
    f.drive().failing_commands = failures;
    const TestRequest& request = f.submit(BlockOperation::write, 7, 1);
    const TestRequest& next = f.submit(BlockOperation::write, 9, 1);
    f.until_all_over();
    CHECK(request.outcome.has_value() == (failures < 3));
    CHECK(next.outcome.has_value());
    CHECK(f.troubles.lines.size() == (failures < 3 ? 0 : 1));
    CHECK(f.device("hda").statistics().retries == std::min(failures, 2U));
}

TEST_CASE("A flush that fails is told", "[block]") {
    Fixture f;
    f.drive().failing_commands = 3;
    const TestRequest& flush = f.submit(BlockOperation::flush, 0, 0);
    f.until_all_over();
    CHECK(flush.outcome == fail(Error::input_output));
    CHECK(f.troubles.lines == Lines{"hda: flushing the cache failed: the disk gave up (status 0x51, error 0x04)"});
}

TEST_CASE("Where DMA fails and PIO does not, DMA is given up", "[block]") {
    Fixture f;
    const bool by_disk = GENERATE(true, false);
    f.drive().refuses_dma = by_disk;
    f.ata[0].bus_fails = !by_disk;
    for (unsigned i = 0; i < BlockQueue::most_dma_failures; ++i) {
        CHECK(f.troubles.lines.empty());
        const TestRequest& request = f.submit(BlockOperation::write, 100 + i, 1);
        f.until_over({&request});
        CHECK(request.outcome.has_value());
    }
    CHECK(f.troubles.lines == Lines{"hda: DMA fails again and again; from now on the processor moves the data"});
    f.forget();
    const TestRequest& request = f.submit(BlockOperation::write, 200, 1);
    f.until_over({&request});
    CHECK(f.drive().commands == Codes{write_sectors});
    if (by_disk) {
        const TestRequest& other = f.submit(BlockOperation::write, 200, 1, "hdb");
        f.until_over({&other});
        CHECK(f.drive(1).commands == Codes{write_dma});
    }
}

TEST_CASE("A disk that does not answer in time is reset and asked once more", "[block]") {
    Fixture f;
    f.drive().silent = true;
    const TestRequest& request = f.submit(BlockOperation::read, 64, 8);
    const TestRequest& other = f.submit(BlockOperation::read, 64, 8, "hdb");
    f.step();
    f.tick_after(9 * second);
    CHECK(f.troubles.lines.empty());
    f.tick_after(second);
    CHECK(f.troubles.lines ==
          Lines{"hda: reading sectors 64 to 71 is not finished in time; the disk's channel is reset"});
    CHECK(f.device("hda").statistics().time_outs == 1);
    f.userland.disks.at_safe_point(true); // too early to ask whether the reset is done
    CHECK(f.drive().commands.size() == 1);
    SECTION("and comes back") {
        f.tick_after(second / 100);
        f.until_over({&request, &other});
        CHECK(request.outcome.has_value());
        CHECK(other.outcome.has_value());
        CHECK(f.drive().commands == Codes{read_dma, read_sectors});
        CHECK(f.troubles.lines.size() == 1);
    }
    SECTION("and falls silent again") {
        f.drive().silent = true;
        f.tick_after(second / 100);
        f.tick_after(11 * second);
        CHECK(request.times == 1);
        CHECK(request.outcome == fail(Error::timed_out));
        CHECK(f.troubles.lines.size() == 3);
        CHECK(f.troubles.lines.back() == "hda: reading sectors 64 to 71 failed: the disk did not answer");
        f.tick_after(second / 100);
        f.until_over({&other});
        CHECK(other.outcome.has_value());
    }
    SECTION("and is gone") {
        f.drive().silent_for_ever = true;
        f.channels[0].begin_reset(); // as the disk sees it, it never ends
        f.tick_after(5 * second);
        CHECK(other.under_way());
        f.tick_after(6 * second);
        CHECK(request.outcome == fail(Error::input_output));
        CHECK(other.outcome == fail(Error::input_output));
        CHECK(f.troubles.lines.back() == "hda: does not come back from a reset; it is given up");
        const TestRequest& late = f.submit(BlockOperation::write, 1, 1, "hdb");
        CHECK(late.under_way());
        f.userland.disks.at_safe_point(false);
        CHECK(late.outcome == fail(Error::input_output));
    }
}

TEST_CASE("An interrupt that is lost costs a second", "[block]") {
    Fixture f;
    f.ata[0].lost_interrupts = 1;
    const TestRequest& request = f.submit(BlockOperation::read, 64, 8);
    f.step();
    f.tick_after(second / 2);
    CHECK(request.under_way());
    f.tick_after(second / 2);
    CHECK(request.outcome.has_value());
    CHECK(request.times == 1);
    CHECK(f.troubles.lines.empty());
}

TEST_CASE("A request may be submitted again from where it ends", "[block]") {
    Fixture f;
    TestRequest& request = f.submit(BlockOperation::write, 64, 8);
    unsigned more = 5;
    request.then = [&] {
        if (more-- != 0) {
            request.first_sector += 8;
            REQUIRE(f.device("hda").submit(request).has_value());
        }
    };
    f.until_over({&request});
    CHECK(request.times == 6);
    CHECK(f.ata[0].word(0, 111) == 0xF000);
}

TEST_CASE("Frames above the direct map are read and written", "[block]") {
    DiskFixture f;
    f.userland.disks.find(f.troubles, GENERATE(true, false));
    const std::vector<Frame> all = f.frames(2);
    f.torus->memory.physical.set_direct_frames(1); // from here on all others are
    TestRequest request(BlockOperation::write, 3, 16, all);
    REQUIRE(f.device("hda").submit(request).has_value());
    f.until_over({&request});
    CHECK(request.outcome.has_value());
    CHECK(f.ata[0].word(0, 3) == 0xF000);
    CHECK(f.ata[0].word(0, 18) == 0xF001);
    CHECK(f.torus->memory.physical.temporary_mappings() == 0);
    f.torus->memory.physical.set_direct_frames(direct_map_frames);
}

} // namespace quire::test
