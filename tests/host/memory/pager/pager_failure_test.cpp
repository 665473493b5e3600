// Memory that runs out while pages go and come: at whatever allocation it does, no page is lost.
#include "tests/host/support/paged_torus.h"

#include <catch2/catch.hpp>
#include <set>

using namespace quire;
using namespace quire::test;

namespace {

// A parent and its child, which share their pages' table, and pages of every kind that can go.
struct Family : PagedTorus {
    static constexpr std::uint32_t count = 12;
    // Pages by number: one that is one word over and over, one that is seen as code, one that nobody may touch, three
    // that the child has moved elsewhere. What is left are plain ones.
    static constexpr std::uint32_t of_one_word = 1, code = 2, untouchable = 3, moved_first = 8, moved_count = 3;
    static constexpr std::uint32_t shared_count = 2;

    Family()
        : parent(Program::start(torus)), pages(make_pages()), shared(parent.map(shared_count, true)),
          child(make_child()) {
        torus->memory.heap.trim();
        require_balanced(torus);
    }

    [[nodiscard]] static std::uint32_t value(std::uint32_t page) { return page == of_one_word ? 0 : 100 + page; }
    [[nodiscard]] static bool is_moved(std::uint32_t page) {
        return page >= moved_first && page < moved_first + moved_count;
    }
    // Where the child has it.
    [[nodiscard]] VirtAddr of_child(std::uint32_t page) const {
        return is_moved(page) ? page_at(target.start(), page - moved_first) : page_at(pages, page);
    }

    // Everything that is in memory goes; it is written. No frame is needed for that.
    void put_all_out() {
        const std::uint32_t free = torus->memory.frames.free_count();
        std::set<std::uint32_t> frames;
        for (Program* program : {&parent, &child}) {
            for (std::uint32_t page = 0; page < count; ++page) {
                add_frame(frames, *program, program == &parent ? page_at(pages, page) : of_child(page));
            }
            for (std::uint32_t page = 0; page < shared_count; ++page) {
                add_frame(frames, *program, page_at(shared, page));
            }
        }
        for (const std::uint32_t frame : frames) {
            const Eviction eviction = pager().evict(Frame(frame));
            REQUIRE((eviction == Eviction::begun || eviction == Eviction::freed));
        }
        store.end_all();
        REQUIRE(torus->memory.frames.free_count() == free + frames.size());
        require_balanced(torus);
    }

    Program parent;
    VirtAddr pages, shared;
    Page target = Page(0);
    Program child;

private:
    VirtAddr make_pages() {
        const Result<Page> first = parent->map({.pages = count, .access = quire::Access::all()});
        REQUIRE(first);
        return first->start();
    }
    Program make_child() {
        for (std::uint32_t page = 0; page < count; ++page) {
            REQUIRE(parent.write(page_at(pages, page), value(page)));
        }
        for (std::uint32_t page = 0; page < shared_count; ++page) {
            REQUIRE(parent.write(page_at(shared, page), 200 + page));
        }
        REQUIRE(parent.run(page_at(pages, code)));
        REQUIRE(parent->protect(Page::containing(pages) + untouchable, 1, no_access));
        Program made = parent.fork();
        const Page first = Page::containing(pages);
        target = first - 2048;
        REQUIRE(made->remap({.old_first = first + moved_first,
                             .old_pages = moved_count,
                             .new_pages = moved_count,
                             .new_first = target,
                             .may_move = true,
                             .fixed = true}));
        REQUIRE(made.read(shared) == 200U);
        return made;
    }
    void add_frame(std::set<std::uint32_t>& frames, Program& program, VirtAddr address) {
        const UserPte pte = entry(program, address);
        if (pte.has_content() && torus->memory.frames.owner(pte.frame()) != Owner::zero) {
            frames.insert(pte.frame().number());
        }
    }
};

// What both do while their pages are out. False as soon as memory has run out.
bool live(Family& family) {
    Program& child = family.child;
    const Page first = Page::containing(family.pages);
    const Result<AddressSpace*> space = child->clone();
    if (!space) {
        return false;
    }
    Program grandchild(family.torus, **space);
    return grandchild.write(family.of_child(0), 1) && grandchild.read(family.of_child(Family::moved_first)) &&
           child.read(family.of_child(4)) && child.run(family.of_child(Family::code)) &&
           child.write(family.of_child(Family::of_one_word), 0) && child.write(family.shared, 200) &&
           child->protect(first + Family::untouchable, 1, read_only) &&
           child.read(family.of_child(Family::untouchable)) &&
           child->remap({.old_first = first + 5, .old_pages = 2, .new_pages = 1500, .may_move = true}) &&
           family.parent.write(page_at(family.pages, 5), Family::value(5)) && family.parent->unmap(first + 11, 1);
}

} // namespace

TEST_CASE("every allocation fails once while pages go and come, and no page is lost", "[failure]") {
    bool all_done = false;
    for (std::uint32_t left = 0; !all_done; ++left) {
        INFO(left << " frames are left");
        REQUIRE(left < 128);
        Family family;
        {
            FrameAllocator& frames = family.torus->memory.frames;
            const Result<FrameReservation> hog = frames.reserve(frames.available() - left);
            REQUIRE(hog);
            family.put_all_out();
            // What became free is taken, too.
            Result<FrameReservation> rest = frames.reserve(frames.available() - left);
            REQUIRE(rest);
            all_done = live(family);
            family.store.end_all();
            require_balanced(family.torus);
        }
        REQUIRE(family.parent->protect(Page::containing(family.pages) + Family::untouchable, 1, read_only));
        for (std::uint32_t page = 0; page < Family::count - 1; ++page) {
            INFO("page " << page);
            REQUIRE(family.parent.read(page_at(family.pages, page)) == Family::value(page));
        }
        for (std::uint32_t page = 0; page < Family::shared_count; ++page) {
            REQUIRE(family.child.read(page_at(family.shared, page)) == 200 + page);
        }
        for (const std::uint32_t page : {0U, 4U, 7U, Family::moved_first, Family::moved_first + 2, 11U}) {
            INFO("page " << page << " of the child");
            REQUIRE(family.child.read(family.of_child(page)) == Family::value(page));
        }
        family.put_all_out();
        family.child.end();
        family.parent.end();
        CHECK(family.area->used() == 0);
        require_balanced(family.torus);
    }
}
