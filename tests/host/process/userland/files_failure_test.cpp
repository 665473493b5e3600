// When memory runs out, at whatever allocation, an operation on files fails with an error, changes nothing, and loses
// nothing: the same operation succeeds when there is memory again, and the books balance.
#include "kernel/memory/objects/memory_object.h"
#include "tests/host/process/userland/files_fixture.h"

#include <algorithm>

namespace quire {
namespace {

using test::FilesFixture;
using namespace open_flag;

// The free memory but for `left` frames, taken away for a while.
class Shortage {
public:
    Shortage(Memory& memory, std::uint32_t left) : memory_(&memory) {
        memory.heap.trim();
        while (memory.frames.free_count() > left) {
            taken_.push_back(memory.frames.allocate(Owner::test).value());
        }
    }
    ~Shortage() {
        for (const Frame frame : taken_) {
            static_cast<void>(memory_->frames.free(frame));
        }
    }
    // Some of it is free again.
    void end_for(std::uint32_t frames) {
        for (; frames != 0; --frames) {
            REQUIRE(memory_->frames.free(taken_.back()).has_value());
            taken_.pop_back();
        }
    }
    Shortage(const Shortage&) = delete;
    Shortage& operator=(const Shortage&) = delete;

private:
    Memory* memory_;
    std::vector<Frame> taken_;
};

// Blocks of the heap of every size taken until none is left, so that the next allocation needs a new page.
class FullHeap {
public:
    explicit FullHeap(KernelHeap& heap) : heap_(&heap) {
        for (std::size_t bytes = 4096; bytes >= 16; bytes -= 16) {
            while (const auto block = heap.allocate(bytes)) {
                blocks_.push_back(*block);
            }
        }
    }
    ~FullHeap() {
        for (void* const block : blocks_) {
            static_cast<void>(heap_->free(block));
        }
    }
    FullHeap(const FullHeap&) = delete;
    FullHeap& operator=(const FullHeap&) = delete;

private:
    KernelHeap* heap_;
    std::vector<void*> blocks_;
};

struct Fixture : FilesFixture {
    Fixture()
        : FilesFixture(test::ArchiveBuilder().file("file", std::string(9'000, 'f')).link("ln", "file").finish()) {}
    void check_books() {
        test::StringSink text;
        AuditReport report(text);
        torus->memory.audit(report);
        INFO(text.text());
        CHECK(report.failures() == 0);
    }
};

TEST_CASE("every operation survives a full heap, and works again with room", "[failure]") {
    Fixture f;
    const Ref<FileTable> table = FileTable::create(f.torus->memory.heap).value();
    struct Operation {
        const char* name;
        std::function<Result<void>(Fixture&)> run;
    };
    const auto outcome = [](const auto& result) { return result ? Result<void>{} : fail(result.error()); };
    const std::vector<Operation> operations{
        {"open", [&](Fixture& g) { return outcome(g.open("/file")); }},
        {"open through a link", [&](Fixture& g) { return outcome(g.open("/ln")); }},
        {"create", [&](Fixture& g) { return outcome(g.open("/tmp/new", create | write_only)); }},
        {"mkdir", [&](Fixture& g) { return g.names().create(g.here(), "/tmp/dir", {.mode = mode::directory | 0755}); }},
        {"symlink",
         [&](Fixture& g) {
             return g.names().create(g.here(), "/tmp/link", {.mode = mode::symbolic_link | 0777, .target = "target"});
         }},
        {"mkfifo", [&](Fixture& g) { return g.names().create(g.here(), "/tmp/fifo", {.mode = mode::fifo | 0644}); }},
        {"link", [&](Fixture& g) { return g.names().link(*g.find("/tmp/new"), g.here(), "/tmp/other"); }},
        {"rename",
         [&](Fixture& g) { return g.names().rename(g.here(), "/tmp/other", g.here(), "/run/../tmp/moved", {}); }},
        {"pipe", [&](Fixture& g) { return outcome(g.files->make_pipe(0)); }},
        {"memory file", [&](Fixture& g) { return outcome(g.files->make_memory_file("name")); }},
        {"clone of a table", [&](Fixture&) { return outcome(table->clone()); }},
        {"context", [&](Fixture& g) { return outcome(FileContext::create(g.torus->memory.heap, g.here())); }},
        {"pages of the archive", [&](Fixture& g) { return outcome(g.find("/file")->pages()); }},
    };
    for (const Operation& operation : operations) {
        INFO(operation.name);
        const std::vector<std::string> before = f.list("/tmp");
        Result<void> done = fail(Error::out_of_memory);
        unsigned failures = 0;
        for (std::uint32_t room = 0; !done; ++room) {
            Shortage shortage(f.torus->memory, 0);
            const FullHeap full(f.torus->memory.heap);
            shortage.end_for(room);
            done = operation.run(f);
            if (!done) {
                REQUIRE(done.error() == Error::out_of_memory);
                ++failures;
            }
            REQUIRE(room < 100);
        }
        CHECK(failures != 0);
        f.check_books();
        const std::vector<std::string> after = f.list("/tmp");
        CHECK(after.size() <= before.size() + 1);
    }
}

TEST_CASE("a write that finds no frame leaves the file as it was", "[failure]") {
    Fixture f;
    const Ref<File> file = f.open("/tmp/a", create | read_write).value();
    REQUIRE(FilesFixture::write(*file, "x").has_value());
    for (std::uint32_t left = 0; left < 4; ++left) {
        const Shortage shortage(f.torus->memory, left);
        const std::uint64_t size = file->inode().size();
        const auto done = FilesFixture::write(*file, std::string(8 * page_size, 'y'));
        CHECK(file->inode().size() == size + done.value_or(0));
        CHECK(file->allocate(0, 1U << 20, 16 * page_size) == fail(Error::out_of_memory));
    }
    f.check_books();
    CHECK(file->truncate(0).has_value());
}

TEST_CASE("a pipe without memory takes nothing and loses nothing", "[failure]") {
    Fixture f;
    const PipeEnds pipe = f.files->make_pipe(nonblocking).value();
    REQUIRE(FilesFixture::write(*pipe.write, "kept").has_value());
    {
        const Shortage shortage(f.torus->memory, 0);
        const FullHeap full(f.torus->memory.heap);
        CHECK(FilesFixture::write(*pipe.write, std::string(8'192, 'x')).error() == Error::out_of_memory);
        CHECK(FilesFixture::write(*pipe.write, " still") == 6U); // in the page that is there
        CHECK(FilesFixture::write(*pipe.write, std::string(8'193, 'x')) == 1U);
    }
    CHECK(FilesFixture::read(*pipe.read) == "kept stillx");
    f.check_books();
}

TEST_CASE("a full machine cannot copy a page of the archive, and can when it is not", "[failure]") {
    Fixture f;
    MemoryObject& pages = **f.find("/file")->pages();
    {
        const Shortage shortage(f.torus->memory, 0);
        CHECK(pages.page(0, false) == fail(Error::out_of_memory));
    }
    CHECK(pages.page(0, false).has_value());
}

} // namespace
} // namespace quire
