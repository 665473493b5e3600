// Each kind of fault and each memory call with 0 to 60 frames left: it comes to an end, the answer is the one that it
// would have given with memory, or that there is none; the books balance, and with memory it works again. What gives
// memory back works with none at all.
#include "kernel/memory/memory.h"
#include "kernel/memory/space/reclaim.h"
#include "tests/host/support/fake_store.h"
#include "tests/host/support/program.h"
#include "tests/host/support/test_file.h"

#include <array>
#include <catch2/catch.hpp>
#include <string>
#include <vector>

using namespace quire;
using namespace quire::test;

namespace {

constexpr std::uint32_t most_left = 60;

// A program that has everything a fault or a call can meet, and a child that shares its page tables.
struct Family {
    explicit Family(BootedTorus& torus)
        : file(torus->memory, 200, true), parent(Program::start(torus)), child(prepare(torus)) {}

    // Each in page tables of its own, so that one fault does not make the table that another needs.
    static constexpr std::uint32_t apart = 1024;
    static constexpr Page base{0x10000};
    [[nodiscard]] static Page place(std::uint32_t number) { return base + number * apart; }

    TestFile file;
    Program parent;
    Program child;

private:
    Program prepare(BootedTorus&) {
        const auto map = [&](std::uint32_t number, MapRequest request) {
            request.hint = place(number);
            request.pages = 64;
            request.fixed = true;
            REQUIRE(parent->map(request));
        };
        map(0, {.access = quire::Access::all()});
        map(1, {.access = read_write, .shared = true});
        map(2, {.access = quire::Access::all(), .object = &file});
        map(3, {.access = read_write, .shared = true, .object = &file, .object_page = 64});
        map(4, {.access = read_write, .grows_down = true});
        map(5, {.access = read_write});
        for (std::uint32_t page = 0; page < 8; ++page) {
            REQUIRE(parent.write((place(0) + page).start(), page));
            REQUIRE(parent.run((place(0) + page).start()));
            REQUIRE(parent.read((place(2) + page).start()));
            REQUIRE(parent.write((place(1) + page).start(), page));
            REQUIRE(parent.read((place(3) + page).start()));
            REQUIRE(parent.write((place(4) + page).start(), page));
        }
        return parent.fork();
    }
};

// Whether it was done; false where there was no memory for it. Anything else fails the test.
bool done(FaultOutcome outcome) {
    CHECK((served(outcome) || outcome == FaultOutcome::out_of_memory));
    return served(outcome);
}
template <class T> bool done(const Result<T>& result) {
    CHECK((result || result.error() == Error::out_of_memory || result.error() == Error::would_block));
    return result.has_value();
}

struct Question {
    std::string name;
    bool (*ask)(Family&, BootedTorus&);
    bool needs_nothing = false; // works without a frame
};

class HeapOnly final : public Reclaimer {
public:
    explicit HeapOnly(Memory& memory) : memory_(memory) {}
    bool reclaim_caches() override {
        ++rounds;
        return memory_.heap.trim() != 0;
    }
    Room put_pages_out() override { return Room::none; }
    bool kill_one() override { return false; }
    int rounds = 0;

private:
    Memory& memory_;
};

bool touch(Family& family, BootedTorus& torus, Page page, bool write) {
    HeapOnly reclaimer(torus->memory);
    const FaultOutcome outcome = handle_fault_reclaiming(*family.parent, page.start(), {.write = write}, reclaimer);
    CHECK(reclaimer.rounds <= 1);
    return done(outcome);
}
// A system call that is refused for want of memory is made again, if this was told.
struct Keeper final : RoomKeeper {
    void room_wanted() override {}
    void frame_refused() override { ++refused; }
    std::uint32_t refused = 0;
};

// The last of the family to have its tables: nothing is shared.
void alone(Family& family) {
    family.child.end();
}

const std::vector<Question> questions{
    {"read of an untouched page", [](Family& f, BootedTorus& t) { return touch(f, t, f.place(5), false); }},
    {"first write", [](Family& f, BootedTorus& t) { return touch(f, t, f.place(5) + 1, true); }},
    {"first write in a shared table", [](Family& f, BootedTorus& t) { return touch(f, t, f.place(0) + 20, true); }},
    {"copy on write in a shared table", [](Family& f, BootedTorus& t) { return touch(f, t, f.place(0), true); }},
    {"copy of a file's page", [](Family& f, BootedTorus& t) { return touch(f, t, f.place(2), true); }},
    {"reuse",
     [](Family& f, BootedTorus& t) {
         alone(f);
         return touch(f, t, f.place(0), true);
     },
     true},
    {"read of a private file's page", [](Family& f, BootedTorus& t) { return touch(f, t, f.place(2) + 30, false); }},
    {"write to a private file's page", [](Family& f, BootedTorus& t) { return touch(f, t, f.place(2) + 31, true); }},
    {"read of a shared file's page", [](Family& f, BootedTorus& t) { return touch(f, t, f.place(3) + 30, false); }},
    {"write to a shared file's page", [](Family& f, BootedTorus& t) { return touch(f, t, f.place(3) + 31, true); }},
    {"write to shared memory", [](Family& f, BootedTorus& t) { return touch(f, t, f.place(1) + 40, true); }},
    {"fetch in a shared table",
     [](Family& f, BootedTorus& t) { return touch(f, t, f.place(0) + 1 + mirror_distance, false); }},
    {"fetch of a file's page, the first under its table",
     [](Family& f, BootedTorus& t) { return touch(f, t, f.place(2) + 32 + mirror_distance, false); }},
    {"growth of a stack", [](Family& f, BootedTorus& t) { return touch(f, t, f.place(4) - 5, true); }},
    {"map", [](Family& f, BootedTorus&) { return done(f.parent->map({.pages = 5, .access = read_write})); }},
    {"map of shared memory",
     [](Family& f, BootedTorus&) { return done(f.parent->map({.pages = 5, .access = read_write, .shared = true})); }},
    {"map over a part of a shared table",
     [](Family& f, BootedTorus&) {
         return done(f.parent->map({.hint = f.place(0) + 3, .pages = 2, .access = read_only, .fixed = true}));
     }},
    {"unmap of a part of a shared table",
     [](Family& f, BootedTorus&) { return done(f.parent->unmap(f.place(0) + 3, 2)); }, true},
    {"unmap of an end", [](Family& f, BootedTorus&) { return done(f.parent->unmap(f.place(2), 4)); }, true},
    {"unmap of parts of several shared tables",
     [](Family& f, BootedTorus&) { return done(f.parent->unmap(f.place(0) + 32, 4 * Family::apart)); }, true},
    {"unmap of everything",
     [](Family& f, BootedTorus&) { return done(f.parent->unmap(f.place(0), 6 * Family::apart)); }, true},
    {"MADV_DONTNEED of a part of a shared table",
     [](Family& f, BootedTorus&) { return done(f.parent->advise(f.place(0) + 3, 2, Advice::dont_need)); }, true},
    {"MADV_DONTNEED of a file's pages",
     [](Family& f, BootedTorus&) { return done(f.parent->advise(f.place(2) + 3, 2, Advice::dont_need)); }, true},
    {"MADV_FREE", [](Family& f, BootedTorus&) { return done(f.parent->advise(f.place(0) + 3, 2, Advice::free)); },
     true},
    {"MADV_REMOVE", [](Family& f, BootedTorus&) { return done(f.parent->advise(f.place(1) + 3, 2, Advice::remove)); },
     true},
    {"MADV_DONTFORK",
     [](Family& f, BootedTorus&) { return done(f.parent->advise(f.place(0) + 3, 2, Advice::dont_fork)); }},
    {"MADV_POPULATE_WRITE",
     [](Family& f, BootedTorus&) { return done(f.parent->advise(f.place(0), 24, Advice::populate_write)); }},
    {"protect of a part of a shared table",
     [](Family& f, BootedTorus&) { return done(f.parent->protect(f.place(0) + 3, 2, read_only)); }},
    {"protect of a whole region",
     [](Family& f, BootedTorus&) { return done(f.parent->protect(f.place(0), 64, read_only)); }},
    {"remap that moves",
     [](Family& f, BootedTorus&) {
         return done(f.parent->remap({.old_first = f.place(0), .old_pages = 64, .new_pages = 80, .may_move = true}));
     }},
    {"remap that shrinks",
     [](Family& f, BootedTorus&) {
         return done(f.parent->remap({.old_first = f.place(0), .old_pages = 64, .new_pages = 4}));
     },
     true},
    {"remap_file_pages",
     [](Family& f, BootedTorus&) { return done(f.parent->remap_object_pages(f.place(3), 4, 100, true)); }},
    {"lock", [](Family& f, BootedTorus&) { return done(f.parent->lock(f.place(0), 24, false)); }},
    {"program break",
     [](Family& f, BootedTorus&) {
         f.parent->set_program_break_start(VirtAddr(0x08000000));
         return f.parent->set_break(VirtAddr(0x08010000)) == VirtAddr(0x08010000);
     }},
    {"fork",
     [](Family& f, BootedTorus& t) {
         const Result<AddressSpace*> space = f.parent->clone();
         if (space) {
             Program(t, **space).end();
         }
         return done(space);
     }},
    {"fork of a fork",
     [](Family& f, BootedTorus& t) {
         const Result<AddressSpace*> space = f.child->clone();
         if (space) {
             Program(t, **space).end();
         }
         return done(space);
     }},
    {"write from outside",
     [](Family& f, BootedTorus&) {
         const std::array<std::byte, 3 * page_size> bytes{};
         return done(f.parent->write(f.place(0).start(), bytes));
     }},
    {"shorter file",
     [](Family& f, BootedTorus&) {
         f.file.truncate(2);
         return true;
     },
     true},
    {"end",
     [](Family& f, BootedTorus&) {
         f.parent->clear();
         return true;
     },
     true},
};

} // namespace

