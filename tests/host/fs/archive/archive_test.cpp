// The boot archive as the root file system: what is in it can be found, read, listed and mapped, in place where it lies
// on pages; and an archive that is cut off, corrupt or hostile says so and gives what could be read.
#include "kernel/fs/archive/cpio.h"
#include "kernel/memory/objects/memory_object.h"
#include "tests/host/process/userland/files_fixture.h"
#include "tests/host/support/random.h"

#include <algorithm>

namespace quire {
namespace {

using test::ArchiveBuilder;
using test::FilesFixture;

std::string pattern(std::size_t bytes) {
    std::string text(bytes, '\0');
    for (std::size_t at = 0; at < bytes; ++at) {
        text[at] = static_cast<char>('a' + at % 23 + at / 4096 % 3);
    }
    return text;
}

ArchiveBuilder sample() {
    ArchiveBuilder archive;
    archive.directory(".").directory("bin").file("bin/sh", pattern(10'000), true).link("bin/ls", "sh");
    archive.file("etc/passwd", "root:x:0:0::/:/bin/sh\n").directory("etc", 0700);
    return archive;
}

TEST_CASE("files, directories and links of the archive are there", "[archive]") {
    FilesFixture f(sample().finish());
    CHECK(f.notes.text().empty());
    CHECK(f.contents("/bin/sh") == pattern(10'000));
    CHECK(f.contents("/bin/ls") == pattern(10'000));
    CHECK(f.contents("etc/passwd") == "root:x:0:0::/:/bin/sh\n");
    CHECK(f.list("/bin") == std::vector<std::string>{".", "..", "sh", "ls"});

    const FileStatus shell = f.find("/bin/sh")->status();
    CHECK(shell.mode == (mode::regular | 0644));
    CHECK(shell.size == 10'000);
    CHECK(shell.blocks == 20);
    CHECK(shell.modified.seconds == 1003);
    // A directory that was needed before it was named has what the archive says of it all the same.
    CHECK(f.find("/etc")->status().mode == (mode::directory | 0700));
    CHECK(f.find("/")->status().links >= 4);
    const Ref<Inode> link = f.find("/bin/ls", Namespace::LastLink::keep);
    CHECK(link->is_link());
    CHECK(link->status().size == 2);
}

TEST_CASE("a file is read from any place, as far as it goes", "[archive]") {
    FilesFixture f(sample().finish());
    const Ref<File> file = f.open("/bin/sh").value();
    std::array<char, 100> bytes{};
    IoBuffer middle(std::as_writable_bytes(std::span(bytes)));
    CHECK(file->read_at(middle, 4050) == 100U);
    CHECK(std::string_view(bytes.data(), 100) == pattern(10'000).substr(4050, 100));
    IoBuffer end(std::as_writable_bytes(std::span(bytes)));
    CHECK(file->read_at(end, 9'990) == 10U);
    IoBuffer behind(std::as_writable_bytes(std::span(bytes)));
    CHECK(file->read_at(behind, 10'000) == 0U);
    IoBuffer far(std::as_writable_bytes(std::span(bytes)));
    CHECK(file->read_at(far, std::uint64_t{1} << 40) == 0U);
}

TEST_CASE("pages in place cost no frame, others are copied once and given back", "[archive]") {
    FilesFixture f;
    const std::string content = pattern(3 * page_size + 100);
    const std::string archive = ArchiveBuilder().file("aligned", content, true).file("shifted", content).finish();
    FilesFixture g(archive);
    const std::uint32_t free_before = g.torus->memory.frames.free_count();
    MemoryObject& aligned = **g.find("/aligned")->pages();
    const Frame first = aligned.page(0, false)->frame;
    for (std::uint32_t index = 1; index < 3; ++index) {
        CHECK(aligned.page(index, false)->frame == first + index);
        CHECK(aligned.resident(index));
    }
    CHECK(g.torus->memory.frames.owner(first) == Owner::file); // where the test put the archive
    CHECK(aligned.page(4, false) == fail(Error::out_of_range));

    const auto check_tail = [&](MemoryObject& pages) {
        const Frame tail = pages.page(3, false)->frame;
        const auto window = g.torus->memory.physical.map_temporarily(tail);
        const std::string_view bytes(reinterpret_cast<const char*>(window.data()), page_size);
        CHECK(bytes.substr(0, 100) == content.substr(3 * page_size));
        CHECK(std::all_of(bytes.begin() + 100, bytes.end(), [](char each) { return each == '\0'; }));
        CHECK(pages.page(3, false)->frame == tail);
        return tail;
    };
    check_tail(aligned);
    MemoryObject& shifted = **g.find("/shifted")->pages();
    CHECK_FALSE(shifted.resident(0));
    const Frame tail = check_tail(shifted);
    CHECK(shifted.page(0, false).has_value());
    CHECK(g.torus->memory.frames.owner(tail) == Owner::file);

    // One is still mapped.
    REQUIRE(g.torus->memory.frames.share(tail).has_value());
    CHECK(g.files->give_back_unused() == 2); // aligned's last page and shifted's first
    CHECK(shifted.resident(3));
    CHECK_FALSE(shifted.resident(0));
    REQUIRE(g.torus->memory.frames.release(tail).has_value());
    CHECK(g.files->give_back_unused() == 1);
    CHECK(g.torus->memory.frames.free_count() <= free_before);
}

TEST_CASE("what files keep for whoever maps them goes when nobody does, and is made again", "[archive]") {
    std::string content(2 * page_size + 100, 'x');
    const std::string archive =
        ArchiveBuilder().file("first", content, true).file("second", content, true).file("last", "end").bytes();
    FilesFixture f(archive);
    f.torus->memory.heap.trim();
    const std::uint32_t free_before = f.torus->memory.frames.free_count();
    const std::size_t blocks_before = f.torus->memory.heap.statistics().live_blocks;

    MemoryObject& kept = **f.find("/first")->pages();
    kept.retain(); // a region maps it
    const Frame tail = (*f.find("/first")->pages())->page(2, false)->frame;
    REQUIRE((*f.find("/second")->pages())->page(2, false).has_value());
    f.files->forget_unused();
    CHECK(*f.find("/first")->pages() == &kept);
    CHECK(kept.page(2, false)->frame == tail);
    kept.release();
    f.files->forget_unused();
    f.torus->memory.heap.trim();
    CHECK(f.torus->memory.frames.free_count() == free_before);
    CHECK(f.torus->memory.heap.statistics().live_blocks == blocks_before);

    CHECK((*f.find("/first")->pages())->page(2, false).has_value());
}

TEST_CASE("a last page with nothing but zeros behind it stays where it is", "[archive]") {
    const std::string archive =
        ArchiveBuilder().file("file", "short", true).raw(std::string(2 * page_size, '\0')).bytes();
    FilesFixture f(archive);
    MemoryObject& pages = **f.find("/file")->pages();
    const Frame frame = pages.page(0, false)->frame;
    CHECK(f.files->give_back_unused() == 0);
    CHECK(pages.page(0, false)->frame == frame);
}

TEST_CASE("an archive that begins anywhere in a frame is as good", "[archive]") {
    for (const std::uint32_t offset : {4U, 100U, 4092U}) {
        FilesFixture f(sample().finish(), offset);
        CHECK(f.notes.text().empty());
        CHECK(f.contents("/bin/sh") == pattern(10'000));
        MemoryObject& pages = **f.find("/bin/sh")->pages();
        const auto window = f.torus->memory.physical.map_temporarily(pages.page(1, false)->frame);
        CHECK(std::memcmp(window.data(), pattern(10'000).data() + page_size, page_size) == 0);
    }
}

TEST_CASE("an archive above the direct map is read through windows", "[archive]") {
    constexpr std::uint64_t ram = std::uint64_t{1} << 30;
    FilesFixture f({}, 0, {.ram = ram});
    const std::string archive = sample().finish();
    const auto size = static_cast<std::uint32_t>(archive.size());
    const PhysAddr start(static_cast<std::uint32_t>(ram) - (1U << 20));
    std::memcpy(f.torus.machine.ram().at(start, size), archive.data(), size);
    Files* const files = Files::create(f.torus->memory, f.services, ArchiveExtent{start, size}, f.notes).value();
    const Ref<File> shell = files->names().open(files->names().root(), "/bin/sh", 0).value();
    CHECK(FilesFixture::read(*shell) == pattern(10'000));
    CHECK(f.torus->memory.physical.temporary_mappings() == 0);
}

TEST_CASE("no archive is an empty root with the mount points", "[archive]") {
    FilesFixture f;
    CHECK(f.find_error("/bin") == Error::not_found);
    CHECK(f.find("/dev/null")->status().device_id == device_number(1, 3));
}

TEST_CASE("archives may follow each other, and the later entry counts", "[archive]") {
    const std::string archive = ArchiveBuilder().file("a", "old").file("b", "stays").finish() + std::string(508, '\0') +
                                ArchiveBuilder().file("a", "new").finish();
    FilesFixture f(archive);
    CHECK(f.notes.text().empty());
    CHECK(f.contents("/a") == "new");
    CHECK(f.contents("/b") == "stays");
}

TEST_CASE("entries that no tree can have are left out, and said", "[archive]") {
    const std::string archive = ArchiveBuilder()
                                    .file("good", "1")
                                    .file("../outside", "2")
                                    .file("a/../../outside", "2")
                                    .add("device", 0020666)
                                    .file("good/below", "3")
                                    .directory("good")
                                    .file(std::string(256, 'n'), "4")
                                    .file("/./absolute//path", "5")
                                    .file("", "6")
                                    .finish();
    FilesFixture f(archive);
    CHECK(f.contents("/good") == "1");
    CHECK(f.contents("/absolute/path") == "5");
    CHECK(f.find_error("/device") == Error::not_found);
    const std::string& notes = f.notes.text();
    CHECK(std::count(notes.begin(), notes.end(), '\n') == 7);
}

TEST_CASE("an archive that is cut off anywhere gives what was before", "[archive]") {
    const std::string archive = ArchiveBuilder().file("one", "first").file("two", "second").finish();
    for (std::size_t size = 1; size < archive.size(); ++size) {
        FilesFixture f(archive.substr(0, size));
        INFO("cut to " << size << ": " << f.notes.text());
        const bool whole_entries = f.notes.text().empty();
        const std::size_t header = 110;
        if (size < header) {
            CHECK(f.notes.text().find("truncated at byte 0") != std::string::npos);
            CHECK(f.find_error("/one") == Error::not_found);
        } else if (!whole_entries) {
            CHECK(f.notes.text().find("truncated") != std::string::npos);
        }
    }
}

TEST_CASE("random damage never does more than spoil entries", "[archive]") {
    test::Random random(7);
    const std::string archive = sample().finish();
    for (unsigned round = 0; round < 300; ++round) {
        std::string damaged = archive;
        for (std::uint32_t changes = 1 + random.below(8); changes != 0; --changes) {
            // Mostly in headers: digits and names.
            const std::uint32_t at =
                random.once_in(3) ? random.below(static_cast<std::uint32_t>(damaged.size())) : random.below(400);
            constexpr std::string_view digits = "0123456789abcdefFFFF/.\0x";
            damaged[at] = digits[random.below(static_cast<std::uint32_t>(digits.size()))];
        }
        FilesFixture f(damaged, random.below(16) * 4);
        // Whatever is there can be read and mapped to its end.
        const std::function<void(const std::string&, unsigned)> walk = [&](const std::string& path, unsigned depth) {
            for (const std::string& name : f.list(path)) {
                if (name == "." || name == ".." || name == "dev" || name == "proc" || depth > 8) {
                    continue;
                }
                const std::string full = path + "/" + name;
                const auto inode = f.names().find(f.here(), full, Namespace::LastLink::keep);
                REQUIRE(inode.has_value());
                if ((*inode)->is_directory()) {
                    walk(full, depth + 1);
                } else if ((*inode)->is_regular()) {
                    CHECK(f.contents(full).size() == (*inode)->size());
                    MemoryObject& pages = **(*inode)->pages();
                    for (std::uint32_t page = 0; page < pages_for((*inode)->size()); ++page) {
                        CHECK(pages.page(page, false).has_value());
                    }
                }
            }
        };
        walk("/", 0);
    }
}

TEST_CASE("the archive cannot be changed", "[archive]") {
    FilesFixture f(sample().finish());
    CHECK(f.open("/bin/sh", open_flag::write_only).error() == Error::read_only);
    CHECK(f.open("/bin/sh", open_flag::truncate).error() == Error::read_only);
    CHECK(f.open("/bin/new", open_flag::create | open_flag::write_only).error() == Error::read_only);
    CHECK(f.open("/bin", open_flag::write_only).error() == Error::is_directory);
    CHECK(f.names().unlink(f.here(), "/bin/sh") == fail(Error::read_only));
    CHECK(f.names().create(f.here(), "/new", {.mode = mode::directory | 0755}) == fail(Error::read_only));
    CHECK(f.names().create(f.here(), "/bin", {.mode = mode::directory | 0755}) == fail(Error::exists));
    CHECK(f.find("/bin/sh")->set_permissions(0777) == fail(Error::read_only));
    CHECK(f.names().rename(f.here(), "/bin/sh", f.here(), "/x", RenameMode::replace) == fail(Error::read_only));
}

TEST_CASE("an entry is found by its name before there are files", "[archive]") {
    test::BootedTorus torus;
    const auto find = [&](const std::string& bytes, std::string_view name) -> Result<std::optional<std::string>> {
        const ArchiveMemory archive(torus->memory.physical,
                                    {torus.load(bytes), static_cast<std::uint32_t>(bytes.size())});
        const Result<std::optional<CpioEntry>> entry = find_entry(archive, name);
        if (!entry) {
            return fail(entry.error());
        }
        if (!*entry) {
            return std::optional<std::string>();
        }
        std::string text((*entry)->size, '\0');
        archive.read((*entry)->data, std::as_writable_bytes(std::span(text)));
        return std::optional(text);
    };
    const std::string bytes = sample().file("./config.txt", "num-cpu 1\n", true).finish();
    CHECK(find(bytes, "config.txt").value() == "num-cpu 1\n");
    CHECK(find(bytes, "etc/passwd").value() == "root:x:0:0::/:/bin/sh\n");
    CHECK(find(bytes, "config").value() == std::nullopt);
    CHECK(find(bytes.substr(0, 5000), "config.txt").error() == Error::truncated);
}

} // namespace
} // namespace quire
