// Transfers to and from a program's memory: over several pieces, and up to the very byte that is not there, through
// files and pipes, with the counts that Linux gives.
#include "kernel/fs/pipe/pipe.h"
#include "tests/host/process/userland/files_fixture.h"

#include <algorithm>

namespace quire {
namespace {

using test::FilesFixture;

// Two pages of a program that can be written to, with nothing above them.
struct Fixture : FilesFixture {
    Fixture() {
        for (std::uint32_t each = 0; each < 2; ++each) {
            const Frame frame = torus->memory.frames.allocate(Owner::anonymous).value();
            torus->memory.physical.zero(frame);
            REQUIRE(torus->memory.directory.map(Page(0x8048) + each, frame, protection::user_data));
        }
    }
    std::string user_text(VirtAddr from, std::uint32_t bytes) {
        std::string text(bytes, '?');
        IoBuffer user(from, bytes);
        REQUIRE(user.take(std::as_writable_bytes(std::span(text))) == bytes);
        return text;
    }
    Ref<File> made(std::string_view path, std::string_view text) {
        const Ref<File> file = open(path, open_flag::create | open_flag::read_write).value();
        REQUIRE(write(*file, text) == text.size());
        REQUIRE(file->seek(0, 0) == 0U);
        return file;
    }

    VirtAddr start = Page(0x8048).start();
    VirtAddr end = Page(0x804A).start();
};

TEST_CASE("bytes are spread over pieces, empty ones too", "[io]") {
    Fixture f;
    const Ref<File> file = f.made("/tmp/a", "one two three");
    const std::array<IoPiece, 5> pieces{
        {{f.start + 100, 4}, {VirtAddr(0), 0}, {f.start, 3}, {f.start + 4090, 100}, {f.end - 1, 0}}};
    IoBuffer into(pieces);
    CHECK(into.left() == 107);
    CHECK(file->read(into) == 13U);
    CHECK(f.user_text(f.start + 100, 4) == "one ");
    CHECK(f.user_text(f.start, 3) == "two");
    CHECK(f.user_text(f.start + 4090, 7) == std::string(" three") + '\0');
    IoBuffer from{std::span<const IoPiece>(pieces).first(3)};
    CHECK(file->write(from) == 7U);
    CHECK(f.contents("/tmp/a") == "one two threeone two");
}

TEST_CASE("a transfer ends where the memory does, and tells how far it came", "[io]") {
    Fixture f;
    const Ref<File> file = f.made("/tmp/a", std::string(100, 'x'));
    IoBuffer partly(f.end - 30, 60);
    CHECK(file->read(partly) == 30U);
    CHECK(file->position() == 30);
    CHECK(partly.failed());
    IoBuffer nothing(f.end, 60);
    CHECK(file->read(nothing).error() == Error::bad_address);
    CHECK(file->position() == 30);
    const std::array<IoPiece, 2> pieces{{{f.start, 5}, {f.end, 5}}};
    IoBuffer second_bad(pieces);
    CHECK(file->read(second_bad) == 5U);

    IoBuffer short_write(f.end - 3, 10);
    CHECK(file->write_at(short_write, 200) == 3U);
    CHECK(file->inode().size() == 203);
    IoBuffer no_write(f.end, 10);
    CHECK(file->write_at(no_write, 500).error() == Error::bad_address);
    CHECK(file->inode().size() == 203);
}

TEST_CASE("what is no program's memory is refused at once, unless nothing is to be moved", "[io]") {
    Fixture f;
    const Ref<File> file = f.made("/tmp/a", "text");
    for (const std::uint32_t address : {0x60000000U, 0xC0000000U, 0xFFFFFFFFU}) {
        IoBuffer wild(VirtAddr(address), 1);
        CHECK(file->read(wild).error() == Error::bad_address);
        IoBuffer empty(VirtAddr(address), 0);
        CHECK(file->read(empty) == 0U);
    }
    const std::array<IoPiece, 2> pieces{{{f.start, 2}, {VirtAddr(0xC0000000), 2}}};
    IoBuffer one_wild(pieces);
    CHECK(file->read(one_wild).error() == Error::bad_address);
    const PipeEnds pipe = f.files->make_pipe(0).value();
    IoBuffer before_waiting(VirtAddr(0xC0000000), 1);
    CHECK(pipe.read->read(before_waiting).error() == Error::bad_address);
    CHECK(f.services.waits == 0);
}

TEST_CASE("a pipe keeps what its reader's memory did not take", "[io]") {
    Fixture f;
    const PipeEnds pipe = f.files->make_pipe(open_flag::nonblocking).value();
    REQUIRE(FilesFixture::write(*pipe.write, std::string(5000, 'a')) == 5000U);
    IoBuffer partly(f.end - 4500, 5000);
    CHECK(pipe.read->read(partly) == 4096U); // a page of the pipe's goes as a whole, or stays
    IoBuffer nothing(f.end, 10);
    CHECK(pipe.read->read(nothing).error() == Error::bad_address);
    CHECK(FilesFixture::read(*pipe.read)->size() == 904);
    IoBuffer short_write(f.end - 10, 4096);
    CHECK(pipe.write->write(short_write).error() == Error::bad_address);
    IoBuffer no_write(f.end, 4096);
    CHECK(pipe.write->write(no_write).error() == Error::bad_address);
    CHECK(pipe.read->inode().pipe()->bytes() == 0);
}

TEST_CASE("devices fill and empty a program's memory", "[io]") {
    Fixture f;
    IoBuffer zeros(f.end - 5, 100);
    CHECK(f.open("/dev/zero").value()->read(zeros) == 5U);
    IoBuffer swallowed(VirtAddr(0x1000), 100); // never looked at
    CHECK(f.open("/dev/null", open_flag::write_only).value()->write(swallowed) == 100U);
    IoBuffer random(f.end - 100, 200);
    CHECK(f.open("/dev/urandom").value()->read(random) == 100U);
}

TEST_CASE("an ioctl's argument is a number, or where a value lies", "[io]") {
    Fixture f;
    const ControlArgument place(f.start.value() + 8);
    CHECK(place.put(std::uint64_t{0x1122334455667788}).has_value());
    CHECK(place.get<std::uint32_t>() == 0x55667788U);
    const ControlArgument edge(f.end.value() - 4);
    CHECK(edge.get<std::uint64_t>().error() == Error::bad_address);
    CHECK(edge.put(std::uint64_t{0}) == fail(Error::bad_address));
    CHECK(ControlArgument(7U).value() == 7);
}

} // namespace
} // namespace quire
