// Pipes: order, end of file, waiting, atomic writes, polling and capacity; and FIFOs that wait for each other.
#include "kernel/process/files/pipe.h"
#include "tests/host/process/files/files_fixture.h"
#include "tests/host/support/random.h"

namespace quire {
namespace {

using test::FilesFixture;
using namespace open_flag;

struct Fixture : FilesFixture {
    explicit Fixture(std::uint32_t flags = 0) : pipe(files->make_pipe(flags).value()) {}
    Result<std::uint32_t> put(std::string_view text) { return write(*pipe.write, text); }
    Result<std::string> get(std::uint32_t bytes = 1U << 20) { return read(*pipe.read, bytes); }

    PipeEnds pipe;
};

TEST_CASE("bytes come out as they went in", "[pipe]") {
    Fixture f;
    CHECK(f.put("hello ") == 6U);
    CHECK(f.put("world") == 5U);
    CHECK(f.get(3) == "hel");
    CHECK(f.get() == "lo world");
    CHECK(f.put("") == 0U);
    CHECK(f.pipe.read->inode().status().mode == (mode::fifo | 0600));
    CHECK(FilesFixture::write(*f.pipe.read, "x").error() == Error::bad_descriptor);
    CHECK(FilesFixture::read(*f.pipe.write).error() == Error::bad_descriptor);
}

TEST_CASE("a reader waits for a writer, until there is none", "[pipe]") {
    Fixture f;
    f.services.while_waiting = [&] { CHECK(f.put("late") == 4U); };
    CHECK(f.get() == "late");
    CHECK(f.services.waits == 1);
    f.services.while_waiting = [&] { f.pipe.write = nullptr; };
    CHECK(f.get() == "");
    CHECK(f.get() == "");
    CHECK(f.services.waits == 2);
}

TEST_CASE("a signal ends waiting", "[pipe]") {
    Fixture f;
    CHECK(f.get().error() == Error::restart);
    CHECK(f.put(std::string(Pipe::default_capacity + 10, 'x')) == Pipe::default_capacity);
    CHECK(f.put("x").error() == Error::restart);
}

TEST_CASE("without a reader a write fails", "[pipe]") {
    Fixture f;
    f.pipe.read = nullptr;
    CHECK(f.put("x").error() == Error::broken_pipe);
    CHECK(f.put("") == 0U);
}

TEST_CASE("a write that finds no room waits, and goes in one piece if it is small", "[pipe]") {
    Fixture f;
    CHECK(f.put(std::string(Pipe::default_capacity - 10, 'x')) == Pipe::default_capacity - 10);
    f.services.while_waiting = [&] {
        // Nothing of it is there while it waits.
        CHECK(f.get(Pipe::default_capacity)->size() == Pipe::default_capacity - 10);
    };
    CHECK(f.put(std::string(100, 'y')) == 100U);
    CHECK(f.services.waits == 1);
    CHECK(f.get() == std::string(100, 'y'));

    // A long one fills what room there is and goes on when there is more.
    CHECK(f.put(std::string(Pipe::default_capacity - 10, 'x')) == Pipe::default_capacity - 10);
    f.services.while_waiting = [&] { CHECK(f.get()->size() == Pipe::default_capacity); };
    CHECK(f.put(std::string(5000, 'z')) == 5000U);
    CHECK(f.get() == std::string(4990, 'z'));
}

TEST_CASE("O_NONBLOCK never waits", "[pipe]") {
    Fixture f(nonblocking);
    CHECK(f.get().error() == Error::would_block);
    CHECK(f.put(std::string(Pipe::default_capacity - 10, 'x')) == Pipe::default_capacity - 10);
    CHECK(f.put(std::string(4096, 'y')).error() == Error::would_block);
    CHECK(f.put(std::string(5000, 'y')) == 10U);
    CHECK(f.put("y").error() == Error::would_block);
    CHECK(f.services.waits == 0);
}

TEST_CASE("poll tells what would not wait", "[pipe]") {
    Fixture f;
    using namespace ready_event;
    CHECK(f.pipe.read->ready() == 0);
    CHECK(f.pipe.write->ready() == writable);
    REQUIRE(f.put("x") == 1U);
    CHECK(f.pipe.read->ready() == readable);
    REQUIRE(f.put(std::string(Pipe::default_capacity - 4096, 'x')).has_value());
    CHECK(f.pipe.write->ready() == 0);
    REQUIRE(f.get(1) == "x");
    CHECK(f.pipe.write->ready() == writable);
    CHECK(f.pipe.read->inode().changes() == &f.pipe.read->inode().pipe()->changes);
    f.pipe.write = nullptr;
    CHECK(f.pipe.read->ready() == (readable | hung_up));
    f.pipe = f.files->make_pipe(0).value();
    f.pipe.read = nullptr;
    CHECK(f.pipe.write->ready() == (writable | error));
}

TEST_CASE("the capacity can be changed, with bytes in the pipe", "[pipe]") {
    Fixture f(nonblocking);
    Pipe& pipe = *f.pipe.read->inode().pipe();
    CHECK(pipe.capacity() == 65536);
    CHECK(pipe.set_capacity(0).error() == Error::invalid_argument);
    CHECK(pipe.set_capacity((1U << 20) + 1).error() == Error::not_permitted);
    REQUIRE(f.put(std::string(5000, 'a')).has_value());
    REQUIRE(f.get(4000).has_value());
    REQUIRE(f.put(std::string(9000, 'b')).has_value());
    CHECK(pipe.set_capacity(4096).error() == Error::busy);
    CHECK(pipe.set_capacity(10'000) == 16384U);
    CHECK(pipe.set_capacity(1U << 20) == 1U << 20);
    CHECK(f.put(std::string(1U << 20, 'c')) == (1U << 20) - 10'000);
    CHECK(f.get(1000) == std::string(1000, 'a'));
    CHECK(f.get(9000) == std::string(9000, 'b'));
    CHECK(f.get()->size() == (1U << 20) - 10'000);
    CHECK(pipe.set_capacity(1) == 4096U);
    CHECK(f.put(std::string(5000, 'd')) == 4096U);
}

TEST_CASE("pages are given back when nobody has the pipe open", "[pipe]") {
    Fixture f;
    f.torus->memory.heap.trim();
    const std::size_t before = f.torus->memory.heap.statistics().live_bytes;
    for (unsigned each = 0; each < 3; ++each) {
        PipeEnds other = f.files->make_pipe(0).value();
        REQUIRE(FilesFixture::write(*other.write, std::string(60'000, 'x')).has_value());
        CHECK(other.read->inode().pipe()->set_capacity(1U << 18).has_value());
    }
    CHECK(f.torus->memory.heap.statistics().live_bytes == before);
}

TEST_CASE("random traffic agrees with a model", "[pipe]") {
    Fixture f(nonblocking);
    test::Random random(21);
    std::string model;
    std::uint32_t capacity = Pipe::default_capacity;
    for (unsigned step = 0; step < 20'000; ++step) {
        const std::uint32_t bytes = random.once_in(10) ? random.below(100'000) : random.below(3'000);
        if (random.once_in(200)) {
            const auto changed = f.pipe.read->inode().pipe()->set_capacity(4096U << random.below(9));
            capacity = changed.value_or(capacity);
        }
        if (random.once_in(2)) {
            const std::string text(bytes, static_cast<char>('a' + random.below(26)));
            const auto done = f.put(text);
            const auto room = capacity - static_cast<std::uint32_t>(model.size());
            if (bytes != 0 && (room == 0 || (bytes <= Pipe::atomic_bytes && bytes > room))) {
                REQUIRE(done == fail(Error::would_block));
            } else {
                REQUIRE(done == std::min(bytes, room));
                model += text.substr(0, *done);
            }
        } else if (bytes != 0) {
            const auto got = f.get(bytes);
            if (model.empty()) {
                REQUIRE(got == fail(Error::would_block));
            } else {
                REQUIRE(got == model.substr(0, bytes));
                model.erase(0, bytes);
            }
        }
    }
}

TEST_CASE("a FIFO waits for both its ends", "[pipe]") {
    Fixture f;
    REQUIRE(f.names().create(f.here(), "/tmp/fifo", {.mode = mode::fifo | 0644}).has_value());
    CHECK(f.open("/tmp/fifo", write_only | nonblocking).error() == Error::no_other_end);
    CHECK(f.open("/tmp/fifo", read_only).error() == Error::restart);
    CHECK(f.open("/tmp/fifo", read_only | nonblocking).has_value());
    Ref<File> writer;
    f.services.while_waiting = [&] {
        const auto opened = f.open("/tmp/fifo", write_only);
        REQUIRE(opened.has_value());
        writer = *opened;
    };
    const Ref<File> reader = f.open("/tmp/fifo", read_only).value();
    CHECK(FilesFixture::write(*writer, "through") == 7U);
    CHECK(FilesFixture::read(*reader) == "through");
    writer = nullptr;
    CHECK(FilesFixture::read(*reader) == "");
    CHECK(reader->ready() == ready_event::hung_up);
    const Ref<File> both = f.open("/tmp/fifo", read_write).value();
    CHECK(FilesFixture::write(*both, "x") == 1U);
    CHECK(f.path_of(both->inode()) == "/tmp/fifo");
}

} // namespace
} // namespace quire
