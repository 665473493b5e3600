// Descriptors: the lowest free number first, dup, close-on-exec, limits, and tables that are copied and shared, against
// a simple model.
#include "tests/host/process/userland/files_fixture.h"
#include "tests/host/support/random.h"

#include <map>

namespace quire {
namespace {

using test::FilesFixture;

struct Fixture : FilesFixture {
    Ref<File> file() { return open("/dev/null", open_flag::read_write).value(); }
    Ref<FileTable> table = FileTable::create(torus->memory.heap).value();
};

TEST_CASE("the lowest free descriptor is given out", "[file_table]") {
    Fixture f;
    CHECK(f.table->add(f.file(), false) == 0U);
    CHECK(f.table->add(f.file(), false) == 1U);
    CHECK(f.table->add(f.file(), false, 10) == 10U);
    CHECK(f.table->add(f.file(), false, 10) == 11U);
    CHECK(f.table->add(f.file(), false) == 2U);
    CHECK(f.table->close(1).has_value());
    CHECK(f.table->close(1) == fail(Error::bad_descriptor));
    CHECK(f.table->close(100'000) == fail(Error::bad_descriptor));
    CHECK(f.table->add(f.file(), false) == 1U);
    CHECK(f.table->open_count() == 5);
    CHECK(f.table->find(12) == nullptr);
    CHECK(f.table->get(12).error() == Error::bad_descriptor);
}

TEST_CASE("limits hold, and what is open beyond them stays", "[file_table]") {
    Fixture f;
    f.table->set_limit(3);
    for (std::uint32_t each = 0; each < 3; ++each) {
        CHECK(f.table->add(f.file(), false) == each);
    }
    CHECK(f.table->add(f.file(), false).error() == Error::too_many_files);
    CHECK(f.table->add(f.file(), false, 3).error() == Error::invalid_argument);
    CHECK(f.table->set(3, f.file(), false) == fail(Error::bad_descriptor));
    f.table->set_limit(1);
    CHECK(f.table->find(2) != nullptr);
    f.table->set_limit(~0U);
    CHECK(f.table->limit() == FileTable::most_descriptors);
    CHECK(f.table->set(FileTable::most_descriptors - 1, f.file(), false).has_value());
    CHECK(f.table->set(FileTable::most_descriptors, f.file(), false) == fail(Error::bad_descriptor));
    CHECK(f.table->next_open(3) == FileTable::most_descriptors - 1);
    CHECK(f.table->next_open(FileTable::most_descriptors) == FileTable::end);
}

TEST_CASE("the last descriptor closes a file", "[file_table]") {
    Fixture f;
    PipeEnds pipe = f.files->make_pipe(open_flag::nonblocking).value();
    File& reader = *pipe.read;
    CHECK(f.table->add(std::move(pipe.write), false) == 0U);
    const Ref<FileTable> copy = f.table->clone().value();
    CHECK(f.table->set(5, f.table->get(0).value(), false).has_value());
    CHECK(f.table->close(0).has_value());
    CHECK(copy->close(0).has_value());
    CHECK(FilesFixture::read(reader).error() == Error::would_block);
    CHECK(f.table->set(5, f.file(), false).has_value()); // dup2 over it
    CHECK(FilesFixture::read(reader) == std::string());
}

TEST_CASE("exec closes what is marked, a range closes what is in it", "[file_table]") {
    Fixture f;
    for (std::uint32_t each = 0; each < 100; ++each) {
        CHECK(f.table->add(f.file(), each % 3 == 0) == each);
    }
    CHECK(f.table->closes_on_exec(3) == true);
    CHECK(f.table->set_close_on_exec(3, false).has_value());
    CHECK(f.table->set_close_on_exec(4, true).has_value());
    CHECK(f.table->set_close_on_exec(100, true) == fail(Error::bad_descriptor));
    CHECK(f.table->closes_on_exec(100).error() == Error::bad_descriptor);
    const Ref<FileTable> copy = f.table->clone().value();
    f.table->close_on_exec();
    for (std::uint32_t each = 0; each < 100; ++each) {
        CHECK((f.table->find(each) != nullptr) == ((each % 3 != 0 && each != 4) || each == 3));
    }
    CHECK(copy->open_count() == 100);
    CHECK(copy->closes_on_exec(4) == true);
    copy->close_range(10, 89);
    CHECK(copy->open_count() == 20);
    copy->close_range(0, ~0U);
    CHECK(copy->open_count() == 0);
}

TEST_CASE("random use of a table agrees with a model", "[file_table]") {
    Fixture f;
    test::Random random(3);
    std::map<std::uint32_t, std::pair<File*, bool>> model;
    const std::vector<Ref<File>> files{f.file(), f.file(), f.file()};
    f.table->set_limit(200);
    const auto lowest = [&](std::uint32_t from) {
        while (model.contains(from)) {
            ++from;
        }
        return from;
    };
    for (unsigned step = 0; step < 20'000; ++step) {
        const Ref<File>& file = files[random.below(3)];
        const bool marked = random.once_in(2);
        const std::uint32_t at = random.below(210);
        switch (random.below(5)) {
        case 0:
        case 1: {
            const std::uint32_t from = random.once_in(2) ? 0 : at;
            const auto got = f.table->add(file, marked, from);
            if (from >= 200) {
                CHECK(got == fail(Error::invalid_argument));
            } else if (lowest(from) >= 200) {
                CHECK(got == fail(Error::too_many_files));
            } else {
                CHECK(got == lowest(from));
                model[lowest(from)] = {file.get(), marked};
            }
            break;
        }
        case 2:
            if (f.table->set(at, file, marked)) {
                model[at] = {file.get(), marked};
            } else {
                CHECK(at >= 200);
            }
            break;
        case 3: CHECK(f.table->close(at).has_value() == (model.erase(at) == 1)); break;
        default:
            if (random.once_in(50)) {
                f.table = f.table->clone().value();
            } else if (random.once_in(50)) {
                f.table->close_on_exec();
                std::erase_if(model, [](const auto& each) { return each.second.second; });
            } else if (random.once_in(20)) {
                f.table->close_range(at, at + 20);
                std::erase_if(model, [at](const auto& each) { return each.first >= at && each.first <= at + 20; });
            }
        }
        CHECK(f.table->open_count() == model.size());
        std::uint32_t next = 0;
        for (const auto& [descriptor, entry] : model) {
            REQUIRE(f.table->next_open(next) == descriptor);
            REQUIRE(f.table->find(descriptor) == entry.first);
            REQUIRE(f.table->closes_on_exec(descriptor) == entry.second);
            next = descriptor + 1;
        }
        REQUIRE(f.table->next_open(next) == FileTable::end);
    }
}

} // namespace
} // namespace quire
