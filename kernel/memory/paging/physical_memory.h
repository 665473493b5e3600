// How the kernel touches what is in a frame. Frames below the direct map's limit are seen through it, always; any
// other is shown in a temporary mapping, for as long as a TemporaryMapping lives. It owns the temporary mapping slots,
// never the frames.
#pragma once

#include "kernel/machine/address.h"
#include "kernel/machine/mmu.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>

namespace quire {

class PhysicalMemory;

// The contents of one frame, within reach until this object goes. Short-lived: there are few slots. A pointer taken
// from it must not outlive it.
class TemporaryMapping {
public:
    TemporaryMapping(TemporaryMapping&& other) noexcept
        : memory_(std::exchange(other.memory_, nullptr)), slot_(other.slot_),
          data_(std::exchange(other.data_, nullptr)) {}
    TemporaryMapping& operator=(TemporaryMapping&&) = delete;
    inline ~TemporaryMapping();

    [[nodiscard]] std::byte* data() const { return data_; }
    [[nodiscard]] std::span<std::byte, page_size> bytes() const {
        return std::span<std::byte, page_size>(data_, page_size);
    }
    // The frame's contents as an object or an array of T.
    template <class T> [[nodiscard]] T* as() const {
        static_assert(alignof(T) <= page_size);
        return reinterpret_cast<T*>(data_);
    }

private:
    friend PhysicalMemory;
    TemporaryMapping(PhysicalMemory* memory, unsigned slot, std::byte* data)
        : memory_(memory), slot_(slot), data_(data) {}

    PhysicalMemory* memory_; // null where there is no slot to give back
    unsigned slot_;
    std::byte* data_;
};

class PhysicalMemory {
public:
    // How many temporary mappings there can be at a time: slots 1 … 31. Slot 0 shows the table of the
    // temporary mappings.
    static constexpr unsigned most_temporary_mappings = 31;

    // `direct_frames`: frames 0 … direct_frames-1 are in the direct map.
    explicit PhysicalMemory(std::uint32_t direct_frames) : direct_frames_(direct_frames) {}
    PhysicalMemory(const PhysicalMemory&) = delete;
    PhysicalMemory& operator=(const PhysicalMemory&) = delete;

    [[nodiscard]] std::uint32_t direct_frames() const { return direct_frames_; }
    [[nodiscard]] bool is_direct(Frame frame) const { return frame.number() < direct_frames_; }
    // When the direct map has grown: the kernel's own directory reaches further than the boot stub's.
    void set_direct_frames(std::uint32_t direct_frames) { direct_frames_ = direct_frames; }

    // The contents of `frame`, any of the 2^20. Nests; running out of slots is a panic. O(1): nothing for a frame in
    // the direct map, one entry written now and one invlpg at the end for any other.
    [[nodiscard]] TemporaryMapping map_temporarily(Frame frame) {
        return is_direct(frame) ? TemporaryMapping(nullptr, 0, machine::direct_map(frame.start())) : map_slot(frame);
    }

    // Fills with zeros, with `word` over and over, or with what is in another frame. At most two temporary mappings.
    void zero(Frame frame);
    void fill(Frame frame, std::uint32_t word);
    void copy(Frame from, Frame to);
    // Some bytes of a frame, [offset, offset + size) within the page; a panic if they are not.
    void read(Frame frame, std::uint32_t offset, std::span<std::byte> into);
    void write(Frame frame, std::uint32_t offset, std::span<const std::byte> from);

    [[nodiscard]] unsigned temporary_mappings() const;
    // Made since the start, direct map not counted.
    [[nodiscard]] std::uint64_t temporary_mappings_made() const { return temporary_mappings_made_; }

private:
    friend TemporaryMapping;
    TemporaryMapping map_slot(Frame frame);
    void unmap_slot(unsigned slot);

    std::uint32_t direct_frames_;
    std::uint32_t used_slots_ = 1; // bit N: slot N is in use; slot 0 always is
    std::uint64_t temporary_mappings_made_ = 0;
};

TemporaryMapping::~TemporaryMapping() {
    if (memory_ != nullptr) {
        memory_->unmap_slot(slot_);
    }
}

} // namespace quire
