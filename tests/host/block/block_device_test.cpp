// Block devices: what is taken and what refused, what is counted, who may use them; and the tests' own disk.
#include "kernel/block/partition.h"
#include "kernel/memory/memory.h"
#include "tests/host/block/fake_disk.h"
#include "tests/host/support/booted_torus.h"

#include <catch2/catch.hpp>
#include <cstring>

namespace quire::test {

namespace {

// Two frames, filled with a byte each.
class Frames {
public:
    explicit Frames(Memory& memory) : memory_(&memory) {
        for (Frame& each : all) {
            each = memory.frames.allocate(Owner::test).value();
        }
    }
    ~Frames() {
        for (const Frame each : all) {
            must_succeed(memory_->frames.free(each));
        }
    }
    Frames(const Frames&) = delete;
    Frames& operator=(const Frames&) = delete;

    void fill(std::uint32_t word) {
        for (const Frame each : all) {
            memory_->physical.fill(each, word++);
        }
    }
    [[nodiscard]] std::uint32_t word(std::size_t frame, std::uint32_t sector) {
        std::uint32_t value = 0;
        memory_->physical.read(all.at(frame), sector * sector_size, std::as_writable_bytes(std::span(&value, 1)));
        return value;
    }

    std::array<Frame, 2> all{};

private:
    Memory* memory_;
};

} // namespace

TEST_CASE("A block device takes what lies on it, and nothing else", "[block]") {
    BootedTorus torus;
    Frames frames(torus->memory);
    FakeDisk disk(torus->memory.physical, 64);
    TestRequest request(BlockOperation::read, 0, 16, frames.all);
    const auto submit = [&](std::uint64_t first, std::uint32_t count) {
        request.first_sector = first;
        request.sectors = count;
        return disk.submit(request);
    };
    CHECK(submit(0, 0) == fail(Error::invalid_argument));
    CHECK(submit(0, 17) == fail(Error::invalid_argument)); // more than two frames hold
    CHECK(submit(49, 16) == fail(Error::out_of_range));
    CHECK(submit(65, 1) == fail(Error::out_of_range));
    CHECK(submit(~std::uint64_t{0}, 2) == fail(Error::out_of_range));
    CHECK_FALSE(request.under_way());
    CHECK(disk.pending() == 0);
    REQUIRE(submit(48, 16).has_value());
    CHECK(request.under_way());
    CHECK(request.times == 0);
    REQUIRE(disk.complete_next());
    CHECK(request.times == 1);
    CHECK_FALSE(request.under_way());
    CHECK_FALSE(disk.complete_next());

    FakeDisk protected_disk(torus->memory.physical, 64, "hdb", true);
    request.operation = BlockOperation::write;
    CHECK(protected_disk.submit(request) == fail(Error::read_only));
}

TEST_CASE("Requests of the tests' disk move data, in the order that the test wants", "[block]") {
    BootedTorus torus;
    Frames written(torus->memory), read(torus->memory);
    FakeDisk disk(torus->memory.physical, 64);
    written.fill(7);
    TestRequest write(BlockOperation::write, 4, 16, written.all);
    TestRequest back(BlockOperation::read, 12, 8, read.all);
    REQUIRE(disk.submit(write).has_value());
    REQUIRE(disk.submit(back).has_value());
    SECTION("in order") {
        CHECK(disk.complete_all() == 2);
        CHECK(read.word(0, 0) == 8);
        CHECK(disk.unflushed() == 16);
    }
    SECTION("the last first") {
        read.fill(1);
        REQUIRE(disk.complete_last());
        CHECK(read.word(0, 0) == 0);
        CHECK(back.times == 1);
        CHECK(write.times == 0);
    }
    SECTION("with an error") {
        disk.fail_sectors(11, 1);
        CHECK(disk.complete_all() == 2);
        CHECK(write.outcome == fail(Error::input_output));
        CHECK(back.outcome.has_value());
        CHECK(disk.unflushed() == 0);
    }
    SECTION("torn, flushed, corrupted, lost") {
        disk.tear_next_write(9);
        CHECK(disk.complete_all() == 2);
        CHECK(read.word(0, 0) == 8);
        CHECK(read.word(0, 1) == 0);
        TestRequest flush;
        flush.operation = BlockOperation::flush;
        REQUIRE(disk.submit(flush).has_value());
        CHECK(disk.complete_all() == 1);
        CHECK(disk.unflushed() == 0);
        disk.corrupt(4);
        CHECK(disk.content(4)[0] == std::byte{6});
        REQUIRE(disk.submit(write).has_value());
        REQUIRE(disk.complete_next());
        CHECK(disk.content(19)[0] == std::byte{8});
        disk.lose_unflushed();
        CHECK(disk.content(19)[0] == std::byte{0});
        CHECK(disk.content(4)[0] == std::byte{6});
    }
    SECTION("never") {
        disk.stop_answering();
        CHECK(disk.complete_all() == 0);
        CHECK(write.under_way());
        disk.answer_again();
        CHECK(disk.complete_all() == 2);
    }
    SECTION("again from where it ends") {
        unsigned more = 3;
        write.then = [&] {
            if (more-- != 0) {
                REQUIRE(disk.submit(write).has_value());
            }
        };
        CHECK(disk.complete_all() == 5);
        CHECK(write.times == 4);
    }
}

TEST_CASE("A block device counts what it did, and its disk counts it too", "[block]") {
    BootedTorus torus;
    Frames frames(torus->memory);
    FakeDisk disk(torus->memory.physical, 64);
    Partition part("hda1", {3, 1}, disk, 32, 32);
    TestRequest read(BlockOperation::read, 0, 3, frames.all);
    TestRequest write(BlockOperation::write, 31, 1, frames.all);
    frames.fill(9);
    REQUIRE(part.submit(write).has_value());
    REQUIRE(disk.submit(read).has_value());
    CHECK(part.statistics().under_way == 1);
    CHECK(disk.statistics().under_way == 2);
    disk.fail_after(2);
    CHECK(disk.complete_all() == 2);
    CHECK(disk.content(63)[0] == std::byte{9});
    CHECK(part.statistics().writes.requests == 1);
    CHECK(part.statistics().writes.sectors == 1);
    CHECK(part.statistics().reads.requests == 0);
    CHECK(part.statistics().errors == 0);
    CHECK(disk.statistics().writes.requests == 1);
    CHECK(disk.statistics().reads.requests == 1);
    CHECK(disk.statistics().reads.sectors == 3);
    CHECK(disk.statistics().errors == 1);
    CHECK(disk.statistics().under_way == 0);
    CHECK(disk.busy_nanoseconds() == disk.statistics().busy_nanoseconds);
    CHECK(disk.statistics().busy_nanoseconds > part.statistics().busy_nanoseconds);
    CHECK(part.submit(read).has_value());
    CHECK(disk.complete_all() == 1);
    read.first_sector = 30;
    CHECK(part.submit(read) == fail(Error::out_of_range));
}

TEST_CASE("A disk or its parts are claimed by one user at a time", "[block]") {
    BootedTorus torus;
    FakeDisk disk(torus->memory.physical, 64);
    Partition first("hda1", {3, 1}, disk, 0, 32), second("hda2", {3, 2}, disk, 32, 32);
    REQUIRE(first.claim().has_value());
    CHECK(first.claim() == fail(Error::busy));
    CHECK(disk.claim() == fail(Error::busy));
    CHECK(disk.parts_in_use());
    REQUIRE(second.claim().has_value());
    first.release();
    CHECK(disk.parts_in_use());
    second.release();
    CHECK_FALSE(disk.parts_in_use());
    REQUIRE(disk.claim().has_value());
    CHECK(second.claim() == fail(Error::busy));
    disk.release();
    second.opened();
    CHECK(second.is_open());
    CHECK(disk.parts_in_use());
    CHECK_FALSE(disk.is_open());
    second.closed();
    CHECK_FALSE(disk.parts_in_use());
}

} // namespace quire::test
