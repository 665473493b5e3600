// Whose a frame is. Every frame of physical memory belongs to exactly one of these classes at any time, and the
// classes add up to all frames.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace quire {

// Grouped: the frames nobody has, those set aside while booting, and those handed out and given back at run time.
enum class Owner : std::uint8_t {
    absent,        // no RAM: a hole, a device, or beyond what the firmware reported
    free,          // RAM that waits to be handed out
    reserved,      // firmware, and what the boot loader left
    kernel,        // the kernel's image
    module,        // a file the boot loader brought along
    metadata,      // the frame allocator's own tables
    zero,          // the one page of zeros that everybody may read
    page_table,    // a page directory or a page table
    heap,          // memory that kmalloc hands out
    heap_metadata, // the kernel heap's own tables
    stack,         // a kernel stack
    anonymous,     // a process's memory with no file behind it
    file,          // a page of a file
    shared,        // memory that several processes were given on purpose
    test,          // taken by a test of the machine or of the kernel
};

inline constexpr std::size_t owner_count = static_cast<std::size_t>(Owner::test) + 1;

// All classes in the order above.
[[nodiscard]] constexpr std::array<Owner, owner_count> all_owners() {
    std::array<Owner, owner_count> owners{};
    for (std::size_t i = 0; i < owner_count; ++i) {
        owners[i] = static_cast<Owner>(i);
    }
    return owners;
}

inline constexpr Owner first_handed_out = Owner::page_table;

// As the frame allocator keeps it.
[[nodiscard]] constexpr std::uint8_t byte_of(Owner owner) {
    return static_cast<std::uint8_t>(owner);
}

// Whether frames of this class come from allocate() and go back by free(). The others change hands only by
// FrameAllocator's claim_boot_run() and release_boot_run().
[[nodiscard]] constexpr bool handed_out(Owner owner) {
    return owner >= first_handed_out && static_cast<std::size_t>(owner) < owner_count;
}

// "page table", "heap" and so on.
[[nodiscard]] std::string_view name_of(Owner owner);

} // namespace quire
