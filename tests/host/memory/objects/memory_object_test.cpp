// Sources behind regions: files that become shorter under their mappings, sources that live as long as somebody maps
// them, and the cache that keeps pages by number.
#include "kernel/memory/memory.h"
#include "tests/host/support/program.h"
#include "tests/host/support/random.h"
#include "tests/host/support/test_file.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <optional>
#include <set>

using namespace quire;
using namespace quire::test;

namespace {

MapRequest request_for(TestFile& file, std::uint32_t pages, quire::Access access, bool shared) {
    return {.pages = pages, .access = access, .shared = shared, .object = &file};
}

} // namespace

TEST_CASE("a private mapping of a file is read from it and written apart from it") {
    BootedTorus torus;
    TestFile file(torus->memory, 4);
    file.set_word(0, 10);
    file.set_word(1, 11);
    Program program = Program::start(torus);
    const VirtAddr memory = program->map(request_for(file, 4, read_write, false))->start();
    REQUIRE(program.read(memory) == 10U);
    REQUIRE(program.last() == FaultOutcome::file_page);
    REQUIRE(program.write(memory, 20));
    REQUIRE(program.last() == FaultOutcome::copy_on_write);
    REQUIRE(program.write(page_at(memory, 1) + 4, 21));
    REQUIRE(program.last() == FaultOutcome::copy_on_write);
    REQUIRE(program.read(page_at(memory, 1)) == 11U);
    file.set_word(0, 30);
    REQUIRE(program.read(memory) == 20U);
    REQUIRE_FALSE(file.mapped_writable());
    require_balanced(torus);
    program.end();
    REQUIRE_FALSE(file.mapped());
}

TEST_CASE("a shared mapping writes into the file, and all see it") {
    BootedTorus torus;
    TestFile file(torus->memory, 2);
    Program one = Program::start(torus);
    Program other = Program::start(torus);
    const VirtAddr here = one->map(request_for(file, 2, read_write, true))->start();
    const VirtAddr there = other->map(request_for(file, 2, read_only, true))->start();
    REQUIRE(file.mapped_writable());
    REQUIRE(other.read(there) == 0U);
    REQUIRE(one.write(here, 5));
    REQUIRE(other.read(there) == 5U);
    REQUIRE(other.write(there, 6) == std::unexpected(FaultOutcome::protection_error));
    REQUIRE(one->sync(Page::containing(here), 2, false));
    REQUIRE(file.syncs == 1);
    require_balanced(torus);
}

TEST_CASE("what a file loses is gone for everybody, also behind shared tables and private copies") {
    BootedTorus torus;
    TestFile file(torus->memory, 4);
    Program parent = Program::start(torus);
    const VirtAddr memory = parent->map(request_for(file, 6, quire::Access::all(), false))->start();
    for (std::uint32_t page = 0; page < 4; ++page) {
        REQUIRE(parent.write(page_at(memory, page), page));
        REQUIRE(parent.run(page_at(memory, page)));
    }
    REQUIRE(parent.read(page_at(memory, 4)) == std::unexpected(FaultOutcome::past_end));
    Program child = parent.fork();
    REQUIRE(child.read(page_at(memory, 3)) == 3U);
    file.truncate(2);
    for (Program* program : {&parent, &child}) {
        REQUIRE(program->read(page_at(memory, 1)) == 1U);
        REQUIRE(program->read(page_at(memory, 2)) == std::unexpected(FaultOutcome::past_end));
        REQUIRE(program->run(page_at(memory, 3)) == std::unexpected(FaultOutcome::past_end));
    }
    require_balanced(torus);
    file.truncate(4);
    REQUIRE(child.read(page_at(memory, 3)) == 0U);
    require_balanced(torus);
}

TEST_CASE("a source lives as long as a region maps it") {
    BootedTorus torus;
    TestFile file(torus->memory, 4);
    Program program = Program::start(torus);
    const Page first = *program->map(request_for(file, 4, read_only, false));
    file.release();
    REQUIRE_FALSE(file.destroyed);
    REQUIRE(program->unmap(first + 1, 1)); // two regions now
    REQUIRE(file.references() == 2);
    Program child = program.fork();
    REQUIRE(program->unmap(first, 4));
    REQUIRE_FALSE(file.destroyed);
    child.end();
    REQUIRE(file.destroyed);
}

