// Writes and reads back every free frame. See memory_test.h.
#include "kernel/memory/audit/memory_test.h"

namespace quire {

namespace {

using Phase = MemoryTestProgress::Phase;

constexpr std::uint32_t words_in_frame = page_size / sizeof(std::uint32_t);
constexpr std::uint32_t progress_frames = 1024; // between two reports

// What a frame is filled with: `first`, `first + step`, and so on. Where it starts is the frame's alone, for
// multiplying by an odd number is one-to-one. Every other round writes the complement (which counts down), so that
// after two each bit has been 0 and 1.
struct Sequence {
    std::uint32_t first, step;
};

Sequence sequence_of(Frame frame, std::uint32_t round) {
    constexpr std::uint32_t spread = 0x9E3779B1, step = 0x01000193;
    const std::uint32_t first = frame.number() * spread + round / 2;
    return round % 2 == 0 ? Sequence{first, step} : Sequence{~first, 0 - step};
}

// All RAM goes through the next two loops twice, so they are unrolled.
void write_sequence(std::uint32_t* words, Sequence sequence) {
    std::uint32_t word = sequence.first;
#pragma GCC unroll 8
    for (std::uint32_t i = 0; i < words_in_frame; ++i) {
        words[i] = word;
        word += sequence.step;
    }
}

bool holds_sequence(const std::uint32_t* words, Sequence sequence) {
    std::uint32_t word = sequence.first;
    std::uint32_t different = 0;
#pragma GCC unroll 8
    for (std::uint32_t i = 0; i < words_in_frame; ++i) {
        different |= words[i] ^ word;
        word += sequence.step;
    }
    return different == 0;
}

std::optional<WrongWord> first_wrong_word(PhysicalMemory& memory, Frame frame, std::uint32_t round) {
    const TemporaryMapping mapping = memory.map_temporarily(frame);
    const auto* words = mapping.as<std::uint32_t>();
    const Sequence sequence = sequence_of(frame, round);
    for (std::uint32_t i = 0; i < words_in_frame; ++i) {
        if (const std::uint32_t written = sequence.first + i * sequence.step; words[i] != written) {
            return WrongWord{
                .at = frame.start() + i * std::uint32_t{sizeof(std::uint32_t)}, .written = written, .found = words[i]};
        }
    }
    return std::nullopt;
}

// Calls body(frame) for every frame that the test took, in address order, telling `progress` now and then. False if it
// was stopped.
template <class Body>
bool for_each_taken(const FrameAllocator& frames, MemoryTestProgress& progress, Phase phase, std::uint32_t total,
                    Body body) {
    std::uint32_t done = 0;
    for (Frame frame(0); frame.number() < frames.frame_count(); frame = frame + 1) {
        if (frames.owner(frame) != Owner::test) {
            continue;
        }
        body(frame);
        ++done;
        if ((done % progress_frames == 0 || done == total) && !progress.reached(phase, done, total)) {
            return false;
        }
    }
    return true;
}

std::uint32_t take_every_frame(FrameAllocator& frames) {
    std::uint32_t taken = 0;
    while (frames.allocate(Owner::test)) {
        ++taken;
    }
    return taken;
}

void give_every_frame_back(FrameAllocator& frames) {
    for (Frame frame(0); frame.number() < frames.frame_count(); frame = frame + 1) {
        if (frames.owner(frame) == Owner::test) {
            must_succeed(frames.free(frame)); // free_after tells if one was refused
        }
    }
}

} // namespace

Result<MemoryTestOutcome> test_memory(FrameAllocator& frames, PhysicalMemory& memory, MemoryTestProgress& progress,
                                      std::uint32_t round) {
    if (frames.statistics().of(Owner::test) != 0) {
        return fail(Error::not_free);
    }
    MemoryTestOutcome outcome;
    outcome.free_before = frames.free_count();
    outcome.frames = take_every_frame(frames);
    const bool written =
        for_each_taken(frames, progress, Phase::writing, outcome.frames, [&memory, round](Frame frame) {
            write_sequence(memory.map_temporarily(frame).as<std::uint32_t>(), sequence_of(frame, round));
        });
    const bool read =
        written && for_each_taken(frames, progress, Phase::reading, outcome.frames, [&](Frame frame) {
            if (holds_sequence(memory.map_temporarily(frame).as<std::uint32_t>(), sequence_of(frame, round))) {
                return;
            }
            ++outcome.wrong_frames;
            if (!outcome.first_wrong) {
                outcome.first_wrong = first_wrong_word(memory, frame, round);
            }
        });
    outcome.stopped = !read;
    give_every_frame_back(frames);
    outcome.free_after = frames.free_count();
    return outcome;
}

} // namespace quire
