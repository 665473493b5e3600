// The machine's RAM below 4 GiB as sorted, disjoint runs of whole frames, made from a loader's memory map however odd,
// and the reservations: what must not be handed out, by name. It hands out nothing itself.
#pragma once

#include "kernel/lib/format.h"
#include "kernel/lib/result.h"
#include "kernel/lib/static_vector.h"
#include "kernel/memory/frames/frame_run.h"
#include "kernel/memory/frames/owner.h"

#include <cstdint>
#include <span>
#include <string_view>

namespace quire {

// Frames set aside at boot, and for what.
struct Reservation {
    FrameRun frames; // within RAM
    Owner owner = Owner::reserved;
    std::string_view name; // must outlive the map
};

// What the firmware says of bytes [base, base + length); these are not necessarily aligned, sorted or disjoint.
struct MemoryMapEntry {
    static constexpr std::uint32_t available = 1, reserved = 2, acpi_reclaimable = 3, acpi_nvs = 4, bad = 5;
    std::uint64_t base = 0, length = 0;
    std::uint32_t type = reserved;
};

class MemoryMap {
public:
    // RAM is what some available entry and no other entry covers: inner frames of the first, without every frame that
    // the second touch. What had to be left out is told to `notes`. O(n²) for n entries.
    void set_ram(std::span<const MemoryMapEntry> entries, Sink& notes);

    // Sets bytes [start, start + size) aside under `name`, as far as they are RAM and not set aside already: the first
    // name stays. Errors: out_of_memory (more reservations than there is room for), out_of_range (wraps around 4 GiB).
    [[nodiscard]] Result<void> reserve(PhysAddr start, std::uint64_t size, Owner owner, std::string_view name);

    // No more RAM than `bytes`, whole frames: what is above that and not set aside is none any more, the highest first,
    // but so much that `least_free` frames are left that are not set aside. Told to `notes` where the map's form keeps
    // it from leaving RAM out piecemeal. O(RAM runs × reservations) for each piece.
    void limit(std::uint32_t bytes, std::uint32_t least_free, Sink& notes);

    using Runs = StaticVector<FrameRun, 64>;
    using Reservations = StaticVector<Reservation, 64>;
    // Sorted by address, disjoint, never touching each other, never empty.
    [[nodiscard]] const Runs& ram() const { return ram_; }
    // Sorted by address and disjoint.
    [[nodiscard]] const Reservations& reservations() const { return reservations_; }

    // One past the highest frame of RAM; 0 without any.
    [[nodiscard]] std::uint32_t frame_limit() const { return ram_.empty() ? 0 : ram_[ram_.size() - 1].end().number(); }
    [[nodiscard]] std::uint32_t ram_frames() const;
    [[nodiscard]] std::uint32_t reserved_frames() const;
    // Bytes that the map calls available but no frame below 4 GiB holds: above 4 GiB, and the ends cut to whole frames.
    [[nodiscard]] std::uint64_t bytes_above_4_gib() const { return bytes_above_4_gib_; }
    [[nodiscard]] std::uint64_t bytes_cut() const { return bytes_cut_; }

    // The lowest run of `count` frames that is RAM, not reserved and ends at or below `limit`.
    // Errors: out_of_memory. O(RAM runs × reservations).
    [[nodiscard]] Result<FrameRun> find_free(std::uint32_t count, Frame limit) const;

private:
    void add_ram(FrameRun run, Sink& notes);
    void remove_ram(FrameRun run, Sink& notes);
    [[nodiscard]] FrameRun highest_free() const;
    [[nodiscard]] bool insert_reservation(const Reservation& reservation);

    Runs ram_;
    Reservations reservations_;
    std::uint64_t bytes_above_4_gib_ = 0;
    std::uint64_t bytes_cut_ = 0;
};

} // namespace quire