TEST_CASE("what discards a source's pages is MADV_REMOVE through a mapping that may write") {
    BootedTorus torus;
    TestFile file(torus->memory, 4);
    file.set_word(1, 7);
    Program program = Program::start(torus);
    const Page shared = *program->map(request_for(file, 4, read_write, true));
    const Page constant = *program->map(request_for(file, 4, read_only, true));
    REQUIRE(program.read((constant + 1).start()) == 7U);
    REQUIRE(program->advise(constant, 4, Advice::remove) == fail(Error::no_access));
    REQUIRE(program->advise(shared + 1, 1, Advice::remove));
    REQUIRE(program.read((constant + 1).start()) == 0U);
    const Page anonymous = Page::containing(program.map(1));
    REQUIRE(program->advise(anonymous, 1, Advice::remove) == fail(Error::invalid_argument));
    require_balanced(torus);
}

TEST_CASE("random pages of a cache, near and far, are those of a set of numbers") {
    for (std::uint32_t seed = 1; seed <= 20; ++seed) {
        BootedTorus torus;
        test::Random random(seed);
        const std::uint32_t free = torus->memory.frames.free_count();
        {
            TestFile object(torus->memory, 1);
            PageCache cache(torus->memory, torus->memory.pager, object, Owner::shared);
            std::set<std::uint32_t> model;
            // Numbers of every length, and many close together.
            const auto number = [&] { return random() >> random.below(32); };
            for (int step = 0; step < 300; ++step) {
                const std::uint32_t index = std::min(number(), PageCache::most_pages - 1);
                if (random.once_in(6)) {
                    const std::uint32_t count = number();
                    cache.drop(index, count);
                    model.erase(model.lower_bound(index),
                                count < PageCache::most_pages - index ? model.lower_bound(index + count) : model.end());
                } else {
                    REQUIRE(cache.get(index));
                    model.insert(index);
                }
                const std::uint32_t asked = number();
                const auto next = model.lower_bound(asked);
                REQUIRE(cache.next(asked) == (next != model.end() ? std::optional(*next) : std::nullopt));
                REQUIRE(cache.has(asked) == model.contains(asked));
                REQUIRE(cache.page_count() == model.size());
            }
            REQUIRE(std::all_of(model.begin(), model.end(), [&](std::uint32_t each) { return cache.has(each); }));
        }
        torus->memory.heap.trim();
        REQUIRE(torus->memory.frames.free_count() == free);
    }
}

TEST_CASE("a page cache has pages where they were asked for and nowhere else") {
    BootedTorus torus;
    const std::uint32_t free = torus->memory.frames.free_count();
    {
        TestFile object(torus->memory, 1);
        PageCache cache(torus->memory, torus->memory.pager, object, Owner::file);
        REQUIRE(cache.get(PageCache::most_pages) == fail(Error::out_of_range));
        const Result<Frame> first = cache.get(5);
        REQUIRE(first);
        REQUIRE(cache.get(5) == first);
        REQUIRE(cache.get(700000));
        REQUIRE(cache.has(700000));
        REQUIRE_FALSE(cache.has(6));
        REQUIRE(cache.page_count() == 2);
        REQUIRE(torus->memory.frames.owner(*first) == Owner::file);
        cache.drop(0, 6);
        REQUIRE_FALSE(cache.has(5));
        cache.drop(6, 0xFFFFFFFF);
        REQUIRE(cache.page_count() == 0);
        for (std::uint32_t index = 0; index < 300; ++index) {
            REQUIRE(cache.get(index));
        }
        cache.drop(100, 50);
        REQUIRE(cache.page_count() == 250);
    }
    torus->memory.heap.trim();
    REQUIRE(torus->memory.frames.free_count() == free);
}

TEST_CASE("shared anonymous memory is as large as it was made and counts as committed") {
    BootedTorus torus;
    const std::uint32_t before = torus->memory.commit.charged();
    Program program = Program::start(torus);
    const Page first = *program->map({.pages = 4, .access = read_write, .shared = true});
    REQUIRE(torus->memory.commit.charged() == before + 4);
    REQUIRE(program.write((first + 3).start(), 9));
    const Result<Page> longer = program->remap({.old_first = first, .old_pages = 4, .new_pages = 6, .may_move = true});
    REQUIRE(longer);
    REQUIRE(program.read((*longer + 3).start()) == 9U);
    REQUIRE(program.read((*longer + 4).start()) == std::unexpected(FaultOutcome::past_end));
    require_balanced(torus);
    program.end();
    REQUIRE(torus->memory.commit.charged() == before);
}
