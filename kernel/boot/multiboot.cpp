// Reads the Multiboot information structure. Field offsets follow Multiboot 0.6.96 §3.3; section headers are ELF's.
#include "kernel/boot/multiboot.h"

#include <algorithm>
#include <cstring>
#include <elf.h>
#include <type_traits>

namespace quire::multiboot {
namespace {

// The structure as it lies in memory. Which fields are valid is said by `flags`.
struct RawInformation {
    std::uint32_t flags;
    std::uint32_t mem_lower, mem_upper;       // flag 0
    std::uint32_t boot_device;                // flag 1
    std::uint32_t cmdline;                    // flag 2
    std::uint32_t mods_count, mods_addr;      // flag 3
    std::uint32_t num, size, addr, shndx;     // flag 5: ELF section headers
    std::uint32_t mmap_length, mmap_addr;     // flag 6
    std::uint32_t drives_length, drives_addr; // flag 7
    std::uint32_t config_table;               // flag 8
    std::uint32_t boot_loader_name;           // flag 9
    std::uint32_t apm_table;                  // flag 10
    std::array<std::uint8_t, 16> vbe;         // flag 11
    std::array<std::uint8_t, 21> framebuffer; // flag 12: address, pitch, width, height, bits a pixel
    std::uint8_t framebuffer_type;            //          2 = text
};
static_assert(offsetof(RawInformation, mmap_length) == 44 && offsetof(RawInformation, boot_loader_name) == 64 &&
              offsetof(RawInformation, framebuffer_type) == 109);

struct RawModule {
    std::uint32_t start, end, name, zero;
};

// The loader puts `size` before each entry; it does not count itself.
struct RawMapEntry {
    std::uint32_t size, base_low, base_high, length_low, length_high, type;
};

constexpr std::uint32_t memory_flag = 1U << 0, command_line_flag = 1U << 2, modules_flag = 1U << 3,
                        sections_flag = 1U << 5, map_flag = 1U << 6, loader_flag = 1U << 9, framebuffer_flag = 1U << 12;

// One pass over the structure.
class Parser {
public:
    Parser(Reader& reader, Sink& notes, Information& out) : reader_(reader), notes_(notes), out_(out) {}

    [[nodiscard]] bool parse(PhysAddr information) {
        RawInformation raw{};
        if (!read(information, raw)) {
            return false;
        }
        out_.flags = raw.flags;
        out_.structure = {information, sizeof raw};
        if ((raw.flags & memory_flag) != 0) {
            out_.lower_kib = raw.mem_lower;
            out_.upper_kib = raw.mem_upper;
        }
        if ((raw.flags & command_line_flag) != 0) {
            read_text(PhysAddr(raw.cmdline), out_.command_line, out_.command_line_at);
        }
        if ((raw.flags & loader_flag) != 0) {
            read_text(PhysAddr(raw.boot_loader_name), out_.loader, out_.loader_at);
        }
        if ((raw.flags & framebuffer_flag) != 0) {
            out_.framebuffer_type = raw.framebuffer_type;
        }
        if ((raw.flags & map_flag) != 0) {
            read_map(PhysAddr(raw.mmap_addr), raw.mmap_length);
        }
        if ((raw.flags & modules_flag) != 0) {
            read_modules(PhysAddr(raw.mods_addr), raw.mods_count);
        }
        if ((raw.flags & sections_flag) != 0) {
            read_sections(PhysAddr(raw.addr), raw.num, raw.size);
        }
        return true;
    }

private:
    template <class T> bool read(PhysAddr from, T& to) {
        static_assert(std::is_trivially_copyable_v<T>);
        return reader_.read(from, std::as_writable_bytes(std::span(&to, 1)));
    }

    template <class... Args> void leave_out(FormatString<std::type_identity_t<Args>...> why, const Args&... arguments) {
        ++out_.left_out;
        print(notes_, "multiboot: ");
        print(notes_, why, arguments...);
        print(notes_, "\n");
    }

    // True if [start, start + size) does not wrap around 4 GiB.
    static bool fits(std::uint32_t start, std::uint64_t size) { return std::uint64_t{start} + size <= 1ULL << 32; }

    template <std::size_t N> void read_text(PhysAddr from, Text<N>& to, Extent& where) {
        where.start = from;
        for (where.size = 0; where.size < longest_text; ++where.size) {
            char c = 0;
            if (!fits(from.value(), std::uint64_t{where.size} + 1) || !read(from + where.size, c)) {
                leave_out("text at {:#010x} cannot be read to its end", from.value());
                break;
            }
            if (c == '\0') {
                ++where.size; // the terminator belongs to it
                return;
            }
            if (to.size < N) {
                to.characters[to.size++] = c;
            } else {
                to.cut = true;
            }
        }
    }

