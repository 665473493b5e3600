// The demo's chapters about processes.
#include "kernel/memory/frames/address_text.h"
#include "kernel/monitor/demo/lesson.h"

namespace quire {

namespace {

constexpr std::string_view same_said = "The program says the same";

// A lesson that needs no looking at.
void play_unseen(Narrator& narrator, std::string_view name, std::string_view step) {
    const Lesson lesson(narrator, {name});
    lesson.check_end(step);
}

} // namespace

void demo_two_processes(Narrator& narrator) {
    narrator.tell("Each process has a page directory of its own, so an address means something else in each. Two "
                  "processes put a number at 0x20000000 and stop.");
    Lesson first(narrator, {"hold", "1111"});
    Lesson second(narrator, {"hold", "2222"});
    if (!first.must_have_stopped() || !second.must_have_stopped()) {
        return;
    }
    const std::uint32_t in_first = first.word_at(lesson_place);
    const std::uint32_t in_second = second.word_at(lesson_place);
    narrator.check("Read 0x20000000 in both", "1111 and 2222", in_first == 1111 && in_second == 2222, "{} and {}",
                   in_first, in_second);
    const Frame one = first.space().page_state(lesson_page).frame;
    const Frame other = second.space().page_state(lesson_page).frame;
    narrator.check("Translate it in both", "two frames", one != other, "frames {:#x} and {:#x}", one.number(),
                   other.number());
    second.go_on();
    first.go_on();
    first.check_end(same_said);
}

void demo_segmentation_fault(Narrator& narrator) {
    narrator.tell("A program writes where nothing is mapped. The processor raises a page fault, the kernel finds no "
                  "region for the address, says so, and ends the program: SIGSEGV.");
    const Lesson lesson(narrator, {"wild"});
    const ProcessStatus status = lesson.result().status;
    narrator.check("Write to 0x30000000", "killed by signal 11",
                   status.was_killed() && status.signal() == signal_number::segmentation, "{}", lesson.result());
}

void demo_fork(Narrator& narrator) {
    narrator.tell("A process with 1,024 pages forks. Parent and child share the page tables themselves; what either "
                  "writes to is copied then, first the table, then the page.");
    Lesson parent(narrator, {"fork"});
    if (!parent.must_have_stopped()) {
        return;
    }
    const FrameAllocator& frames = narrator.memory().frames;
    const std::uint32_t free_before = frames.free_count();
    parent.go_on();
    if (!parent.must_have_stopped() || parent.child() == nullptr) {
        return;
    }
    constexpr std::uint32_t most = 32;
    const std::uint32_t taken = free_before - frames.free_count();
    narrator.check("Fork, and count the frames it took", "far fewer than 1,024", taken <= most, "{} frames", taken);
    AddressSpace& child = *parent.child()->space;
    const auto same = [&](Page page) { return parent.space().page_state(page).frame == child.page_state(page).frame; };
    narrator.check("Compare page 5 in both", "the same frame", same(lesson_page + 5), "frame {:#x} and {:#x}",
                   parent.space().page_state(lesson_page + 5).frame.number(),
                   child.page_state(lesson_page + 5).frame.number());
    parent.go_on(); // it writes to page 5
    if (!parent.must_have_stopped()) {
        return;
    }
    narrator.check("The parent writes to page 5", "a frame of its own", !same(lesson_page + 5), "frame {:#x} and {:#x}",
                   parent.space().page_state(lesson_page + 5).frame.number(),
                   child.page_state(lesson_page + 5).frame.number());
    const PageState next = parent.space().page_state(lesson_page + 6);
    narrator.check("Page 6 is shared still", "2 sharers", same(lesson_page + 6) && next.sharers == 2, "{} sharers",
                   next.sharers);
    parent.go_on(); // the child ends, and page 6 is written to
    if (!parent.must_have_stopped()) {
        return;
    }
    const PageState reused = parent.space().page_state(lesson_page + 6);
    narrator.check("The child ends; page 6 is written to", "the same frame, reused",
                   reused.frame == next.frame && reused.sharers == 1, "frame {:#x}, {} sharer", reused.frame.number(),
                   reused.sharers);
    parent.go_on();
    parent.check_end(same_said);
}

void demo_mapped_file(Narrator& narrator) {
    narrator.tell(
        "A file of the boot archive is mapped. Its bytes lie in memory already, where the loader put them, so "
        "that very frame is what the program reads.");
    Lesson lesson(narrator, {"file"});
    if (!lesson.must_have_stopped()) {
        return;
    }
    const PageState page = lesson.space().page_state(lesson_page);
    narrator.check("Whose is the frame behind it?", "module", page.owner == Owner::module, "{}", name_of(page.owner));
    const std::uint32_t elf_magic = 0x464C457F;
    const std::uint32_t word = lesson.word_at(lesson_place);
    narrator.check("Its first word", "0x464c457f, ELF's", word == elf_magic, "{:#010x}", word);
    lesson.go_on();
    lesson.check_end(same_said);
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
