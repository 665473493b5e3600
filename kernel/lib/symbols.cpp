// Looks functions up in the linked symbol table by binary search. See symbols.h.
#include "kernel/lib/symbols.h"

// Weak: the first of the kernel's two links has no table yet, and its address is null there.
extern "C" [[gnu::weak]] const std::uint32_t symbol_table[]; // NOLINT(modernize-avoid-c-arrays): made by the assembler

namespace quire {

namespace {

constexpr std::uint32_t header_words = 3; // the count, where the names start, where the scopes start

// The text behind `count` texts, of which each ends in NUL and has `prefix` bytes before it.
const char* pass(const char* text, std::uint32_t count, std::size_t prefix) {
    for (; count != 0; --count) {
        text += prefix + std::string_view(text + prefix).size() + 1;
    }
    return text;
}

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
    const char* const table = reinterpret_cast<const char*>(words_);
    const char* const entry = pass(table + words_[1], found, 1);
    const auto scope = static_cast<std::uint8_t>(*entry);
    return Symbol{pass(table + words_[2], scope, 0), entry + 1, address - start_of(found)};
}

void print_to(Sink& sink, const Symbol& symbol) {
    print(sink, "{}{}{}+{:#x}", symbol.scope, symbol.scope.empty() ? "" : "::", symbol.name, symbol.offset);
}

} // namespace quire
