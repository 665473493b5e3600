// The demo's chapters about processes. A program of the boot archive (user/lesson.c) does in ring 3 what a chapter is
// about and stops itself where the kernel is to have a look at its memory.
#include "kernel/lib/panic.h"
#include "kernel/memory/frames/address_text.h"
#include "kernel/monitor/commands/run_program.h"
#include "kernel/monitor/demo/demo.h"
#include "kernel/process/send_signal.h"
#include "kernel/process/userland/userland.h"
#include "kernel/torus/torus.h"

#include <array>
#include <utility>

namespace quire {

namespace {

constexpr VirtAddr place(0x20000000); // where user/lesson.c puts what is looked at
constexpr Page place_page = Page::containing(place);

// The program, at one of its lessons. One that still runs when this goes is ended.
class Lesson {
public:
    Lesson(Narrator& narrator, std::string_view name, std::string_view argument = {})
        : userland_(*narrator.context().torus.userland) {
        const std::array<std::string_view, 3> words{lesson_program, name, argument};
        const Result<Process*> started =
            start_words(userland_, std::span(words).first(argument.empty() ? 2 : words.size()));
        if (!started) {
            narrator.check("The program /bin/lesson starts", "it does", false, "{}", explain(started.error()));
            return;
        }
        process_ = *started;
        await();
    }
    Lesson(const Lesson&) = delete;
    Lesson& operator=(const Lesson&) = delete;
    ~Lesson() {
        if (process_ != nullptr) {
            must_succeed(send_signal(*process_, {.number = signal_number::kill}));
            await();
        }
    }

    // Whether it has stopped itself, to be looked at.
    [[nodiscard]] bool stopped() const { return process_ != nullptr; }
    [[nodiscard]] Process& process() const { return *process_; }
    [[nodiscard]] AddressSpace& space() const { return *process_->space; }
    [[nodiscard]] Process* child() const { return process_->children.front(); }
    // Lets it go on until it stops again or ends.
    void go_on() {
        must_succeed(send_signal(*process_, {.number = signal_number::proceed}));
        await();
    }
    // How it ended, once it has.
    [[nodiscard]] ProgramResult result() const { return result_; }

private:
    void await() {
        result_ = wait_in_foreground(userland_, *process_);
        if (!result_.stopped) {
            process_ = nullptr;
        }
    }

