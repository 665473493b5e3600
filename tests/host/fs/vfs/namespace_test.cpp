// Paths are walked as on Linux: over mount points and symbolic links, with its errors; and opening, creating, renaming
// and removing by name have its rules.
#include "tests/host/process/userland/files_fixture.h"

namespace quire {
namespace {

using test::ArchiveBuilder;
using test::FilesFixture;

std::string sample() {
    ArchiveBuilder archive;
    archive.directory("bin").file("bin/sh", "shell").link("bin/ls", "sh").link("abs", "/bin/sh").link("dir", "bin");
    archive.link("loop", "loop2").link("loop2", "loop").link("dangling", "/nowhere").link("up", "../../..");
    archive.link("tmplink", "/tmp/target").link("chain0", "bin/sh").directory("usr").directory("usr/lib");
    for (unsigned each = 1; each <= 41; ++each) {
        archive.link("chain" + std::to_string(each), "chain" + std::to_string(each - 1));
    }
    return archive.finish();
}

struct Fixture : FilesFixture {
    Fixture() : FilesFixture(sample()) {}

    Result<void> make_directory(std::string_view path) {
        return names().create(here(), path, {.mode = mode::directory | 0755});
    }
    Result<void> make_link(std::string_view target, std::string_view path) {
        return names().create(here(), path, {.mode = mode::symbolic_link | 0777, .target = target});
    }
    void make_file(std::string_view path, std::string_view text = {}) {
        const Result<Ref<File>> file = open(path, open_flag::create | open_flag::write_only | open_flag::truncate);
        INFO(path);
        REQUIRE(file.has_value());
        REQUIRE(write(**file, text) == text.size());
    }
    Result<void> rename(std::string_view from, std::string_view to, RenameMode how = RenameMode::replace) {
        return names().rename(here(), from, here(), to, how);
    }
};

TEST_CASE("paths lead to the same file however they are written", "[namespace]") {
    Fixture f;
    Inode* const shell = f.find("/bin/sh").get();
    for (const std::string_view path :
         {"bin/sh", "//bin///sh", "/bin/./sh", "/bin/../bin/sh", "/../../bin/sh", "/bin/ls", "/abs", "dir/sh", "dir/ls",
          "/tmp/../bin/sh", "/dev/shm/../../bin/sh", "up/bin/sh", "/dir/../abs", "usr/lib/../../bin/sh"}) {
        INFO(path);
        CHECK(f.find(path).get() == shell);
    }
    CHECK(f.find("/bin/").get() == f.find("bin").get());
    CHECK(f.find("/dir/").get() == f.find("bin").get());
    CHECK(f.find("dir", Namespace::LastLink::keep)->is_link());
    CHECK(f.find("dir/", Namespace::LastLink::keep)->is_directory());
    CHECK(f.find("/..").get() == f.find("/").get());
    CHECK(f.find("/tmp/.").get() == f.find("/tmp").get());
    CHECK(f.find("/tmp").get() != f.find("/run").get());
}

TEST_CASE("what is no path to a file says why", "[namespace]") {
    Fixture f;
    CHECK(f.find_error("") == Error::not_found);
    CHECK(f.find_error("/bin/none") == Error::not_found);
    CHECK(f.find_error("/none/sh") == Error::not_found);
    CHECK(f.find_error("/bin/sh/") == Error::not_directory);
    CHECK(f.find_error("/bin/sh/x") == Error::not_directory);
    CHECK(f.find_error("/bin/sh/..") == Error::not_directory);
    CHECK(f.find_error("/bin/ls/") == Error::not_directory);
    CHECK(f.find_error("/loop") == Error::too_many_links);
    CHECK(f.find_error("/loop/x") == Error::too_many_links);
    CHECK(f.find_error("/dangling") == Error::not_found);
    CHECK(f.find("/chain39")->is_regular());
    CHECK(f.find_error("/chain40") == Error::too_many_links);
    CHECK(f.find_error(std::string(256, 'n')) == Error::name_too_long);
    CHECK(f.find_error(std::string(255, 'n')) == Error::not_found);
    std::string longest;
    while (longest.size() < 4092) {
        longest += "/bin/../";
    }
    CHECK(f.find_error(longest + "bin/") == Error::name_too_long);
    CHECK(f.find(longest.substr(0, 4095))->is_directory());
}

TEST_CASE("open creates, or does not, as the flags say", "[namespace]") {
    Fixture f;
    using namespace open_flag;
    CHECK(f.open("/tmp/new").error() == Error::not_found);
    const Ref<File> made = f.open("/tmp/new", create | read_write | exclusive, 0640).value();
    CHECK(made->inode().status().mode == (mode::regular | 0640));
    CHECK(f.open("/tmp/new", create | exclusive).error() == Error::exists);
    CHECK(f.open("/tmp/new", create).has_value());
    CHECK(f.open("/tmp/new/", create).error() == Error::is_directory);
    CHECK(f.open("/tmp/none/", create).error() == Error::is_directory);
    CHECK(f.open("/tmp", create).error() == Error::is_directory);
    CHECK(f.open("/tmp/.", create).error() == Error::is_directory);
    CHECK(f.open("/tmp/..", create | exclusive).error() == Error::exists);
    CHECK(f.open("/tmp", write_only).error() == Error::is_directory);
    CHECK(f.open("/tmp", truncate).error() == Error::is_directory);
    CHECK(f.open("/tmp/new", directory).error() == Error::not_directory);
    CHECK(f.open("/tmp", directory).has_value());
    CHECK(f.open("/new", create | write_only).error() == Error::read_only);
    CHECK(f.open("/none/new", create | write_only).error() == Error::not_found);
    CHECK(f.open("/bin/sh/new", create | write_only).error() == Error::not_directory);
    CHECK(f.open("/tmp/" + std::string(256, 'n'), create).error() == Error::name_too_long);

    // A link's target is created, unless the link itself is not to be followed.
    CHECK(f.open("/tmplink", create | exclusive).error() == Error::exists);
    CHECK(f.open("/tmplink", create | no_follow).error() == Error::too_many_links);
    CHECK(f.open("/tmplink", create | write_only).has_value());
    CHECK(f.find("/tmp/target")->is_regular());
    CHECK(f.open("/abs", no_follow).error() == Error::too_many_links);
    const Ref<File> link = f.open("/abs", no_follow | path).value();
    CHECK(link->inode().is_link());
    CHECK(FilesFixture::read(*link).error() == Error::bad_descriptor);
}

TEST_CASE("truncation empties a file that may be written", "[namespace]") {
    Fixture f;
    f.make_file("/tmp/a", "content");
    CHECK(f.contents("/tmp/a") == "content");
    CHECK(f.open("/tmp/a", open_flag::truncate | open_flag::write_only).has_value());
    CHECK(f.contents("/tmp/a").empty());
}

TEST_CASE("a program that runs is not written to, and one that is written to does not run", "[namespace]") {
    Fixture f;
    f.make_file("/tmp/program", "code");
    const Ref<Inode> program = f.find("/tmp/program");
    REQUIRE(program->deny_writing().has_value());
    REQUIRE(program->deny_writing().has_value());
    CHECK(f.open("/tmp/program", open_flag::write_only).error() == Error::text_busy);
    CHECK(f.open("/tmp/program", open_flag::write_only | open_flag::truncate).error() == Error::text_busy);
    CHECK(f.contents("/tmp/program") == "code");
    program->allow_writing();
    program->allow_writing();
    Ref<File> writer = f.open("/tmp/program", open_flag::write_only).value();
    CHECK(program->deny_writing() == fail(Error::text_busy));
    writer = nullptr;
    CHECK(program->deny_writing().has_value());
    program->allow_writing();
}

TEST_CASE("directories are made and removed", "[namespace]") {
    Fixture f;
    CHECK(f.make_directory("/tmp/d").has_value());
    CHECK(f.make_directory("/tmp/d") == fail(Error::exists));
    CHECK(f.make_directory("/tmp/d/") == fail(Error::exists));
    CHECK(f.make_directory("/tmp/e/").has_value());
    CHECK(f.make_directory("/") == fail(Error::exists));
    CHECK(f.make_directory("/tmp/.") == fail(Error::exists));
    CHECK(f.make_directory("/tmp/none/d") == fail(Error::not_found));
    CHECK(f.make_directory("/bin/sh/d") == fail(Error::not_directory));
    CHECK(f.make_directory("/d") == fail(Error::read_only));
    CHECK(f.find("/tmp")->status().links == 4);
    f.make_file("/tmp/d/file");
    CHECK(f.names().remove_directory(f.here(), "/tmp/d") == fail(Error::not_empty));
    CHECK(f.names().remove_directory(f.here(), "/tmp/d/file") == fail(Error::not_directory));
    CHECK(f.names().remove_directory(f.here(), "/tmp/d/.") == fail(Error::invalid_argument));
    CHECK(f.names().remove_directory(f.here(), "/tmp/d/..") == fail(Error::not_empty));
    CHECK(f.names().remove_directory(f.here(), "/") == fail(Error::busy));
    CHECK(f.names().remove_directory(f.here(), "/dev/shm") == fail(Error::busy));
    CHECK(f.names().unlink(f.here(), "/tmp/d") == fail(Error::is_directory));
    CHECK(f.names().unlink(f.here(), "/tmp/d/file/") == fail(Error::not_directory));
    CHECK(f.names().unlink(f.here(), "/tmp/d/file").has_value());
    CHECK(f.names().unlink(f.here(), "/tmp/d/file") == fail(Error::not_found));
    CHECK(f.names().remove_directory(f.here(), "/tmp/d/").has_value());
    CHECK(f.find("/tmp")->status().links == 3);
}

TEST_CASE("a directory that was removed while somebody is in it has nothing in it any more", "[namespace]") {
    Fixture f;
    REQUIRE(f.make_directory("/tmp/a").has_value());
    REQUIRE(f.make_directory("/tmp/a/b").has_value());
    f.working_directory = f.find("/tmp/a/b");
    REQUIRE(f.names().remove_directory(f.here(), "/tmp/a/b").has_value());
    REQUIRE(f.names().remove_directory(f.here(), "/tmp/a").has_value());
    CHECK(f.open("file", open_flag::create | open_flag::write_only).error() == Error::not_found);
    CHECK(f.make_directory("c") == fail(Error::not_found));
    CHECK(f.find_error("file") == Error::not_found);
    CHECK(f.find("..")->is_directory());
    CHECK(f.find("../..").get() == f.find("/tmp").get());
    CHECK(f.path_of(f.here()) == "/tmp/a/b (deleted)");
    f.working_directory = f.find("/");
    CHECK(f.list("/tmp") == std::vector<std::string>{".", ".."});
}

TEST_CASE("links, symbolic and other", "[namespace]") {
    Fixture f;
    f.make_file("/tmp/a", "text");
    REQUIRE(f.names().link(*f.find("/tmp/a"), f.here(), "/tmp/b").has_value());
    CHECK(f.find("/tmp/b").get() == f.find("/tmp/a").get());
    CHECK(f.find("/tmp/b")->status().links == 2);
    CHECK(f.names().link(*f.find("/tmp/a"), f.here(), "/tmp/b") == fail(Error::exists));
    CHECK(f.names().link(*f.find("/tmp/a"), f.here(), "/run/b") == fail(Error::cross_device));
    CHECK(f.names().link(*f.find("/tmp"), f.here(), "/tmp/c") == fail(Error::not_permitted));
    CHECK(f.names().link(*f.find("/bin/sh"), f.here(), "/bin/c") == fail(Error::read_only));
    REQUIRE(f.names().unlink(f.here(), "/tmp/a").has_value());
    CHECK(f.contents("/tmp/b") == "text");

    REQUIRE(f.make_link("b", "/tmp/s").has_value());
    CHECK(f.contents("/tmp/s") == "text");
    CHECK(f.make_link("b", "/tmp/s") == fail(Error::exists));
    CHECK(f.make_link("b", "/tmp/t/") == fail(Error::not_found));
    REQUIRE(f.make_link("/bin", "/tmp/bin").has_value());
    CHECK(f.contents("/tmp/bin/sh") == "shell");
    REQUIRE(f.names().unlink(f.here(), "/tmp/bin").has_value());
    CHECK(f.contents("/bin/sh") == "shell");
}

TEST_CASE("renaming moves, replaces and refuses as Linux does", "[namespace]") {
    Fixture f;
    f.make_file("/tmp/a", "A");
    f.make_file("/tmp/b", "B");
    REQUIRE(f.make_directory("/tmp/d").has_value());
    REQUIRE(f.make_directory("/tmp/d/inner").has_value());
    REQUIRE(f.make_directory("/tmp/e").has_value());

    CHECK(f.rename("/tmp/none", "/tmp/x") == fail(Error::not_found));
    CHECK(f.rename("/tmp/a", "/run/a") == fail(Error::cross_device));
    CHECK(f.rename("/tmp/a", "/tmp/d") == fail(Error::is_directory));
    CHECK(f.rename("/tmp/d", "/tmp/a") == fail(Error::not_directory));
    CHECK(f.rename("/tmp/e", "/tmp/d") == fail(Error::not_empty));
    CHECK(f.rename("/tmp/d", "/tmp/d/inner/d") == fail(Error::invalid_argument));
    CHECK(f.rename("/tmp/d/inner", "/tmp/d") == fail(Error::not_empty));
    CHECK(f.rename("/tmp/d/.", "/tmp/x") == fail(Error::busy));
    CHECK(f.rename("/tmp/a", "/tmp/x/") == fail(Error::not_directory));
    CHECK(f.rename("/tmp/a", "/tmp/b", RenameMode::keep) == fail(Error::exists));
    CHECK(f.rename("/tmp", "/tmp2") == fail(Error::read_only));
    CHECK(f.rename("/tmp/a", "/tmp/x", RenameMode::exchange) == fail(Error::not_found));

    CHECK(f.rename("/tmp/a", "/tmp/a").has_value());
    CHECK(f.rename("/tmp/a", "/tmp/b").has_value());
    CHECK(f.contents("/tmp/b") == "A");
    CHECK(f.find_error("/tmp/a") == Error::not_found);
    CHECK(f.rename("/tmp/d", "/tmp/e/").has_value()); // over an empty one
    CHECK(f.find("/tmp/e/inner")->is_directory());
    CHECK(f.find("/tmp/e")->status().links == 3);
    CHECK(f.find("/tmp")->status().links == 3);
    CHECK(f.rename("/tmp/e/inner", "/tmp/moved").has_value());
    CHECK(f.find("/tmp/moved/..").get() == f.find("/tmp").get());
    CHECK(f.rename("/tmp/b", "/tmp/moved", RenameMode::exchange).has_value());
    CHECK(f.contents("/tmp/moved") == "A");
    CHECK(f.find("/tmp/b")->is_directory());
    CHECK(f.path_of(*f.find("/tmp/b")) == "/tmp/b");
    CHECK(f.find("/tmp")->status().links == 4);
}

TEST_CASE("a file's path can be told, also once it is gone", "[namespace]") {
    Fixture f;
    CHECK(f.path_of(*f.find("/")) == "/");
    CHECK(f.path_of(*f.find("/bin/ls")) == "/bin/sh");
    CHECK(f.path_of(*f.find("/tmp")) == "/tmp");
    CHECK(f.path_of(*f.find("/dev/shm")) == "/dev/shm");
    CHECK(f.path_of(*f.find("/dev/null")) == "/dev/null");
    REQUIRE(f.make_directory("/dev/shm/d").has_value());
    f.make_file("/dev/shm/d/f");
    const Ref<File> file = f.open("/dev/shm/d/f").value();
    CHECK(f.path_of(file->inode()) == "/dev/shm/d/f");
    REQUIRE(f.rename("/dev/shm/d", "/dev/shm/e").has_value());
    CHECK(f.path_of(file->inode()) == "/dev/shm/e/f");
    REQUIRE(f.names().unlink(f.here(), "/dev/shm/e/f").has_value());
    CHECK(f.path_of(file->inode()) == "/dev/shm/e/f (deleted)");
    std::array<char, 5> small{};
    CHECK(f.names().path_of(file->inode(), small) == fail(Error::name_too_long));
    const PipeEnds pipe = f.files->make_pipe(0).value();
    CHECK(f.path_of(pipe.read->inode()) == "pipe:[1]");
    const Ref<File> memory = f.files->make_memory_file("x").value();
    CHECK(f.path_of(memory->inode()) == "/memfd:x (deleted)");
}

TEST_CASE("a very deep tree needs no deep stack", "[namespace]") {
    Fixture f;
    f.torus->memory.heap.trim();
    const std::uint32_t free_before = f.torus->memory.frames.free_count();
    f.working_directory = f.find("/tmp");
    constexpr unsigned depth = 5'000;
    for (unsigned each = 0; each < depth; ++each) {
        REQUIRE(f.make_directory("d").has_value());
        f.working_directory = f.find("d");
    }
    std::vector<char> small(100);
    CHECK(f.names().path_of(f.here(), small) == fail(Error::name_too_long));
    // Removed from the bottom up while somebody is at the bottom: each removed one holds the one above.
    Ref<Inode> above = f.working_directory;
    while (above->parent() != f.find("/").get() && above.get() != f.find("/tmp").get()) {
        Ref<Inode> next(*above->parent());
        REQUIRE(f.names().remove_directory(*next, "d").has_value());
        above = next;
    }
    above = nullptr;
    f.working_directory = f.find("/");
    CHECK(f.list("/tmp") == std::vector<std::string>{".", ".."});
    f.torus->memory.heap.trim();
    CHECK(f.torus->memory.frames.free_count() == free_before);
}

} // namespace
} // namespace quire