TEST_CASE("each fault and each memory call ends with 0 to 60 frames left, and loses nothing") {
    BootedTorus torus(MachineOptions{.ram = 8U << 20});
    FakeStore store(torus, 8);
    const Result<SwapArea*> area = torus->memory.pager.add_area(store, store.header(), std::nullopt);
    REQUIRE(area);
    Keeper keeper;
    torus->memory.pager.set_room_keeper(&keeper);
    for (const Question& question : questions) {
        bool worked = false;
        for (std::uint32_t left = 0; left <= most_left; ++left) {
            INFO(question.name << " with " << left << " frames left");
            Family family(torus);
            torus->memory.heap.trim();
            bool now = false;
            {
                const Result<FrameReservation> hog =
                    torus->memory.frames.reserve(torus->memory.frames.available() - left);
                REQUIRE(hog);
                keeper.refused = 0;
                now = question.ask(family, torus);
                CHECK((now || keeper.refused != 0));
                require_balanced(torus);
            }
            CHECK((now || !question.needs_nothing));
            CHECK((now || !worked)); // what is enough is enough
            worked = worked || now;
            if (!now) {
                CHECK(question.ask(family, torus));
            }
            family.parent.end();
            family.child.end();
        }
        CHECK(worked);
    }
    torus->memory.pager.set_room_keeper(nullptr);
    torus->memory.pager.remove_area(**area);
    require_balanced(torus);
}
