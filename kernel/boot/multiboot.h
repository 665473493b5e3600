// What a Multiboot loader leaves behind (Multiboot 0.6.96 §3.3), copied into structures of ours, so that the loader's
// memory can be forgotten. Reads physical memory through a reader and believes nothing: every pointer and length is
// checked, what is malformed is left out and noted. It reserves nothing and decides nothing.
#pragma once

#include "kernel/lib/format.h"
#include "kernel/lib/result.h"
#include "kernel/lib/static_vector.h"
#include "kernel/machine/address.h"
#include "kernel/memory/frames/memory_map.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace quire::multiboot {

inline constexpr std::uint32_t loader_magic = 0x2BADB002; // in EAX at entry

// Reads physical memory.
class Reader {
public:
    // Copies to.size() bytes from `from`. False if they are not all there; `to` is then unspecified.
    [[nodiscard]] virtual bool read(PhysAddr from, std::span<std::byte> to) = 0;

protected:
    constexpr ~Reader() = default;
};

// Text of the loader, cut to N characters.
template <std::size_t N> struct Text {
    std::array<char, N> characters{};
    std::uint32_t size = 0;
    bool cut = false;
    [[nodiscard]] std::string_view view() const { return {characters.data(), size}; }
};

using MapEntry = MemoryMapEntry;

// Bytes [start, start + size) of physical memory.
struct Extent {
    PhysAddr start;
    std::uint32_t size = 0;
};

struct Module {
    Extent contents;
    Extent name_at; // where the loader keeps its command line
    Text<64> name;
};

// Everything the loader said. Absent parts are empty.
struct Information {
    std::uint32_t flags = 0;
    Text<32> loader;
    Text<512> command_line;
    std::uint32_t lower_kib = 0, upper_kib = 0; // conventional memory; memory above 1 MiB up to the first hole
    StaticVector<MapEntry, 128> map;
    StaticVector<Module, 16> modules;
    std::optional<std::uint8_t> framebuffer_type; // 2 = text mode

    // Where the loader put things, for whoever reserves memory.
    Extent structure, map_at, module_list_at, command_line_at, loader_at, section_headers_at;
    StaticVector<Extent, 32> sections; // symbol and string sections, loaded beside the kernel

    std::uint32_t left_out = 0; // entries, modules or sections that were malformed or too many
};

// Copies what the loader left at `information`. Complaints about single parts go to `notes`, one line each.
// Errors: invalid_argument (the magic is not a Multiboot loader's), truncated (the structure cannot be read).
[[nodiscard]] Result<Information> read_information(std::uint32_t magic, PhysAddr information, Reader& reader,
                                                   Sink& notes);

// Tells the memory map what is RAM: by the loader's map or, where it left none, by the two older fields.
void set_ram(MemoryMap& map, const Information& information, Sink& notes);

} // namespace quire::multiboot
