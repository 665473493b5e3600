// The demo's chapters about memory beyond RAM.
#include "kernel/monitor/demo/lesson.h"
#include "kernel/monitor/report/user_entries.h"
#include "kernel/process/userland/userland.h"
#include "kernel/torus/torus.h"

#include <algorithm>
#include <array>
#include <optional>

namespace quire {

namespace {

bool is_on_disk(UserPte pte) {
    return pte.kind() == UserPteKind::swapped && !SwapSpace::holds_word(pte.slot());
}

bool is_one_word(UserPte pte) {
    return pte.kind() == UserPteKind::swapped && SwapSpace::holds_word(pte.slot());
}

// Faults that wait for the disk while the lesson touches its pages once more, in so many frames. Nothing where it could
// not be told to.
std::optional<std::uint32_t> count_faults(Lesson& lesson, ReplacementPolicy policy, std::uint32_t frames) {
    if (!lesson.stopped() || !lesson.space().use_policy(policy) || !lesson.space().limit_resident(frames)) {
        return std::nullopt;
    }
    const std::uint32_t before = lesson.process().usage().major_faults;
    lesson.go_on();
    return lesson.stopped() ? std::optional(lesson.process().usage().major_faults - before) : std::nullopt;
}

} // namespace

void demo_more_than_memory(Narrator& narrator) {
    constexpr std::uint32_t left = 1024, pages = 4 * left;
    narrator.tell(
        "What if there is no frame left? All but 4 MiB of memory is promised away. A program writes to 16 MiB, "
        "page by page, and reads them twice: what does not fit goes to a disk, and comes back when it is "
        "touched. The program knows nothing of it.");
    if (narrator.context().torus.userland->processes.count() != 0) {
        narrator.tell("This chapter is skipped, for pages of the programs that are there already would go, too.");
        return;
    }
    Memory& memory = narrator.memory();
    const std::uint32_t spared = left + memory.pager.high_water();
    const std::uint32_t available = memory.frames.available();
    const Result<FrameReservation> promised = memory.frames.reserve(available - std::min(available, spared));
    if (!promised) {
        narrator.check("Promise all others", "done", false, "{}", name_of(promised.error()));
        return;
    }
    const PagerStatistics before = memory.pager.statistics();
    const Lesson lesson(narrator, {"large", "4096"});
    lesson.check_end("Read what was written, twice");
    const PagerStatistics after = memory.pager.statistics();
    const std::uint64_t written = after.written - before.written, read = after.read - before.read;
    narrator.check("Count the pages written to the disk", "more than 2,048", written > pages / 2, "{:,}", written);
    narrator.check("Count those that were read from it", "more than 4,096", read > pages, "{:,}, {:,} of them ahead",
                   read, after.read_ahead - before.read_ahead);
}

void demo_places(Narrator& narrator) {
    narrator.tell(
        "A process has six pages in a row, at 0x20000000. The first it never touched, the second it only read. "
        "It wrote to the others, and then asked for the last three to go; one of these it has touched again.");
    Lesson lesson(narrator, {"places"});
    if (!lesson.must_have_stopped()) {
        return;
    }
    const Memory& memory = narrator.memory();
    const UserTables& tables = lesson.space().tables();
    enum : std::uint32_t { never_touched, only_read, written, of_one_word, gone, come_back, pages };
    for_each_run(tables, lesson_page, lesson_page + pages, [&](const EntryRun& run) {
        narrator.show("{}", EntryRunText{memory, run});
        return true;
    });
    const auto check = [&](std::string_view step, std::string_view expected, std::uint32_t page, bool holds) {
        const PageState state = lesson.space().page_state(lesson_page + page);
        const UserEntryText text{memory, tables.pte(lesson_page + page)};
        narrator.check(step, expected, holds, "{}{}{}", text, state.resident ? ", " : "",
                       state.resident ? name_of(state.owner) : "");
    };
    const auto state = [&](std::uint32_t page) { return lesson.space().page_state(lesson_page + page); };
    check("Never touched", "empty", never_touched, tables.pte(lesson_page).is_empty());
    check("Only read", "the one page of zeros", only_read, state(only_read).owner == Owner::zero);
    check("Written to", "anonymous", written, state(written).owner == Owner::anonymous);
    check("Gone; each byte of it is 7", "a word, on no disk", of_one_word,
          is_one_word(tables.pte(lesson_page + of_one_word)));
    check("Gone", "a slot on the disk", gone, is_on_disk(tables.pte(lesson_page + gone)));
    check("Gone, and touched again", "a frame, and a copy of it", come_back,
          state(come_back).resident && memory.pager.copy_of(state(come_back).frame).has_value());
    lesson.go_on();
    lesson.check_end("The program touches them all");
}

void demo_anomaly(Narrator& narrator) {
    narrator.tell(
        "More memory, fewer faults? A program touches pages in the order 1 2 3 4 1 2 5 1 2 3 4 5. So many of them "
        "are in memory at a time as it has frames; itself and its stack are locked there, and do not count. With "
        "FIFO that page goes which came first: Belady, Nelson and Shedler found in 1969 what comes of it.");
    struct Case {
        std::string_view step, expected;
        ReplacementPolicy policy;
        std::uint32_t frames, faults;
    };
    constexpr std::array<Case, 4> cases{{{"FIFO, three frames", "9 faults", ReplacementPolicy::fifo, 3, 9},
                                         {"FIFO, four frames", "10 faults", ReplacementPolicy::fifo, 4, 10},
                                         {"LRU, three frames", "10 faults", ReplacementPolicy::lru, 3, 10},
                                         {"LRU, four frames", "8 faults", ReplacementPolicy::lru, 4, 8}}};
    Lesson lesson(narrator, {"string", "123412512345"});
    for (const Case& each : cases) {
        const std::optional<std::uint32_t> faults = count_faults(lesson, each.policy, each.frames);
        narrator.check(each.step, each.expected, faults == each.faults, "{} faults", faults.value_or(0));
    }
}

void demo_loop(Narrator& narrator) {
    constexpr std::uint32_t pages = 40, frames = 32, touches = 10 * pages;
    narrator.tell(
        "A program goes ten times around 40 pages, and has 32 frames. What it will want next is always what it "
        "has not had for longest, so that whoever gives that up gives up the wrong page each time. The default "
        "policy notices, and keeps most of the loop.");
    Lesson lesson(narrator, {"loop", "40"});
    const auto play = [&](ReplacementPolicy policy) { return count_faults(lesson, policy, frames).value_or(0); };
    const std::uint32_t fifo = play(ReplacementPolicy::fifo), lru = play(ReplacementPolicy::lru),
                        standard = play(Replacement::standard);
    narrator.check("FIFO", "each touch a fault: 400", fifo == touches, "{} faults", fifo);
    narrator.check("LRU", "the same", lru == touches, "{} faults", lru);
    narrator.check(name_of(Replacement::standard), "less than half of that",
                   pages <= standard && 2 * standard < touches, "{} faults", standard);
}

void demo_changed_on_disk(Narrator& narrator) {
    narrator.tell(
        "Disks fail, and not always with an error. A program lets one of its pages go, finds out where it lies "
        "(/proc/self/pagemap), and changes one bit of it on the disk. Its child touches the page. The kernel "
        "kept a check of it.");
    Pager& pager = narrator.memory().pager;
    const std::uint64_t before = pager.statistics().changed_on_disk;
    Lesson lesson(narrator, {"damage"});
    if (!lesson.must_have_stopped()) {
        return;
    }
    const UserPte pte = lesson.space().tables().pte(lesson_page);
    if (!narrator.check("The page goes", "a slot on the disk", is_on_disk(pte), "{}",
                        UserEntryText{narrator.memory(), pte})) {
        return;
    }
    std::array<char, 64> name{};
    BufferSink text(name);
    pager.swap.area(pte.slot()).store().print_name(text);
    if (const Result<void> told = lesson.space().write((lesson_page + 1).start(), std::as_bytes(std::span(name)));
        !told) {
        narrator.check("Tell the program the disk's name", "done", false, "{}", name_of(told.error()));
        return;
    }
    lesson.go_on();
    lesson.check_end("The child is ended by SIGBUS, and nobody else");
    const std::uint64_t caught = pager.statistics().changed_on_disk - before;
    narrator.check("Count the pages that came back changed", "1", caught == 1, "{}", caught);
}

} // namespace quire
