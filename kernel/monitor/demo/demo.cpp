// Plays the demo's chapters and keeps their score.
#include "kernel/monitor/demo/demo.h"

#include "kernel/monitor/commands/key_pager.h"
#include "kernel/monitor/report/table_text.h"
#include "kernel/process/lifecycle/out_of_memory.h"
#include "kernel/process/userland/userland.h"
#include "kernel/torus/torus.h"

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
    DemoChapter{"Fork and copy-on-write", demo_fork, true, 1200},
    DemoChapter{"A file in memory", demo_mapped_file, true},
    DemoChapter{"Writing and executing, page by page", demo_page_protection, true},
    DemoChapter{"A million pages forked", demo_big_fork, true, 400},
    DemoChapter{"A program four times larger than memory", demo_more_than_memory, true, 1100, 4200},
    DemoChapter{"Where each page of a process is", demo_places, true, 0, 64},
    DemoChapter{"More frames, more faults", demo_anomaly, true, 0, 64},
    DemoChapter{"A loop a little longer than memory", demo_loop, true, 0, 64},
    DemoChapter{"A page that was changed on the disk", demo_changed_on_disk, true, 0, 64},
    DemoChapter{"The books balance", demo_audit},
});

// Why a chapter that runs programs cannot be played; empty where it can.
std::string_view missing_for_programs(const Torus& torus) {
    if (torus.userland == nullptr) {
        return "there is nothing here to run programs on";
    }
    const Namespace& names = torus.userland->files().names();
    return names.find(names.root(), lesson_program) ? ""
                                                    : "the loader brought no boot archive with /bin/lesson (with "
                                                      "QEMU's own: -initrd build/kernel/archive.cpio)";
}

void play(Narrator& narrator, std::size_t number) {
    Display& out = narrator.context().out;
    const DemoChapter& chapter = chapters[number - 1];
    print(out, "\n{}{}. {}{}\n\n", out.paint(Ink::prompt), number, chapter.title, out.paint(Ink::plain));
    if (const std::string_view missing = missing_for_programs(narrator.context().torus);
        chapter.needs_programs && !missing.empty()) {
        WrapSink text{out, out.text_width(), 0};
        print(text, "This chapter is skipped, for {}.\n", missing);
        return;
    }
    const auto lacks = [&](std::uint32_t needed, std::uint32_t free, std::string_view what) {
        if (free < needed) {
            WrapSink text{out, out.text_width(), 0};
            print(text, "This chapter is skipped, for it takes {} of {}, and {} are free.\n",
                  ByteCount{std::uint64_t{needed} * page_size}, what, ByteCount{std::uint64_t{free} * page_size});
        }
        return free < needed;
    };
    if (lacks(chapter.needs_frames, narrator.memory().frames.free_count(), "memory") ||
        lacks(chapter.needs_slots, narrator.memory().pager.swap.free_pages(), "swap space")) {
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
    {
        KeyPager pager{context};
        for (std::size_t number = 1; number <= chapters.size() && !pager.left(); ++number) {
            pager.start();
            play(narrator, number);
            context.out.set_pager(nullptr);
            if (number < chapters.size() && pager.watched() && !pager.left()) {
                pager.turn_page();
            }
        }
    }
    return finish(narrator);
}

Outcome play_demo_chapter(Context& context, std::size_t number) {
    Narrator narrator{context};
    {
        KeyPager pager{context};
        pager.start();
        play(narrator, number);
    }
    return finish(narrator);
}

Narrator::Narrator(Context& context) : context_(&context) {
    give_back_unused();
    free_at_start_ = memory().frames.free_count();
    fingerprint_at_start_ = fingerprint_of_free_frames();
}

void Narrator::give_back_unused() {
    memory().heap.trim();
    if (Userland* const userland = context_->torus.userland; userland != nullptr) {
        reclaim_caches(userland->processes);
        userland->processes.give_back_unused();
    }
}

Memory& Narrator::memory() {
    return context_->torus.memory;
}

void Narrator::tell(std::string_view paragraph) {
    constexpr std::size_t indent = 0;
    WrapSink text{context_->out, context_->out.text_width(), indent};
    print(text, "{}\n\n", paragraph);
}

void Narrator::report_check(std::string_view step, std::string_view expected, bool holds, std::string_view seen) {
    constexpr std::size_t step_indent = 8, indent = 18, expected_width = 28, seen_at = 51;
    Display& out = context_->out;
    const std::size_t width = out.text_width();
    ++checks_;
    failures_ += holds ? 0 : 1;
    {
        WrapSink text{out, width, step_indent};
        print(text, "{}{:6}{}  {}\n", out.paint(holds ? Ink::good : Ink::bad), holds ? "ok" : "FAILED",
              out.paint(Ink::plain), step);
    }
    // Beside each other where both fit, else one below the other.
    const bool beside = expected.size() < expected_width && seen_at + seen.size() <= width;
    WrapSink text{out, width, indent};
    print(text, "        {}expected{}  {}", out.paint(Ink::faint), out.paint(Ink::plain), expected);
    for (std::size_t column = expected.size(); beside && column < expected_width; ++column) {
        text.write(" ");
    }
    print(text, "{}{}saw{}  {}\n", beside ? "" : "\n             ", out.paint(Ink::faint), out.paint(Ink::plain), seen);
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
