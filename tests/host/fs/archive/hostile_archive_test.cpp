// Boot archives made to do harm: whatever they say, the kernel boots with what can be used of them, says what cannot,
// and can read, map and follow all that it shows, with its books in balance.
#include "kernel/memory/objects/memory_object.h"
#include "tests/host/process/userland/files_fixture.h"
#include "tests/host/support/random.h"
#include "tests/host/support/require_audit.h"

#include <algorithm>
#include <set>

namespace quire {
namespace {

using test::ArchiveBuilder;
using test::FilesFixture;

// Uses everything there is once: lists, opens, reads, maps, follows. Returns how many names there are.
class Visit {
public:
    explicit Visit(FilesFixture& f) : f_(&f) {}

    std::size_t all(const std::string& path = "", unsigned depth = 0) {
        std::size_t names = 0;
        for (const std::string& name : f_->list(path.empty() ? "/" : path)) {
            if (name != "." && name != "..") {
                REQUIRE(name.find('/') == std::string::npos);
                REQUIRE_FALSE(name.empty());
                names += 1 + one(path + "/" + name, depth);
            }
        }
        return names;
    }

private:
    std::size_t one(const std::string& path, unsigned depth) {
        if (path.size() > 900 || depth > 60) {
            return 0;
        }
        const auto inode = f_->names().find(f_->here(), path, Namespace::LastLink::keep);
        INFO(path);
        REQUIRE(inode.has_value());
        const FileStatus status = (*inode)->status();
        if ((*inode)->is_directory()) {
            return all(path, depth + 1);
        }
        if ((*inode)->is_link()) {
            std::array<char, longest_path> target{};
            CHECK((*inode)->read_link(target).has_value());
            may_fail(f_->names().find(f_->here(), path)); // wherever it leads, if anywhere: it comes back
        } else if ((*inode)->is_regular() && !path.starts_with("/proc")) {
            CHECK(f_->contents(path).size() == status.size);
            MemoryObject& pages = **(*inode)->pages();
            for (std::uint32_t page = 0; page < pages_for(status.size); ++page) {
                CHECK(pages.page(page, false).has_value());
            }
            CHECK(pages.page(pages_for(status.size), false).error() == Error::out_of_range);
        }
        return 0;
    }

