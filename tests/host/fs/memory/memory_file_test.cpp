// Files in memory: what is written is read, holes are zeros, mappings and reads see the same frames, and random use
// agrees with a model; when all is removed, all frames are free again.
#include "kernel/fs/vfs/file_system.h"
#include "kernel/memory/objects/memory_object.h"
#include "tests/host/process/userland/files_fixture.h"
#include "tests/host/support/random.h"

#include <algorithm>
#include <linux/falloc.h>
#include <map>

namespace quire {
namespace {

using test::FilesFixture;
using namespace open_flag;

struct Fixture : FilesFixture {
    Ref<File> make(std::string_view path) { return open(path, create | read_write, 0644).value(); }
    static std::string read_at(File& file, std::uint64_t offset, std::uint32_t bytes) {
        std::string text(bytes, '?');
        IoBuffer buffer(std::as_writable_bytes(std::span(text)));
        const auto got = file.read_at(buffer, offset);
        REQUIRE(got.has_value());
        text.resize(*got);
        return text;
    }
    static Result<std::uint32_t> write_at(File& file, std::uint64_t offset, std::string_view text) {
        IoBuffer buffer = IoBuffer::from(std::as_bytes(std::span(text)));
        return file.write_at(buffer, offset);
    }
    // The first bytes of a page, as a mapping would see them.
    std::string mapped(MemoryObject& pages, std::uint32_t index, std::uint32_t bytes) {
        const auto page = pages.page(index, false);
        REQUIRE(page.has_value());
        const TemporaryMapping window = torus->memory.physical.map_temporarily(page->frame);
        return {reinterpret_cast<const char*>(window.data()), bytes};
    }
    std::uint32_t frames() { return torus->memory.frames.statistics().of(Owner::shared); }
};

TEST_CASE("what is written is read, from any place, holes as zeros", "[tmpfs]") {
    Fixture f;
    const Ref<File> file = f.make("/tmp/a");
    CHECK(FilesFixture::write(*file, "hello") == 5U);
    CHECK(FilesFixture::write(*file, " world") == 6U);
    CHECK(file->position() == 11);
    CHECK(Fixture::read_at(*file, 0, 100) == "hello world");
    CHECK(Fixture::write_at(*file, 3 * page_size + 10, "far") == 3U);
    CHECK(file->inode().size() == 3 * page_size + 13);
    CHECK(Fixture::read_at(*file, 3 * page_size, 13) == std::string(10, '\0') + "far");
    CHECK(Fixture::read_at(*file, page_size, 5) == std::string(5, '\0'));
    CHECK(f.frames() == 2);
    CHECK(file->inode().status().blocks == 16);
    CHECK(Fixture::read_at(*file, 3 * page_size + 13, 5).empty());
    CHECK(Fixture::write_at(*file, 0, "") == 0U);
}

TEST_CASE("seeking", "[tmpfs]") {
    Fixture f;
    const Ref<File> file = f.make("/tmp/a");
    REQUIRE(FilesFixture::write(*file, "0123456789") == 10U);
    constexpr std::uint32_t set = 0, current = 1, end = 2, data = 3, hole = 4;
    CHECK(file->seek(3, set) == 3U);
    CHECK(FilesFixture::read(*file, 2) == "34");
    CHECK(file->seek(-1, current) == 4U);
    CHECK(file->seek(-2, end) == 8U);
    CHECK(file->seek(100, end) == 110U);
    CHECK(FilesFixture::read(*file, 2) == "");
    CHECK(file->seek(-1, set).error() == Error::invalid_argument);
    CHECK(file->seek(0, 9).error() == Error::invalid_argument);
    CHECK(file->position() == 110);
    CHECK(file->seek(5, data) == 5U);
    CHECK(file->seek(5, hole) == 10U);
    CHECK(file->seek(10, data).error() == Error::no_other_end);
    const PipeEnds pipe = f.files->make_pipe(0).value();
    CHECK(pipe.read->seek(0, current).error() == Error::not_seekable);
}

TEST_CASE("appending goes to the end, wherever the position is", "[tmpfs]") {
    Fixture f;
    const Ref<File> one = f.make("/tmp/a");
    const Ref<File> log = f.open("/tmp/a", write_only | append).value();
    CHECK(FilesFixture::write(*one, "first ") == 6U);
    CHECK(FilesFixture::write(*log, "second ") == 7U);
    CHECK(FilesFixture::write(*log, "third") == 5U);
    CHECK(f.contents("/tmp/a") == "first second third");
    CHECK(Fixture::write_at(*log, 0, "!") == 1U);
    CHECK(f.contents("/tmp/a") == "first second third!");
}

TEST_CASE("how a file was opened is what can be done with it", "[tmpfs]") {
    Fixture f;
    f.make("/tmp/a");
    const Ref<File> reader = f.open("/tmp/a", read_only).value();
    const Ref<File> writer = f.open("/tmp/a", write_only).value();
    CHECK(FilesFixture::write(*reader, "x").error() == Error::bad_descriptor);
    CHECK(FilesFixture::read(*writer).error() == Error::bad_descriptor);
    CHECK(reader->truncate(0) == fail(Error::invalid_argument));
    CHECK(writer->truncate(5).has_value());
    CHECK(reader->allocate(0, 0, 1) == fail(Error::bad_descriptor));
    const Ref<File> directory = f.open("/tmp").value();
    CHECK(FilesFixture::read(*directory).error() == Error::is_directory);
    CHECK(directory->truncate(0) == fail(Error::invalid_argument));
}

TEST_CASE("a mapping and a read see the same frame, and a page behind the end is none", "[tmpfs]") {
    Fixture f;
    const Ref<File> file = f.make("/tmp/a");
    REQUIRE(file->truncate(page_size + 1).has_value());
    MemoryObject& pages = **file->inode().pages();
    CHECK_FALSE(pages.resident(0));
    const Frame frame = pages.page(0, true)->frame;
    CHECK(f.torus->memory.frames.owner(frame) == Owner::shared);
    CHECK(f.torus->memory.frames.share_count(frame) == 1);
    REQUIRE(Fixture::write_at(*file, 5, "shared") == 6U);
    CHECK(f.mapped(pages, 0, 11) == std::string(5, '\0') + "shared");
    std::memcpy(f.torus->memory.physical.map_temporarily(frame).data(), "mapped", 6);
    CHECK(Fixture::read_at(*file, 0, 6) == "mapped");
    CHECK(pages.page(1, false).has_value());
    CHECK(pages.page(2, false) == fail(Error::out_of_range));
}

TEST_CASE("truncation drops pages, and what comes back is zeros", "[tmpfs]") {
    Fixture f;
    const Ref<File> file = f.make("/tmp/a");
    REQUIRE(FilesFixture::write(*file, std::string(3 * page_size, 'x')) == 3 * page_size);
    REQUIRE(file->truncate(page_size + 100).has_value());
    CHECK(f.frames() == 2);
    REQUIRE(file->truncate(3 * page_size).has_value());
    CHECK(Fixture::read_at(*file, page_size, 200) == std::string(100, 'x') + std::string(100, '\0'));
    // What a mapping left behind the end does not come back either.
    REQUIRE(file->truncate(10).has_value());
    MemoryObject& pages = **file->inode().pages();
    std::memcpy(f.torus->memory.physical.map_temporarily(pages.page(0, true)->frame).data() + 20, "dirt", 4);
    SECTION("by truncation") {
        REQUIRE(file->truncate(100).has_value());
    }
    SECTION("by a write further on") {
        REQUIRE(Fixture::write_at(*file, 90, "0123456789") == 10U);
    }
    CHECK(Fixture::read_at(*file, 10, 50) == std::string(50, '\0'));
}

TEST_CASE("space is reserved and given back in holes", "[tmpfs]") {
    Fixture f;
    const Ref<File> file = f.make("/tmp/a");
    CHECK(file->allocate(0, 100, 2 * page_size).has_value());
    CHECK(file->inode().size() == 2 * page_size + 100);
    CHECK(f.frames() == 3);
    CHECK(file->allocate(FALLOC_FL_KEEP_SIZE, 0, 10 * page_size).has_value());
    CHECK(file->inode().size() == 2 * page_size + 100);
    CHECK(f.frames() == 10);
    REQUIRE(Fixture::write_at(*file, 0, std::string(2 * page_size, 'x')) == 2 * page_size);
    CHECK(file->allocate(FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 10, page_size).has_value());
    CHECK(Fixture::read_at(*file, 0, 20) == std::string(10, 'x') + std::string(10, '\0'));
    CHECK(Fixture::read_at(*file, page_size, 20) == std::string(10, '\0') + std::string(10, 'x'));
    CHECK(file->allocate(FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, 4 * page_size).has_value());
    CHECK(f.frames() == 6);
    CHECK(file->allocate(FALLOC_FL_COLLAPSE_RANGE, 0, page_size) == fail(Error::not_supported));
    CHECK(file->allocate(0, 0, 0) == fail(Error::invalid_argument));
    CHECK(file->allocate(0, largest_file_size, 1) == fail(Error::too_big_file));
}

TEST_CASE("a file system is full when its pages are used, and usable when some are free again", "[tmpfs]") {
    Fixture f;
    const FileSystemStatus before = f.find("/tmp")->file_system().status();
    CHECK(before.free_blocks == before.blocks);
    const Ref<File> file = f.make("/tmp/a");
    const std::string block(64 * page_size, 'x');
    std::uint64_t written = 0;
    for (;;) {
        const auto done = FilesFixture::write(*file, block);
        if (!done) {
            CHECK(done.error() == Error::no_space);
            break;
        }
        written += *done;
    }
    CHECK(written == before.blocks * page_size);
    MemoryObject& pages = **file->inode().pages();
    REQUIRE(file->truncate(written + page_size).has_value());
    CHECK(pages.page(static_cast<std::uint32_t>(before.blocks), true) == fail(Error::out_of_range));
    REQUIRE(file->truncate(page_size).has_value());
    CHECK(FilesFixture::write(*file, "y") == 1U);
    CHECK(f.find("/tmp")->file_system().status().free_blocks == before.blocks - 2);
}

TEST_CASE("without frames a write says so, and what was written stays", "[tmpfs]") {
    Fixture f;
    const Ref<File> file = f.make("/tmp/a");
    REQUIRE(FilesFixture::write(*file, "x") == 1U);
    f.torus->memory.heap.trim();
    std::vector<Frame> taken;
    while (const auto frame = f.torus->memory.frames.allocate(Owner::test)) {
        taken.push_back(*frame);
    }
    CHECK(FilesFixture::write(*file, std::string(2 * page_size, 'y')) == page_size - 1);
    CHECK(FilesFixture::write(*file, "z").error() == Error::out_of_memory);
    CHECK(file->inode().size() == page_size);
    for (const Frame frame : taken) {
        REQUIRE(f.torus->memory.frames.free(frame).has_value());
    }
    CHECK(FilesFixture::write(*file, "z") == 1U);
}

TEST_CASE("a removed file lives while it is open or mapped", "[tmpfs]") {
    Fixture f;
    Ref<File> file = f.make("/tmp/a");
    REQUIRE(FilesFixture::write(*file, "text") == 4U);
    REQUIRE(f.names().unlink(f.here(), "/tmp/a").has_value());
    CHECK(file->inode().status().links == 0);
    CHECK(Fixture::read_at(*file, 0, 10) == "text");
    MemoryObject* const pages = *file->inode().pages();
    pages->retain(); // a region
    file = nullptr;
    CHECK(f.frames() == 1);
    CHECK(f.mapped(*pages, 0, 4) == "text");
    test::StringSink name;
    pages->print_name(name);
    CHECK(name.text() == "/tmp/a (deleted)");
    pages->release();
    CHECK(f.frames() == 0);
}

TEST_CASE("a memory file has no name in any directory", "[tmpfs]") {
    Fixture f;
    Ref<File> file = f.files->make_memory_file("buffer").value();
    REQUIRE(FilesFixture::write(*file, "x") == 1U);
    CHECK(file->inode().status().links == 0);
    test::StringSink name;
    (*file->inode().pages())->print_name(name);
    CHECK(name.text() == "/memfd:buffer (deleted)");
    CHECK(f.files->make_memory_file(std::string(249, 'n')).has_value());
    CHECK(f.files->make_memory_file(std::string(250, 'n')).error() == Error::invalid_argument);
    file = nullptr;
    CHECK(f.frames() == 0);
}

TEST_CASE("attributes are kept, and times follow what is done", "[tmpfs]") {
    Fixture f;
    const Ref<File> file = f.make("/tmp/a");
    Inode& inode = file->inode();
    const FileStatus made = inode.status();
    CHECK(made.links == 1);
    CHECK(made.born.seconds != 0);
    CHECK(inode.set_permissions(04711).has_value());
    CHECK(inode.set_owner(5, std::nullopt).has_value());
    CHECK(inode.set_times({.accessed = Timestamp{7, 8}, .modified = std::nullopt}).has_value());
    const FileStatus set = inode.status();
    CHECK(set.mode == (mode::regular | 04711));
    CHECK(set.user == 5);
    CHECK(set.group == 0);
    CHECK(set.accessed.seconds == 7);
    CHECK(set.modified.seconds == made.modified.seconds);
    CHECK(set.changed.seconds > made.changed.seconds);
    REQUIRE(FilesFixture::write(*file, "x") == 1U);
    CHECK(inode.status().modified.seconds > set.modified.seconds);
    const std::int64_t directory_before = f.find("/tmp")->status().modified.seconds;
    f.make("/tmp/b");
    CHECK(f.find("/tmp")->status().modified.seconds > directory_before);
}

TEST_CASE("a listing goes on where it was, whatever happens to the directory", "[tmpfs]") {
    Fixture f;
    for (unsigned each = 0; each < 50; ++each) {
        f.make("/tmp/f" + std::to_string(each));
    }
    struct Some final : DirectoryVisitor {
        bool visit(const DirectoryEntry& entry) override {
            if (names.size() == room) {
                return false;
            }
            names.emplace_back(entry.name);
            return true;
        }
        std::vector<std::string> names;
        std::size_t room = 12;
    } some;
    const Ref<File> directory = f.open("/tmp").value();
    REQUIRE(directory->list(some).has_value());
    CHECK(some.names.back() == "f9");
    // What was seen is removed, as rm -r does, and something is added.
    for (unsigned each = 0; each < 11; ++each) {
        REQUIRE(f.names().unlink(f.here(), "/tmp/f" + std::to_string(each)).has_value());
    }
    f.make("/tmp/late");
    some.room = 100;
    REQUIRE(directory->list(some).has_value());
    CHECK(some.names.size() == 12 + 39 + 1);
    CHECK(some.names[12] == "f11");
    CHECK(some.names.back() == "late");
    REQUIRE(directory->seek(0, 0) == 0U);
    some.names.clear();
    REQUIRE(directory->list(some).has_value());
    CHECK(some.names.size() == 42);
}

TEST_CASE("random writes, truncations and holes agree with a model", "[tmpfs]") {
    Fixture f;
    test::Random random(5);
    const Ref<File> file = f.make("/tmp/a");
    std::string model;
    constexpr std::uint32_t limit = 12 * page_size;
    for (unsigned step = 0; step < 3'000; ++step) {
        const std::uint32_t offset = random.below(limit);
        const std::uint32_t bytes = random.below(3 * page_size);
        switch (random.below(6)) {
        case 0:
        case 1: {
            const std::string text(bytes, static_cast<char>('a' + random.below(26)));
            REQUIRE(Fixture::write_at(*file, offset, text) == bytes);
            if (bytes != 0) {
                model.resize(std::max<std::size_t>(model.size(), offset + bytes));
                model.replace(offset, bytes, text);
            }
            break;
        }
        case 2:
            REQUIRE(file->truncate(offset).has_value());
            model.resize(offset);
            break;
        case 3:
            if (bytes != 0) {
                REQUIRE(file->allocate(FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, offset, bytes).has_value());
                for (std::size_t at = offset; at < std::min<std::size_t>(offset + bytes, model.size()); ++at) {
                    model[at] = '\0';
                }
            }
            break;
        case 4: // a mapping writes to a page, behind the end of the file, too
            if (const auto page = (*file->inode().pages())->page(offset / page_size, true)) {
                std::memset(f.torus->memory.physical.map_temporarily(page->frame).data() + offset % page_size, '#', 1);
                if (offset < model.size()) {
                    model[offset] = '#';
                }
            } else {
                CHECK(offset / page_size >= pages_for(model.size()));
            }
            break;
        default:
            REQUIRE(Fixture::read_at(*file, offset, bytes) ==
                    (offset < model.size() ? model.substr(offset, bytes) : std::string()));
        }
        REQUIRE(file->inode().size() == model.size());
    }
    CHECK(f.contents("/tmp/a") == model);
}

TEST_CASE("random trees agree with a model, and nothing is left when they are removed", "[tmpfs]") {
    Fixture f;
    test::Random random(9);
    const auto settle = [&] { f.torus->memory.heap.trim(); };
    std::vector<std::string> directories{"/tmp"};
    std::map<std::string, std::string> files;
    const auto some_name = [&] {
        return directories[random.below(static_cast<std::uint32_t>(directories.size()))] + "/" +
               std::string(1 + random.below(3), static_cast<char>('a' + random.below(8)));
    };
    const auto is_directory = [&](const std::string& path) {
        return std::find(directories.begin(), directories.end(), path) != directories.end();
    };
    const auto is_empty = [&](const std::string& path) {
        const std::string below = path + "/";
        const auto inside = [&](const std::string& each) { return each.starts_with(below); };
        return std::none_of(directories.begin(), directories.end(), inside) &&
               std::none_of(files.begin(), files.end(), [&](const auto& each) { return inside(each.first); });
    };
    for (unsigned step = 0; step < 3'000; ++step) {
        const std::string path = some_name();
        switch (random.below(6)) {
        case 0:
        case 1: {
            const auto file = f.open(path, create | write_only | truncate);
            REQUIRE(file.has_value() == !is_directory(path));
            if (file) {
                REQUIRE(FilesFixture::write(**file, path) == path.size());
                files[path] = path;
            }
            break;
        }
        case 2: {
            const bool made = f.names().create(f.here(), path, {.mode = mode::directory | 0755}).has_value();
            REQUIRE(made == (!is_directory(path) && !files.contains(path)));
            if (made) {
                directories.push_back(path);
            }
            break;
        }
        case 3: REQUIRE(f.names().unlink(f.here(), path).has_value() == (files.erase(path) == 1)); break;
        case 4: {
            const bool possible = is_directory(path) && is_empty(path);
            REQUIRE(f.names().remove_directory(f.here(), path).has_value() == possible);
            if (possible) {
                std::erase(directories, path);
            }
            break;
        }
        default: {
            const std::string to = some_name();
            const auto moved = files.find(path);
            if (moved == files.end() || is_directory(to)) {
                break;
            }
            REQUIRE(f.names().rename(f.here(), path, f.here(), to, RenameMode::replace).has_value());
            const std::string text = moved->second;
            files.erase(moved);
            files[to] = text;
        }
        }
        REQUIRE(f.frames() == files.size());
    }
    for (const auto& [path, text] : files) {
        REQUIRE(f.contents(path) == text);
        REQUIRE(f.names().unlink(f.here(), path).has_value());
    }
    for (auto each = directories.rbegin(); each != directories.rend() && *each != "/tmp"; ++each) {
        REQUIRE(f.names().remove_directory(f.here(), *each).has_value());
    }
    settle();
    CHECK(f.frames() == 0);
    CHECK(f.find("/tmp")->status().links == 2);
    test::StringSink report_text;
    AuditReport report(report_text);
    f.torus->memory.audit(report);
    CHECK(report.failures() == 0);
}

} // namespace
} // namespace quire