    Userland& userland_;
    Process* process_ = nullptr;
    ProgramResult result_;
};

std::uint32_t word_at(AddressSpace& space, VirtAddr address) {
    std::uint32_t word = 0;
    may_fail(space.read(address, std::as_writable_bytes(std::span(&word, 1)))); // 0 then, which no lesson expects
    return word;
}

// Whether it has stopped for the next look; a chapter cannot go on where it has not.
bool stops(Narrator& narrator, const Lesson& lesson) {
    return lesson.stopped() ||
           narrator.check("The program stops to be looked at", "stopped", false, "{}", lesson.result());
}

bool ended_well(Narrator& narrator, const Lesson& lesson) {
    return narrator.check("The program says the same", "exited with status 0",
                          !lesson.stopped() && lesson.result().status.word == 0, "{}", lesson.result());
}

// A lesson that needs no looking at.
void play_unseen(Narrator& narrator, std::string_view name, std::string_view step) {
    const Lesson lesson(narrator, name);
    narrator.check(step, "exited with status 0", !lesson.stopped() && lesson.result().status.word == 0, "{}",
                   lesson.result());
}

} // namespace

void demo_two_processes(Narrator& narrator) {
    narrator.tell("Each process has a page directory of its own, so an address means something else in each. Two "
                  "processes put a number at 0x20000000 and stop.");
    Lesson first(narrator, "hold", "1111");
    Lesson second(narrator, "hold", "2222");
    if (!stops(narrator, first) || !stops(narrator, second)) {
        return;
    }
    const std::uint32_t in_first = word_at(first.space(), place);
    const std::uint32_t in_second = word_at(second.space(), place);
    narrator.check("Read 0x20000000 in both", "1111 and 2222", in_first == 1111 && in_second == 2222, "{} and {}",
                   in_first, in_second);
    const Frame one = first.space().page_state(place_page).frame;
    const Frame other = second.space().page_state(place_page).frame;
    narrator.check("Translate it in both", "two frames", one != other, "frames {:#x} and {:#x}", one.number(),
                   other.number());
    second.go_on();
    first.go_on();
    ended_well(narrator, first);
}

void demo_segmentation_fault(Narrator& narrator) {
    narrator.tell("A program writes where nothing is mapped. The processor raises a page fault, the kernel finds no "
                  "region for the address, says so, and ends the program: SIGSEGV.");
    const Lesson lesson(narrator, "wild");
    const ProcessStatus status = lesson.result().status;
    narrator.check("Write to 0x30000000", "killed by signal 11",
                   status.was_killed() && status.signal() == signal_number::segmentation, "{}", lesson.result());
}

void demo_fork(Narrator& narrator) {
    narrator.tell("A process with 1,024 pages forks. Parent and child share the page tables themselves; what either "
                  "writes to is copied then, first the table, then the page.");
    Lesson parent(narrator, "fork");
    if (!stops(narrator, parent)) {
        return;
    }
    const FrameAllocator& frames = narrator.memory().frames;
    const std::uint32_t free_before = frames.free_count();
    parent.go_on();
    if (!stops(narrator, parent) || parent.child() == nullptr) {
        return;
    }
    constexpr std::uint32_t most = 32;
    const std::uint32_t taken = free_before - frames.free_count();
    narrator.check("Fork, and count the frames it took", "far fewer than 1,024", taken <= most, "{} frames", taken);
    AddressSpace& child = *parent.child()->space;
    const auto same = [&](Page page) { return parent.space().page_state(page).frame == child.page_state(page).frame; };
    narrator.check("Compare page 5 in both", "the same frame", same(place_page + 5), "frame {:#x} and {:#x}",
                   parent.space().page_state(place_page + 5).frame.number(),
                   child.page_state(place_page + 5).frame.number());
    parent.go_on(); // it writes to page 5
    if (!stops(narrator, parent)) {
        return;
    }
    narrator.check("The parent writes to page 5", "a frame of its own", !same(place_page + 5), "frame {:#x} and {:#x}",
                   parent.space().page_state(place_page + 5).frame.number(),
                   child.page_state(place_page + 5).frame.number());
    const PageState next = parent.space().page_state(place_page + 6);
    narrator.check("Page 6 is shared still", "2 sharers", same(place_page + 6) && next.sharers == 2, "{} sharers",
                   next.sharers);
    parent.go_on(); // the child ends, and page 6 is written to
    if (!stops(narrator, parent)) {
        return;
    }
    const PageState reused = parent.space().page_state(place_page + 6);
    narrator.check("The child ends; page 6 is written to", "the same frame, reused",
                   reused.frame == next.frame && reused.sharers == 1, "frame {:#x}, {} sharer", reused.frame.number(),
                   reused.sharers);
    parent.go_on();
    ended_well(narrator, parent);
}

void demo_mapped_file(Narrator& narrator) {
    narrator.tell(
        "A file of the boot archive is mapped. Its bytes lie in memory already, where the loader put them, so "
        "that very frame is what the program reads.");
    Lesson lesson(narrator, "file");
    if (!stops(narrator, lesson)) {
        return;
    }
    const PageState page = lesson.space().page_state(place_page);
    narrator.check("Whose is the frame behind it?", "module", page.owner == Owner::module, "{}", name_of(page.owner));
    const std::uint32_t elf_magic = 0x464C457F;
    const std::uint32_t word = word_at(lesson.space(), place);
    narrator.check("Its first word", "0x464c457f, ELF's", word == elf_magic, "{:#010x}", word);
    lesson.go_on();
    ended_well(narrator, lesson);
}

void demo_page_protection(Narrator& narrator) {
    narrator.tell("What may be done with a page is decided page by page. Writing is a bit of the entry; executing is "
                  "not, on this processor: the code segment begins at 0x60000000, and only what may be executed is "
                  "mapped there a second time.");
    play_unseen(narrator, "protect", "Write before, while and after a page is read-only");
    play_unseen(narrator, "jump", "Jump into data; then into the page made executable");
}

void demo_big_fork(Narrator& narrator) {
    narrator.tell("Fork shares tables, not pages, so many pages take hardly longer than one. A process reads 250,000 "
                  "pages that it "
                  "never wrote to: one page of zeros stands for all of them, and what there is a million of, after "
                  "four forks, are "
                  "the entries that lead to it. Of each four forks, the shortest time is told.");
    play_unseen(narrator, "big-fork", "Fork a million pages");
}

} // namespace quire
