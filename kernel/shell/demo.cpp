// Plays the demo's chapters and keeps their score.
#include "kernel/shell/demo.h"

#include "kernel/lib/wrap.h"
#include "kernel/process/torus.h"
#include "kernel/shell/table_text.h"

namespace quire {

namespace {

constexpr auto chapters = std::to_array<DemoChapter>({
    DemoChapter{"What the loader found", demo_boot},
    DemoChapter{"Frames: physical memory, 4 KiB at a time", demo_frames},
    DemoChapter{"One address, translated by hand and by the hardware", demo_translation},
    DemoChapter{"Mapping, protecting and unmapping, and the faults", demo_protection},
    DemoChapter{"The kernel heap", demo_heap},
    DemoChapter{"A leak, found", demo_leak},
    DemoChapter{"Two processes, one address", demo_two_processes, true},
    DemoChapter{"A segmentation fault, explained", demo_segmentation_fault, true},
    DemoChapter{"Fork and copy-on-write", demo_fork, true},
    DemoChapter{"A file in memory", demo_mapped_file, true},
    DemoChapter{"Writing and executing, page by page", demo_page_protection, true},
    DemoChapter{"A million pages forked", demo_big_fork, true},
    DemoChapter{"The books balance", demo_audit},
});

void play(Narrator& narrator, std::size_t number) {
    Display& out = narrator.context().out;
    const DemoChapter& chapter = chapters[number - 1];
    print(out, "\n{}{}. {}{}\n\n", out.paint(Ink::prompt), number, chapter.title, out.paint(Ink::plain));
    if (chapter.needs_programs && narrator.context().torus.programs == nullptr) {
        narrator.tell("This chapter runs programs, and there is nothing here to run them on.");
        return;
    }
    chapter.play(narrator);
}

Outcome finish(Narrator& narrator) {
    Display& out = narrator.context().out;
    const bool good = narrator.failures() == 0;
    print(out, "\n{}demo: {} checks, {} failed{}\n", out.paint(good ? Ink::good : Ink::bad), narrator.checks(),
          narrator.failures(), out.paint(Ink::plain));
    return good ? Outcome::done : Outcome::failed;
}

} // namespace

std::span<const DemoChapter> demo_chapters() {
    return chapters;
}

Outcome play_demo(Context& context) {
    Narrator narrator{context};
    for (std::size_t number = 1; number <= chapters.size(); ++number) {
        play(narrator, number);
    }
    return finish(narrator);
}

Outcome play_demo_chapter(Context& context, std::size_t number) {
    Narrator narrator{context};
    play(narrator, number);
    return finish(narrator);
}

Narrator::Narrator(Context& context) : context_(&context) {
    memory().heap.trim(); // pages that the heap only keeps for later are free frames, too
    free_at_start_ = memory().frames.free_count();
    fingerprint_at_start_ = fingerprint_of_free_frames();
}

Memory& Narrator::memory() {
    return context_->torus.memory;
}

void Narrator::tell(std::string_view paragraph) {
    constexpr std::size_t width = 79, indent = 0;
    WrapSink text{context_->out, width, indent};
    print(text, "{}\n\n", paragraph);
}

void Narrator::report_check(std::string_view step, std::string_view expected, bool holds, std::string_view seen) {
    constexpr std::size_t expected_width = 27, seen_width = 28; // beside each other within 80 columns
    Display& out = context_->out;
    ++checks_;
    failures_ += holds ? 0 : 1;
    print(out, "{}{:6}{}  {}\n", out.paint(holds ? Ink::good : Ink::bad), holds ? "ok" : "FAILED",
          out.paint(Ink::plain), step);
    print(out, "        {}expected{}  {:28}", out.paint(Ink::faint), out.paint(Ink::plain), expected);
    if (expected.size() > expected_width || seen.size() > seen_width) {
        print(out, "\n             ");
    }
    print(out, "{}saw{}  {}\n", out.paint(Ink::faint), out.paint(Ink::plain), seen);
}

std::uint32_t Narrator::fingerprint_of_free_frames() {
    // FNV-1a (Fowler, Noll, Vo), 32 bits, over whether each frame is free.
    std::uint32_t hash = 0x811C9DC5;
    const FrameAllocator& frames = memory().frames;
    for (Frame frame(0); frame.number() < frames.frame_count(); frame = frame + 1) {
        hash = (hash ^ (frames.owner(frame) == Owner::free ? 1U : 0U)) * 0x01000193;
    }
    return hash;
}

} // namespace quire
