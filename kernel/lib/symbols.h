// The names of the kernel's functions, so that an address in a report can be read: a table that the build makes from
// the linked image (tools/symbols.cmake) and links into it. Reads only; owns nothing.
#pragma once

#include "kernel/lib/format.h"

#include <cstdint>
#include <optional>

namespace quire {

// A place in a function: "scope::name+0x1f".
struct Symbol {
    const char* name; // as the table has it
    const char* words;
    std::uint32_t offset = 0; // bytes from where the function starts
};
void print_to(Sink& sink, const Symbol& symbol);

// A table as tools/symbols.cmake writes it. Four words of 32 bits: the number of functions; the address of the first;
// where the names start, and where the words start, in bytes from the table's start. Then, in words of 16 bits, how
// many bytes after the one before it each function starts, 0 for the first; the names, in the same order; and the words
// that names are made of. Each text ends in NUL. A byte of a name below 128 is a character. From 128 to 223 it stands
// for word number byte - 128; from 224 on, with the byte behind it, for word number (byte - 224) * 128 + (second byte -
// 128).
class SymbolTable {
public:
    // The table at `words`; an empty one where that is null. The table must outlive this.
    explicit constexpr SymbolTable(const std::uint32_t* words) : words_(words) {}

    // The table linked into this program; empty in one that has none (the build's first link, the host's tests).
    [[nodiscard]] static SymbolTable linked();

    [[nodiscard]] std::uint32_t count() const { return words_ == nullptr ? 0 : words_[0]; }

    // The function that starts at or last before `address`, or nothing where `address` lies before them all. Where the
    // last function ends the table does not say. O(functions).
    [[nodiscard]] std::optional<Symbol> find(std::uint32_t address) const;

private:
    const std::uint32_t* words_;
};

} // namespace quire