    void read_map(PhysAddr start, std::uint32_t length) {
        if (!fits(start.value(), length)) {
            leave_out("the memory map at {:#010x} has an impossible length of {} bytes", start.value(), length);
            return;
        }
        out_.map_at = {start, length};
        for (std::uint32_t at = 0; at < length;) {
            RawMapEntry raw{};
            constexpr std::uint32_t least = sizeof raw - sizeof raw.size;
            if (length - at < sizeof raw || !read(start + at, raw) || raw.size < least) {
                leave_out("the memory map ends in the middle of an entry, after {} bytes of {}", at, length);
                return;
            }
            const MapEntry entry{std::uint64_t{raw.base_high} << 32 | raw.base_low,
                                 std::uint64_t{raw.length_high} << 32 | raw.length_low, raw.type};
            if (entry.base + entry.length < entry.base) {
                leave_out("a memory map entry at {:#x} wraps around", entry.base);
            } else if (entry.length != 0 && !out_.map.push_back(entry)) {
                leave_out("more than {} memory map entries", out_.map.capacity());
                return;
            }
            if (raw.size > length - at - sizeof raw.size) { // a hostile size would wrap around
                return;
            }
            at += raw.size + static_cast<std::uint32_t>(sizeof raw.size);
        }
    }

    void read_modules(PhysAddr list, std::uint32_t count) {
        if (count > most_listed || !fits(list.value(), std::uint64_t{count} * sizeof(RawModule))) {
            leave_out("the module list at {:#010x} cannot hold {} modules", list.value(), count);
            return;
        }
        out_.module_list_at = {list, count * static_cast<std::uint32_t>(sizeof(RawModule))};
        for (std::uint32_t index = 0; index < count; ++index) {
            RawModule raw{};
            if (!read(list + index * static_cast<std::uint32_t>(sizeof raw), raw)) {
                leave_out("module {} of {} cannot be read", index + 1, count);
                return;
            }
            if (raw.end < raw.start) {
                leave_out("module {} ends at {:#010x}, before its start {:#010x}", index + 1, raw.end, raw.start);
                continue;
            }
            Module module;
            module.contents = {PhysAddr(raw.start), raw.end - raw.start};
            if (raw.name != 0) {
                read_text(PhysAddr(raw.name), module.name, module.name_at);
            }
            if (!out_.modules.push_back(module)) {
                leave_out("more than {} modules", out_.modules.capacity());
                return;
            }
        }
    }

    // The loader loads the sections that are not part of the running image (symbols, strings) and says where.
    void read_sections(PhysAddr headers, std::uint32_t count, std::uint32_t entry_size) {
        if (count > most_listed || entry_size < sizeof(Elf32_Shdr) ||
            !fits(headers.value(), std::uint64_t{count} * entry_size)) {
            leave_out("{} ELF section headers of {} bytes make no sense", count, entry_size);
            return;
        }
        out_.section_headers_at = {headers, count * entry_size};
        for (std::uint32_t index = 0; index < count; ++index) {
            Elf32_Shdr header{};
            if (!read(headers + index * entry_size, header)) {
                leave_out("ELF section header {} of {} cannot be read", index + 1, count);
                return;
            }
            const bool part_of_image = (header.sh_flags & SHF_ALLOC) != 0;
            if (part_of_image || header.sh_addr == 0 || header.sh_size == 0) {
                continue;
            }
            if (!fits(header.sh_addr, header.sh_size) ||
                !out_.sections.push_back({PhysAddr(header.sh_addr), header.sh_size})) {
                leave_out("ELF section {} is too large or one too many", index);
            }
        }
    }

    static constexpr std::uint32_t longest_text = 4096;  // bytes; a loader's text that is longer is no text
    static constexpr std::uint32_t most_listed = 65'536; // modules or sections; ELF counts sections in 16 bits

    Reader& reader_;
    Sink& notes_;
    Information& out_;
};

} // namespace

Result<Information> read_information(std::uint32_t magic, PhysAddr information, Reader& reader, Sink& notes) {
    if (magic != loader_magic) {
        return fail(Error::invalid_argument);
    }
    Result<Information> result;
    if (!Parser(reader, notes, *result).parse(information)) {
        return fail(Error::truncated);
    }
    return result;
}

void set_ram(MemoryMap& map, const Information& information, Sink& notes) {
    if (!information.map.empty()) {
        map.set_ram({information.map.begin(), information.map.size()}, notes);
        return;
    }
    constexpr std::uint64_t kib = 1U << 10, mib = 1U << 20;
    const std::array<MapEntry, 2> older{{{0, information.lower_kib * kib, MapEntry::available},
                                         {mib, information.upper_kib * kib, MapEntry::available}}};
    map.set_ram(older, notes);
}

} // namespace quire::multiboot