    FilesFixture* f_;
};

std::string random_name(test::Random& random) {
    static const std::array<std::string, 18> parts{"a",
                                                   "b",
                                                   "..",
                                                   ".",
                                                   "",
                                                   "tmp",
                                                   "dev",
                                                   "proc",
                                                   "dev/null",
                                                   "proc/self",
                                                   std::string(255, 'l'),
                                                   "ab",
                                                   "a/b",
                                                   "../a",
                                                   "TRAILER!!!",
                                                   std::string(256, 'm'),
                                                   std::string(1, '\0'),
                                                   "\xFF\x01\n"};
    std::string name;
    for (std::uint32_t count = 1 + random.below(random.once_in(20) ? 600 : 5); count != 0; --count) {
        name += parts[random.below(parts.size())];
        name += random.once_in(9) ? "//" : "/";
    }
    if (!random.once_in(6)) {
        name.pop_back();
    }
    return name;
}

// The 8 digits of one of a header's numbers become others.
void spoil_number(std::string& archive, std::size_t header, test::Random& random) {
    constexpr std::array<std::string_view, 7> values{"FFFFFFFF", "80000000", "7FFFFFFF", "00000000",
                                                     "00000001", "FFFFFF00", "0000000G"};
    const std::size_t at = header + 6 + 8 * random.below(13);
    if (at + 8 <= archive.size()) {
        archive.replace(at, 8, values[random.below(values.size())]);
    }
}

std::string random_archive(test::Random& random) {
    constexpr std::array<std::uint32_t, 10> kinds{
        mode::regular,       mode::regular, mode::directory,        mode::directory, mode::symbolic_link,
        mode::symbolic_link, mode::fifo,    mode::character_device, mode::socket,    0xFFFF'F000};
    ArchiveBuilder builder;
    std::vector<std::size_t> headers;
    for (std::uint32_t count = random.below(40); count != 0; --count) {
        headers.push_back(builder.bytes().size());
        const std::uint32_t kind = kinds[random.below(kinds.size())];
        std::string data = kind == mode::symbolic_link ? random_name(random) : std::string(random.below(9'000), 'd');
        builder.add(random_name(random), kind | random.below(010000), data, random.once_in(3));
        if (random.once_in(30)) {
            builder.raw(std::string(random.below(9), random.once_in(2) ? '\0' : '0'));
        }
    }
    std::string archive = builder.finish();
    for (const std::size_t header : headers) {
        if (random.once_in(25)) {
            spoil_number(archive, header, random);
        }
    }
    return random.once_in(5) ? archive.substr(0, 1 + random.below(static_cast<std::uint32_t>(archive.size())))
                             : archive;
}

TEST_CASE("random hostile archives leave a tree that can be used, and books in balance", "[archive]") {
    for (std::uint32_t seed = 1; seed <= 150; ++seed) {
        INFO("seed " << seed);
        test::Random random(seed);
        const std::string archive = random_archive(random);
        FilesFixture f(archive, random.below(1'024) * 4);
        INFO(f.notes.text());
        Visit(f).all();
        f.files->give_back_unused();
        test::require_audit(f.torus->memory);
        // At most the first few complaints are said one by one.
        CHECK(std::count(f.notes.text().begin(), f.notes.text().end(), '\n') < 30);
    }
}

TEST_CASE("65,000 entries, most of them twice, are one tree", "[archive]") {
    ArchiveBuilder builder;
    for (unsigned each = 0; each < 65'000; ++each) {
        builder.file("d" + std::to_string(each % 200) + "/f" + std::to_string(each % 40'000), "x");
    }
    FilesFixture f(builder.finish(), 0, {.ram = 128U << 20});
    CHECK(f.notes.text().empty());
    std::size_t names = 0;
    for (unsigned directory = 0; directory < 200; ++directory) {
        names += f.list("/d" + std::to_string(directory)).size() - 2;
    }
    CHECK(names == 40'000);
    CHECK(f.contents("/d199/f39999") == "x");
    test::require_audit(f.torus->memory);
}

TEST_CASE("as deep as a path can go, and names that lead in circles", "[archive]") {
    std::string deep;
    while (deep.size() < longest_path - 3) {
        deep += "d/";
    }
    ArchiveBuilder builder;
    builder.file(deep + "f", "bottom").file(deep + "/too/long/by/far", "no");
    builder.link("one", "two").link("two", "one").link("self", "self").link("up", "up/x").link("nothing", "missing");
    builder.link("empty", "").link("long", std::string(5'000, 'x')).link("root", "/").link("in", "root/in");
    FilesFixture f(builder.finish());
    CHECK(f.contents(deep + "f") == "bottom");
    for (const char* const name : {"/one", "/two", "/self", "/up", "/in"}) {
        CHECK(f.find_error(name) == Error::too_many_links);
    }
    CHECK(f.find_error("/nothing") == Error::not_found);
    CHECK(f.find_error("/empty") == Error::not_found);
    CHECK_FALSE(f.names().find(f.here(), "/long").has_value());
    CHECK(f.find("/root/root/root/dev/null")->status().device_id != 0);
    Visit(f).all();
    test::require_audit(f.torus->memory);
}

TEST_CASE("what stands where the kernel mounts is said, and stays", "[archive]") {
    ArchiveBuilder builder;
    builder.file("tmp", "a file").link("run", "/nowhere").link("dev", "proc").file("proc/x", "x").directory("var/tmp");
    FilesFixture f(builder.finish());
    CHECK(f.contents("/tmp") == "a file");
    CHECK(f.notes.text().find("/tmp is no directory") != std::string::npos);
    CHECK(f.notes.text().find("/run is no directory") != std::string::npos);
    CHECK(f.notes.text().find("/dev is no directory") != std::string::npos);
    CHECK(f.open("/var/tmp/new", open_flag::create | open_flag::write_only).has_value());
    test::require_audit(f.torus->memory);
}

} // namespace
} // namespace quire
