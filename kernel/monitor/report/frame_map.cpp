// Draws maps of physical memory. See frame_map.h.
#include "kernel/monitor/report/frame_map.h"

#include "kernel/lib/format.h"
#include "kernel/memory/frames/address_text.h"

#include <algorithm>
#include <bit>
#include <numeric>

namespace quire {

namespace {

constexpr std::uint32_t columns = 64, rows = 16;

struct OwnerLook {
    Owner owner;
    char letter;
    std::uint8_t color; // of xterm's 256
};

constexpr auto looks = std::to_array<OwnerLook>({
    {Owner::absent, ' ', 16},
    {Owner::free, '.', 236},
    {Owner::reserved, 'R', 240},
    {Owner::kernel, 'K', 25},
    {Owner::module, 'M', 97},
    {Owner::metadata, 'B', 30},
    {Owner::zero, 'Z', 240},
    {Owner::page_table, 'P', 130},
    {Owner::heap, 'H', 28},
    {Owner::heap_metadata, 'O', 65},
    {Owner::stack, 'S', 124},
    {Owner::anonymous, 'A', 33},
    {Owner::file, 'F', 136},
    {Owner::shared, 'C', 133},
    {Owner::test, 'T', 90},
});

// Every owner has a look, at its own place, and a letter of its own.
constexpr bool complete() {
    for (std::size_t i = 0; i < looks.size(); ++i) {
        for (std::size_t other = 0; other < i; ++other) {
            if (looks[i].letter == looks[other].letter) {
                return false;
            }
        }
        if (static_cast<std::size_t>(looks[i].owner) != i) {
            return false;
        }
    }
    return looks.size() == owner_count;
}
static_assert(complete());

const OwnerLook& look_of(Owner owner) {
    return looks[static_cast<std::size_t>(owner)];
}

// Prints one row of the map and adds what is in it to `all`.
void print_row(Display& out, const FrameAllocator& frames, FrameRun run, std::uint32_t bucket_frames, Bucket& all) {
    print(out, "{}  ", run.first.start());
    Owner painted = Owner::absent;
    bool any_paint = false;
    for (Frame at = run.first; at < run.end(); at = at + bucket_frames) {
        Bucket bucket;
        const Frame end = std::min(run.end(), at + bucket_frames);
        for (Frame frame = at; frame < end; frame = frame + 1) {
            bucket.add(frames.owner(frame));
        }
        all.add(bucket);
        if (const Owner owner = bucket.shown(); !any_paint || owner != painted) {
            out.set_background(look_of(owner).color);
            painted = owner;
            any_paint = true;
        }
        const char character = bucket.character();
        out.write({&character, 1});
    }
    print(out, "{}\n", out.paint(Ink::plain));
}

void print_legend(Display& out, const Bucket& all) {
    constexpr std::size_t across = 5, width = 15;
    std::size_t printed = 0;
    for (const Owner owner : all_owners()) {
        if (owner == Owner::absent || all.frames[static_cast<std::size_t>(owner)] == 0) {
            continue;
        }
        out.write(printed != 0 && printed % across == 0 ? "\n" : "");
        ++printed;
        out.set_background(look_of(owner).color);
        print(out, "{}", look_of(owner).letter);
        print(out, "{} {:13}", out.paint(Ink::plain), name_of(owner));
        static_assert(across * width < 80);
    }
    print(out, "\nA capital letter: all of it; a small one: part, the rest is free or another's.\n");
}

} // namespace

void Bucket::add(const Bucket& other) {
    for (std::size_t i = 0; i < frames.size(); ++i) {
        frames[i] += other.frames[i];
    }
}

std::uint32_t Bucket::total() const {
    return std::accumulate(frames.begin(), frames.end(), std::uint32_t{0});
}

Owner Bucket::shown() const {
    const auto in_use = frames.begin() + static_cast<std::ptrdiff_t>(Owner::reserved);
    const auto most = std::max_element(in_use, frames.end());
    if (*most != 0) {
        return static_cast<Owner>(most - frames.begin());
    }
    return frames[static_cast<std::size_t>(Owner::free)] != 0 ? Owner::free : Owner::absent;
}

char Bucket::character() const {
    constexpr char to_small = 'a' - 'A';
    const Owner owner = shown();
    const char letter = look_of(owner).letter;
    const bool whole = frames[static_cast<std::size_t>(owner)] == total();
    const bool is_letter = letter >= 'A' && letter <= 'Z';
    return whole || !is_letter ? letter : static_cast<char>(letter + to_small);
}

std::uint32_t bucket_size(std::uint32_t count, std::uint32_t characters) {
    return std::bit_ceil(std::max<std::uint32_t>(1, (count + characters - 1) / characters));
}

void print_frame_map(Display& out, const FrameAllocator& frames, FrameRun run) {
    const std::uint32_t bucket_frames = bucket_size(run.count, columns * rows);
    const std::uint32_t row_frames = bucket_frames * columns;
    print(out, "{} to {}, {} a character, {} a row\n\n", run.first.start(),
          PhysAddr((run.end().number() << page_shift) - 1), ByteCount{std::uint64_t{bucket_frames} * page_size},
          ByteCount{std::uint64_t{row_frames} * page_size});
    Bucket all;
    for (Frame at = run.first; at < run.end(); at = at + row_frames) {
        print_row(out, frames, {at, std::min(row_frames, run.end() - at)}, bucket_frames, all);
    }
    out.write("\n");
    print_legend(out, all);
}

} // namespace quire
