// Locks on files among descriptor tables and open files: how they exclude, wait, end and are told of.
#include "kernel/fs/locks/file_locks.h"
#include "tests/host/process/userland/files_fixture.h"

namespace quire {
namespace {

using test::FilesFixture;
using namespace open_flag;

struct Fixture : FilesFixture {
    Fixture() : file(open("/tmp/f", create | read_write).value()) {
        for (Ref<FileTable>& each : tables) {
            each = FileTable::create(torus->memory.heap).value();
            REQUIRE(each->add(file, false) == 0U);
        }
    }
    Result<void> lock(std::size_t table, std::uint64_t first, std::uint64_t last, bool exclusive = true,
                      bool may_wait = false) {
        return files->locks().lock(file->inode(), record(table, first, last, exclusive), may_wait);
    }
    Result<void> unlock(std::size_t table, std::uint64_t first, std::uint64_t last) {
        return files->locks().unlock(file->inode(), record(table, first, last, true));
    }
    [[nodiscard]] LockRequest record(std::size_t table, std::uint64_t first, std::uint64_t last, bool exclusive) const {
        return {.kind = LockKind::record,
                .owner = {tables[table].get(), static_cast<std::int32_t>(100 + table)},
                .range = {.first = first, .last = last},
                .exclusive = exclusive};
    }
    static LockRequest whole(File& of, bool exclusive) {
        return {.kind = LockKind::whole, .owner = {&of, 7}, .exclusive = exclusive};
    }
    std::string told() {
        test::StringSink sink;
        files->locks().print(sink);
        return sink.text();
    }

    Ref<File> file;
    std::array<Ref<FileTable>, 3> tables;
};

TEST_CASE("what one table locks, another does not get until any descriptor of the file is closed", "[locks]") {
    Fixture f;
    REQUIRE(f.lock(0, 10, 19).has_value());
    CHECK(f.lock(0, 15, 25).has_value());
    CHECK(f.lock(1, 19, 30).error() == Error::would_block);
    CHECK(f.lock(1, 26, 30).has_value());
    const auto holder = LockTable::find_conflict(f.file->inode(), f.record(1, 0, 100, false));
    REQUIRE(holder.has_value());
    CHECK(holder->owner.process == 100);
    CHECK(holder->range == LockRange{.first = 10, .last = 25});
    const Ref<File> another = f.open("/tmp/f").value();
    const std::uint32_t descriptor = f.tables[0]->add(another, false).value();
    REQUIRE(f.tables[0]->close(descriptor).has_value());
    CHECK(f.lock(1, 10, 25).has_value());
    REQUIRE(f.file->inode().locks != nullptr);
    f.tables[1] = nullptr;
    CHECK(f.file->inode().locks == nullptr);
}

TEST_CASE("who waits for a lock gets it when it is unlocked, or hears of a signal", "[locks]") {
    Fixture f;
    REQUIRE(f.lock(0, 0, 9).has_value());
    CHECK(f.lock(1, 5, 5, true, true).error() == Error::restart);
    f.services.while_waiting = [&] { REQUIRE(f.unlock(0, 5, 5).has_value()); };
    CHECK(f.lock(1, 5, 5, true, true).has_value());
    f.services.while_waiting = [&] { f.tables[1] = nullptr; };
    CHECK(f.lock(0, 0, 9, false, true).has_value());
    CHECK(f.lock(2, 0, 9, false, true).has_value());
}

TEST_CASE("a circle of waiting is refused to the one who would close it", "[locks]") {
    Fixture f;
    for (std::size_t each = 0; each < 3; ++each) {
        REQUIRE(f.lock(each, each, each).has_value());
    }
    bool refused = false;
    // 0 waits for 1, meanwhile 1 for 2, and 2 would wait for 0.
    f.services.while_waiting = [&] {
        f.services.while_waiting = [&] {
            CHECK(f.lock(2, 0, 0, true, true).error() == Error::deadlock);
            CHECK(f.lock(2, 0, 0, true, false).error() == Error::would_block);
            CHECK(f.told().find("2: -> POSIX  ADVISORY  WRITE 100 ") != std::string::npos);
            refused = true;
            REQUIRE(f.unlock(2, 2, 2).has_value());
            // Who was waited for waits for nobody: 1 is not run yet, but no circle goes through it.
            CHECK(f.lock(2, 1, 1, true, true).error() == Error::restart);
        };
        CHECK(f.lock(1, 2, 2, true, true).has_value());
        REQUIRE(f.unlock(1, 1, 1).has_value());
    };
    CHECK(f.lock(0, 1, 1, true, true).has_value());
    CHECK(refused);
}

TEST_CASE("flock belongs to the open file and ends with it", "[locks]") {
    Fixture f;
    LockTable& locks = f.files->locks();
    Inode& inode = f.file->inode();
    Ref<File> other = f.open("/tmp/f").value();
    REQUIRE(locks.lock(inode, Fixture::whole(*f.file, true), false).has_value());
    CHECK(f.lock(0, 0, 9).has_value()); // fcntl's are another kind
    CHECK(locks.lock(inode, Fixture::whole(*other, false), false).error() == Error::would_block);
    CHECK(locks.lock(inode, Fixture::whole(*f.file, false), false).has_value());
    CHECK(locks.lock(inode, Fixture::whole(*other, false), false).has_value());
    CHECK(locks.lock(inode, Fixture::whole(*f.file, true), false).error() == Error::would_block); // and is lost
    CHECK(locks.lock(inode, Fixture::whole(*other, true), false).has_value());
    other = nullptr;
    CHECK(locks.lock(inode, Fixture::whole(*f.file, true), false).has_value());
    const std::string device = f.told();
    CHECK(device.find("1: POSIX  ADVISORY  WRITE 100 ") == 0);
    CHECK(device.find(" 0 9\n2: FLOCK  ADVISORY  WRITE 7 ") != std::string::npos);
    CHECK(device.ends_with(" 0 EOF\n"));
}

} // namespace
} // namespace quire
