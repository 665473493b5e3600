// Looks functions up in the linked symbol table by binary search. See symbols.h.
#include "kernel/lib/symbols.h"

// Weak: the first of the kernel's two links has no table yet, and its address is null there.
extern "C" [[gnu::weak]] const std::uint32_t symbol_table[]; // NOLINT(modernize-avoid-c-arrays): made by the assembler

namespace quire {

namespace {

constexpr std::uint32_t header_words = 3; // the count, where the names start, where the scopes start

constexpr std::uint8_t two_bytes = 255;

// What follows the text.
const char* behind(const char* text) {
    return text + std::string_view(text).size() + 1;
}

// A function's scope and its name, where they begin.
struct Entry {
    std::uint32_t scope;
    const char* name;
};
Entry entry_at(const char* place) {
    const auto first = static_cast<std::uint8_t>(place[0]);
    return first < two_bytes ? Entry{first, place + 1}
                             : Entry{std::uint32_t{first} + static_cast<std::uint8_t>(place[1]), place + 2};
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
    const char* place = table + words_[1];
    for (std::uint32_t passed = 0; passed < found; ++passed) {
        place = behind(entry_at(place).name);
    }
    const Entry entry = entry_at(place);
    const char* scope = table + words_[2];
    for (std::uint32_t passed = 0; passed < entry.scope; ++passed) {
        scope = behind(scope);
    }
    return Symbol{scope, entry.name, address - start_of(found)};
}

void print_to(Sink& sink, const Symbol& symbol) {
    print(sink, "{}{}{}+{:#x}", symbol.scope, symbol.scope.empty() ? "" : "::", symbol.name, symbol.offset);
}

} // namespace quire
