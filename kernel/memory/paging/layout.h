// The address space, as one table: which area lies where and what it is for. The mapping code, the `layout` command and
// the fault report read this table and nothing else, so they cannot disagree.
#pragma once

#include "kernel/machine/address.h"
#include "kernel/machine/image.h"
#include "kernel/machine/mmu.h"

#include <array>
#include <cstdint>
#include <string_view>

namespace quire {

enum class AreaKind : std::uint8_t {
    null_guard,
    user,
    user_executable, // what of `user` may be executed, mirrored 0x60000000 higher
    direct_map,
    heap,
    stacks,
    device,
    temporary,
    guard,
};

struct Area {
    AreaKind kind = AreaKind::guard;
    std::string_view name;
    VirtAddr first; // its first byte
    VirtAddr last;  // its last byte: the end of the last area does not fit 32 bits
    std::string_view purpose;

    [[nodiscard]] constexpr std::uint32_t pages() const { return (last - first) / page_size + 1; }
    [[nodiscard]] constexpr bool contains(VirtAddr address) const { return address >= first && address <= last; }
};

// clang-format off
inline constexpr auto areas = std::to_array<Area>({
    Area{AreaKind::null_guard,      "null guard",   VirtAddr(0x00000000), VirtAddr(0x003FFFFF), "never mapped: null pointers fault"},
    Area{AreaKind::user,            "user",         VirtAddr(0x00400000), VirtAddr(0x5FFFFFFF), "program, heap, mappings, stack"},
    Area{AreaKind::user_executable, "user code",    VirtAddr(0x60000000), VirtAddr(0xBFFFFFFF), "mirror of what a program may execute"},
    Area{AreaKind::direct_map,      "direct map",   VirtAddr(0xC0000000), VirtAddr(0xEFFFFFFF), "the first 768 MiB of RAM, and the kernel in it"},
    Area{AreaKind::heap,            "kernel heap",  VirtAddr(0xF0000000), VirtAddr(0xF7FFFFFF), "kmalloc's pages"},
    Area{AreaKind::stacks,          "stacks",       VirtAddr(0xF8000000), VirtAddr(0xFBFFFFFF), "kernel stacks, each above a guard page"},
    Area{AreaKind::device,          "devices",      VirtAddr(0xFC000000), VirtAddr(0xFEFFFFFF), "device memory, not cached"},
    Area{AreaKind::temporary,         "temporary",    VirtAddr(0xFF000000), VirtAddr(0xFF3FFFFF), "short views of frames above the direct map"},
    Area{AreaKind::guard,           "top guard",    VirtAddr(0xFF400000), VirtAddr(0xFFFFFFFF), "never mapped: wrapped pointers fault"},
});
// clang-format on

// The area of a kind.
[[nodiscard]] constexpr const Area& area(AreaKind kind) {
    for (const Area& candidate : areas) {
        if (candidate.kind == kind) {
            return candidate;
        }
    }
    return areas.back();
}

// The area that an address lies in; every address lies in one.
[[nodiscard]] constexpr const Area& area_of(VirtAddr address) {
    for (const Area& candidate : areas) {
        if (candidate.contains(address)) {
            return candidate;
        }
    }
    return areas.back();
}

// The whole address space is covered, in order, without overlap, on boundaries of second-level tables.
static_assert([] {
    std::uint64_t next = 0;
    for (const Area& each : areas) {
        if (each.first.value() != next || next % large_page_size != 0 || each.last <= each.first) {
            return false;
        }
        next = std::uint64_t{each.last.value()} + 1;
    }
    return next == 1ULL << 32;
}());
static_assert(area(AreaKind::direct_map).first == VirtAddr(machine::kernel_base));
static_assert(area(AreaKind::temporary).first == machine::temporary_start);

// Where instructions of a user's page are fetched.
inline constexpr std::uint32_t mirror_distance = Page::containing(area(AreaKind::user_executable).first) - Page(0);

// RAM below this is in the direct map, frames.
inline constexpr std::uint32_t direct_map_frames = area(AreaKind::direct_map).pages();

// Where a physical address below the direct map's limit is seen by the kernel.
[[nodiscard]] constexpr VirtAddr direct_mapped(PhysAddr address) {
    return VirtAddr(address.value() + machine::kernel_base);
}

} // namespace quire
