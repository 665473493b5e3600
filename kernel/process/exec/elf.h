// Programs as ELF files describe them: what lies where in memory, where it starts, and which interpreter it wants. What
// the file says is believed in nothing: every number is checked before anybody uses it. It maps nothing; exec does.
// System V ABI, Intel386 supplement, chapter 5; structures are <elf.h>'s.
#pragma once

#include "kernel/lib/result.h"
#include "kernel/lib/static_vector.h"
#include "kernel/machine/address.h"
#include "kernel/memory/regions/region.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace quire {

// Where a program is read from.
class ImageReader {
public:
    [[nodiscard]] virtual std::uint32_t size() = 0; // bytes
    // All bytes of `into`, from `offset` on, which lie in the file. Errors: input_output and the like.
    virtual Result<void> read(std::uint32_t offset, std::span<std::byte> into) = 0;

protected:
    constexpr ~ImageReader() = default;
};

// A part of the program in memory: bytes of the file, then zeros. Address and offset are at the same place in their
// pages. The file may end before it has them all: touching a page behind its end is a bus error, as with any mapping.
struct ProgramSegment {
    VirtAddr start;
    std::uint32_t memory_size = 0; // bytes
    std::uint32_t file_offset = 0;
    std::uint32_t file_size = 0; // bytes, no more than memory_size
    Access access;

    [[nodiscard]] VirtAddr end() const { return start + memory_size; }
    [[nodiscard]] VirtAddr file_end() const { return start + file_size; }
    [[nodiscard]] Page first_page() const { return Page::containing(start); }
    [[nodiscard]] std::uint32_t pages() const { return pages_for(start.offset_in_page() + memory_size); }
    // Those that have bytes of the file.
    [[nodiscard]] std::uint32_t file_pages() const {
        return file_size == 0 ? 0 : pages_for(start.offset_in_page() + file_size);
    }
};

struct ProgramImage {
    static constexpr std::size_t most_segments = 16;
    static constexpr std::size_t longest_interpreter = 256; // bytes, its NUL included

    // It can lie anywhere: all addresses are relative to where its first page is put (ET_DYN: position-independent
    // programs, and interpreters).
    bool movable = false;
    VirtAddr entry;
    VirtAddr headers;               // where the program headers will be, in memory; 0 where they are in no segment
    std::uint32_t header_count = 0; // and how many, of sizeof(Elf32_Phdr) each
    StaticVector<ProgramSegment, most_segments>
        segments;                                        // at least one; where two have the same page, the later counts
    std::array<char, longest_interpreter> interpreter{}; // its path; empty where there is none
    // What PT_GNU_STACK says of the stack. Where a program has no such header, all that it can read may be executed.
    enum class Stack : std::uint8_t { unspecified, plain, executable } stack = Stack::unspecified;

    [[nodiscard]] std::string_view interpreter_path() const { return interpreter.data(); }
    [[nodiscard]] Page first_page() const {
        Page first = segments[0].first_page();
        for (const ProgramSegment& each : segments) {
            first = std::min(first, each.first_page());
        }
        return first;
    }
    // One past the last page.
    [[nodiscard]] Page end_page() const {
        Page end;
        for (const ProgramSegment& each : segments) {
            end = std::max(end, each.first_page() + each.pages());
        }
        return end;
    }
};

// Reads the headers. Errors: not_executable (no ELF file, not one for this processor, nothing to load, numbers that
// contradict each other or leave the space of programs), truncated (it ends before its headers do), too_large
// (more segments than most_segments, or an interpreter's path that is too long); the reader's. O(headers).
[[nodiscard]] Result<ProgramImage> read_program_image(ImageReader& file);

} // namespace quire
