// Pipes: order, end of file, waiting, atomic writes, polling and capacity; and FIFOs that wait for each other.
#include "kernel/fs/pipe/pipe.h"
#include "tests/host/process/userland/files_fixture.h"
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

    // A long one takes what slots there are and goes on when there are more.
    CHECK(f.put(std::string(Pipe::default_capacity - 4096, 'x')) == Pipe::default_capacity - 4096);
    f.services.while_waiting = [&] { CHECK(f.get()->size() == Pipe::default_capacity); };
    CHECK(f.put(std::string(5000, 'z')) == 5000U);
    CHECK(f.get() == std::string(904, 'z'));
}

TEST_CASE("what is over a number of pages is added to the last slot where it fits", "[pipe]") {
    Fixture f(nonblocking);
    std::uint32_t bytes = 0;
    while (f.put(std::string(1000, 'x'))) {
        bytes += 1000;
    }
    CHECK(bytes == 64'000); // four of them in each of 16 pages
    CHECK(f.put(std::string(97, 'y')).error() == Error::would_block);
    CHECK(f.put(std::string(4096 + 96, 'y')) == 96U);
    CHECK(f.get(10).has_value()); // the slot is still there
    CHECK(f.put("z").error() == Error::would_block);
    CHECK(f.get(3990).has_value());
    CHECK(f.put("z") == 1U);
}

TEST_CASE("packets are read one by one, and what does not fit of one is lost", "[pipe]") {
    Fixture f(nonblocking | direct);
    CHECK(f.put("one") == 3U);
    CHECK(f.put("second") == 6U);
    CHECK(f.put(std::string(5000, 'x')) == 5000U); // two
    CHECK(f.pipe.read->inode().pipe()->bytes() == 5009);
    CHECK(f.get() == "one");
    CHECK(f.get(3) == "sec");
    CHECK(f.get() == std::string(4096, 'x'));
    CHECK(f.get() == std::string(904, 'x'));
    CHECK(f.get().error() == Error::would_block);
    for (unsigned each = 0; each < 16; ++each) {
        CHECK(f.put("p") == 1U);
    }
    CHECK(f.put("p").error() == Error::would_block);
    CHECK(f.get() == "p");
    f.pipe.write->set_flags(nonblocking); // no packets from here on; nothing is added to those there are
    CHECK(f.put("q") == 1U);
    CHECK(f.put("r") == 1U);
    for (unsigned each = 0; each < 15; ++each) {
        CHECK(f.get() == "p");
    }
    CHECK(f.get() == "qr");
}

TEST_CASE("O_NONBLOCK never waits", "[pipe]") {
    Fixture f(nonblocking);
    CHECK(f.get().error() == Error::would_block);
    CHECK(f.put(std::string(Pipe::default_capacity - 10, 'x')) == Pipe::default_capacity - 10);
    CHECK(f.put(std::string(4096, 'y')).error() == Error::would_block);
    CHECK(f.put(std::string(4096 + 10, 'y')) == 10U);
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
    REQUIRE(f.put(std::string(Pipe::default_capacity - 1, 'x')).has_value());
    CHECK(f.pipe.write->ready() == 0);
    REQUIRE(f.get(1) == "x");
    CHECK(f.pipe.write->ready() == 0); // the slot is not empty yet
    REQUIRE(f.get(4095).has_value());
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
    CHECK(pipe.set_capacity((1U << 31) + 1).error() == Error::invalid_argument);
    REQUIRE(f.put(std::string(5000, 'a')).has_value());
    REQUIRE(f.get(4000).has_value());
    REQUIRE(f.put(std::string(9000, 'b')).has_value());
    CHECK(pipe.set_capacity(4096).error() == Error::busy);
    CHECK(pipe.set_capacity(10'000) == 16384U);
    CHECK(pipe.set_capacity((1U << 20) + 1) == 1U << 21);
    CHECK(f.put(std::string(1U << 21, 'c')) == (1U << 21) - 4 * 4096);
    CHECK(f.get(1000) == std::string(1000, 'a'));
    CHECK(f.get(9000) == std::string(9000, 'b'));
    CHECK(f.get(1U << 22)->size() == (1U << 21) - 4 * 4096);
    CHECK(pipe.set_capacity(0) == 4096U);
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

// Linux 6.1 fs/pipe.c, pipe_write and pipe_read, with strings for pages.
struct Model {
    struct Slot {
        std::string bytes;
        std::size_t used = 0; // of the page
        bool packet = false;
    };

    std::uint32_t write(std::string_view text, bool packets) {
        const std::size_t all = text.size();
        const std::size_t over = all % Pipe::page_bytes;
        if (over != 0 && !slots.empty() && !slots.back().packet && slots.back().used + over <= Pipe::page_bytes) {
            add(slots.back(), text, over);
        }
        while (!text.empty() && slots.size() < most) {
            slots.push_back({.bytes = {}, .used = 0, .packet = packets});
            add(slots.back(), text, std::min<std::size_t>(text.size(), Pipe::page_bytes));
        }
        return static_cast<std::uint32_t>(all - text.size());
    }
    std::string read(std::size_t room) {
        std::string got;
        while (!slots.empty() && got.size() < room) {
            Slot& slot = slots.front();
            const std::size_t part = std::min(room - got.size(), slot.bytes.size());
            got += slot.bytes.substr(0, part);
            slot.bytes.erase(0, part);
            const bool packet = slot.packet;
            if (packet || slot.bytes.empty()) {
                slots.erase(slots.begin());
            }
            if (packet) {
                break;
            }
        }
        return got;
    }
    static void add(Slot& slot, std::string_view& text, std::size_t bytes) {
        slot.bytes += text.substr(0, bytes);
        slot.used += bytes;
        text.remove_prefix(bytes);
    }

    std::vector<Slot> slots;
    std::size_t most = 16;
};

TEST_CASE("random traffic agrees with a model", "[pipe]") {
    Fixture f(nonblocking);
    test::Random random(21);
    Model model;
    Pipe& pipe = *f.pipe.read->inode().pipe();
    for (unsigned step = 0; step < 20'000; ++step) {
        const std::uint32_t bytes = random.once_in(10) ? random.below(100'000) : random.below(3'000);
        if (random.once_in(200)) {
            const std::uint32_t slots = 1U << random.below(9);
            const auto changed = pipe.set_capacity(slots * Pipe::page_bytes);
            REQUIRE(changed.has_value() == (model.slots.size() <= slots));
            model.most = changed ? slots : model.most;
        }
        if (random.once_in(50)) {
            f.pipe.write->set_flags(nonblocking | (random.once_in(2) ? direct : 0));
        }
        if (random.once_in(2)) {
            const std::string text(bytes, static_cast<char>('a' + random.below(26)));
            const auto done = f.put(text);
            const std::uint32_t expected = model.write(text, f.pipe.write->direct());
            if (expected == 0 && bytes != 0) {
                REQUIRE(done == fail(Error::would_block));
            } else {
                REQUIRE(done == expected);
            }
        } else if (bytes != 0) {
            const auto got = f.get(bytes);
            const std::string expected = model.read(bytes);
            if (expected.empty()) {
                REQUIRE(got == fail(Error::would_block));
            } else {
                REQUIRE(got == expected);
            }
        }
        std::size_t there = 0;
        for (const Model::Slot& each : model.slots) {
            there += each.bytes.size();
        }
        REQUIRE(pipe.bytes() == there);
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
