// Chapter 2 of the demo: frames are handed out, given back, shared, and every wrong way to do it is refused.
#include "kernel/memory/frames/address_text.h"
#include "kernel/monitor/demo/demo.h"
#include "kernel/torus/torus.h"

namespace quire {

namespace {

void take_and_give_back(Narrator& narrator, FrameAllocator& frames) {
    const std::uint32_t free_before = frames.free_count();
    const Result<Frame> first = frames.allocate(Owner::test);
    const Result<Frame> second = frames.allocate(Owner::test);
    if (!narrator.check("Take two frames.", "two different ones", first && second && *first != *second, "{} and {}",
                        first.value_or(Frame()), second.value_or(Frame()))) {
        return;
    }
    narrator.check("They have an owner now, and one sharer each.", "test, 1",
                   frames.owner(*first) == Owner::test && frames.share_count(*first) == 1, "{}, {}",
                   name_of(frames.owner(*first)), frames.share_count(*first));
    const bool both = frames.free(*first).has_value() && frames.free(*second).has_value();
    narrator.check("Give both back.", "as many free as before", both && frames.free_count() == free_before,
                   "{:,} before, {:,} after", free_before, frames.free_count());
    narrator.check_refused("Give the first back again.", Error::double_free, frames.free(*first));
}

void free_wrongly(Narrator& narrator, FrameAllocator& frames) {
    constexpr Frame video(0xB8); // 0xB8000, the text screen: never RAM on a PC
    const Frame kernel = Frame::containing(machine::image_load_address);
    narrator.check_refused("Give back the frame that holds the kernel's first page.", Error::reserved,
                           frames.free(kernel));
    narrator.check_refused("Give back the frame of the text screen, which is no RAM.", Error::foreign,
                           frames.free(video));
    narrator.check_refused("Give back an address in the middle of a frame.", Error::misaligned,
                           frames.free(PhysAddr(0x00123456)));
    narrator.check_refused("Give back a frame beyond the end of memory.", Error::out_of_range,
                           frames.free(Frame(frames.frame_count())));
}

void take_runs(Narrator& narrator, FrameAllocator& frames) {
    constexpr std::uint32_t count = 16;
    constexpr Frame dma_limit = Frame::containing(PhysAddr(16U << 20)); // ISA devices have 24 address lines
    const Result<FrameRun> run = frames.allocate_run(Owner::test, count, count, dma_limit);
    if (narrator.check("Take 16 frames in a row, aligned to 64 KiB, below 16 MiB, as for DMA.",
                       "aligned, and low enough",
                       run && run->count == count && run->first.number() % count == 0 && run->end() <= dma_limit,
                       "{} to {}", run ? run->first.start() : PhysAddr(), run ? run->end().start() - 1 : PhysAddr())) {
        const Result<Frame> below = frames.allocate_below(Owner::test, dma_limit);
        narrator.check("Take one frame below 16 MiB.", "below P:01000000", below && *below < dma_limit, "{}",
                       below ? below->start() : PhysAddr());
        const bool given = frames.free_run(*run) && below && frames.free(*below);
        narrator.check("Give them back, the run in one call.", "all free",
                       given && frames.owner(run->first) == Owner::free, "{}", name_of(frames.owner(run->first)));
        const bool taken = frames.claim_boot_run(*run, Owner::test).has_value();
        narrator.check("Take that very run again, by address.", "test",
                       taken && frames.owner(run->first) == Owner::test, "{}", name_of(frames.owner(run->first)));
        narrator.check_refused("Take it once more while it is in use.", Error::not_free,
                               frames.claim_boot_run(*run, Owner::test));
        must_succeed(frames.free_run(*run));
    }
    const std::uint32_t free_before = frames.free_count();
    const Result<FrameRun> all = frames.allocate_run(Owner::test, frames.frame_count());
    narrator.check("Ask for a run as large as memory. A refusal changes nothing.", "out of memory",
                   !all && all.error() == Error::out_of_memory && frames.free_count() == free_before, "{}",
                   all ? std::string_view("it was given") : name_of(all.error()));
}

void share(Narrator& narrator, FrameAllocator& frames) {
    const Result<Frame> frame = frames.allocate(Owner::test);
    if (!frame) {
        narrator.check("Take a frame to share.", "a frame", false, "{}", name_of(frame.error()));
        return;
    }
    const bool shared = frames.share(*frame).has_value();
    narrator.check("Share a frame, as copy-on-write does.", "2 sharers", shared && frames.share_count(*frame) == 2,
                   "{}", frames.share_count(*frame));
    narrator.check_refused("Free it while both hold it.", Error::not_free, frames.free(*frame));
    const Result<std::uint32_t> one = frames.release(*frame);
    const Result<std::uint32_t> none = frames.release(*frame);
    narrator.check("Release it twice: the last one to go gives it back.", "1 left, 0 left, free",
                   one == 1U && none == 0U && frames.owner(*frame) == Owner::free, "{} left, {} left, {}",
                   one.value_or(99), none.value_or(99), name_of(frames.owner(*frame)));
}

} // namespace

void demo_frames(Narrator& narrator) {
    narrator.tell("RAM is given out in frames of 4 KiB. One bit a frame says whether it is free, and "
                  "summary levels above say where to look, so that taking one touches a batch of "
                  "words however full memory is. Each frame has an owner and a count of sharers.");
    FrameAllocator& frames = narrator.memory().frames;
    take_and_give_back(narrator, frames);
    free_wrongly(narrator, frames);
    take_runs(narrator, frames);
    share(narrator, frames);
}

} // namespace quire
