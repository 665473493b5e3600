// The names of the kernel's functions, so that an address in a report can be read: a sorted table that the build
// makes from the linked image (tools/symbols.cmake) and links into it. Reads only; owns nothing.
#pragma once

#include "kernel/lib/format.h"

#include <cstdint>
#include <optional>
#include <string_view>

namespace quire {

// A place in a function: "scope::name+0x1f".
struct Symbol {
    std::string_view scope; // classes and namespaces, "::" between them; empty where there is none
    std::string_view name;
    std::uint32_t offset = 0; // bytes from where the function starts
};
void print_to(Sink& sink, const Symbol& symbol);

// A table as tools/symbols.cmake writes it. In 32-bit words: the number of functions; where the names start and where
// the scopes start, in bytes from the table's start; the functions' addresses, in ascending order. Then, in the same
// order, for each function the number of its scope and its name; and the scopes. Each text ends in NUL. A scope's
// number is a byte; from 255 on, 255 and a byte that is added to it.
class SymbolTable {
public:
    // The table at `words`; an empty one where that is null. The table must outlive this.
    explicit constexpr SymbolTable(const std::uint32_t* words) : words_(words) {}

    // The table linked into this program; empty in one that has none (the build's first link, the host's tests).
    [[nodiscard]] static SymbolTable linked();

    [[nodiscard]] std::uint32_t count() const { return words_ == nullptr ? 0 : words_[0]; }

    // The function that starts at or last before `address`, or nothing where `address` lies before them all. Where the
    // last function ends the table does not say. O(log n) to find it, O(bytes) to pass the texts before its own.
    [[nodiscard]] std::optional<Symbol> find(std::uint32_t address) const;

private:
    const std::uint32_t* words_;
};

} // namespace quire
