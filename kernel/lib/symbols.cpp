// Looks functions up in the linked symbol table by binary search. See symbols.h.
#include "kernel/lib/symbols.h"

// Weak: the first of the kernel's two links has no table yet, and its address is null there.
extern "C" [[gnu::weak]] const std::uint32_t symbol_table[]; // NOLINT(modernize-avoid-c-arrays): made by the assembler

namespace quire {

namespace {

constexpr std::uint32_t header_words = 2; // the count and where the names start

} // namespace

SymbolTable SymbolTable::linked() {
    return SymbolTable(symbol_table);
}

std::optional<Symbol> SymbolTable::find(std::uint32_t address) const {
    const auto start_of = [this](std::uint32_t index) { return words_[header_words + index]; };
    std::uint32_t low = 0; // functions before `low` start at or before `address`, those from `high` on after it
    std::uint32_t high = count();
    while (low < high) {
        const std::uint32_t middle = low + (high - low) / 2;
        if (start_of(middle) <= address) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    if (low == 0) {
        return std::nullopt;
    }
    const std::uint32_t found = low - 1;
    const char* name = reinterpret_cast<const char*>(words_) + words_[1];
    for (std::uint32_t passed = 0; passed < found; ++passed) {
        name += std::string_view(name).size() + 1;
    }
    return Symbol{name, address - start_of(found)};
}

void print_to(Sink& sink, const Symbol& symbol) {
    print(sink, "{}+{:#x}", symbol.name, symbol.offset);
}

} // namespace quire
